public import struct Foundation.Date

/// How an application's objects on the cluster differ from its newest release
/// in fields that BabyHelm set (docs/design.md §1).
public struct Drift: Sendable, Hashable {
  /// Who changed a field, as the API server recorded it (Kubernetes API,
  /// ObjectMeta `managedFields`).
  public struct Change: Sendable, Hashable {
    /// The field manager, for example `kubectl-edit`.
    public let manager: String
    /// The subresource it wrote through, for example `scale`; empty for none.
    public let subresource: String
    public let time: Date?
  }

  /// One field that differs.
  public struct Field: Sendable, Hashable {
    public let kind: String
    public let name: String
    /// For example `spec.template.spec.containers[web].image`.
    public let path: String
    /// What the release says; nil when it says nothing.
    public let wanted: String?
    /// What the cluster has; nil when the field is gone.
    public let found: String?
    /// nil when nobody is recorded, as for a field that was removed.
    public let change: Change?
  }

  /// An object that is gone, by kind and name.
  public struct Missing: Sendable, Hashable {
    public let kind: String
    public let name: String
  }

  /// The release that was compared.
  public let release: Int
  public let fields: [Field]
  public let missing: [Missing]

  public var isEmpty: Bool { fields.isEmpty && missing.isEmpty }
}

/// What a look for drift came to.
public enum DriftReport: Sendable, Hashable {
  /// A release is on its way, so there is nothing to compare with yet.
  case rollingOut(release: Int)
  case compared(Drift)
  /// It couldn't be looked at; a sentence says why.
  case unknown(String)

  /// What was found; nil when nothing differs or it isn't known.
  public var drift: Drift? {
    if case .compared(let drift) = self, !drift.isEmpty { drift } else { nil }
  }
}
