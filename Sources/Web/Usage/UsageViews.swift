import Domain
import Templates

/// A choice of the time that a page is about.
struct RangeTabs: Sendable {
  let tabs: [Tab]

  init(_ current: UsageRange, _ link: (UsageRange) -> Link) {
    tabs = UsageRange.allCases.map {
      Tab(text: $0.text, link: link($0), isCurrent: $0 == current)
    }
  }
}

/// How a cost comes about: amounts, prices and products.
struct CostTable: Sendable {
  struct Line: Sendable {
    let what: String
    let amount: String
    let price: String
    let cost: String
  }

  let lines: [Line]
  let total: String

  init(_ reserved: Reservation, _ cost: Cost, _ prices: PriceList) {
    func money(_ amount: Int64) -> String { "\(MoneyText.amount(amount)) \(prices.currency)" }
    func price(_ amount: Int64) -> String { "\(MoneyText.price(amount)) \(prices.currency)" }
    lines = [
      Line(
        what: "Processor", amount: "\(UsageText.coreHours(reserved.cpu)) core hours",
        price: price(prices.coreHour), cost: money(cost.cpu)),
      Line(
        what: "Memory", amount: "\(UsageText.gibibyteHours(reserved.memory)) GiB hours",
        price: price(prices.memoryHour), cost: money(cost.memory)),
      Line(
        what: "Volumes", amount: "\(UsageText.gibibyteMonths(reserved.storage)) GiB months",
        price: price(prices.storageMonth), cost: money(cost.storage)),
    ]
    total = money(cost.total)
  }
}

/// What a project's applications asked for, used and cost.
struct UsagePage: Sendable {
  /// CPU and memory.
  struct Pair: Sendable {
    let cpu: String
    let memory: String

    init(_ amount: ResourceAmount) {
      cpu = UsageText.cpu(amount.cpu)
      memory = UsageText.memory(amount.memory)
    }
  }

  struct Line: Sendable {
    let name: String
    /// Nil when it is there no more.
    let link: Link?
    let pods: String
    let requests: Pair?
    let usesNow: Pair?
    let average: Pair?
    let ninetyFifth: Pair?
    let peak: Pair?
    let counted: String
    let cost: String
  }

  struct Hint: Sendable {
    let application: String
    let sentence: String
    let link: Link?
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let name: String
  let ranges: RangeTabs
  let range: String
  let lines: [Line]
  let hints: [Hint]
  let costs: CostTable?
  let measurement: String?
  let since: RelativeTime?
  let empty: EmptyState

  var hasLines: Bool { !lines.isEmpty }
  var hasHints: Bool { !hints.isEmpty }
  var hasCost: Bool { costs != nil }

  init(chrome: PageChrome, _ report: UsageReport, principal: Principal) {
    self.chrome = chrome
    let project = report.project.project.name
    name = project
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(project, Paths.project(project))],
      current: "Use and cost")
    tabs = ProjectTabs(.usage, of: report.project, for: principal)
    ranges = RangeTabs(report.range) { Paths.projectUsage(project, over: $0) }
    range = report.range.text
    let currency = report.prices?.currency ?? ""
    lines = report.applications.map { Line($0, in: project, currency) }
    let mayEdit = report.project.decision(.deployApplications, for: principal).isAllowed
    hints = report.applications.flatMap { application in
      application.hints.map { Hint($0, application.name, in: project, mayEdit: mayEdit) }
    }
    costs = report.prices.flatMap { prices in
      report.cost.map { CostTable(report.reserved, $0, prices) }
    }
    measurement = report.measurement.sentence
    // Hours are counted whole, also the one in which the project was made.
    since = report.countedSince.map {
      RelativeTime(max($0, report.project.project.createdAt))
    }
    empty = EmptyState(
      "Nothing counted yet",
      "Once an application runs here, what it asks for and uses is counted every minute.",
      action: ActionLink("Back to \(project)", Paths.project(project)))
  }
}

extension UsagePage.Line {
  fileprivate init(_ usage: ApplicationUsage, in project: String, _ currency: String) {
    name = usage.name
    link = usage.isGone ? nil : Paths.application(usage.name, in: project)
    pods = usage.pods == 0 ? "" : usage.pods == 1 ? "1 pod" : "\(usage.pods) pods"
    requests = usage.pods == 0 ? nil : UsagePage.Pair(usage.requestedNow)
    usesNow = usage.usedNow.map(UsagePage.Pair.init)
    average = usage.average.map(UsagePage.Pair.init)
    ninetyFifth = usage.ninetyFifth.map(UsagePage.Pair.init)
    peak = usage.peak.map(UsagePage.Pair.init)
    counted = usage.seconds == 0 ? "not yet" : UsageText.duration(usage.seconds)
    cost = usage.cost.map { "\(MoneyText.amount($0.total)) \(currency)" } ?? ""
  }
}

extension UsagePage.Hint {
  fileprivate init(
    _ hint: UsageHint, _ application: String, in project: String, mayEdit: Bool
  ) {
    self.application = application
    let isCPU = hint.resource == .cpu
    let what = isCPU ? "CPU" : "memory"
    let show = isCPU ? UsageText.cpu : UsageText.memory
    let enough = isCPU ? UsageText.cpu(hint.enough) : UsageText.memoryQuantity(hint.enough)
    sentence =
      switch hint.fault {
      case .tooMuch:
        "A pod asks for \(show(hint.requested)) \(what), and in 7 days used at most \(show(hint.used)) in 99 of 100 looks. A request of \(enough) would do."
      case .tooLittle:
        "A pod asks for \(show(hint.requested)) \(what) and often uses more, up to \(show(hint.used)). A request of \(enough) would keep room for it."
      }
    link =
      mayEdit
      ? Paths.change(isCPU ? .cpuRequest : .memoryRequest, of: application, in: project) : nil
  }
}

/// What all projects asked for, used and cost.
struct PlatformUsagePage: Sendable {
  struct Line: Sendable {
    let name: String
    let link: Link?
    let cpu: String
    let memory: String
    let storage: String
    let cpuShare: String
    let memoryShare: String
    let cost: String
  }

  let chrome: PageChrome
  let tabs: AdminTabs
  let ranges: RangeTabs
  let range: String
  let lines: [Line]
  let costs: CostTable?
  let measurement: String?
  let settings = Paths.adminSettings
  let empty = EmptyState(
    "Nothing counted yet", "Once applications run, what they ask for is counted every minute.")

  var hasLines: Bool { !lines.isEmpty }
  var hasCost: Bool { costs != nil }

  init(chrome: PageChrome, _ usage: PlatformUsage) {
    self.chrome = chrome
    tabs = AdminTabs(.usage)
    ranges = RangeTabs(usage.range) { Paths.adminUsage(over: $0) }
    range = usage.range.text
    let currency = usage.prices?.currency ?? ""
    lines = usage.projects.map { project in
      Line(
        name: project.name, link: project.isGone ? nil : Paths.projectUsage(project.name),
        cpu: UsageText.coreHours(project.reserved.cpu),
        memory: UsageText.gibibyteHours(project.reserved.memory),
        storage: UsageText.gibibyteMonths(project.reserved.storage),
        cpuShare: Self.share(project.used?.cpu, of: project.reserved.cpu),
        memoryShare: Self.share(project.used?.memory, of: project.reserved.memory),
        cost: project.cost.map { "\(MoneyText.amount($0.total)) \(currency)" } ?? "")
    }
    costs = usage.prices.flatMap { prices in
      usage.cost.map { CostTable(usage.reserved, $0, prices) }
    }
    measurement = usage.measurement.sentence
  }

  private static func share(_ used: Int64?, of reserved: Int64) -> String {
    guard let used, reserved > 0 else { return "–" }
    return "\(Int64(clamping: Int128(used) * 100 / Int128(reserved))) %"
  }
}
