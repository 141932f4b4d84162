import NIOCore

/// A change to an object.
public enum WatchEvent<R: KubernetesResource>: Sendable {
  /// It is there now.
  case added(R)
  /// It isn't as it was.
  case modified(R)
  /// It is gone; this is how it was at the end.
  case deleted(R)
  /// Nothing happened up to this version.
  case bookmark(resourceVersion: String)
  /// It changed, but can't be decoded.
  case undecodable(UndecodableObject)
}

/// The changes to the objects of a kind, as the server tells them.
public struct WatchStream<R: KubernetesResource>: AsyncSequence, Sendable {
  public typealias Element = WatchEvent<R>
  public typealias Failure = KubernetesError

  /// The longest event: 16 MiB. Objects are at most a few MiB.
  public static var maximumEventBytes: Int { 16 << 20 }

  private let lines: ByteLines

  init(_ lines: ByteLines) { self.lines = lines }

  public func makeAsyncIterator() -> Iterator {
    Iterator(lines: lines.makeIterator(limit: Self.maximumEventBytes, onOverflow: .fails))
  }

  /// Reads one event at a time.
  public struct Iterator: AsyncIteratorProtocol {
    var lines: ByteLines.Iterator

    /// The next event, `nil` when the server has ended the stream.
    ///
    /// - Throws: ``KubernetesError``; ``KubernetesError/isExpired`` when the
    ///   version to begin with is too old.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(KubernetesError) -> WatchEvent<R>? {
      while let line = try await lines.next(isolation: actor) {
        if line.readableBytes == 0 { continue }
        return try WatchEvent(line: line.readableBytesView)
      }
      return nil
    }
  }
}

extension WatchEvent {
  /// Reads one line of a watch.
  ///
  /// - Throws: ``KubernetesError/status(_:)`` for an ERROR event,
  ///   ``KubernetesError/undecodable(what:why:)`` for a line that is no event.
  public init(line: some Collection<UInt8>) throws(KubernetesError) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: line, skippingLists: "managedFields")
    } catch {
      throw .undecodable(what: "a watch event", why: error.description)
    }
    guard let kind = json["type"]?.string, let object = json["object"] else {
      throw .undecodable(what: "a watch event", why: "It has no type or no object.")
    }
    switch kind {
    case "ADDED": self = Self.event(object, WatchEvent.added)
    case "MODIFIED": self = Self.event(object, WatchEvent.modified)
    case "DELETED": self = Self.event(object, isDeleted: true, WatchEvent.deleted)
    case "BOOKMARK":
      guard let version = object.at("metadata", "resourceVersion")?.string else {
        throw .undecodable(what: "a bookmark", why: "It has no resourceVersion.")
      }
      self = .bookmark(resourceVersion: version)
    case "ERROR":
      guard let status = try? Status(json: object) else {
        throw .undecodable(what: "an error event", why: "It has no Status.")
      }
      throw .status(status)
    default:
      throw .undecodable(what: "a watch event", why: "Its type is \"\(kind)\".")
    }
  }

  private static func event(
    _ object: JSONValue, isDeleted: Bool = false, _ make: (R) -> WatchEvent<R>
  ) -> WatchEvent<R> {
    do {
      return make(try R(json: object))
    } catch {
      return .undecodable(
        UndecodableObject(object, kind: R.type.kind, isDeleted: isDeleted, error))
    }
  }
}
