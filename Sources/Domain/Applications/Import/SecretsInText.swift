extension DraftImport {
  /// A text without the values of variables that look secret, for a page that
  /// shows it again: `NAME=value` and `NAME: value`, with or without quotes.
  public static func withoutSecrets(_ text: String) -> String {
    let pair = #/([A-Za-z_][A-Za-z0-9_.\-]*)(=|:[ \t]+)("[^"\n]*"|'[^'\n]*'|[^\s"']+)/#
    return text.replacing(pair) { match in
      let (name, sign, value) = (match.output.1, match.output.2, match.output.3)
      let plain = value.trimming(quotes: "\"'")
      return SecretNames.isSecret(String(name), String(plain)) ? "\(name)\(sign)" : match.output.0
    }
  }
}

extension Substring {
  fileprivate func trimming(quotes: String) -> Substring {
    guard let first, quotes.contains(first), last == first, count > 1 else { return self }
    return dropFirst().dropLast()
  }
}
