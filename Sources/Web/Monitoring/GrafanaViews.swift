import Domain
import Hummingbird
import Templates

/// A link to a dashboard, and the dashboard itself where the person asked for
/// it: only then does the page load anything of another site.
struct GrafanaPanel: Sendable {
  /// Where it is shown within the page.
  struct Frame: Sendable {
    let title: String
    let source: Link
    /// After how many seconds it is opened anew; empty for never.
    let reopensAfter: String
  }

  /// The dashboard in a window of its own.
  let link: Link
  /// This page with the dashboard in it; nil when it is there, or can't be.
  let show: Link?
  /// This page without.
  let hide: Link
  let frame: Frame?
  /// What a policy for the page must let frames show.
  let framing: [String]

  var isShown: Bool { frame != nil }

  /// - Parameters:
  ///   - page: where the panel stands, without a query.
  ///   - isShown: whether the person opened it.
  init?(_ offer: GrafanaOffer?, on page: Link, isShown: Bool) {
    guard let offer else { return nil }
    link = offer.address.flatMap(Link.init(url:)) ?? Paths.grafana(offer.dashboard)
    hide = Link(path: page.text + "#grafana")
    show =
      offer.isEmbeddable && !isShown ? Link(path: page.text + "?grafana=shown#grafana") : nil
    guard offer.isEmbeddable, isShown else {
      (frame, framing) = (nil, [])
      return
    }
    let direct = offer.framedAddress.flatMap(Link.init(url:))
    frame = Frame(
      title: "Grafana: \(offer.dashboard.title)",
      source: direct ?? Paths.grafana(offer.dashboard, isFramed: true),
      reopensAfter: offer.reopensAfter.map(String.init) ?? "")
    // The frame begins at our own redirect, unless the address is the same for all.
    framing = direct == nil ? ["'self'", offer.origin] : [offer.origin]
  }
}

extension GrafanaLinks.Dashboard {
  /// What it shows, for who can't see the frame.
  fileprivate var title: String {
    switch self {
    case .project(let project): "project \(project)"
    case .application(let name, let project): "application \(name) in \(project)"
    case .cluster: "the cluster"
    case .server: "BabyHelm itself"
    }
  }
}

extension Request {
  /// Whether the page is to show the dashboard within it.
  var showsGrafana: Bool { query("grafana") == "shown" }
}
