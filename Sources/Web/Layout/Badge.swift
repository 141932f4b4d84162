/// A status in one or two words. Each tone has a shape of its own, so colour is
/// never the only sign.
struct Badge: Sendable, Equatable {
  enum Tone: String, Sendable, CaseIterable {
    /// All is well: a disc.
    case good
    /// Something is on its way: a half-filled ring.
    case working
    /// Wants attention soon: a triangle.
    case warning
    /// Does not work: a cross.
    case bad
    /// Nothing to say: an empty ring.
    case neutral
  }

  let tone: Tone
  let text: String

  init(_ tone: Tone, _ text: String) {
    self.tone = tone
    self.text = text
  }

  /// The style's name.
  var style: String { tone.rawValue }
  /// The tone's own picture.
  var shape: Icon { Icon.tones[tone] ?? .alert }
}
