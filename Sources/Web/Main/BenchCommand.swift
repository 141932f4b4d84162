import ArgumentParser
import Domain
import Foundation
import HTTPTypes
import Templates

/// `babyhelm bench`: what `scripts/bench` can only measure from within.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure rendering, for scripts/bench.",
    shouldDisplay: false)

  /// What can be measured, and the page of charts to look at.
  enum Work: String, ExpressibleByArgument, CaseIterable {
    case render, charts, metrics
    case chartPage = "chart-page"
  }

  @Argument(help: "What to measure: render, charts or metrics; chart-page prints a page of charts.")
  var what = Work.render

  @Option(help: "The values of the page: usual, little, much or broken.")
  var sample = ChartSample.usual

  func run() throws {
    switch what {
    case .render: try measureRendering()
    case .charts: measureCharts()
    case .metrics:
      let perSecond = Self.perSecond(Self.countedRequest())
      Terminal.say("{\"nanoseconds_per_request\": \(1_000_000_000 / max(1, perSecond))}")
    case .chartPage:
      let page = MonitoringPage(
        chrome: Self.chrome("Monitoring of shop"), sample.report,
        ProjectTabs(.monitoring, in: "shop"))
      Terminal.say(String(decoding: Template.Monitoring.monitoring(page).bytes, as: UTF8.self))
    }
  }

  /// From what Prometheus told to the page.
  private func measureCharts() {
    let chrome = Self.chrome("Monitoring of shop")
    let report = sample.report
    let tabs = ProjectTabs(.monitoring, in: "shop")
    var bytes = 0
    let rate = Self.perSecond {
      let page = MonitoringPage(chrome: chrome, report, tabs)
      bytes = Template.Monitoring.monitoring(page).bytes.count
      return bytes
    }
    Terminal.say(
      #"{"chart_page_milliseconds": \#(1000 / Double(max(1, rate))), "chart_page_bytes": \#(bytes)}"#
    )
  }

  /// What each request does for the metrics, besides being answered.
  private static func countedRequest() -> () -> Int {
    let requests = RequestMetrics(registry: MetricsRegistry())
    return {
      requests.note(.get, route: "/projects/:project", status: 200, since: .now)
      return 1
    }
  }

  private func measureRendering() throws {
    let page = Self.page(applications: 50)
    let preview = try ManifestPreview(Self.draft)
    let pages = Self.perSecond {
      Template.Projects.project(page).bytes.count
    }
    let manifests = try Self.perSecond {
      try preview.render(project: "shop").count
    }
    Terminal.say(
      """
      {"project_page_renders_per_second": \(pages), "project_page_bytes": \
      \(Template.Projects.project(page).bytes.count), "manifest_sets_per_second": \(manifests)}
      """)
  }

  /// How often a piece of work is done in a second, over about two seconds on
  /// one core.
  private static func perSecond(_ work: () throws -> Int) rethrows -> Int {
    let clock = ContinuousClock()
    var sum = 0
    for _ in 0..<50 { sum += try work() }
    let start = clock.now
    var rounds = 0
    while clock.now - start < .seconds(2) {
      for _ in 0..<50 { sum += try work() }
      rounds += 50
    }
    let elapsed = clock.now - start
    // The sum keeps the work from being optimized away.
    precondition(sum > 0)
    return Int(Double(rounds) / (elapsed / .seconds(1)))
  }

  private static var draft: ApplicationDraft {
    var draft = ApplicationDraft()
    draft.name = "web"
    draft.image = "nginx:1.27"
    draft.port = "80"
    draft.isAutoscaled = true
    draft.environment = [
      .init(name: "GREETING", value: "hello: \"world\""), .init(name: "EMPTY", value: ""),
    ]
    return draft
  }

  private static var guardLines: [IsolationCard.Line] {
    GuardCheck.Guard.allCases.map {
      IsolationCard.Line(title: $0.title, badge: Badge(.good, "Checked"), note: "")
    }
  }

  private static func page(applications count: Int) -> ProjectPage {
    let lines = (1...count).map { index in
      ProjectApplications.Line(
        name: "application-\(index)", link: Paths.application("application-\(index)", in: "shop"),
        image: "registry.example.com/team/application:\(index)", badge: Badge(.good, "Healthy"),
        replicas: "2/2", release: "#\(index)", changed: RelativeTime(Date()))
    }
    return ProjectPage(
      chrome: chrome("shop"),
      breadcrumb: Breadcrumb([ActionLink("Projects", Paths.projects)], current: "shop"),
      name: "shop", standing: "Your role here: owner.", tag: nil, vanishes: nil,
      meters: ["CPU", "Memory", "Memory limits", "Pods", "Storage"].map {
        Meter(label: $0, used: "1", hard: "4", percent: 25)
      },
      tools: ListTools(
        ListChoice(usual: .name), to: ["projects", "shop"], label: "Part of a name"),
      applications: ProjectApplications(
        lines: lines,
        pagination: Pagination(page: 1, pageSize: count, total: count) {
          ListChoice(usual: .name).link(to: ["projects", "shop"], page: $0)
        },
        empty: EmptyState("", "")),
      isolation: IsolationCard(
        badge: Badge(.good, "All guards in place"), isWhole: true,
        egress: "Outgoing traffic is open: its pods may connect to any address.",
        lines: guardLines, checked: RelativeTime(Date()),
        restore: nil, loss: nil, refusal: nil, formToken: "token"),
      grafana: nil,
      firing: FiringAlerts(title: "", cards: [], more: "", all: Paths.alerts(of: "shop")),
      deleted: DeletedApplications(lines: [], token: "token", reason: nil),
      newApplication: Paths.newApplication(in: "shop"), refusal: nil,
      tabs: ProjectTabs(.applications, in: "shop"),
      quota: Paths.quota(of: "shop"),
      adopt: Paths.adoptions(in: "shop"),
      live: ListChoice(usual: .name).link(to: ["projects", "shop", "live"]),
      yaml: Paths.export("shop", .yaml),
      chart: Paths.export("shop", .chart), created: RelativeTime(Date()))
  }

  private static func chrome(_ title: String) -> PageChrome {
    PageChrome(
      title: title,
      visitor: .init(
        name: "Ann", email: "ann@example.com", role: "admin", isAdmin: true, vanishes: nil),
      isOnProjects: true, isOnAdmin: false, message: nil, isSandbox: true, banner: nil,
      mayRegister: true, mayVisit: false,
      staleness: nil,
      formToken: "token")
  }
}
