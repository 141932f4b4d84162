import Foundation
import Kubernetes

/// The bodies that kubectl sends as Kubernetes protobuf, whatever one asks of
/// it: `kubectl create deployment`, `create secret`, `auth can-i` and so on.
///
/// A body is four bytes of magic and a `runtime.Unknown`; field numbers are
/// those of the `generated.proto` files of Kubernetes.
enum ProtobufBody {
  private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// The object as JSON; `nil` for kinds that the sandbox can't read so.
  static func decode(_ bytes: [UInt8]) -> JSONValue? {
    guard bytes.starts(with: magic) else { return nil }
    let unknown = ProtobufFields(bytes.dropFirst(4))
    guard let type = unknown.last(1).map(ProtobufFields.init), let raw = unknown.last(2),
      let apiVersion = type.text(1), let kind = type.text(2), ProtobufSchema.kinds.contains(kind)
    else { return nil }
    var object = ProtobufSchema.message(ProtobufFields(raw), kind)
    object["apiVersion"] = .string(apiVersion)
    object["kind"] = .string(kind)
    return object
  }
}

/// Which field has which number.
private enum ProtobufSchema {
  /// The kinds that can be read.
  static let kinds: Set<String> = [
    "Namespace", "ServiceAccount", "ConfigMap", "Secret", "Service", "Deployment", "Role",
    "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ResourceQuota", "PodDisruptionBudget",
    "Ingress", "SelfSubjectAccessReview",
  ]

  /// A message a line: its name, then `name:number:type`. Types: `s` text, `y`
  /// bytes, `i` number (`I` also if it is 0), `b` boolean, `x` number or text,
  /// `q` quantity, `{T}` map, `[T]` list, or a message; the members of a field
  /// named `-` belong to the message itself.
  private static let table = """
    Meta name:1:s generateName:2:s namespace:3:s labels:11:{s} annotations:12:{s} finalizers:14:[s]
    Namespace metadata:1:Meta
    ServiceAccount metadata:1:Meta
    ConfigMap metadata:1:Meta data:2:{s} binaryData:3:{y} immutable:4:b
    Secret metadata:1:Meta data:2:{y} type:3:s stringData:4:{s} immutable:5:b
    Service metadata:1:Meta spec:2:ServiceSpec
    ServiceSpec ports:1:[ServicePort] selector:2:{s} clusterIP:3:s type:4:s externalName:10:s
    ServicePort name:1:s protocol:2:s port:3:i targetPort:4:x nodePort:5:i
    Deployment metadata:1:Meta spec:2:DeploymentSpec
    DeploymentSpec replicas:1:I selector:2:Selector template:3:Template
    Selector matchLabels:1:{s}
    Template metadata:1:Meta spec:2:PodSpec
    PodSpec containers:2:[Container] restartPolicy:3:s
    Container name:1:s image:2:s command:3:[s] args:4:[s] ports:6:[ContainerPort]
    ContainerPort name:1:s containerPort:3:i protocol:4:s
    Role metadata:1:Meta rules:2:[Rule]
    ClusterRole metadata:1:Meta rules:2:[Rule]
    Rule verbs:1:[s] apiGroups:2:[s] resources:3:[s] resourceNames:4:[s] nonResourceURLs:5:[s]
    RoleBinding metadata:1:Meta subjects:2:[Subject] roleRef:3:RoleRef
    ClusterRoleBinding metadata:1:Meta subjects:2:[Subject] roleRef:3:RoleRef
    Subject kind:1:s apiGroup:2:s name:3:s namespace:4:s
    RoleRef apiGroup:1:s kind:2:s name:3:s
    ResourceQuota metadata:1:Meta spec:2:QuotaSpec
    QuotaSpec hard:1:{q} scopes:2:[s]
    PodDisruptionBudget metadata:1:Meta spec:2:BudgetSpec
    BudgetSpec minAvailable:1:x selector:2:Selector maxUnavailable:3:x
    Ingress metadata:1:Meta spec:2:IngressSpec
    IngressSpec defaultBackend:1:Backend tls:2:[TLS] rules:3:[IngressRule] ingressClassName:4:s
    Backend service:4:BackendService
    BackendService name:1:s port:2:BackendPort
    BackendPort name:1:s number:2:i
    TLS hosts:1:[s] secretName:2:s
    IngressRule host:1:s -:2:IngressRuleValue
    IngressRuleValue http:1:HTTP
    HTTP paths:1:[HTTPPath]
    HTTPPath path:1:s backend:2:Backend pathType:3:s
    SelfSubjectAccessReview spec:2:ReviewSpec
    ReviewSpec resourceAttributes:1:Attributes
    Attributes namespace:1:s verb:2:s group:3:s version:4:s resource:5:s subresource:6:s name:7:s
    """

  private struct Field: Sendable {
    var name: String
    var number: Int
    var type: String
  }

  private static let messages: [String: [Field]] = Dictionary(
    uniqueKeysWithValues: table.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      let fields = words.dropFirst().compactMap { word -> Field? in
        let parts = word.split(separator: ":").map(String.init)
        return Int(parts[1]).map { Field(name: parts[0], number: $0, type: parts[2]) }
      }
      return (String(words[0]), fields)
    })

  /// A message as JSON. What is empty is left out, since Kubernetes writes
  /// fields that nobody has set.
  static func message(_ fields: ProtobufFields, _ name: String) -> JSONValue {
    var object: JSONValue = [:]
    for field in messages[name] ?? [] {
      guard let value = value(fields, field) else { continue }
      if field.name == "-" {
        for (key, member) in value.object ?? [:] { object[key] = member }
      } else {
        object[field.name] = value
      }
    }
    return object
  }

  private static func value(_ fields: ProtobufFields, _ field: Field) -> JSONValue? {
    switch field.type.first {
    case "[":
      let element = String(field.type.dropFirst().dropLast())
      return .nonEmpty(fields.all(field.number).map { single($0, element) ?? "" })
    case "{":
      let element = String(field.type.dropFirst().dropLast())
      let entries = fields.all(field.number).map(ProtobufFields.init)
      let members = entries.map { entry in
        (entry.text(1) ?? "", entry.last(2).flatMap { single($0, element) } ?? "")
      }
      guard !members.isEmpty else { return nil }
      return .object(Dictionary(members) { _, last in last })
    default:
      if ["i", "I", "b"].contains(field.type) {
        return number(fields.number(field.number), field.type)
      }
      return fields.last(field.number).flatMap { single($0, field.type) }
    }
  }

  private static func number(_ number: UInt64?, _ type: String) -> JSONValue? {
    guard let number, number != 0 || type == "I" else { return nil }
    return type == "b" ? true : .integer(Int64(bitPattern: number))
  }

  /// A value that has a length; `nil` when it is empty.
  private static func single(_ bytes: ArraySlice<UInt8>, _ type: String) -> JSONValue? {
    let fields = ProtobufFields(bytes)
    switch type {
    case "s": return bytes.isEmpty ? nil : .string(String(decoding: bytes, as: UTF8.self))
    case "y": return .string(Data(bytes).base64EncodedString())
    case "q": return fields.text(1).map(JSONValue.string)
    case "x":
      if fields.number(1) == 1 { return fields.text(3).map(JSONValue.string) }
      return number(fields.number(2), "i")
    default: return message(fields, type)
    }
  }
}

/// The fields of a protobuf message, by number.
private struct ProtobufFields {
  private var lengths: [Int: [ArraySlice<UInt8>]] = [:]
  private var numbers: [Int: UInt64] = [:]

  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let tag = Self.varint(&rest) {
      let field = Int(truncatingIfNeeded: tag >> 3)
      switch tag & 7 {
      case 0:
        guard let number = Self.varint(&rest) else { return }
        numbers[field] = number
      case 1: rest = rest.dropFirst(8)
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return }
        lengths[field, default: []].append(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
      case 5: rest = rest.dropFirst(4)
      default: return
      }
    }
  }

  /// Every value of a field that has a length.
  func all(_ number: Int) -> [ArraySlice<UInt8>] { lengths[number] ?? [] }

  func last(_ number: Int) -> ArraySlice<UInt8>? { lengths[number]?.last }

  func text(_ number: Int) -> String? { last(number).map { String(decoding: $0, as: UTF8.self) } }

  func number(_ number: Int) -> UInt64? { numbers[number] }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
