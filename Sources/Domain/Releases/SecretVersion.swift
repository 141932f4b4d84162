internal import Foundation
internal import Kubernetes

/// A Secret with its values, on its way to the cluster. It is never stored, and
/// describes itself without them.
struct SecretVersion: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// What stands for a value wherever a person or the database sees one.
  static let mask = "••••••"

  /// Which type of Secret (Kubernetes API, Secret).
  enum Purpose: String, Sendable {
    case values = "Opaque"
    case registryLogin = "kubernetes.io/dockerconfigjson"
  }

  let name: String
  let purpose: Purpose
  /// The values by their keys.
  let data: [String: [UInt8]]

  var description: String { "Secret \(name) (\(data.count) values)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: ["name": name]) }

  /// The one value of a Secret with a registry's login (Kubernetes
  /// documentation, Secret, "Docker config Secrets").
  static func loginData(server: String, user: String, password: String) -> [String: [UInt8]] {
    let both = Data("\(user):\(password)".utf8).base64EncodedString()
    let login: JSONValue = [
      "auths": .object([
        server: [
          "username": .string(user), "password": .string(password), "auth": .string(both),
        ]
      ])
    ]
    return [".dockerconfigjson": login.serialized()]
  }
}

extension ManifestBuilder {
  /// The manifest of a Secret.
  ///
  /// - Parameter isMasked: whether the values are left out, for people to see.
  func secret(
    _ version: SecretVersion, of application: String, in namespace: String, stamp: ReleaseStamp,
    isMasked: Bool
  ) throws(DomainError) -> Manifest {
    let view = SecretManifest(
      name: version.name, application: application, namespace: namespace, stamp: stamp,
      type: version.purpose.rawValue,
      entries: version.data.sorted { $0.key < $1.key }.map { key, value in
        .init(
          key: key,
          value: isMasked ? SecretVersion.mask : Data(value).base64EncodedString())
      })
    let manifest = try check(
      Template.Manifests.secret(view), .secret, name: version.name, namespace: namespace,
      shape: .secret)
    let data = manifest.object["data"]
    guard view.entries.allSatisfy({ data?[$0.key]?.string == $0.value }) else {
      throw Self.wrongShape(manifest.kind, "a value didn't survive rendering")
    }
    return manifest
  }
}
