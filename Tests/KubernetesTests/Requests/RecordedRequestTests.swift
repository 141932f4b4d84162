import Foundation
import Kubernetes
import Testing

/// The functions that make requests make exactly the recorded ones.
@Suite(.enabled(if: Recorded.folder != nil, Comment(rawValue: Recorded.absence)))
struct RecordedRequestTests {
  @Test func `every recorded apply, create, patch, list, watch and delete is built`() throws {
    var built = 0
    for exchange in Recorded.all {
      guard let request = Self.rebuilt(exchange) else { continue }
      built += 1
      #expect(request.method.rawValue == exchange.method)
      #expect(request.target == exchange.target, "\(exchange.title)")
      #expect(request.contentType?.rawValue == exchange.requestHeaders["Content-Type"])
      #expect(request.body ?? .null == exchange.requestBody)
    }
    #expect(built > 140)
  }

  /// The request that asks what the exchange asked; `nil` for requests that the
  /// module doesn't make (discovery, JSON patch…).
  private static func rebuilt(_ exchange: RecordedExchange) -> KubernetesRequest? {
    guard let parts = TargetParts(exchange.target), exchange.requestBody.string == nil else {
      return nil
    }
    let query = parts.query
    let type = parts.type
    switch exchange.method {
    case "GET" where parts.subresource == "log":
      guard let name = parts.name, let namespace = parts.namespace else { return nil }
      return .log(
        pod: name, namespace: namespace, isFollowing: query["follow"] == "true",
        LogOptions(
          container: query["container"], tailLines: query["tailLines"].flatMap { Int($0) },
          hasTimestamps: query["timestamps"] == "true"))
    case "GET":
      if let name = parts.name {
        return .get(
          type, name: name, namespace: parts.namespace, subresource: parts.subresource)
      }
      return listOrWatch(type, parts)
    case "POST" where parts.subresource == "token":
      guard let name = parts.name, let namespace = parts.namespace,
        let seconds = exchange.requestBody.at("spec", "expirationSeconds")?.int
      else { return nil }
      return .token(serviceAccount: name, namespace: namespace, expirationSeconds: seconds)
    case "POST":
      return .create(
        exchange.requestBody, type, namespace: parts.namespace,
        WriteOptions(fieldManager: query["fieldManager"]))
    case "PATCH": return patch(exchange, parts)
    case "DELETE":
      guard let name = parts.name else { return nil }
      return .delete(
        type, name: name, namespace: parts.namespace,
        DeleteOptions(
          propagation: query["propagationPolicy"].flatMap { Propagation(rawValue: $0) }))
    default: return nil
    }
  }

  private static func listOrWatch(
    _ type: ResourceType, _ parts: TargetParts
  ) -> KubernetesRequest? {
    let query = parts.query
    if query["resourceVersionMatch"] != nil { return nil }
    if query["watch"] == "true" {
      return .watch(
        type, namespace: parts.namespace,
        WatchOptions(
          labelSelector: query["labelSelector"], resourceVersion: query["resourceVersion"],
          allowsBookmarks: query["allowWatchBookmarks"] == "true",
          timeoutSeconds: query["timeoutSeconds"].flatMap { Int($0) }))
    }
    return .list(
      type, namespace: parts.namespace,
      ListOptions(
        labelSelector: query["labelSelector"], fieldSelector: query["fieldSelector"],
        limit: query["limit"].flatMap { Int($0) }, continueToken: query["continue"]))
  }

  private static func patch(
    _ exchange: RecordedExchange, _ parts: TargetParts
  ) -> KubernetesRequest? {
    guard let name = parts.name else { return nil }
    let query = parts.query
    let contentType = exchange.requestHeaders["Content-Type"]
    if contentType == KubernetesRequest.ContentType.mergePatch.rawValue {
      return .mergePatch(
        exchange.requestBody, parts.type, name: name, namespace: parts.namespace,
        subresource: parts.subresource)
    }
    guard contentType == KubernetesRequest.ContentType.apply.rawValue,
      let manager = query["fieldManager"]
    else { return nil }
    return .apply(
      exchange.requestBody, parts.type, name: name, namespace: parts.namespace,
      ApplyOptions(
        fieldManager: manager, isDryRun: query["dryRun"] == "All",
        isForced: query["force"] == "true",
        fieldValidation: query["fieldValidation"].flatMap { FieldValidation(rawValue: $0) }))
  }
}

/// A recorded target, taken apart.
private struct TargetParts {
  let type: ResourceType
  var namespace: String?
  var name: String?
  var subresource: String?
  var query: [String: String] = [:]

  init?(_ target: String) {
    let halves = target.split(separator: "?", maxSplits: 1)
    var path = halves[0].split(separator: "/").map(String.init)
    guard path.count >= 3 else { return nil }
    let group = path[0] == "api" ? "" : path[1]
    path.removeFirst(path[0] == "api" ? 2 : 3)
    if path.first == "namespaces", path.count > 2 {
      namespace = path[1]
      path.removeFirst(2)
    }
    let known = ResourceType.known.first { $0.group == group && $0.plural == path.first }
    guard let known else { return nil }
    type = known
    name = path.count > 1 ? path[1] : nil
    subresource = path.count > 2 ? path[2] : nil
    for pair in halves.count > 1 ? halves[1].split(separator: "&") : [] {
      let item = pair.split(separator: "=", maxSplits: 1)
      query[String(item[0])] = String(item[1]).removingPercentEncoding
    }
  }
}
