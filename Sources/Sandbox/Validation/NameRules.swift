import Kubernetes

/// The forms of names (`apimachinery/pkg/util/validation`), with the words of
/// the API server for what doesn't have them.
enum NameRules {
  static let labelText =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
    + "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
    + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  static let subdomainText =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    + "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  static let serviceText =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    + "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
    + "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  static let labelValueText =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    + "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
    + "'my_value',  or '12345', regex used for validation is "
    + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

  /// RFC 1123 label, at most 63 bytes.
  static func label(_ name: String, _ field: String) -> [Cause] {
    var causes: [Cause] = []
    if !isLabel(name) { causes.append(.invalid(field, .string(name), labelText)) }
    if name.utf8.count > 63 {
      causes.append(.invalid(field, .string(name), "must be no more than 63 bytes"))
    }
    return causes
  }

  /// RFC 1123 subdomain, at most 253 bytes.
  static func subdomain(_ name: String, _ field: String) -> [Cause] {
    var causes: [Cause] = []
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if !parts.allSatisfy({ isLabel(String($0)) }) {
      causes.append(.invalid(field, .string(name), subdomainText))
    }
    if name.utf8.count > 253 {
      causes.append(.invalid(field, .string(name), "must be no more than 253 bytes"))
    }
    return causes
  }

  /// RFC 1035 label, as Services have them.
  static func service(_ name: String, _ field: String) -> [Cause] {
    var causes: [Cause] = []
    let startsWithLetter = name.utf8.first.map { (0x61...0x7A).contains($0) } ?? false
    if !isLabel(name) || !startsWithLetter {
      causes.append(.invalid(field, .string(name), serviceText))
    }
    if name.utf8.count > 63 {
      causes.append(.invalid(field, .string(name), "must be no more than 63 bytes"))
    }
    return causes
  }

  /// The values of labels.
  static func labelValue(_ value: String, _ field: String) -> [Cause] {
    let bytes = Array(value.utf8)
    let allowed = bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
    let edges = [bytes.first, bytes.last].compactMap(\.self).allSatisfy(isAlphanumeric)
    var causes: [Cause] = []
    if !allowed || !edges { causes.append(.invalid(field, .string(value), labelValueText)) }
    if bytes.count > 63 {
      causes.append(.invalid(field, .string(value), "must be no more than 63 bytes"))
    }
    return causes
  }

  static func isLabel(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
      && bytes.allSatisfy { isLowerAlphanumeric($0) || $0 == 0x2D }
  }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (0x41...0x5A).contains(byte)
  }
}
