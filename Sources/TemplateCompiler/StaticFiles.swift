/// The static files of the package, ready to become part of the program.
struct StaticFiles {
  struct File: Equatable {
    /// Relative to the folder of static files: `icons/logo.svg`.
    let name: String
    let bytes: [UInt8]

    /// `/static/icons/logo-0123456789abcdef.svg`.
    var path: String {
      let (stem, ending) = split
      return "/static/\(stem)-\(hash)" + (ending.isEmpty ? "" : ".\(ending)")
    }

    /// FNV-1a, 64 bits, of the content.
    var hash: String {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }

    var contentType: String {
      switch split.ending {
      case "css": "text/css; charset=utf-8"
      case "js": "text/javascript; charset=utf-8"
      case "svg": "image/svg+xml"
      case "txt": "text/plain; charset=utf-8"
      case "json": "application/json"
      case "webmanifest": "application/manifest+json"
      case "html": "text/html; charset=utf-8"
      case "png": "image/png"
      case "jpg", "jpeg": "image/jpeg"
      case "webp": "image/webp"
      case "ico": "image/vnd.microsoft.icon"
      case "woff2": "font/woff2"
      default: "application/octet-stream"
      }
    }

    fileprivate var split: (stem: Substring, ending: Substring) {
      guard let dot = name.lastIndex(of: "."), name[dot...].allSatisfy({ $0 != "/" }) else {
        return (name[...], "")
      }
      return (name[..<dot], name[name.index(after: dot)...])
    }
  }

  /// What is served, by name.
  let files: [File]

  /// Puts `styles/*.css` together as `app.css` and `scripts/*.js` as `app.js`,
  /// and leaves the other files as they are.
  init(_ files: [File]) {
    let styles = files.filter { $0.name.hasPrefix("styles/") && $0.name.hasSuffix(".css") }
    let scripts = files.filter { $0.name.hasPrefix("scripts/") && $0.name.hasSuffix(".js") }
    let others = files.filter { !styles.contains($0) && !scripts.contains($0) }
    let joined = [
      File(name: "app.css", bytes: Self.join(styles.sorted(by: Self.isBeforeInStyles))),
      File(name: "app.js", bytes: Self.join(scripts.sorted { $0.name < $1.name })),
    ]
    self.files = joined + others.sorted { $0.name < $1.name }
  }

  private static func join(_ files: [File]) -> [UInt8] {
    files.flatMap { $0.bytes.last == .lineFeed ? $0.bytes : $0.bytes + [.lineFeed] }
  }

  /// Files with `_` first (the tokens), then base and layout, then the rest.
  private static func isBeforeInStyles(_ left: File, _ right: File) -> Bool {
    (styleRank(left), left.name) < (styleRank(right), right.name)
  }

  private static func styleRank(_ file: File) -> Int {
    let name = file.name.dropFirst("styles/".count)
    switch name {
    case _ where name.hasPrefix("_"): return 0
    case "base.css": return 1
    case "layout.css": return 2
    default: return 3
    }
  }

  // MARK: Swift

  /// The declaration of `StaticAssets`.
  var swiftSource: [String] {
    var lines = ["", "enum StaticAssets {"]
    for (file, member) in zip(files, members) {
      lines.append("  static let \(SwiftNames.declared(member)) = Link(path: \"\(file.path)\")")
    }
    lines.append("")
    lines.append("  static let all: [StaticAsset] = [")
    lines += files.map(declaration)
    lines += ["  ]", "}"]
    return lines
  }

  private func declaration(_ file: File) -> String {
    let text = String(validating: file.bytes, as: UTF8.self)
    let content =
      text.map { "text: \(SwiftNames.literal($0))" }
      ?? "hexadecimal: \"\(hexadecimal(file.bytes))\""
    return "    StaticAsset(name: \(SwiftNames.literal(file.name)), "
      + "path: \(SwiftNames.literal(file.path)), "
      + "contentType: \"\(file.contentType)\", etag: \"\\\"\(file.hash)\\\"\", \(content)),"
  }

  /// `stylesheet`, `script`, and for the others their names without ending, or
  /// with it where two would be the same.
  private var members: [String] {
    let short = files.map { file in
      switch file.name {
      case "app.css": "stylesheet"
      case "app.js": "script"
      default: SwiftNames.member(file.split.stem)
      }
    }
    return zip(files, short).map { file, name in
      let isTaken = name == "all" || short.count { $0 == name } > 1
      let isFixed = file.name == "app.css" || file.name == "app.js"
      return isTaken && !isFixed ? SwiftNames.member(file.name) : name
    }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
  }
}
