import Domain
import HTTPTypes

/// What projects asked for, used and cost, for programs.
struct UsageAPI: Sendable {
  let usage: Usage

  var routes: [APIRoute] {
    [
      APIRoute(
        .get, "/projects/{project}/usage", "getUsage", .projects,
        "What a project asked for, used and cost", asks: .permission(.readProject),
        query: Self.range, .ok(Self.report.schema), use: project),
      APIRoute(
        .get, "/admin/usage", "getPlatformUsage", .admin,
        "What all projects asked for, used and cost", asks: .permission(.readPlatformUsage),
        query: Self.range, .ok(Self.platform.schema), use: all),
    ]
  }

  private static let ranges = UsageRange.allCases.map(\.rawValue)
  private static let range = [
    APIParameter("range", .text("24h", among: ranges), "The time it is about; 24h without.")
  ]

  private static let amount = Resource<ResourceAmount>("Amount", "Processor time and memory.") {
    $0.integer("milliCPU", 250, "Thousandths of a core.") { Int($0.cpu) }
    $0.integer("memoryKiB", 131_072, "KiB of memory.") { Int($0.memory) }
  }

  private static let reservation = Resource<Reservation>(
    "Reservation", "What was kept free over some time."
  ) {
    $0.integer("milliCPUSeconds", 900_000, "Thousandths of a core, times seconds.") { Int($0.cpu) }
    $0.integer("memoryKiBSeconds", 471_859_200, "KiB of memory, times seconds.") { Int($0.memory) }
    $0.integer("storageKiBSeconds", 0, "KiB of volumes, times seconds.") { Int($0.storage) }
  }

  private static let cost = Resource<Cost>("Cost", "Amounts of the price list's currency.") {
    $0.text("cpu", "0.12", "For CPU requests.") { MoneyText.price($0.cpu) }
    $0.text("memory", "0.08", "For memory requests.") { MoneyText.price($0.memory) }
    $0.text("storage", "0.00", "For volumes.") { MoneyText.price($0.storage) }
    $0.text("total", "0.20", "All of it.") { MoneyText.price($0.total) }
  }

  private static let application = Resource<ApplicationUsage>(
    "ApplicationUsage", "What an application asked for and used."
  ) {
    $0.text("name", "web", "Its name.") { $0.name }
    $0.flag("isGone", "Whether it is there no more.") { $0.isGone }
    $0.one("requestedNow", amount, "What its pods ask for right now.") { $0.requestedNow }
    $0.integer("pods", 2, "How many pods ask for that.") { $0.pods }
    $0.maybeOne("usedNow", amount, "What they use; null when that isn't known.") { $0.usedNow }
    $0.integer("countedSeconds", 3_600, "For how long it was counted.") { $0.seconds }
    $0.integer("measuredSeconds", 3_600, "For how long its real use was.") { $0.measuredSeconds }
    $0.one("reserved", reservation, "What was kept free for it.") { $0.reserved }
    $0.maybeOne("average", amount, "Used on average.") { $0.average }
    $0.maybeOne("peak", amount, "The most that was used.") { $0.peak }
    $0.maybeOne("cost", cost, "Null without a price list.") { $0.cost }
  }

  private static let report = Resource<UsageReport>("Usage", "What a project asked for and used.") {
    $0.text("project", "shop", "The project.") { $0.project.project.name }
    $0.text("range", "24h", "The time.", among: ranges) { $0.range.rawValue }
    $0.maybeTime("countedSince", "When the first hour was counted.") { $0.countedSince }
    $0.each("applications", application, "By name.") { $0.applications }
    $0.one("reserved", reservation, "All of them together.") { $0.reserved }
    $0.maybe("currency", "EUR", "Of the costs; null without a price list.") { $0.prices?.currency }
    $0.maybeOne("cost", cost, "All of them together; null without a price list.") { $0.cost }
  }

  private static let total = Resource<ProjectUsageTotal>("ProjectUsage", "A project's share.") {
    $0.text("name", "shop", "The project.") { $0.name }
    $0.flag("isGone", "Whether it is there no more.") { $0.isGone }
    $0.one("reserved", reservation, "What was kept free for it.") { $0.reserved }
    $0.maybeOne("used", reservation, "What was used; null when nothing was measured.") { $0.used }
    $0.maybeOne("cost", cost, "Null without a price list.") { $0.cost }
  }

  private static let platform = Resource<PlatformUsage>("PlatformUsage", "All projects.") {
    $0.text("range", "24h", "The time.", among: ranges) { $0.range.rawValue }
    $0.each("projects", total, "The dearest first, or by name.") { $0.projects }
    $0.one("reserved", reservation, "All of them together.") { $0.reserved }
    $0.maybe("currency", "EUR", "Of the costs; null without a price list.") { $0.prices?.currency }
    $0.maybeOne("cost", cost, "All of them together; null without a price list.") { $0.cost }
  }

  @Sendable func project(_ call: APICall) async throws -> APIAnswer {
    .ok(
      Self.report.json(
        try await usage.report(
          of: try call.name("project"), over: Self.range(call), as: call.principal)))
  }

  @Sendable func all(_ call: APICall) async throws -> APIAnswer {
    .ok(
      Self.platform.json(
        try await usage.platform(over: Self.range(call), as: call.principal)))
  }

  private static func range(_ call: APICall) -> UsageRange {
    call.query["range"].flatMap { UsageRange(rawValue: $0) } ?? .day
  }
}
