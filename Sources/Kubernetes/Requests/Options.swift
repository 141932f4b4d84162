/// What a list shall hold.
public struct ListOptions: Sendable, Hashable {
  /// As in `app=web,tier!=cache`.
  public var labelSelector: String?
  /// As in `type=Warning`.
  public var fieldSelector: String?
  /// The most items in one answer.
  public var limit: Int?
  /// Where to go on, from the previous answer.
  public var continueToken: String?
  /// `"0"` takes whatever the server has in its cache.
  public var resourceVersion: String?

  /// By default, everything at once.
  public init(
    labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int? = nil,
    continueToken: String? = nil, resourceVersion: String? = nil
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.limit = limit
    self.continueToken = continueToken
    self.resourceVersion = resourceVersion
  }
}

/// What a watch shall tell.
public struct WatchOptions: Sendable, Hashable {
  /// As in `app=web,tier!=cache`; see ``ListOptions``.
  public var labelSelector: String?
  /// As in `type=Warning`; see ``ListOptions``.
  public var fieldSelector: String?
  /// The version after which changes are told, from a list or a bookmark. `nil`
  /// begins with the objects that are there.
  public var resourceVersion: String?
  /// Whether the server shall say now and then how far it is.
  public var allowsBookmarks: Bool
  /// After how many seconds the server shall end the stream.
  public var timeoutSeconds: Int?

  /// By default, everything there is, with bookmarks, until the server ends it.
  public init(
    labelSelector: String? = nil, fieldSelector: String? = nil, resourceVersion: String? = nil,
    allowsBookmarks: Bool = true, timeoutSeconds: Int? = nil
  ) {
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.resourceVersion = resourceVersion
    self.allowsBookmarks = allowsBookmarks
    self.timeoutSeconds = timeoutSeconds
  }
}

/// What the server does about fields that it doesn't know.
public enum FieldValidation: String, Sendable {
  case ignore = "Ignore"
  case warn = "Warn"
  case strict = "Strict"
}

/// How to apply an object (server-side apply).
public struct ApplyOptions: Sendable, Hashable {
  /// Who will own the fields.
  public var fieldManager: String
  /// Whether to answer as if, and store nothing.
  public var isDryRun: Bool
  /// Whether to take fields from other owners instead of a conflict.
  public var isForced: Bool
  /// What to do about unknown fields; `nil` leaves it to the server, which warns.
  public var fieldValidation: FieldValidation?

  /// By default for real, without force, and strict.
  public init(
    fieldManager: String, isDryRun: Bool = false, isForced: Bool = false,
    fieldValidation: FieldValidation? = .strict
  ) {
    self.fieldManager = fieldManager
    self.isDryRun = isDryRun
    self.isForced = isForced
    self.fieldValidation = fieldValidation
  }
}

/// How to create or patch an object.
public struct WriteOptions: Sendable, Hashable {
  /// Who will own the fields; by default the server makes it up.
  public var fieldManager: String?
  /// Whether to answer as if, and store nothing.
  public var isDryRun: Bool
  /// What to do about unknown fields; `nil` leaves it to the server, which warns.
  public var fieldValidation: FieldValidation?

  /// By default for real, and as lenient as the server is.
  public init(
    fieldManager: String? = nil, isDryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) {
    self.fieldManager = fieldManager
    self.isDryRun = isDryRun
    self.fieldValidation = fieldValidation
  }
}

/// What happens to the objects that an object owns when it is deleted.
public enum Propagation: String, Sendable {
  /// They go first; the object waits for them.
  case foreground = "Foreground"
  /// They go afterwards.
  case background = "Background"
  /// They stay.
  case orphan = "Orphan"
}

/// How to delete an object.
public struct DeleteOptions: Sendable, Hashable {
  /// What happens to the objects that it owns.
  public var propagation: Propagation?
  /// Delete only the object with this uid; otherwise a conflict.
  public var uid: String?
  /// Delete only this version; otherwise a conflict.
  public var resourceVersion: String?
  /// Seconds that pods get to end; 0 ends them at once.
  public var gracePeriodSeconds: Int?
  /// Whether to answer as if, and delete nothing.
  public var isDryRun: Bool

  /// By default as the kind has it.
  public init(
    propagation: Propagation? = nil, uid: String? = nil, resourceVersion: String? = nil,
    gracePeriodSeconds: Int? = nil, isDryRun: Bool = false
  ) {
    self.propagation = propagation
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.gracePeriodSeconds = gracePeriodSeconds
    self.isDryRun = isDryRun
  }
}

/// Which part of a container's log is wanted.
public struct LogOptions: Sendable, Hashable {
  /// Needed when the pod has more than one container.
  public var container: String?
  /// The most lines from the end.
  public var tailLines: Int?
  /// Only what the last that many seconds brought.
  public var sinceSeconds: Int?
  /// The log of the container before its last restart.
  public var isPrevious: Bool
  /// Whether each line begins with its time (RFC 3339).
  public var hasTimestamps: Bool
  /// The most bytes, from the beginning.
  public var limitBytes: Int?

  /// By default the whole log of the only container.
  public init(
    container: String? = nil, tailLines: Int? = nil, sinceSeconds: Int? = nil,
    isPrevious: Bool = false, hasTimestamps: Bool = false, limitBytes: Int? = nil
  ) {
    self.container = container
    self.tailLines = tailLines
    self.sinceSeconds = sinceSeconds
    self.isPrevious = isPrevious
    self.hasTimestamps = hasTimestamps
    self.limitBytes = limitBytes
  }
}
