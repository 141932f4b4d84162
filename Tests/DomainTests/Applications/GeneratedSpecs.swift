import TestSupport

@testable import Domain

/// The generated drafts as specifications.
enum GeneratedSpecs {
  static let all = GeneratedDrafts.all.compactMap { try? $0.validated() }
}
