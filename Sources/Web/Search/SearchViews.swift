import Domain
import Templates

/// Something that somebody can go to.
struct Destination: Sendable, Equatable {
  enum Kind: String, Sendable {
    case project, application, action
  }

  let kind: Kind
  let text: String
  /// Where it belongs: a project, or a part of the site; "" for what stands alone.
  let place: String
  let link: Link

  /// Up to how many applications each has its pages in the list, too.
  private static let mostWithPages = 200

  /// Everything that the principal may see and do.
  static func all(of found: Catalogue, for principal: Principal) -> [Destination] {
    let count = found.entries.reduce(0) { $0 + $1.applications.count }
    return found.entries.flatMap { entry in
      destinations(of: entry, hasPages: count <= mostWithPages)
    } + actions(for: principal)
  }

  /// A project and its applications.
  static func destinations(of entry: Catalogue.Entry, hasPages: Bool) -> [Destination] {
    let project = entry.project
    var all: [Destination] = []
    if entry.isMatch {
      all.append(
        Destination(kind: .project, text: project, place: "", link: Paths.project(project)))
      if entry.mayDeploy {
        all.append(
          Destination(
            kind: .action, text: "Deploy an application", place: project,
            link: Paths.newApplication(in: project)))
      }
    }
    for name in entry.applications {
      let own = Destination(
        kind: .application, text: name, place: project,
        link: Paths.application(name, in: project))
      all.append(own)
      guard hasPages else { continue }
      all += [
        ("Logs", Paths.application(name, in: project, .logs)),
        ("Metrics", Paths.metrics(of: name, in: project)),
        ("Releases", Paths.application(name, in: project, .releases)),
        ("Events", Paths.application(name, in: project, .events)),
      ].map { page, link in
        Destination(
          kind: .action, text: "\(page) of \(name)", place: project, link: link)
      }
    }
    return all
  }

  /// What isn't about one project.
  static func actions(for principal: Principal) -> [Destination] {
    var all = [Destination(kind: .action, text: "Projects", place: "", link: Paths.projects)]
    if AccessTable.decide(.createProjects, of: principal).isAllowed {
      all.append(
        Destination(kind: .action, text: "New project", place: "", link: Paths.newProject))
    }
    if principal.vanishesAt == nil {
      all.append(
        Destination(kind: .action, text: "Your account", place: "", link: Paths.account))
    }
    if principal.role == .admin {
      all += AdminTabs(.users).tabs.map {
        Destination(kind: .action, text: $0.text, place: "Admin", link: $0.link)
      }
    }
    all.append(
      Destination(kind: .action, text: "API reference", place: "", link: Link(path: "/docs")))
    return all
  }

  /// What is shown; names have no translation.
  var title: String { kind == .action ? MessageCatalogue.shown(text) : text }
  var shownPlace: String { place.isNameOfThing ? place : MessageCatalogue.shown(place) }

  var icon: Icon {
    switch kind {
    case .project: .project
    case .application: .application
    case .action: .action
    }
  }
}

/// What a search found.
struct SearchPage: Sendable {
  let chrome: PageChrome
  let text: String
  let items: [Destination]
  let isComplete: Bool
  let empty: EmptyState

  var hasItems: Bool { !items.isEmpty }
  var isCut: Bool { !isComplete }

  init(chrome: PageChrome, text: String, _ found: Catalogue, principal: Principal) {
    self.chrome = chrome
    self.text = text
    let words = text.lowercased().split(whereSeparator: \.isWhitespace)
    let actions = Destination.actions(for: principal).filter { action in
      let text = "\(action.text) \(action.place) \(action.title) \(action.shownPlace)"
      return words.allSatisfy { text.lowercased().contains($0) }
    }
    items =
      found.entries.flatMap { Destination.destinations(of: $0, hasPages: false) } + actions
    isComplete = found.isComplete
    empty = EmptyState(
      "Nothing is called “\(text)”",
      "Projects and applications are found by parts of their names.",
      action: ActionLink("All projects", Paths.projects))
  }
}
