/// Rows in columns, two spaces apart.
struct Table {
  let headings: [String]
  let rows: [[String]]

  var lines: [String] {
    let all = [headings] + rows.map { $0.map(\.onOneLine) }
    let widths = headings.indices.map { column in
      all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return all.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell.padded(to: widths[column])
      }
      return cells.joined(separator: "  ").trimmingEnd
    }
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  var trimmingEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }

  /// At most so many columns; the last says that there was more.
  func shortened(to width: Int) -> String {
    count <= width ? self : prefix(max(0, width - 1)) + "…"
  }
}

/// How long something took, for people: `8 s`, `2 min 5 s`.
func spelled(_ duration: Duration) -> String {
  let seconds = Int(duration.components.seconds)
  return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
}
