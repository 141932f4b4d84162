import HTTPTypes
import Kubernetes

/// Somebody that a request acts as.
struct ActingUser: Sendable {
  var name: String
  var groups: [String]
}

/// Role-based access for impersonated users. The sandbox's own token may do
/// everything; what it impersonates may do what roles and bindings say.
enum ImpersonationCheck {
  static func user(_ request: APIRequest) -> ActingUser? {
    guard let header = HTTPField.Name("Impersonate-User"), let name = request.headers[header]
    else { return nil }
    let group = HTTPField.Name("Impersonate-Group")
    var groups = group.map { request.headers[values: $0] } ?? []
    let parts = name.split(separator: ":").map(String.init)
    if parts.count == 4, name.hasPrefix("system:serviceaccount:") {
      groups += ["system:serviceaccounts", "system:serviceaccounts:\(parts[2])"]
    }
    return ActingUser(name: name, groups: groups + ["system:authenticated"])
  }

  /// - Throws: 403 when the impersonated user may not do this.
  static func check(
    _ request: APIRequest, _ target: APITarget, _ cluster: Cluster
  ) async throws {
    guard let user = user(request), !Reviews.isReview(target.kind.type) else { return }
    let type = target.kind.type
    let verb = verb(of: request, target)
    let resource = target.subresource.map { "\(type.plural)/\($0)" } ?? type.plural
    // A request for a namespace itself happens in that namespace.
    let namespace = type == .namespace ? target.name : target.namespace
    guard
      await !cluster.isAllowed(
        user, verb: verb, group: type.group, resource: resource, namespace: namespace)
    else { return }
    let place =
      namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    throw APIError.forbidden(
      type, target.name ?? "",
      "User \"\(user.name)\" cannot \(verb) resource \"\(resource)\" in API group "
        + "\"\(type.group)\" \(place)")
  }

  /// Who binds a role must hold what it grants, or have the verb `bind`.
  ///
  /// - Throws: 403 for a binding that would grant more.
  static func checkEscalation(_ call: APICall, _ binding: JSONValue) async throws {
    let type = call.target.kind.type
    guard let user = user(call.request), type == .roleBinding || type == Kinds.clusterRoleBinding
    else { return }
    let namespace = call.target.namespace
    let role = binding["roleRef"] ?? [:]
    let missing = await call.cluster.rulesBeyond(user, grantedBy: role, namespace: namespace)
    guard !missing.isEmpty else { return }
    let groups = user.groups.map { "\"\($0)\"" }.joined(separator: " ")
    throw APIError.forbidden(
      type, call.target.name ?? binding.name,
      "user \"\(user.name)\" (groups=[\(groups)]) is attempting to grant RBAC permissions not "
        + "currently held:\n" + missing.map(\.description).joined(separator: "\n"))
  }

  private static func verb(of request: APIRequest, _ target: APITarget) -> String {
    switch request.method {
    case .get where request.flag("watch"): "watch"
    case .get: target.name == nil ? "list" : "get"
    case .post: "create"
    case .put: "update"
    case .patch: "patch"
    case .delete: target.name == nil ? "deletecollection" : "delete"
    default: "get"
    }
  }
}

extension Cluster {
  /// Whether roles and bindings allow something.
  func isAllowed(
    _ user: ActingUser, verb: String, group: String, resource: String, namespace: String?
  ) -> Bool {
    rules(for: user, namespace: namespace).contains { rule in
      Self.covers(rule["verbs"], verb) && Self.covers(rule["apiGroups"], group)
        && Self.covers(rule["resources"], resource)
    }
  }

  /// The rules that apply to a user, in a namespace or the whole cluster.
  func rules(for user: ActingUser, namespace: String?) -> [JSONValue] {
    if user.groups.contains("system:masters") {
      return [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]]
    }
    var bindings = store.list(Kinds.clusterRoleBinding)
    if let namespace { bindings += store.list(.roleBinding, namespace: namespace) }
    return bindings.filter { Self.names(user, in: $0) }.flatMap { binding in
      roleRules(binding["roleRef"] ?? [:], namespace: binding.namespace)
    }
  }

  /// The rules of a role that a user doesn't hold.
  func rulesBeyond(
    _ user: ActingUser, grantedBy role: JSONValue, namespace: String?
  ) -> [JSONValue] {
    let kind = role["kind"] == "Role" ? "roles" : "clusterroles"
    let mayBind = isAllowed(
      user, verb: "bind", group: "rbac.authorization.k8s.io", resource: kind,
      namespace: namespace)
    if mayBind { return [] }
    return roleRules(role, namespace: namespace ?? "").filter { rule in
      func values(_ key: String) -> [String] { rule[key]?.array?.compactMap(\.string) ?? [] }
      return !values("verbs").allSatisfy { verb in
        values("apiGroups").allSatisfy { group in
          values("resources").allSatisfy { resource in
            isAllowed(user, verb: verb, group: group, resource: resource, namespace: namespace)
          }
        }
      }
    }
  }

  private func roleRules(_ reference: JSONValue, namespace: String) -> [JSONValue] {
    let name = reference["name"]?.string ?? ""
    if reference["kind"] == "Role" {
      return store[.role, ObjectKey(namespace, name)]?["rules"]?.array ?? []
    }
    let role = store[Kinds.clusterRole, ObjectKey("", name)]
    return role?["rules"]?.array ?? BuiltInRoles.rules[name] ?? []
  }

  private static func names(_ user: ActingUser, in binding: JSONValue) -> Bool {
    (binding["subjects"]?.array ?? []).contains { subject in
      let name = subject["name"]?.string ?? ""
      switch subject["kind"]?.string {
      case "User": return name == user.name
      case "Group": return user.groups.contains(name)
      default:
        let namespace = subject["namespace"]?.string ?? ""
        return user.name == "system:serviceaccount:\(namespace):\(name)"
      }
    }
  }

  private static func covers(_ list: JSONValue?, _ value: String) -> Bool {
    (list?.array ?? []).contains { $0 == "*" || $0.string == value }
  }
}

/// The roles that every cluster has, in short.
enum BuiltInRoles {
  static let rules: [String: [JSONValue]] = [
    "cluster-admin": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
    "admin": [
      rule(["*"], ["", "apps", "autoscaling", "networking.k8s.io", "policy"], ["*"]),
      rule(["*"], ["rbac.authorization.k8s.io"], ["roles", "rolebindings"]),
    ],
    "edit": [rule(["*"], ["", "apps", "autoscaling", "networking.k8s.io", "policy"], editable)],
    "view": [
      rule(
        ["get", "list", "watch"], ["", "apps", "autoscaling", "networking.k8s.io", "policy"],
        viewable)
    ],
  ]

  private static let viewable = [
    "configmaps", "deployments", "deployments/scale", "deployments/status", "endpointslices",
    "events", "horizontalpodautoscalers", "ingresses", "limitranges", "namespaces",
    "networkpolicies", "persistentvolumeclaims", "poddisruptionbudgets", "pods", "pods/log",
    "pods/status", "replicasets", "replicasets/scale", "resourcequotas", "serviceaccounts",
    "services",
  ]
  private static let editable = viewable + ["secrets"]

  private static func rule(
    _ verbs: [String], _ groups: [String], _ resources: [String]
  ) -> JSONValue {
    [
      "verbs": .array(verbs.map(JSONValue.string)),
      "apiGroups": .array(groups.map(JSONValue.string)),
      "resources": .array(resources.map(JSONValue.string)),
    ]
  }
}
