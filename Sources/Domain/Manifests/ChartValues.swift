internal import Kubernetes

/// What of an application's manifests a Helm chart lets people set, and how its
/// templates refer to it.
struct ChartValues {
  /// How a template writes a value.
  private enum Form {
    case plain, quoted, json
  }

  /// Where the values of this application begin, below `.Values`.
  let root: [String]
  /// The values as the manifests have them.
  private(set) var values: JSONValue = [:]
  /// What stands at a path of a manifest, by the manifest's kind and name.
  private var references: [String: [[String]: String]] = [:]

  /// - Parameter root: empty for a chart of one application.
  init(of manifests: [Manifest], at root: [String]) {
    self.root = root
    for manifest in manifests { collect(manifest) }
  }

  /// What a template writes at a path of a manifest; nil for the value itself.
  func reference(_ path: [String], of manifest: Manifest) -> String? {
    references[Self.key(manifest)]?[path]
  }

  private static func key(_ manifest: Manifest) -> String { "\(manifest.kind)/\(manifest.name)" }

  private mutating func collect(_ manifest: Manifest) {
    for path in [
      ["metadata", "namespace"], ["metadata", "labels", "app.kubernetes.io/part-of"],
      ["spec", "template", "metadata", "labels", "app.kubernetes.io/part-of"],
    ] where Self.value(at: path, of: manifest.object) != nil {
      references[Self.key(manifest), default: [:]][path] = "{{ .Release.Namespace | quote }}"
    }
    switch manifest.type {
    case .deployment: collectDeployment(manifest)
    case .horizontalPodAutoscaler:
      add(["autoscaling", "minReplicas"], .plain, ["spec", "minReplicas"], manifest)
      add(["autoscaling", "maxReplicas"], .plain, ["spec", "maxReplicas"], manifest)
      add(
        ["autoscaling", "targetCPU"], .plain,
        ["spec", "metrics", "0", "resource", "target", "averageUtilization"], manifest)
    case .ingress:
      add(["host"], .quoted, ["spec", "rules", "0", "host"], manifest)
      add(["host"], .quoted, ["spec", "tls", "0", "hosts", "0"], manifest)
    case .persistentVolumeClaim:
      add(
        ["volumes", manifest.name], .quoted, ["spec", "resources", "requests", "storage"],
        manifest)
    default: break
    }
  }

  private mutating func collectDeployment(_ manifest: Manifest) {
    let container = ["spec", "template", "spec", "containers", "0"]
    add(["replicas"], .plain, ["spec", "replicas"], manifest)
    add(["image"], .quoted, container + ["image"], manifest)
    if Self.value(at: container + ["env"], of: manifest.object).map(Self.survivesJSON) ?? false {
      add(["environment"], .json, container + ["env"], manifest)
    }
    add(["resources"], .json, container + ["resources"], manifest)
  }

  private mutating func add(
    _ name: [String], _ form: Form, _ path: [String], _ manifest: Manifest
  ) {
    guard let value = Self.value(at: path, of: manifest.object) else { return }
    values = Self.setting(name[...], to: value, in: values)
    references[Self.key(manifest), default: [:]][path] = expression(name, form)
  }

  /// `.Values.image`, or `index` where a name has a dash.
  private func expression(_ name: [String], _ form: Form) -> String {
    let path = root + name
    let isSimple = path.allSatisfy { word in
      word.utf8.allSatisfy(ASCII.isWord) && !(word.utf8.first.map(ASCII.isDigit) ?? true)
    }
    let value =
      isSimple
      ? ".Values." + path.joined(separator: ".")
      : "index .Values " + path.map { "\"\($0)\"" }.joined(separator: " ")
    switch form {
    case .plain: return "{{ \(value) }}"
    case .quoted: return "{{ \(value) | quote }}"
    case .json: return "{{ \(value) | toJson }}"
    }
  }

  /// Whether a YAML parser reads every text of a value back from JSON: JSON
  /// escapes fewer characters than YAML asks for. What doesn't survive stays in
  /// the template, which escapes it.
  private static func survivesJSON(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let items): items.allSatisfy(survivesJSON)
    case .object(let members): members.values.allSatisfy(survivesJSON)
    case .string(let text):
      text.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0x7f...0x9f, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff: false
        default: true
        }
      }
    default: true
    }
  }

  private static func value(at path: [String], of object: JSONValue) -> JSONValue? {
    var value = object
    for key in path {
      guard let next = Int(key).flatMap({ value[$0] }) ?? value[key] else { return nil }
      value = next
    }
    return value
  }

  static func setting(
    _ path: ArraySlice<String>, to value: JSONValue, in object: JSONValue
  ) -> JSONValue {
    guard let key = path.first else { return value }
    var copy = object
    copy[key] = setting(path.dropFirst(), to: value, in: object[key] ?? [:])
    return copy
  }
}
