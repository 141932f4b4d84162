public import struct Foundation.Date
internal import Kubernetes

/// One deploy of an application (docs/design.md §1). Never edited, never
/// reused: only its state moves on, and only forward.
public struct Release: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<Release>

  /// How far a release is.
  public enum State: String, Sendable, CaseIterable {
    /// Stored; no worker has begun.
    case queued
    /// Its manifests are being applied.
    case applying
    /// Everything is applied; the new pods are starting.
    case rollingOut
    /// The new pods serve.
    case succeeded
    /// It ended without all replicas available.
    case failed
    /// A newer release took over before this one was through.
    case superseded

    /// Whether nothing more will happen to it.
    public var isFinal: Bool {
      switch self {
      case .queued, .applying, .rollingOut: false
      case .succeeded, .failed, .superseded: true
      }
    }
  }

  public let id: ID
  public let applicationID: Application.ID
  /// From 1, without gaps.
  public let number: Int
  public let spec: ApplicationSpec
  public let manifests: [ReleaseManifest]
  public let planHash: String
  public let authorID: User.ID
  /// Empty when the author is gone.
  public let authorName: String
  public let message: String
  /// The digest of the image that its pods ran, once they serve; nil when no
  /// node told one.
  public let imageDigest: String?
  public let state: State
  /// Why it ended as it did, as a sentence; empty while it runs.
  public let outcome: String
  public let createdAt: Date
  public let finishedAt: Date?
}

extension Release.State: SQLCodable {}

/// What a list shows of a release, without its specification and manifests.
public struct ReleaseSummary: Sendable, Hashable {
  public let number: Int
  public let state: Release.State
  /// As it was typed.
  public let image: String
  /// Empty when the author is gone.
  public let authorName: String
  public let message: String
  /// Why it ended as it did, as a sentence; empty while it runs.
  public let outcome: String
  public let createdAt: Date
  public let finishedAt: Date?
}

/// When a release was made, and what became of it.
struct ReleaseMoment: Sendable, Hashable {
  let application: String
  let number: Int
  let state: Release.State
  let createdAt: Date
}

/// A manifest as a release stored it.
public struct ReleaseManifest: Sendable, Hashable, Codable {
  public let kind: String
  public let name: String
  public let yaml: String
}

extension ReleaseManifest {
  private static let types: [String: ResourceType] = Dictionary(
    uniqueKeysWithValues: ManifestBuilder.applicationTypes.map { ($0.kind, $0) })

  /// The manifest, parsed again.
  ///
  /// - Throws: `internalError` when the stored text can't be read.
  func manifest() throws(DomainError) -> Manifest {
    guard let type = Self.types[kind] else { throw unreadable("there is no such kind") }
    do throws(ManifestParser.Mistake) {
      let object = try ManifestParser.parse(Array(yaml.utf8))
      return Manifest(name: name, yaml: yaml, type: type, object: object)
    } catch {
      throw unreadable("line \(error.line): \(error.reason)")
    }
  }

  private func unreadable(_ why: String) -> DomainError {
    DomainError(
      .internalError, "The stored \(kind) “\(name)” can't be read.",
      advice: "Deploy the application again.", underlying: why)
  }
}

/// A durable piece of work: the deploy of a release. One worker holds it at a
/// time, by a lease that expires.
struct Operation: Sendable, Hashable {
  typealias ID = Identifier<Operation>

  let id: ID
  let projectID: Project.ID
  let releaseID: Release.ID
  /// How often a worker has begun it; over 1 after a crash.
  let attempts: Int
}
