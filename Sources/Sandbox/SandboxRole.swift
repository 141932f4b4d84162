import Kubernetes

/// Why a manifest is no role for a sandbox, in one sentence.
public struct SandboxRoleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence.
  public let description: String
}

/// What the sandbox's clients may do, as a ClusterRole says it (Kubernetes API,
/// `rbac.authorization.k8s.io/v1`). They act as the service account `babyhelm`
/// in the namespace `babyhelm`.
public struct SandboxRole: Sendable, Hashable {
  /// Some verbs on some resources.
  public struct Rule: Sendable, Hashable {
    /// As in `get`; `*` for all.
    public var verbs: [String]
    /// Empty text for the core group; `*` for all.
    public var groups: [String]
    /// Plurals, with a subresource as in `pods/log`; `*` for all.
    public var resources: [String]
    /// The objects that are meant; empty for all.
    public var names: [String]

    /// A rule. Nothing in it is checked.
    public init(verbs: [String], groups: [String], resources: [String], names: [String] = []) {
      self.verbs = verbs
      self.groups = groups
      self.resources = resources
      self.names = names
    }

    init?(json: JSONValue) {
      func texts(_ key: String) -> [String] { json[key]?.array?.compactMap(\.string) ?? [] }
      self.init(
        verbs: texts("verbs"), groups: texts("apiGroups"), resources: texts("resources"),
        names: texts("resourceNames"))
      guard !verbs.isEmpty, !groups.isEmpty, !resources.isEmpty else { return nil }
    }

    var json: JSONValue {
      var json: JSONValue = [
        "verbs": Self.list(verbs), "apiGroups": Self.list(groups),
        "resources": Self.list(resources),
      ]
      if !names.isEmpty { json["resourceNames"] = Self.list(names) }
      return json
    }

    private static func list(_ texts: [String]) -> JSONValue {
      .array(texts.map(JSONValue.string))
    }
  }

  /// Everything that is allowed.
  public var rules: [Rule]

  /// A role of some rules.
  public init(rules: [Rule]) {
    self.rules = rules
  }

  /// Reads a manifest, YAML or JSON, with one ClusterRole among its documents.
  ///
  /// - Throws: ``SandboxRoleError`` when it can't be read, or has no ClusterRole,
  ///   several, or one with a rule that grants nothing.
  public init(manifest: String) throws(SandboxRoleError) {
    let documents: [JSONValue]
    do {
      documents = try JSONValue.yamlDocuments(manifest)
    } catch {
      throw SandboxRoleError(description: "it is no YAML")
    }
    let roles = documents.filter { $0["kind"] == "ClusterRole" }
    guard let role = roles.first, roles.count == 1 else {
      throw SandboxRoleError(
        description: roles.isEmpty ? "it holds no ClusterRole" : "it holds several ClusterRoles")
    }
    rules = []
    for (index, json) in (role["rules"]?.array ?? []).enumerated()
    where json["nonResourceURLs"] == nil {
      guard let rule = Rule(json: json) else {
        throw SandboxRoleError(
          description: "its rule \(index + 1) needs verbs, apiGroups and resources")
      }
      rules.append(rule)
    }
  }

  /// Who clients are when a role limits them.
  var account: ActingUser {
    ActingUser(
      name: "system:serviceaccount:babyhelm:babyhelm",
      groups: [
        "system:serviceaccounts", "system:serviceaccounts:babyhelm", "system:authenticated",
      ],
      rules: rules.map(\.json))
  }
}
