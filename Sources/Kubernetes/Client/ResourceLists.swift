/// Some of the objects of a kind.
public struct ResourceList<R: KubernetesResource>: Sendable {
  /// In the order of the server.
  public var items: [R]
  /// The version that the list shows; a watch goes on from here.
  public var resourceVersion: String
  /// How to ask for the rest; `nil` when this is all.
  public var continueToken: String?
  /// About how many more there are, if the server says so.
  public var remainingItemCount: Int?
  /// Objects that couldn't be decoded.
  public var failures: [UndecodableObject]
}

/// Some of the objects of a kind, whole.
public struct ObjectList: Sendable {
  /// In the order of the server.
  public var items: [JSONValue]
  /// The version that the list shows; a watch goes on from here.
  public var resourceVersion: String
  /// How to ask for the rest; `nil` when this is all.
  public var continueToken: String?
}

/// An object that isn't what its kind promises. It doesn't stop the others.
public struct UndecodableObject: Sendable, Hashable {
  /// The kind that was asked for.
  public var kind: String
  /// `nil` for a kind without namespaces, or if it can't be read.
  public var namespace: String?
  /// Empty if not even that can be read.
  public var name: String
  /// Empty if it can't be read.
  public var uid: String
  /// Empty if it can't be read.
  public var resourceVersion: String
  /// Whether a watch told that it is gone.
  public var isDeleted: Bool
  /// What is wrong with it.
  public var error: ResourceDecodingError

  init(
    _ json: JSONValue, kind: String, isDeleted: Bool = false, _ error: ResourceDecodingError
  ) {
    self.kind = kind
    self.isDeleted = isDeleted
    self.error = error
    uid = json.at("metadata", "uid")?.string ?? ""
    namespace = json.at("metadata", "namespace")?.string
    name = json.at("metadata", "name")?.string ?? ""
    resourceVersion = json.at("metadata", "resourceVersion")?.string ?? ""
  }

  /// As an error for a log.
  public var asKubernetesError: KubernetesError {
    let path = namespace.map { "\($0)/\(name)" } ?? name
    return .undecodable(what: "\(kind) \(path)", why: error.description)
  }
}

/// Turns answers into resources.
enum ResourceDecoding {
  static func object<R: KubernetesResource>(
    _ bytes: [UInt8]
  ) throws(KubernetesError) -> R {
    let json = try parsed(bytes, what: R.type.kind)
    do {
      return try R(json: json)
    } catch {
      throw UndecodableObject(json, kind: R.type.kind, error).asKubernetesError
    }
  }

  static func list<R: KubernetesResource>(
    _ bytes: [UInt8]
  ) throws(KubernetesError) -> ResourceList<R> {
    let what = "a list of \(R.type.plural)"
    let list = try objectList(
      try parsed(bytes, what: what), what: what, isStored: R.isStored)
    var result = ResourceList<R>(
      items: [], resourceVersion: list.resourceVersion, continueToken: list.continueToken,
      remainingItemCount: list.remainingItemCount, failures: [])
    result.items.reserveCapacity(list.items.count)
    for item in list.items {
      do throws(ResourceDecodingError) {
        result.items.append(try R(json: item))
      } catch {
        result.failures.append(UndecodableObject(item, kind: R.type.kind, error))
      }
    }
    return result
  }

  static func objectList(_ json: JSONValue) throws(KubernetesError) -> ObjectList {
    let list = try objectList(json, what: "a list")
    return ObjectList(
      items: list.items, resourceVersion: list.resourceVersion,
      continueToken: list.continueToken)
  }

  private struct Parts {
    let items: [JSONValue]
    let resourceVersion: String
    let continueToken: String?
    let remainingItemCount: Int?
  }

  private static func objectList(
    _ json: JSONValue, what: String, isStored: Bool = true
  ) throws(KubernetesError) -> Parts {
    guard let members = json.object,
      let version = json.at("metadata", "resourceVersion")?.string ?? (isStored ? nil : "")
    else { throw .undecodable(what: what, why: "It has no metadata.resourceVersion.") }
    // An empty list may be written as `null`.
    let items = members["items"]?.array ?? []
    let token = json.at("metadata", "continue")?.string
    return Parts(
      items: items, resourceVersion: version, continueToken: token == "" ? nil : token,
      remainingItemCount: json.at("metadata", "remainingItemCount")?.int)
  }

  static func parsed(_ bytes: [UInt8], what: String) throws(KubernetesError) -> JSONValue {
    do {
      return try JSONValue(parsing: bytes, skippingLists: "managedFields")
    } catch {
      throw .undecodable(what: what, why: error.description)
    }
  }
}
