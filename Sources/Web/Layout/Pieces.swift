import Templates

/// A link that looks like a button.
struct ActionLink: Sendable {
  let text: String
  let link: Link

  init(_ text: String, _ link: Link) {
    self.text = text
    self.link = link
  }
}

/// What an empty list says, and what to do next.
struct EmptyState: Sendable {
  let title: String
  let text: String
  let action: ActionLink?

  init(_ title: String, _ text: String, action: ActionLink? = nil) {
    self.title = title
    self.text = text
    self.action = action
  }
}

/// The way from the top to a page.
struct Breadcrumb: Sendable {
  /// A page on the way, by its title or by the name of what it is about.
  struct Crumb: Sendable {
    let text: String
    let link: Link
    var isName: Bool { text.isNameOfThing }
  }

  let links: [Crumb]
  let current: String

  init(_ links: [ActionLink], current: String) {
    self.links = links.map { Crumb(text: $0.text, link: $0.link) }
    self.current = current
  }

  var isCurrentName: Bool { current.isNameOfThing }
}

extension String {
  /// Whether this can only be what somebody called a project or an application:
  /// those are DNS labels in small letters, and our titles begin with a capital.
  /// Names have no translation.
  var isNameOfThing: Bool {
    !isEmpty
      && utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
          || $0 == UInt8(ascii: ".")
      }
  }
}

/// Text to read and copy: a manifest, a command.
struct CodeBlock: Sendable {
  /// Names the block on its page, for the copy button.
  let id: String
  let caption: String
  let text: String

  /// Whether it is one line, as a secret is: shown whole rather than scrolled.
  var isOneLine: Bool { !text.contains("\n") }

  init(id: String, caption: String, text: String) {
    self.id = id
    self.caption = caption
    self.text = text
  }
}

/// A button for an act that the person may not do, with the reason.
struct DisabledButton: Sendable {
  /// Names the reason on its page.
  let id: String
  let label: String
  let reason: String

  init(id: String, label: String, reason: String) {
    self.id = id
    self.label = label
    self.reason = reason
  }
}

/// One of the pages that a thing has, in the row of all of them.
struct Tab: Sendable {
  let text: String
  let link: Link
  let isCurrent: Bool
  /// Whether the page is one below the current tab's own.
  var isWithin = false
}

/// What a button is for.
enum ButtonKind: Sendable, CaseIterable {
  /// One of several things to do.
  case plain
  /// The one that people come to a page for.
  case primary
  /// What can't be taken back.
  case danger
  /// What is seldom wanted.
  case quiet

  /// The style's name; "" for a plain one.
  var style: String {
    switch self {
    case .plain: ""
    case .primary: "button-primary"
    case .danger: "button-danger"
    case .quiet: "button-quiet"
    }
  }
}

/// How much a card wants to be seen.
enum CardTone: Sendable, CaseIterable {
  case plain, warning, bad, danger

  /// The style's name; "" for a plain one.
  var style: String {
    switch self {
    case .plain: ""
    case .warning: "card-warning"
    case .bad: "card-bad"
    case .danger: "card-danger"
    }
  }
}

/// A word about something that ended while the person was on another page.
struct Toast: Sendable {
  /// The same for the same event, so that it is told once.
  let id: String
  let badge: Badge
  let text: String
  let link: Link
  let linkText: String
}
