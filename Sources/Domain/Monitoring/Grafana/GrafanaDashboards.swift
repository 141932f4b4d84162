internal import Foundation

/// What somebody is offered of Grafana on a page.
public struct GrafanaOffer: Sendable, Hashable {
  public let dashboard: GrafanaLinks.Dashboard
  /// The dashboard's address; nil when the way there leads through BabyHelm,
  /// which says to Grafana who comes.
  public let address: String?
  /// The same for a frame; nil as above, or when nothing may be embedded.
  public let framedAddress: String?
  /// Whether it may be shown within a page.
  public let isEmbeddable: Bool
  /// The only site that such a frame shows.
  public let origin: String
  /// After how long a frame must be opened anew, because Grafana doesn't know
  /// the person any more; nil for never. In seconds.
  public let reopensAfter: Int?
}

/// Dashboards of projects and applications in Grafana, and the way there.
public struct GrafanaDashboards: Sendable {
  private let settings: GrafanaSettings?
  private let projects: Projects
  private let applications: Applications
  private let tokens: IdentityTokens
  private let now: @Sendable () -> Date

  init(
    settings: GrafanaSettings?, projects: Projects, applications: Applications,
    tokens: IdentityTokens, now: @escaping @Sendable () -> Date
  ) {
    self.settings = settings
    self.projects = projects
    self.applications = applications
    self.tokens = tokens
    self.now = now
  }

  /// What a page of a project, or of one of its applications, offers.
  ///
  /// - Returns: nil without a Grafana, and for a project that vanishes after an
  ///   hour, of which nothing leaves BabyHelm.
  public func offer(
    in membership: ProjectMembership, application: String? = nil
  ) -> GrafanaOffer? {
    guard membership.project.kind != .trial else { return nil }
    let project = membership.project.name
    return offer(application.map { .application($0, project: project) } ?? .project(project))
  }

  /// What the admins' pages offer.
  ///
  /// - Returns: nil without a Grafana, and for others than admins.
  public func offer(
    of dashboard: GrafanaLinks.Dashboard, for principal: Principal
  ) -> GrafanaOffer? {
    guard AccessTable.decide(.readPlatformUsage, of: principal).isAllowed else { return nil }
    return offer(dashboard)
  }

  private func offer(_ dashboard: GrafanaLinks.Dashboard) -> GrafanaOffer? {
    guard let settings else { return nil }
    let links = GrafanaLinks(settings)
    let isDirect = settings.signIn != .jwt
    return GrafanaOffer(
      dashboard: dashboard, address: isDirect ? links.address(of: dashboard) : nil,
      framedAddress: settings.signIn == .anonymous
        ? links.address(of: dashboard, isFramed: true) : nil,
      isEmbeddable: settings.signIn != .link, origin: settings.origin,
      // A while before the token runs out.
      reopensAfter: isDirect ? nil : Int(IdentityTokens.lifetime) - 60)
  }

  /// Where to send somebody who wants to see a project's dashboard, or an
  /// application's. With a token in it, it is for nobody else and no log.
  ///
  /// - Parameter isFramed: without Grafana's own navigation.
  /// - Throws: `notFound` for what the principal may not see and without a
  ///   Grafana; `forbidden` for an API token and in a project that vanishes
  ///   after an hour; `unavailable`.
  public func visit(
    project: String, application: String? = nil, isFramed: Bool, as principal: Principal
  ) async throws(DomainError) -> String {
    let membership: ProjectMembership
    if let application {
      membership = try await applications.application(
        named: application, in: project, as: principal
      ).membership
    } else {
      membership = try await projects.project(named: project, as: principal)
    }
    let settings = try connected()
    guard membership.project.kind != .trial else {
      throw DomainError(.forbidden, "This isn’t possible in a project that vanishes after an hour.")
    }
    return try await address(
      of: application.map { .application($0, project: project) } ?? .project(project),
      namespaces: [project], isFramed: isFramed, settings, principal)
  }

  /// The same for an admin's overview of the cluster or of BabyHelm itself.
  ///
  /// - Throws: `forbidden` unless the principal is an admin, or with an API
  ///   token; `notFound` without a Grafana; `unavailable`.
  public func visit(
    _ dashboard: GrafanaLinks.Dashboard, isFramed: Bool, as principal: Principal
  ) async throws(DomainError) -> String {
    try AccessTable.require(.readPlatformUsage, of: principal)
    return try await address(
      of: dashboard, namespaces: [], isFramed: isFramed, try connected(), principal)
  }

  private func connected() throws(DomainError) -> GrafanaSettings {
    guard let settings else {
      throw DomainError(
        .notFound, "No Grafana is connected to this BabyHelm.",
        advice: "An operator can name one with --grafana-url.")
    }
    return settings
  }

  private func address(
    of dashboard: GrafanaLinks.Dashboard, namespaces: [String], isFramed: Bool,
    _ settings: GrafanaSettings, _ principal: Principal
  ) async throws(DomainError) -> String {
    let links = GrafanaLinks(settings)
    guard settings.signIn == .jwt else { return links.address(of: dashboard, isFramed: isFramed) }
    guard case .session = principal.credential else {
      throw DomainError(
        .forbidden, "An API token can't sign in at Grafana.", advice: "Log in with a browser.")
    }
    let token = try await tokens.sign(
      GrafanaClaims(
        GrafanaIdentity(principal), issuer: settings.issuer, namespaces: namespaces, at: now()))
    return links.address(of: dashboard, isFramed: isFramed, token: token)
  }
}
