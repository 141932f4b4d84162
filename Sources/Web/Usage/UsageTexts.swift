import Domain

/// Amounts of resources as people read them.
enum UsageText {
  /// Thousandths of a core, as Kubernetes and the form write them: `250m`, `1.5`.
  static func cpu(_ milli: Int64) -> String {
    milli == 0 ? "0" : milli < 1000 ? "\(milli)m" : decimal(milli, per: 1000, places: 2)
  }

  /// KiB: `96 MiB`, `1.5 GiB`.
  static func memory(_ kibibytes: Int64) -> String {
    switch kibibytes {
    case 0: "0"
    case ..<1024: "\(kibibytes) KiB"
    case ..<(1024 * 1024):
      "\(decimal(kibibytes, per: 1024, places: kibibytes < 10_240 ? 1 : 0)) MiB"
    default: "\(decimal(kibibytes, per: 1024 * 1024, places: 2)) GiB"
    }
  }

  /// KiB as the form takes them: `192Mi`.
  static func memoryQuantity(_ kibibytes: Int64) -> String {
    kibibytes % (1024 * 1024) == 0
      ? "\(kibibytes / (1024 * 1024))Gi" : "\((kibibytes + 1023) / 1024)Mi"
  }

  /// An amount of memory that somebody typed, as pages write what was measured:
  /// `128Mi` is `128 MiB`. Other ways to write one stay.
  static func quantity(_ text: String) -> String {
    guard text.last == "i", let unit = text.dropLast().last, "KMGT".contains(unit) else {
      return text
    }
    return "\(text.dropLast(2)) \(unit)iB"
  }

  /// Thousandths of a core times seconds, in hours of one core.
  static func coreHours(_ amount: Int64) -> String {
    decimal(amount, per: 1000 * 3600, places: 2)
  }

  /// KiB times seconds, in hours of one GiB.
  static func gibibyteHours(_ amount: Int64) -> String {
    decimal(amount, per: 1024 * 1024 * 3600, places: 2)
  }

  /// KiB times seconds, in months of one GiB.
  static func gibibyteMonths(_ amount: Int64) -> String {
    decimal(amount, per: 1024 * 1024 * 3600 * PriceList.hoursPerMonth, places: 3)
  }

  /// "5 h 20 min", "3 days"
  static func duration(_ seconds: Int) -> String {
    let minutes = (seconds + 30) / 60
    switch minutes {
    case ..<60: return "\(minutes) min"
    case ..<(48 * 60):
      return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    default: return "\(minutes / (24 * 60)) days"
    }
  }

  /// A quotient with at most some decimal places, rounded half up.
  private static func decimal(_ amount: Int64, per unit: Int64, places: Int) -> String {
    let scale = (0..<places).reduce(Int64(1)) { scale, _ in scale * 10 }
    let scaled = Int128(amount) * Int128(scale)
    let rounded = Int64(clamping: (scaled + Int128(unit / 2)) / Int128(unit))
    guard scale > 1 else { return String(rounded) }
    var rest = String(scale + rounded % scale).dropFirst()
    while rest.last == "0" { rest.removeLast() }
    return rest.isEmpty ? "\(rounded / scale)" : "\(rounded / scale).\(rest)"
  }
}

extension UsageRange {
  /// "24 hours"
  var text: String {
    switch self {
    case .day: "24 hours"
    case .week: "7 days"
    case .month: "30 days"
    }
  }
}

extension UsageMeasurement {
  /// Why real use isn't shown, and what to do; nil when it is.
  var sentence: String? {
    switch self {
    case .measured: nil
    case .pending: "What is really used is asked for within a minute."
    case .absent:
      "What is really used isn’t known: the cluster has no metrics server. An operator can install one (metrics-server); requests are counted all the same."
    case .failing(let why): "What is really used isn’t known right now. \(why)"
    }
  }
}
