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
  let links: [ActionLink]
  let current: String

  init(_ links: [ActionLink], current: String) {
    self.links = links
    self.current = current
  }
}

/// Text to read and copy: a manifest, a command.
struct CodeBlock: Sendable {
  /// Names the block on its page, for the copy button.
  let id: String
  let caption: String
  let text: String

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
