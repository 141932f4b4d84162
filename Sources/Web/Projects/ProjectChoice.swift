import Domain
import Hummingbird
import Templates

/// Which projects a list shows, and in which order: kept in the page's address.
struct ProjectChoice: Sendable {
  enum Sort: String, CaseIterable {
    case health, changed, name

    /// What the address says; nothing for what is so by itself.
    var query: String { self == .health ? "" : rawValue }

    var text: String {
      switch self {
      case .health: "What needs attention"
      case .changed: "Last deployed"
      case .name: "Name"
      }
    }
  }

  let sort: Sort
  let text: String

  init(sort: Sort = .health, text: String = "") {
    self.sort = sort
    self.text = text
  }

  init(_ request: Request) {
    sort = Sort(rawValue: request.query("sort")) ?? .health
    text = String(request.query("q").prefix(100))
  }

  func order(_ applications: Applications) -> ProjectOrder {
    switch sort {
    case .name: return .name
    case .changed: return .changed
    case .health:
      let troubled = applications.troubledProjects()
      return .health(failing: troubled.failing, progressing: troubled.progressing)
    }
  }

  /// The ways to order them.
  var tabs: [Tab] {
    Sort.allCases.map { sort in
      Tab(
        text: sort.text, link: Paths.projects(sort: sort.query, matching: text),
        isCurrent: sort == self.sort)
    }
  }
}
