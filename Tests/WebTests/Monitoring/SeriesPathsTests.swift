import Domain
import Foundation
import Testing

@testable import Web

struct SeriesPathsTests {
  /// The stretches of a path as points, as a browser reads it.
  static func stretches(_ path: PathData) throws -> [[(x: Int, y: Int)]] {
    var all: [[(x: Int, y: Int)]] = []
    var (x, y) = (0, 0)
    let text = path.templateText
    var read = ""
    for match in text.matches(of: #/([MlhvHV])(-?\d+)(?: ?(-?\d+))?/#) {
      read += match.output.0
      let first = try #require(Int(match.output.2))
      let second = match.output.3.flatMap { Int($0) }
      switch match.output.1 {
      case "M":
        (x, y) = (first, try #require(second))
        all.append([])
      case "l": (x, y) = (x + first, y + (try #require(second)))
      case "h": x += first
      case "v": y += first
      case "H": x = first
      case "V": y = first
      default: Issue.record("\(match.output.1)")
      }
      all[all.count - 1].append((x, y))
    }
    #expect(read == text, "something that isn't a command")
    return all
  }

  private static let kinds: [[Double?]] = [
    [], [nil], [0], [nil, 5, nil], [0, 0, 0, 0], [3, 3, 3], [1, 2, 3, nil, 4, nil, nil, 5, 6],
    [.nan, 1, .infinity, -.infinity, 2, 3, -7, 1e300], [1e-300, 2e-300], [1e17, 9e17],
    Array(repeating: nil, count: 240) + [1], (0..<241).map { $0 % 2 == 0 ? Double($0) : nil },
    (0..<241).map { Double($0 % 9) },
  ]

  @Test(arguments: kinds, [false, true])
  func `every point lies in the plot and goes on to the right`(
    values: [Double?], isStepped: Bool
  ) throws {
    for unit in AxisTests.units {
      let largest = values.compactMap(\.self).filter(\.isFinite).max() ?? 0
      let paths = SeriesPaths(
        values, on: ValueAxis(unit, largest: largest), isStepped: isStepped, isFilled: true)

      for path in [paths.line, paths.points] {
        for stretch in try Self.stretches(path) {
          #expect(stretch.allSatisfy { (0...SeriesPaths.height).contains($0.y) })
          #expect(
            stretch.allSatisfy { (0...max(0, values.count - 1) * 10).contains($0.x) })
          #expect(zip(stretch, stretch.dropFirst()).allSatisfy { $0.x <= $1.x })
        }
      }
      for stretch in try Self.stretches(paths.area) {
        // Closed where it began.
        #expect(stretch.first.map { "\($0)" } == stretch.last.map { "\($0)" })
      }
    }
  }

  @Test func `a gap is no line, and a value alone is a dot`() throws {
    let axis = ValueAxis(.count, largest: 4)
    let paths = SeriesPaths(
      [1, 2, nil, 4, nil, nil, 3, 3, 2], on: axis, isStepped: false, isFilled: false)

    #expect(paths.line.templateText == "M0 750l10-250M60 250h10l10 250")
    #expect(paths.points.templateText == "M30 0h0")
    #expect(paths.area.isEmpty)
  }

  @Test func `a count stays until the next one`() {
    let paths = SeriesPaths(
      [1, 1, 3, 3], on: ValueAxis(.count, largest: 4), isStepped: true, isFilled: true)

    #expect(paths.line.templateText == "M0 750h20v-500h10")
    #expect(paths.area.templateText == "M0 750h20v-500h10V1000H0V750")
  }

  @Test(arguments: kinds)
  func `figures are of what was measured alone`(values: [Double?]) {
    let known = values.compactMap(\.self).filter(\.isFinite)
    let figures = SeriesFigures(values)

    #expect(figures?.last.value == known.last)
    #expect(figures?.lowest.value == known.min())
    #expect(figures?.highest.value == known.max())
  }

  @Test func `gaps are counted between values, and a series that ended is no current one`() throws {
    let figures = try #require(SeriesFigures([nil, 1, nil, nil, 2, nil, 3, nil, nil]))

    #expect(figures.gaps == 2)
    #expect(!figures.isCurrent)
    #expect(try #require(SeriesFigures([1, 2, nil])).isCurrent)
  }
}
