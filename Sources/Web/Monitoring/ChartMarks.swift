import Domain
import Foundation
import Templates

/// The releases within a chart's time: a line for each, and flags that lead to
/// them.
struct ChartMarks: Sendable {
  /// A line at the time of a release.
  struct Line: Sendable {
    let x: Percentage
    let isFailed: Bool
  }

  /// Below the line of a release, or of some that are close to each other.
  struct Flag: Sendable {
    let x: Percentage
    let link: Link
    /// "Release 12 of web, 14:05 UTC, failed"
    let text: String
    let isFailed: Bool
  }

  let lines: [Line]
  let flags: [Flag]

  var hasFlags: Bool { !flags.isEmpty }

  /// How close flags may be, in hundredths of a percent: on a phone still as
  /// far as a finger needs.
  private static let distance = 1100

  init(_ marks: [ReleaseMark], on axis: TimeAxis, in project: String, range: MetricRange) {
    let placed = marks.compactMap { mark in axis.place(mark.time).map { (mark, $0) } }
    lines = placed.map { Line(x: $0.1, isFailed: $0.0.isFailed) }
    var groups: [[(ReleaseMark, Percentage)]] = []
    for entry in placed {
      if let first = groups.last?.first, entry.1.hundredths - first.1.hundredths < Self.distance {
        groups[groups.count - 1].append(entry)
      } else {
        groups.append([entry])
      }
    }
    flags = groups.compactMap { group in
      guard let (mark, x) = group.last else { return nil }
      return Flag(
        x: x, link: Paths.release(mark.number, of: mark.application, in: project),
        text: group.map { Self.text($0.0, range) }.joined(separator: "; "),
        isFailed: group.contains { $0.0.isFailed })
    }
  }

  private static func text(_ mark: ReleaseMark, _ range: MetricRange) -> String {
    let time = UTCTime(Int(mark.time.timeIntervalSince1970)).text(in: range)
    return
      "Release #\(mark.number) of \(mark.application), \(time) UTC\(mark.isFailed ? ", failed" : "")"
  }
}
