internal import Foundation
internal import Kubernetes
internal import Logging

/// What projects and applications asked for, really used and cost.
public struct Usage: Sendable {
  /// Counts once a minute. Run it as long as the program.
  public let sampler: UsageSampler
  private let database: any Database
  private let projects: Projects
  private let applications: Applications
  private let settings: Settings
  let clusterState: ClusterState
  let client: KubernetesClient
  private let now: @Sendable () -> Date
  private let store = UsageStore()

  init(
    database: any Database, projects: Projects, applications: Applications,
    clusterState: ClusterState, client: KubernetesClient, logger: Logger,
    now: @escaping @Sendable () -> Date
  ) {
    self.database = database
    self.projects = projects
    self.applications = applications
    settings = Settings(database: database, now: now)
    self.clusterState = clusterState
    self.client = client
    sampler = UsageSampler(
      database: database, client: client, source: MetricsServer(client: client),
      applications: applications,
      clusterState: clusterState, logger: logger, now: now)
    self.now = now
  }

  /// What a project's applications asked for and used.
  ///
  /// - Throws: `notFound` when there is no such project the principal may see;
  ///   `unavailable`.
  public func report(
    of project: String, over range: UsageRange, as principal: Principal
  ) async throws(DomainError) -> UsageReport {
    let time = now()
    let since = time.start(of: 3600).addingTimeInterval(Double(1 - range.hours) * 3600)
    let week = time.start(of: 24 * 3600).addingTimeInterval(-6 * 24 * 3600)
    return try await database.reading { [self] connection in
      let membership = try projects.project(
        named: project, for: .readProject, as: principal, in: connection)
      let id = membership.project.id
      let prices = try settings.setting(.priceList, in: connection).value
      let days = try store.days(
        of: id, since: min(week, since.start(of: 24 * 3600)), in: connection)
      let sums = try store.sums(of: id, since: since, in: connection)
      let counted = Dictionary(uniqueKeysWithValues: sums.map { ($0.applicationID, $0) })
      let present = try applications.references(in: connection, of: id)
      let gone = sums.filter { sum in !present.contains { $0.id.rawValue == sum.applicationID } }
      let views =
        present.map {
          usage(
            of: $0.name, in: project, isGone: $0.isDeleted, counted[$0.id.rawValue],
            days[$0.id.rawValue] ?? [], since: since, week: week, prices)
        }
        + gone.map {
          usage(
            of: $0.application, in: nil, isGone: true, $0, days[$0.applicationID] ?? [],
            since: since, week: week, prices)
        }
      return UsageReport(
        project: membership, range: range,
        applications: views.filter { !$0.isGone || $0.seconds > 0 }.sorted { $0.name < $1.name },
        prices: prices, measurement: sampler.measurement,
        countedSince: try store.firstHour(of: id, since: since, in: connection))
    }
  }

  /// What all projects asked for and used.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func platform(
    over range: UsageRange, as principal: Principal
  ) async throws(DomainError) -> PlatformUsage {
    try AccessTable.require(.readPlatformUsage, of: principal)
    let since = now().start(of: 3600).addingTimeInterval(Double(1 - range.hours) * 3600)
    return try await database.reading { [self] connection in
      let prices = try settings.setting(.priceList, in: connection).value
      let present = try projects.names(in: connection)
      let totals = try store.totals(since: since, in: connection).map { sums in
        ProjectUsageTotal(
          name: sums.application,
          isGone: present[Project.ID(rawValue: sums.applicationID)] == nil,
          reserved: sums.reserved, used: sums.measuredSeconds > 0 ? sums.used : nil,
          cost: prices.map { sums.reserved.cost(by: $0) })
      }
      return PlatformUsage(
        range: range,
        projects: prices == nil
          ? totals
          : totals.sorted { ($0.cost?.total ?? 0, $1.name) > ($1.cost?.total ?? 0, $0.name) },
        prices: prices, measurement: sampler.measurement)
    }
  }

  /// What resources cost, for the page where admins say so.
  ///
  /// - Throws: `forbidden` unless the principal is an admin; `unavailable`.
  public func priceList(as principal: Principal) async throws(DomainError) -> Setting<PriceList?> {
    try AccessTable.require(.changeSettings, of: principal)
    return try await settings.setting(.priceList)
  }

  /// Says what resources cost, from now on and for what was counted before.
  ///
  /// - Parameter version: of the setting that the admin saw.
  /// - Throws: `invalid` with fields; `forbidden`; `conflict` when another admin
  ///   changed it meanwhile; `unavailable`.
  public func setPriceList(
    _ draft: PriceListDraft, from version: Int, as principal: Principal
  ) async throws(DomainError) {
    try AccessTable.require(.changeSettings, of: principal)
    let list = try draft.validated()
    let before = try await settings.setting(.priceList).value
    try await settings.change(
      .priceList, to: list, from: version,
      [AuditChange("prices", from: before.text, to: list.text)],
      as: principal)
  }

  /// What an application's pods use right now, as the cluster's metrics server
  /// told a moment ago; nil when that isn't known.
  public func usesNow(of detail: ApplicationDetail) -> ResourceAmount? {
    let (name, project) = (detail.application.name, detail.membership.project.name)
    let uses = clusterState.pods(of: name, in: project).compactMap { pod in
      sampler.use(of: pod.name, in: project)
    }
    return uses.isEmpty ? nil : uses.reduce(.zero, +)
  }

  private func usage(
    of name: String, in namespace: String?, isGone: Bool, _ sums: UsageSums?, _ days: [UsageDay],
    since: Date, week: Date, _ prices: PriceList?
  ) -> ApplicationUsage {
    let pods = namespace.map { clusterState.pods(of: name, in: $0) } ?? []
    let uses = pods.compactMap { pod in
      namespace.flatMap { sampler.use(of: pod.name, in: $0) }
    }
    let reserved = sums?.reserved ?? .zero
    let firstDay = since.start(of: 24 * 3600)
    return ApplicationUsage(
      name: name, isGone: isGone, requestedNow: pods.reduce(.zero) { $0 + $1.requests },
      pods: pods.count, usedNow: uses.isEmpty ? nil : uses.reduce(.zero, +),
      seconds: sums?.seconds ?? 0, measuredSeconds: sums?.measuredSeconds ?? 0,
      reserved: reserved, average: sums.flatMap(\.average),
      peak: sums.flatMap { $0.measuredSeconds > 0 ? $0.peak : nil },
      ninetyFifth: Self.quantile(0.95, days.filter { $0.day >= firstDay }),
      cost: prices.map { reserved.cost(by: $0) },
      hints: isGone ? [] : Self.hints(pods, days.filter { $0.day >= week }))
  }

  private static func quantile(_ share: Double, _ days: [UsageDay]) -> ResourceAmount? {
    let (cpu, memory) = merged(days)
    guard let cpu = cpu.quantile(share), let memory = memory.quantile(share) else { return nil }
    return ResourceAmount(cpu: cpu, memory: memory)
  }

  private static func merged(_ days: [UsageDay]) -> (cpu: UseHistogram, memory: UseHistogram) {
    var (cpu, memory) = (UseHistogram(), UseHistogram())
    for day in days {
      cpu.merge(day.cpu)
      memory.merge(day.memory)
    }
    return (cpu, memory)
  }

  private static func hints(_ pods: [PodStatus], _ days: [UsageDay]) -> [UsageHint] {
    // While pods are being replaced the larger request counts.
    let request = pods.reduce(ResourceAmount.zero) { $0.union($1.requests) }
    let measured = days.reduce(0) { $0 + $1.measuredSeconds }
    let (cpu, memory) = merged(days)
    return [
      UsageHint.about(.cpu, requested: request.cpu, use: cpu, measuredSeconds: measured),
      UsageHint.about(.memory, requested: request.memory, use: memory, measuredSeconds: measured),
    ].compactMap(\.self)
  }
}

extension UsageSums {
  fileprivate var average: ResourceAmount? {
    guard measuredSeconds > 0 else { return nil }
    let seconds = Int64(measuredSeconds)
    return ResourceAmount(cpu: used.cpu / seconds, memory: used.memory / seconds)
  }
}

extension PriceList? {
  /// For the audit log.
  fileprivate var text: String {
    guard let list = self else { return "off" }
    return "\(MoneyText.price(list.coreHour)) a core and hour, "
      + "\(MoneyText.price(list.memoryHour)) a GiB and hour, "
      + "\(MoneyText.price(list.storageMonth)) a GiB of a volume and month, in \(list.currency)"
  }
}

extension ClusterState {
  /// The pods of an application that a node keeps room for.
  fileprivate func pods(of application: String, in namespace: String) -> [PodStatus] {
    read { picture in
      picture.pods.records(of: application, in: namespace).map(\.record)
        .filter { !$0.isOver && !$0.node.isEmpty }
    }
  }
}
