import Templates

/// A picture of our own, in the one file of all pictures: a page asks for that
/// file once, whatever it shows. It takes the colour of the text around it.
struct Icon: Sendable, Equatable {
  /// Where the picture is: the file with the name of a symbol in it.
  let link: Link

  private init(_ symbol: String) {
    link = Link(path: "\(StaticAssets.iconsSprite.text)#\(symbol)")
  }

  /// A wheel: BabyHelm itself.
  static let mark = Icon("mark")
  static let check = Icon("check")
  static let alert = Icon("alert")
  static let caution = Icon("caution")
  static let copy = Icon("copy")
  static let down = Icon("down")
  static let search = Icon("search")
  static let close = Icon("close")
  static let next = Icon("next")
  static let project = Icon("project")
  static let application = Icon("application")
  static let action = Icon("action")
  static let working = Icon("working")

  /// The shapes of statuses, one a tone.
  static let tones: [Badge.Tone: Icon] = Dictionary(
    uniqueKeysWithValues: Badge.Tone.allCases.map { ($0, Icon($0.rawValue)) })
}
