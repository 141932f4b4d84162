import Domain
import Templates

import struct Foundation.Date

/// What surrounds a page: everything `layouts/page` and `layouts/bare` show
/// besides the page itself.
struct PageChrome: Sendable {
  /// The part of the site a page belongs to, marked in the navigation.
  enum Section: Sendable {
    case projects, admin, none
  }

  /// The person in the top bar.
  struct Visitor: Sendable {
    let name: String
    let email: String
    let role: String
    let isAdmin: Bool
    /// When they and what they made vanish; nil for somebody with an account.
    let vanishes: RelativeTime?
  }

  /// The flash message, ready to show.
  struct Message: Sendable {
    let text: String
    let isSuccess: Bool
    let isFailure: Bool
    /// "success", "notice" or "failure": the style's name.
    let kind: String
    /// The button that takes it back; nil where there is no way back.
    var undo: UndoButton?
  }

  /// A form of one button, which takes back what a message says.
  struct UndoButton: Sendable {
    let action: Link
    let fields: [HiddenField]
    let token: String
  }

  /// When the cluster was last heard, and why no more.
  struct Staleness: Sendable {
    let since: RelativeTime
    let reason: String?
  }

  let title: String
  var isTitleName: Bool { title.isNameOfThing }
  let visitor: Visitor?
  let isOnProjects: Bool
  let isOnAdmin: Bool
  let message: Message?
  let isSandbox: Bool
  /// What the admins tell everybody.
  let banner: String?
  /// Whether strangers are shown the way to registering.
  let mayRegister: Bool
  /// Whether strangers may look around.
  let mayVisit: Bool
  /// That the cluster doesn't answer; nil while it does.
  let staleness: Staleness?
  /// For the hidden field of every form on the page.
  let formToken: String
  let version = Version.text
  /// Whether choosing a language leads back to the page: not to a question, which
  /// a form was answered with.
  var canBeAskedAgain = true
}

extension WebContext {
  /// The surroundings of a page with this title.
  func chrome(_ title: String, section: PageChrome.Section = .none) -> PageChrome {
    PageChrome(
      title: title,
      visitor: visitor.map { person in
        PageChrome.Visitor(
          name: person.name, email: person.email, role: person.role.rawValue,
          isAdmin: person.role == .admin, vanishes: person.vanishesAt.map { RelativeTime($0) })
      },
      isOnProjects: section == .projects,
      isOnAdmin: section == .admin,
      message: flash.map { flash in
        PageChrome.Message(
          text: flash.text, isSuccess: flash.kind == .success, isFailure: flash.kind == .failure,
          kind: flash.kind.rawValue,
          undo: flash.undo.map {
            PageChrome.UndoButton(
              action: $0.action, fields: $0.fields, token: formSecret.token())
          })
      },
      isSandbox: site.isSandbox,
      banner: policy.banner.isEmpty ? nil : policy.banner,
      mayRegister: policy.registration == .open,
      mayVisit: policy.isDemoOn,
      staleness: silence.map { silence in
        PageChrome.Staleness(since: RelativeTime(silence.since), reason: silence.reason)
      },
      formToken: formSecret.token())
  }
}
