/// Docker's amounts of memory, CPU and time, as Kubernetes writes them.
enum DockerAmounts {
  /// `512m`, `1g`, `1.5gb` or bytes, as a quantity of the same bytes; Docker's
  /// units are powers of 1,024. Nil for anything else.
  static func memory(_ text: String) -> String? {
    let lowered = text.trimmingSpaces().lowercased()
    let digits = lowered.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let shift: Int
    switch lowered.dropFirst(digits.count) {
    case "", "b": shift = 0
    case "k", "kb", "kib": shift = 10
    case "m", "mb", "mib": shift = 20
    case "g", "gb", "gib": shift = 30
    case "t", "tb", "tib": shift = 40
    default: return nil
    }
    guard let number = Double(digits), number > 0 else { return nil }
    let bytes = number * Double(Int64(1) << Int64(shift))
    guard bytes >= 1, bytes < 1e16 else { return nil }
    let whole = Int64(bytes.rounded())
    for (step, unit) in [(30, "Gi"), (20, "Mi"), (10, "Ki")] where whole % (1 << step) == 0 {
      return "\(whole >> step)\(unit)"
    }
    return String(whole)
  }

  /// `0.5` gives `500m`. Nil for what isn't a number of at least a thousandth.
  static func cpu(_ text: String) -> String? {
    let trimmed = text.trimmingSpaces()
    guard trimmed.utf8.allSatisfy({ ASCII.isDigit($0) || $0 == 0x2e }),
      let number = Double(trimmed), number < 1_000_000
    else { return nil }
    let milli = Int((number * 1_000).rounded())
    guard milli > 0 else { return nil }
    return milli % 1_000 == 0 ? String(milli / 1_000) : "\(milli)m"
  }

  /// A duration as Go writes it, such as `1m30s`, in whole seconds, rounded up.
  static func seconds(_ text: String) -> Int? {
    let units: [String: Double] = [
      "h": 3_600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
    ]
    var rest = Substring(text.trimmingSpaces())
    var total = 0.0
    guard !rest.isEmpty, rest.utf8.count < 64 else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits), let factor = units[String(unit)] else { return nil }
      total += number * factor
    }
    return total <= 1e6 ? Int(total.rounded(.up)) : nil
  }
}
