import Domain
import Templates

/// Where charts and dashboards are.
extension Paths {
  /// The way to a dashboard in Grafana, on which BabyHelm says who comes.
  ///
  /// - Parameter isFramed: without Grafana's own navigation.
  static func grafana(_ dashboard: GrafanaLinks.Dashboard, isFramed: Bool = false) -> Link {
    var path =
      switch dashboard {
      case .project(let project): Link(segments: ["projects", project, "grafana"]).text
      case .application(let name, let project):
        Link(segments: ["projects", project, "apps", name, "grafana"]).text
      case .cluster: "/admin/grafana?dashboard=cluster"
      case .server: "/admin/grafana?dashboard=server"
      }
    if isFramed { path += path.contains("?") ? "&view=frame" : "?view=frame" }
    return Link(path: path)
  }

  static func projectSettings(_ project: String) -> Link {
    Link(segments: ["projects", project, "settings"])
  }

  /// A project's charts.
  static func projectMonitoring(
    _ project: String, over range: MetricRange = .standard, as face: ChartFace = .page
  ) -> Link {
    charts(["projects", project, "monitoring"], over: range, pod: nil, as: face)
  }

  /// An application's charts, or those of one of its pods.
  static func metrics(
    of application: String, in project: String, over range: MetricRange = .standard,
    pod: String? = nil, as face: ChartFace = .page
  ) -> Link {
    charts(
      ["projects", project, "apps", application, "metrics"], over: range, pod: pod, as: face)
  }

  /// Charts as a page, and what renews them.
  enum ChartFace {
    case page, live
  }

  private static func charts(
    _ segments: [String], over range: MetricRange, pod: String?, as face: ChartFace
  ) -> Link {
    let segments = segments + (face == .live ? ["live"] : [])
    if let pod { return Link(segments: segments, query: ["range": range.rawValue, "pod": pod]) }
    return range == .standard
      ? Link(segments: segments) : Link(segments: segments, query: ["range": range.rawValue])
  }
}
