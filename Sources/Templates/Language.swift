/// A language that pages speak.
public enum Language: String, Sendable, CaseIterable {
  case english = "en"
  case russian = "ru"

  /// Its name, in itself.
  public var name: String {
    switch self {
    case .english: "English"
    case .russian: "Русский"
    }
  }

  /// The language that an `Accept-Language` header likes best (RFC 9110 §12.5.4);
  /// English when it likes none of ours.
  public static func preferred(by header: String) -> Language {
    var best: (language: Language, weight: Double)?
    // A header of any length costs no more than this.
    for range in header.prefix(1_000).split(separator: ",").prefix(20) {
      let parts = range.split(separator: ";")
      let tag = (parts.first ?? "").filter { $0 != " " && $0 != "\t" }.lowercased()
      var weight = 1.0
      for parameter in parts.dropFirst() {
        let text = parameter.filter { $0 != " " && $0 != "\t" }
        if text.hasPrefix("q=") { weight = Double(text.dropFirst(2)) ?? 0 }
      }
      guard weight > (best?.weight ?? 0) else { continue }
      if tag == "*" {
        best = (.english, weight)
      } else if let language = allCases.first(where: {
        tag == $0.rawValue || tag.hasPrefix($0.rawValue + "-")
      }) {
        best = (language, weight)
      }
    }
    return best?.language ?? .english
  }
}
