import Domain

extension ManifestSettings {
  /// Reads what an operator set about manifests.
  ///
  /// - Throws: ``StartupError`` for a list that can't be read.
  init(_ values: Values) throws {
    self.init()
    if let list = values.text(.admittedNamespaces) { admittedNamespaces = Self.items(list) }
    egress = try Self.egress(values)
    ingressClass = values.text(.ingressClass)
    storageClass = values.text(.storageClass)
    additions = ManifestAdditions(
      labels: try Self.pairs(.extraLabels, values, isValue: LabelSyntax.isValue),
      annotations: try Self.pairs(.extraAnnotations, values) { _ in true },
      nodeSelector: try Self.pairs(.nodeSelector, values, isValue: LabelSyntax.isValue),
      tolerations: try Self.tolerations(values))
  }

  private static func egress(_ values: Values) throws -> Egress {
    let networks = items(values.text(.egressAllowed) ?? "")
    for network in networks {
      guard let prefix = IPNetwork(network) else {
        throw Values.mistake(
          .egressAllowed, network, "must be a list of networks like 10.0.0.0/8,fd00::/8")
      }
      // The API server would take it, with a warning in every plan.
      guard prefix.isNetwork else {
        throw Values.mistake(
          .egressAllowed, network, "must name networks by their first address")
      }
    }
    if try values.choice(.egress, ["open", "closed"]) == "closed" {
      return .closed(allowed: networks)
    }
    guard networks.isEmpty else {
      throw StartupError("--egress-allowed is for closed egress only; give --egress closed too.")
    }
    return .open
  }

  private static func items(_ list: String) -> [String] {
    list.split(separator: ",").map { FormBody.trimmed(String($0)) }.filter { !$0.isEmpty }
  }

  /// `key=value,key=value`.
  private static func pairs(
    _ key: AppConfiguration.Key, _ values: Values, isValue: (String) -> Bool
  ) throws -> [String: String] {
    var pairs: [String: String] = [:]
    for item in items(values.text(key) ?? "") {
      let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, LabelSyntax.isKey(String(sides[0])), isValue(String(sides[1])) else {
        throw Values.mistake(key, item, "must be a list like team=shop,zone=a")
      }
      pairs[String(sides[0])] = String(sides[1])
    }
    return pairs
  }

  /// `key=value:Effect`, `key:Effect` or `key`, as `kubectl taint` writes them.
  private static func tolerations(
    _ values: Values
  ) throws -> [ManifestAdditions.Toleration] {
    try items(values.text(.tolerations) ?? "").map { item in
      let sides = item.split(separator: ":", maxSplits: 1).map(String.init)
      let taint = sides[0].split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false
      ).map(String.init)
      let effect = sides.count > 1 ? sides[1] : nil
      guard LabelSyntax.isKey(taint[0]), taint.count == 1 || LabelSyntax.isValue(taint[1]),
        effect.map({ ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains($0) }) ?? true
      else {
        throw Values.mistake(
          .tolerations, item, "must be a list like dedicated=apps:NoSchedule,spot")
      }
      return .init(key: taint[0], value: taint.count > 1 ? taint[1] : nil, effect: effect)
    }
  }
}

/// What Kubernetes takes as a label (Kubernetes documentation, Labels and
/// Selectors, "Syntax and character set").
enum LabelSyntax {
  static func isKey(_ key: String) -> Bool {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.last, !name.isEmpty, isValue(String(name)) else {
      return false
    }
    guard parts.count == 2 else { return true }
    return !parts[0].isEmpty && parts[0].utf8.count <= 253
      && parts[0].utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x2e }
  }

  static func isValue(_ value: String) -> Bool {
    let bytes = Array(value.utf8)
    guard let first = bytes.first, let last = bytes.last else { return true }
    return bytes.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || [0x2d, 0x2e, 0x5f].contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
