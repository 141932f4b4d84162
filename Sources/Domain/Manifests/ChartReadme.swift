internal import Kubernetes

/// The README.md of a chart: how to install it, and which Secrets its namespace
/// must have, since a chart holds none.
struct ChartReadme {
  let text: String

  init(name: String, description: String, manifests: [Manifest]) {
    var lines = [
      "# \(name)", "", description, "", "```", "helm install \(name) . --namespace NAMESPACE",
      "```", "", "`values.yaml` lists what can be set.",
    ]
    let secrets = Self.secrets(of: manifests)
    if !secrets.isEmpty {
      lines += [
        "", "## Secrets", "",
        "Secret values are not part of the chart. The namespace must have these Secrets before:",
        "",
      ]
      lines += secrets.map { secret in
        let keys = secret.keys.map { "`\($0)`" }.joined(separator: ", ")
        return keys.isEmpty
          ? "- `\(secret.name)`, a registry's login (`kubernetes.io/dockerconfigjson`)"
          : "- `\(secret.name)` with \(keys)"
      }
    }
    text = lines.joined(separator: "\n") + "\n"
  }

  /// A Secret that pods need.
  private struct Need {
    let name: String
    var keys: [String]
  }

  private static func secrets(of manifests: [Manifest]) -> [Need] {
    var needs: [String: Set<String>] = [:]
    for manifest in manifests where manifest.type == .deployment {
      let pod = manifest.object.at("spec", "template", "spec")
      for login in pod?["imagePullSecrets"]?.array ?? [] {
        if let name = login["name"]?.string { needs[name, default: []] = [] }
      }
      let container = pod?["containers"]?.array?.first
      for variable in container?["env"]?.array ?? [] {
        guard let reference = variable.at("valueFrom", "secretKeyRef"),
          let name = reference["name"]?.string, let key = reference["key"]?.string
        else { continue }
        needs[name, default: []].insert(key)
      }
      let volume = (pod?["volumes"]?.array ?? []).first { $0["secret"] != nil }
      guard let volume, let name = volume.at("secret", "secretName")?.string else { continue }
      for mount in container?["volumeMounts"]?.array ?? [] where mount["name"] == volume["name"] {
        if let key = mount["subPath"]?.string { needs[name, default: []].insert(key) }
      }
    }
    return needs.sorted { $0.key < $1.key }.map { Need(name: $0.key, keys: $0.value.sorted()) }
  }
}
