import Kubernetes

/// The few bodies that kubectl sends as Kubernetes protobuf, whatever one asks
/// of it: `kubectl create namespace`, `create serviceaccount`, `auth can-i`.
///
/// A body is four bytes of magic and a `runtime.Unknown`; field numbers are
/// those of the `generated.proto` files of Kubernetes.
struct ProtobufBody {
  private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// The object as JSON; `nil` for kinds that the sandbox can't read so.
  static func decode(_ bytes: [UInt8]) -> JSONValue? {
    guard bytes.starts(with: magic) else { return nil }
    let unknown = ProtobufFields(bytes.dropFirst(4))
    guard let type = unknown.message(1), let raw = unknown.message(2),
      let apiVersion = type.text(1), let kind = type.text(2)
    else { return nil }
    var object: JSONValue = ["apiVersion": .string(apiVersion), "kind": .string(kind)]
    if let metadata = raw.message(1) { object["metadata"] = Self.metadata(metadata) }
    switch kind {
    case "Namespace", "ServiceAccount": return object
    case "SelfSubjectAccessReview":
      object["metadata"] = nil
      object["spec"] = review(raw.message(2))
      return object
    default: return nil
    }
  }

  private static func metadata(_ fields: ProtobufFields) -> JSONValue {
    strings(fields, ["name": 1, "generateName": 2, "namespace": 3])
  }

  private static func review(_ spec: ProtobufFields?) -> JSONValue {
    guard let attributes = spec?.message(1) else { return [:] }
    let names = [
      "namespace": 1, "verb": 2, "group": 3, "version": 4, "resource": 5, "subresource": 6,
      "name": 7,
    ]
    return ["resourceAttributes": strings(attributes, names)]
  }

  private static func strings(_ fields: ProtobufFields, _ names: [String: Int]) -> JSONValue {
    var object: JSONValue = [:]
    for (name, number) in names {
      if let text = fields.text(number), !text.isEmpty { object[name] = .string(text) }
    }
    return object
  }
}

/// The length-delimited fields of a protobuf message; the last of each counts.
private struct ProtobufFields {
  private var fields: [Int: ArraySlice<UInt8>] = [:]

  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let tag = Self.varint(&rest) {
      switch tag & 7 {
      case 0: guard Self.varint(&rest) != nil else { return }
      case 1: rest = rest.dropFirst(8)
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return }
        fields[Int(truncatingIfNeeded: tag >> 3)] = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
      case 5: rest = rest.dropFirst(4)
      default: return
      }
    }
  }

  func message(_ number: Int) -> ProtobufFields? { fields[number].map(ProtobufFields.init) }

  func text(_ number: Int) -> String? { fields[number].map { String(decoding: $0, as: UTF8.self) } }

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
