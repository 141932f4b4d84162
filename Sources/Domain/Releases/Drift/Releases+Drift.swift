internal import Foundation
internal import Kubernetes

extension Releases {
  /// How the cluster differs from the newest release, asked now.
  ///
  /// - Throws: `forbidden` for who only looks at a demo; `unavailable` when the database doesn't answer; what the cluster
  ///   doesn't tell is in the report.
  public func drift(of detail: ApplicationDetail) async throws(DomainError) -> DriftReport {
    try detail.membership.requireInsider()
    return try await drifts.finder.report(of: detail)
  }

  /// The same as it was found a moment ago, for a page that doesn't wait; nil
  /// before the first look. Who waits for changes in the project is told when a
  /// new one differs.
  public func lastDrift(of detail: ApplicationDetail) -> DriftReport? {
    detail.membership.isOutsider ? nil : drifts.report(of: detail)
  }

  /// The application's draft with what somebody changed by hand taken over, as
  /// far as a specification can say it; and what it can't, a sentence each.
  ///
  /// - Throws: `forbidden`, `notFound`, `unavailable`.
  public func adopting(
    _ application: String, in project: String, as principal: Principal
  ) async throws(DomainError) -> (draft: ApplicationDraft, left: [String]) {
    let detail = try await applications.application(
      named: application, in: project, for: .deployApplications, as: principal)
    var adoption = DriftAdoption(ApplicationDraft(detail.application.spec))
    switch try await drift(of: detail) {
    case .compared(let drift):
      for field in drift.fields { adoption.take(field) }
      for missing in drift.missing {
        adoption.left.append("\(missing.kind) \(missing.name) is gone; a release makes it again.")
      }
    case .rollingOut(let number):
      adoption.left.append("Release #\(number) is on its way, so nothing was compared.")
    case .unknown(let why): adoption.left.append(why)
    }
    return (adoption.draft, adoption.left)
  }

  /// An application's objects as the cluster has them, in the order in which
  /// they are applied: without what the API server keeps for itself, and with no
  /// value of a Secret.
  ///
  /// - Throws: `forbidden` for who only looks at a demo; `unavailable`.
  public func live(of detail: ApplicationDetail) async throws(DomainError) -> [LiveManifest] {
    // Annotations and other managers' fields name people.
    try detail.membership.requireInsider()
    let release = try await release(of: detail)
    let namespace = detail.membership.project.name
    let secrets = detail.application.spec.versionedObjects.filter { $0.kind == .secret }
    var wanted = secrets.map { ($0.kind.type, $0.name) }
    for manifest in release.manifests {
      wanted.append((try manifest.manifest().type, manifest.name))
    }
    var found: [LiveManifest] = []
    for (type, name) in wanted {
      let live: JSONValue?
      do {
        live = try await LiveObjects(client: planner.client).find(type, name, in: namespace)
      } catch {
        throw ClusterFailure.domainError(error, doing: "reading the \(type.kind) “\(name)”")
      }
      found.append(LiveManifest(type, name, live))
    }
    return found
  }
}

/// One object as the cluster has it.
public struct LiveManifest: Sendable, Hashable {
  public let kind: String
  public let name: String
  /// nil when it isn't there.
  public let yaml: String?

  init(_ type: ResourceType, _ name: String, _ live: JSONValue?) {
    kind = type.kind
    self.name = name
    guard var object = live?.object else {
      yaml = nil
      return
    }
    object["apiVersion"] = .string(type.apiVersion)
    object["kind"] = .string(type.kind)
    if var metadata = object["metadata"]?.object {
      metadata["managedFields"] = Optional.none
      object["metadata"] = .object(metadata)
    }
    for key in ["data", "stringData"] where type == .secret {
      object[key] = object[key]?.object.map { values in
        .object(values.mapValues { _ in .string("(not shown)") })
      }
    }
    yaml = YAMLText.of(.object(object))
  }
}
