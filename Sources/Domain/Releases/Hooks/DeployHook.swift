public import struct Foundation.Date

/// An address of an application to which a registry or a CI posts that there is
/// a new image. It deploys as the person who has its secret from BabyHelm.
public struct DeployHook: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<DeployHook>

  /// The most that an application has.
  public static let limit = 10

  /// Part of the address; no secret.
  public let id: ID
  public let name: String
  public let tags: TagPattern
  /// As whom it deploys: whoever made it, or its secret, last.
  public let makerID: User.ID
  /// Empty when the reader may not know.
  public let makerName: String
  public let createdAt: Date
  /// When it got the secret that it has.
  public let secretAt: Date
  /// The last uses, the newest first; at most ``DeployHookUse/kept``.
  public var uses: [DeployHookUse]
  /// Why it can't deploy any more, as a sentence; nil while it can.
  public var obstacle: String?
}

/// A hook that was just made, or got another secret.
public struct NewDeployHook: Sendable, Hashable {
  public let hook: DeployHook
  /// Told once, here.
  public let secret: String
}

/// One call of a hook by somebody who had its secret.
public struct DeployHookUse: Sendable, Hashable {
  /// How many of a hook are kept.
  public static let kept = 20

  /// What a call came to.
  public enum Outcome: String, Sendable, CaseIterable, SQLCodable {
    /// There is a new release.
    case deployed
    /// The application has this image already.
    case unchanged
    /// It was about something else: another tag, a ping, a pull.
    case ignored
    /// It asked for what may not be, or what wasn't possible.
    case refused
  }

  public let at: Date
  public let outcome: Outcome
  public let sentence: String
  /// The tag that was named; empty for none.
  public let tag: String
  /// The release that it made.
  public let release: Int?
  /// From where it came.
  public let address: String
}

/// Which tags a hook deploys: `*` stands for any number of signs, `?` for one.
public struct TagPattern: Sendable, Hashable {
  /// As it was typed; empty for every tag.
  public let text: String

  /// - Throws: `invalid` at `tags`.
  public init(_ typed: String) throws(DomainError) {
    let text = typed.trimmingSpaces()
    let isPlain = text.utf8.allSatisfy {
      ASCII.isWord($0) || [0x2e, 0x2d, 0x2a, 0x3f].contains($0)
    }
    guard text.utf8.count <= 128, isPlain else {
      throw DomainError.invalid([
        FieldError(
          "tags",
          "A pattern has at most 128 letters, digits, dots, dashes, underscores, and * or ?.")
      ])
    }
    self.text = text
  }

  /// What was stored, and so was checked.
  init(stored text: String) { self.text = text }

  /// Whether a tag fits. Takes time in proportion to both lengths, whatever they
  /// are.
  public func matches(_ tag: String) -> Bool {
    if text.isEmpty { return true }
    let (pattern, tag) = (Array(text.utf8), Array(tag.utf8))
    var (at, place) = (0, 0)
    // Where to go on from when what follows the last star doesn't fit.
    var star: (pattern: Int, tag: Int)?
    while place < tag.count {
      if at < pattern.count, pattern[at] == 0x2a {
        star = (at, place)
        at += 1
      } else if at < pattern.count, pattern[at] == 0x3f || pattern[at] == tag[place] {
        at += 1
        place += 1
      } else if let last = star {
        star = (last.pattern, last.tag + 1)
        at = last.pattern + 1
        place = last.tag + 1
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == 0x2a }
  }
}
