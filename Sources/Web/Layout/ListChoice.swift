import Domain
import Hummingbird
import Templates

/// What a list shows, and in which order: kept in the page's address.
struct ListChoice: Sendable {
  enum Sort: String, CaseIterable {
    case health, changed, name

    var text: String {
      switch self {
      case .health: "What needs attention"
      case .changed: "Last deployed"
      case .name: "Name"
      }
    }
  }

  let sort: Sort
  /// Part of a name; "" for all.
  let text: String
  /// From 1.
  let page: Int
  /// How a list is ordered when nobody says.
  private let usual: Sort

  init(usual: Sort, sort: Sort? = nil, text: String = "", page: Int = 1) {
    self.usual = usual
    self.sort = sort ?? usual
    self.text = text
    self.page = page
  }

  init(_ request: Request, usual: Sort) {
    self.init(
      usual: usual, sort: Sort(rawValue: request.query("sort")),
      text: String(request.query("q").prefix(100)), page: request.pageNumber)
  }

  /// What the address says about the order; nothing for what is so by itself.
  var sortQuery: String { sort == usual ? "" : sort.rawValue }

  /// - Parameter troubled: the names of what fails and of what is on its way.
  func order(_ troubled: () -> (failing: [String], progressing: [String])) -> ListOrder {
    switch sort {
    case .name: return .name
    case .changed: return .changed
    case .health:
      let names = troubled()
      return .health(failing: names.failing, progressing: names.progressing)
    }
  }

  /// The same list elsewhere, with another order or another page.
  func link(to segments: [String], sort: Sort? = nil, page: Int = 1) -> Link {
    let sort = sort ?? self.sort
    guard sort != usual || !text.isEmpty else {
      return page == 1
        ? Link(segments: segments) : Link(segments: segments, query: ["page": "\(page)"])
    }
    return Link(
      segments: segments,
      query: ["q": text, "sort": sort == usual ? "" : sort.rawValue, "page": "\(page)"])
  }

  /// The ways to order it.
  func tabs(to segments: [String]) -> [Tab] {
    Sort.allCases.map { sort in
      Tab(text: sort.text, link: link(to: segments, sort: sort), isCurrent: sort == self.sort)
    }
  }
}

/// The form that narrows a list, and the ways to order it.
struct ListTools: Sendable {
  let action: Link
  let text: String
  let sort: String
  let sorts: [Tab]
  /// What a name is of, for who hears the page: "Part of a project's name".
  let label: String

  init(_ choice: ListChoice, to segments: [String], label: String) {
    action = Link(segments: segments)
    text = choice.text
    sort = choice.sortQuery
    sorts = choice.tabs(to: segments)
    self.label = label
  }
}
