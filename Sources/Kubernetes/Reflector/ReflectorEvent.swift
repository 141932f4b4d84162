/// What a ``Reflector`` tells.
public enum ReflectorEvent<R: KubernetesResource>: Sendable {
  /// These are all there are; forget what was there before.
  case replaced([R])
  /// It is new, or isn't as it was.
  case applied(R)
  /// It is gone.
  case deleted(DeletedObject)
  /// An object that can't be decoded was passed over.
  case skipped(UndecodableObject)
  /// The server answers, and nothing has changed.
  case heartbeat
  /// The connection failed. The reflector tries again by itself; until it
  /// succeeds, what it told may be out of date.
  case failed(KubernetesError)
}

/// Which object is gone.
public struct DeletedObject: Sendable, Hashable {
  /// `nil` for kinds without namespaces.
  public var namespace: String?
  /// Unique among the objects of its kind and namespace.
  public var name: String
  /// Empty if the object couldn't be decoded.
  public var uid: String

  /// Names an object.
  public init(namespace: String?, name: String, uid: String) {
    self.namespace = namespace
    self.name = name
    self.uid = uid
  }
}

/// How long a ``Reflector`` waits for what.
public struct ReflectorTiming: Sendable, Hashable {
  /// The most objects in one page of a list.
  public var pageSize: Int
  /// After about how long the server shall end a watch, so that watches spread
  /// over several API servers. Up to a tenth is taken off by chance.
  public var watchDuration: Duration
  /// A watch that brings nothing for that long, not even a bookmark, counts as
  /// dead. The API server sends a bookmark about every minute.
  public var livenessLimit: Duration
  /// After a server was away for that long, everything is listed again.
  public var outageLimit: Duration
  /// The pause after the first failure; it doubles with every further one.
  public var minimumPause: Duration
  /// The longest pause. All pauses are shortened by chance, by up to a half.
  public var maximumPause: Duration

  /// The defaults suit a real API server.
  public init(
    pageSize: Int = 500, watchDuration: Duration = .seconds(290),
    livenessLimit: Duration = .seconds(90), outageLimit: Duration = .seconds(60),
    minimumPause: Duration = .milliseconds(200),
    maximumPause: Duration = .seconds(30)
  ) {
    self.pageSize = pageSize
    self.watchDuration = watchDuration
    self.livenessLimit = livenessLimit
    self.outageLimit = outageLimit
    self.minimumPause = minimumPause
    self.maximumPause = maximumPause
  }
}
