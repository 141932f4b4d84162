import Foundation
import TestSupport

@testable import Domain

/// The generated drafts as specifications, with Secrets where they ask for them.
enum GeneratedSpecs {
  static let all = GeneratedDrafts.all.compactMap { draft -> ApplicationSpec? in
    guard var spec = try? draft.validated() else { return nil }
    let time = Date(timeIntervalSince1970: 1_700_000_000)
    if !draft.secretValues.isEmpty {
      spec.secretValues = .init(
        secret: "\(spec.name)-secrets-0123456789",
        entries: draft.secretValues.map { .init(target: $0.target, setAt: time, setBy: "Ann") })
    }
    if draft.hasRegistryLogin {
      spec.registryLogin = .init(
        secret: "\(spec.name)-registry-0123456789", server: spec.image.loginServer,
        user: draft.registryUser, setAt: time, setBy: "Ann")
    }
    return spec
  }
}
