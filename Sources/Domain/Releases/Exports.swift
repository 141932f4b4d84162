internal import Kubernetes

/// Exports: what the newest releases deployed. No cluster is asked.
public struct Exports: Sendable {
  private let database: any Database
  private let projects: Projects
  private let applications: Applications
  private let manifests: ManifestBuilder
  private let store = ReleaseStore()

  init(
    database: any Database, projects: Projects, applications: Applications,
    manifests: ManifestBuilder
  ) {
    self.database = database
    self.projects = projects
    self.applications = applications
    self.manifests = manifests
  }

  /// One application, as its newest release has it.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see.
  public func application(
    named name: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> Export {
    let detail = try await applications.application(named: name, in: project, as: principal)
    let id = detail.application.id
    let release = try await database.reading { [store] connection in
      try store.newest(of: id, in: connection)
    }
    guard let release else {
      throw DomainError(
        .notFound, "The application “\(name)” has no release to export.",
        advice: "Deploy it first.")
    }
    let part = try Self.part(name, release, for: detail.membership)
    return Export(
      name: name, yaml: Export.yaml(part.manifests),
      chart: HelmChart(
        of: part, release: release.number, appVersion: release.spec.image.version))
  }

  /// A whole project: its guards and its applications, by name. The namespace
  /// is in the YAML; a chart is installed into one.
  ///
  /// - Throws: `notFound` when there is no such project that the principal may
  ///   see.
  public func project(
    named name: String, as principal: Principal
  ) async throws(DomainError) -> Export {
    let membership = try await projects.project(named: name, as: principal)
    let project = membership.project
    let releases = try await database.reading { [store] connection in
      try store.newest(in: project.id, in: connection)
    }
    let parts = try releases.map { release throws(DomainError) in
      try Self.part(release.spec.name, release, for: membership)
    }
    let guards = try manifests.guards(of: project)
    let namespace = try manifests.namespace(of: project)
    return Export(
      name: name, yaml: Export.yaml([namespace] + guards + parts.flatMap(\.manifests)),
      chart: HelmChart(
        project: name, guards: guards, parts: parts,
        release: releases.reduce(0) { $0 + $1.number }))
  }

  private static func part(
    _ name: String, _ release: Release, for membership: ProjectMembership
  ) throws(DomainError) -> HelmChart.Part {
    let release = membership.isOutsider ? release.withoutPeople() : release
    let manifests = try release.manifests.map { stored throws(DomainError) in
      try stored.manifest()
    }
    return HelmChart.Part(name: name, manifests: manifests)
  }
}
