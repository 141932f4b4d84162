import Domain

/// The lines of a series within a view box: one for each stretch in which
/// something was measured, so that a gap stays one.
struct SeriesPaths: Sendable, Hashable {
  /// From one step to the next.
  static let stepWidth = 10
  /// The height of the view box. A chart shows it in some 160 pixels; more
  /// digits would only make the page longer.
  static let height = 1000

  /// Through two values and more.
  private(set) var line: PathData
  /// Values with nothing measured before and after, as lines of no length,
  /// which round ends make dots.
  private(set) var points: PathData
  /// What lies below the line.
  private(set) var area: PathData

  private let isStepped: Bool
  private let isFilled: Bool

  /// - Parameters:
  ///   - isStepped: whether a value stays until the next, as counts do.
  ///   - isFilled: whether ``area`` is made.
  init(_ values: [Double?], on axis: ValueAxis, isStepped: Bool, isFilled: Bool) {
    self.isStepped = isStepped
    self.isFilled = isFilled
    line = PathData(reserving: values.count * 5)
    points = PathData()
    area = PathData()
    var stretch: [Int] = []
    stretch.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      if let value, value.isFinite {
        stretch.append(axis.place(value, height: Self.height))
      } else {
        add(stretch, endingBefore: index)
        stretch.removeAll(keepingCapacity: true)
      }
    }
    add(stretch, endingBefore: values.count)
  }

  private mutating func add(_ heights: [Int], endingBefore end: Int) {
    guard let first = heights.first else { return }
    let x = (end - heights.count) * Self.stepWidth
    guard heights.count > 1 else {
      points.move(x, first)
      points.append(UInt8(ascii: "h"), 0)
      return
    }
    var path = PathData(reserving: heights.count * 5)
    path.move(x, first)
    draw(heights, into: &path)
    line.append(path)
    guard isFilled else { return }
    area.append(path)
    area.append(UInt8(ascii: "V"), Self.height)
    area.append(UInt8(ascii: "H"), x)
    area.append(UInt8(ascii: "V"), first)
  }

  private func draw(_ heights: [Int], into path: inout PathData) {
    // Values that stay the same make one line.
    var flat = 0
    for (last, height) in zip(heights, heights.dropFirst()) {
      if last == height {
        flat += Self.stepWidth
        continue
      }
      if isStepped {
        path.append(UInt8(ascii: "h"), flat + Self.stepWidth)
        path.append(UInt8(ascii: "v"), height - last)
      } else {
        if flat > 0 { path.append(UInt8(ascii: "h"), flat) }
        path.line(Self.stepWidth, height - last)
      }
      flat = 0
    }
    if flat > 0 { path.append(UInt8(ascii: "h"), flat) }
  }
}
