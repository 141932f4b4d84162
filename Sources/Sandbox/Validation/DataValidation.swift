import Foundation
import Kubernetes

/// Validation of ConfigMaps and Secrets.
enum DataValidation {
  private static let limit = 1_048_576

  static func causes(_ object: JSONValue) -> [Cause] {
    let isSecret = object["kind"] == "Secret"
    var causes: [Cause] = []
    var size = 0
    for list in ["data", "binaryData"] {
      let members = (object[list]?.strings ?? [:]).sorted { $0.key < $1.key }
      for (key, value) in members {
        causes += Self.key(key, "\(list)[\(key)]")
        if list == "binaryData", object["data"]?[key] != nil {
          causes.append(
            .invalid(
              "data[\(key)]", .string(key), "duplicate of key present in binaryData"))
        }
        let isEncoded = isSecret || list == "binaryData"
        size += isEncoded ? Data(base64Encoded: value)?.count ?? 0 : value.utf8.count
      }
    }
    if size > limit { causes.append(.tooLong(isSecret ? "data" : "", limit)) }
    return isSecret ? causes + secret(object) : causes
  }

  private static func key(_ key: String, _ field: String) -> [Cause] {
    let isAllowed = key.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
        || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E
    }
    if isAllowed, !key.isEmpty { return [] }
    return [
      .invalid(
        field, .string(key),
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
          + "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
          + "'[-._a-zA-Z0-9]+')")
    ]
  }

  /// What the well-known types of Secrets must hold.
  private static func secret(_ object: JSONValue) -> [Cause] {
    let needed: [String: [String]] = [
      "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
      "kubernetes.io/dockercfg": [".dockercfg"],
      "kubernetes.io/tls": ["tls.crt", "tls.key"],
      "kubernetes.io/ssh-auth": ["ssh-privatekey"],
    ]
    let type = object["type"]?.string ?? ""
    if type == "kubernetes.io/basic-auth", object.at("data", "username") == nil,
      object.at("data", "password") == nil
    {
      return [.required("data[username]"), .required("data[password]")]
    }
    return (needed[type] ?? []).filter { object.at("data", $0) == nil }
      .map { .required("data[\($0)]") }
  }
}
