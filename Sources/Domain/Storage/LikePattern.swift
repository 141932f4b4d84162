/// Patterns for `LIKE … ESCAPE '\'`.
enum LikePattern {
  /// The text anywhere, and no character of it a wildcard. A NUL, which no
  /// database keeps, is left out.
  static func containing(_ text: String) -> String {
    var pattern = "%"
    for scalar in text.unicodeScalars where scalar.value != 0 {
      if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.append("\\") }
      pattern.unicodeScalars.append(scalar)
    }
    return pattern + "%"
  }
}
