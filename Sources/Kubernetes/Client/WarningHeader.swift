/// `Warning` headers (RFC 7234 §5.5): `299 - "text"`, perhaps several.
enum WarningHeader {
  /// The texts of one header's warnings.
  static func texts(_ header: String) -> [String] {
    var texts: [String] = []
    var text: String?
    var isEscaped = false
    var isAfterText = false
    for character in header.unicodeScalars {
      if text != nil, isEscaped {
        text?.unicodeScalars.append(character)
        isEscaped = false
      } else if text != nil, character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        if let finished = text {
          texts.append(finished)
          text = nil
          isAfterText = true
        } else if !isAfterText {
          text = ""
        }
      } else if text != nil {
        text?.unicodeScalars.append(character)
      } else if character == "," {
        // A quoted date may follow a text; only after a comma comes a new one.
        isAfterText = false
      }
    }
    return texts
  }
}
