internal import Foundation

// Base64 with the URL alphabet and without padding (RFC 4648 §5).
extension Data {
  /// Reads it; nil for what isn't.
  init?(base64URL text: Substring) {
    var padded = text.replacingOccurrences(of: "-", with: "+")
      .replacingOccurrences(of: "_", with: "/")
    while padded.utf8.count % 4 != 0 { padded.append("=") }
    self.init(base64Encoded: padded)
  }

  /// Writes it.
  var base64URL: String {
    base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
}
