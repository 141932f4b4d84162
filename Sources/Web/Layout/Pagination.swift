import Templates

/// The way through a long list.
struct Pagination: Sendable {
  /// "51–100 of 1,204"
  let text: String
  let previous: Link?
  let next: Link?
  /// Whether there is more than one page.
  let isNeeded: Bool

  /// - Parameters:
  ///   - page: the page shown, from 1.
  ///   - pageSize: how many rows a page has; at least 1.
  ///   - total: how many rows there are.
  ///   - link: the address of a page.
  init(page: Int, pageSize: Int, total: Int, link: (Int) -> Link) {
    let last = max(1, (total + pageSize - 1) / max(1, pageSize))
    let first = (page - 1) * pageSize + 1
    let end = min(total, page * pageSize)
    text =
      total == 0 || first > total
      ? "0 of \(Self.grouped(total))"
      : "\(Self.grouped(first))–\(Self.grouped(end)) of \(Self.grouped(total))"
    previous = page > 1 ? link(min(page - 1, last)) : nil
    next = page < last ? link(page + 1) : nil
    isNeeded = last > 1 || page > 1
  }

  /// 1204 as "1,204".
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return number < 0 ? "-\(text)" : text
  }
}
