import HTTPTypes
import Kubernetes

/// Somebody that a request acts as.
struct ActingUser: Sendable {
  var name: String
  var groups: [String]
  /// What the user may do besides what bindings say.
  var rules: [JSONValue] = []
}

/// Role-based access: what roles and bindings say for impersonated users, and
/// what the sandbox's role says for everybody. Without a role, and for admins,
/// everything is allowed.
enum AccessCheck {
  /// Who a request acts as; `nil` may do everything.
  static func user(_ request: APIRequest) -> ActingUser? {
    impersonated(request) ?? request.account
  }

  private static func impersonated(_ request: APIRequest) -> ActingUser? {
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

  /// - Throws: 403 when the user may not do this, or not impersonate.
  static func check(
    _ request: APIRequest, _ target: APITarget, verb: String? = nil, _ cluster: Cluster
  ) async throws {
    if let account = request.account, let user = impersonated(request) {
      try await requireImpersonation(of: user, by: account, cluster)
    }
    guard let user = user(request), !Reviews.isReview(target.kind.type) else { return }
    let type = target.kind.type
    let verb = verb ?? Self.verb(of: request, target)
    let resource = target.subresource.map { "\(type.plural)/\($0)" } ?? type.plural
    // A request for a namespace itself happens in that namespace.
    let namespace = type == .namespace ? target.name : target.namespace
    guard
      await !cluster.isAllowed(
        user, verb: verb, group: type.group, resource: resource, name: target.name,
        namespace: namespace)
    else { return }
    let place =
      namespace.map { "in the namespace \"\($0)\"" } ?? "at the cluster scope"
    throw APIError.forbidden(
      type, target.name ?? "",
      "User \"\(user.name)\" cannot \(verb) resource \"\(resource)\" in API group "
        + "\"\(type.group)\" \(place)")
  }

  private static func requireImpersonation(
    of user: ActingUser, by account: ActingUser, _ cluster: Cluster
  ) async throws {
    let users = ResourceType(
      group: "", version: "v1", kind: "User", plural: "users", isNamespaced: false)
    let isAllowed = await cluster.isAllowed(
      account, verb: "impersonate", group: "", resource: "users", name: user.name, namespace: nil)
    guard !isAllowed else { return }
    throw APIError.forbidden(
      users, user.name,
      "User \"\(account.name)\" cannot impersonate resource \"users\" in API group \"\" at the "
        + "cluster scope")
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

  static func verb(of request: APIRequest, _ target: APITarget) -> String {
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
    _ user: ActingUser, verb: String, group: String, resource: String, name: String? = nil,
    namespace: String?
  ) -> Bool {
    rules(for: user, namespace: namespace).contains { rule in
      Self.covers(rule["verbs"], verb) && Self.covers(rule["apiGroups"], group)
        && Self.covers(rule["resources"], resource) && Self.names(name, in: rule)
    }
  }

  /// Whether a rule is about an object: about all, unless it names some.
  private static func names(_ name: String?, in rule: JSONValue) -> Bool {
    guard let names = rule["resourceNames"]?.array, !names.isEmpty else { return true }
    return names.contains { $0.string == name }
  }

  /// The rules that apply to a user, in a namespace or the whole cluster.
  func rules(for user: ActingUser, namespace: String?) -> [JSONValue] {
    if user.groups.contains("system:masters") {
      return [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]]
    }
    var bindings = store.list(Kinds.clusterRoleBinding)
    if let namespace { bindings += store.list(.roleBinding, namespace: namespace) }
    return user.rules
      + bindings.filter { Self.names(user, in: $0) }.flatMap { binding in
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
      name: role["name"]?.string, namespace: namespace)
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

/// The roles that every cluster has, as far as the sandbox's kinds go
/// (Kubernetes, user-facing roles of the bootstrap policy).
enum BuiltInRoles {
  static let rules: [String: [JSONValue]] = [
    "cluster-admin": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
    "admin": edit + [rule(["*"], ["rbac.authorization.k8s.io"], ["roles", "rolebindings"])],
    "edit": edit,
    "view": view,
  ]

  private static let reading = ["get", "list", "watch"]
  private static let writing = ["create", "delete", "deletecollection", "patch", "update"]

  private static let view = [
    rule(
      reading, [""],
      [
        "configmaps", "events", "limitranges", "namespaces", "persistentvolumeclaims", "pods",
        "pods/log", "pods/status", "resourcequotas", "serviceaccounts", "services",
      ]),
    rule(
      reading, ["apps"],
      [
        "deployments", "deployments/scale", "deployments/status", "replicasets",
        "replicasets/scale", "replicasets/status",
      ]),
    rule(reading, ["autoscaling"], ["horizontalpodautoscalers"]),
    rule(reading, ["discovery.k8s.io"], ["endpointslices"]),
    rule(reading, ["networking.k8s.io"], ["ingresses", "networkpolicies"]),
    rule(reading, ["policy"], ["poddisruptionbudgets"]),
    // A metrics server adds these to the role.
    rule(reading, ["metrics.k8s.io"], ["pods", "nodes"]),
  ]

  /// Neither quotas nor limits; but network policies, and everything as any
  /// service account of the namespace.
  private static let edit =
    view + [
      rule(reading, [""], ["secrets"]),
      rule(
        writing, [""],
        [
          "configmaps", "events", "persistentvolumeclaims", "pods", "secrets",
          "serviceaccounts", "services",
        ]),
      rule(["create"], [""], ["serviceaccounts/token"]),
      rule(["impersonate"], [""], ["serviceaccounts"]),
      rule(
        writing, ["apps"],
        ["deployments", "deployments/scale", "replicasets", "replicasets/scale"]),
      rule(writing, ["autoscaling"], ["horizontalpodautoscalers"]),
      rule(writing, ["networking.k8s.io"], ["ingresses", "networkpolicies"]),
      rule(writing, ["policy"], ["poddisruptionbudgets"]),
      rule(reading + writing, ["coordination.k8s.io"], ["leases"]),
    ]

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
