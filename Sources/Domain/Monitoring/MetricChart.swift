public import struct Foundation.Date

/// One chart: lines over time in one unit, what limits them, and when
/// releases were made.
public struct MetricChart: Sendable, Hashable {
  /// What a chart shows; also its anchor on a page and its name in the API.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case cpu
    case throttling
    case memory
    case restarts
    case replicas
    case networkReceived = "network-received"
    case networkSent = "network-sent"
    case requests
    case errors
    case latency
    case volumes
    case pods
  }

  /// What the values are; how they are written is the pages' matter.
  public enum Unit: String, Sendable, Hashable, CaseIterable {
    /// Processor cores.
    case cores
    case bytes
    case bytesPerSecond = "bytes-per-second"
    /// How often something happens in a second.
    case perSecond = "per-second"
    case seconds
    /// A share, 0 to 1.
    case ratio
    case count
  }

  public let kind: Kind
  public let unit: Unit
  /// The time of the first value of each series.
  public let start: Date
  /// From one value to the next, in seconds.
  public let step: Int
  public let content: Content
  /// A sentence about where the values come from or what isn't shown; often empty.
  public let note: String
  /// Releases within the range, the oldest first.
  public let marks: [ReleaseMark]

  /// What Prometheus told.
  public enum Content: Sendable, Hashable {
    /// At least one series with a value.
    case series([MetricSeries])
    /// Nothing is measured; a sentence says what that means.
    case nothing(String)
    /// The question failed; a sentence says why.
    case failed(String)
  }

  public init(
    kind: Kind, unit: Unit, start: Date, step: Int, content: Content, note: String = "",
    marks: [ReleaseMark] = []
  ) {
    self.kind = kind
    self.unit = unit
    self.start = start
    self.step = step
    self.content = content
    self.note = note
    self.marks = marks
  }
}

/// One line of a chart.
public struct MetricSeries: Sendable, Hashable {
  /// What a line stands for, which decides how it is drawn.
  public enum Role: String, Sendable, Hashable, CaseIterable {
    /// What is measured.
    case use
    /// What is asked for.
    case request
    /// What can't be exceeded.
    case limit
    /// What is wanted to be: replicas, say.
    case wanted
  }

  /// A pod, a volume, an application or a percentile; empty where the chart
  /// has one line of its role.
  public let name: String
  /// Whether the name is a word of BabyHelm, such as "quota", and not what
  /// somebody called something.
  public let isWord: Bool
  public let role: Role
  /// One a step; nil where nothing was measured. Finite.
  public let values: [Double?]

  public init(name: String, isWord: Bool = false, role: Role, values: [Double?]) {
    self.name = name
    self.isWord = isWord
    self.role = role
    self.values = values
  }
}

/// When a release was made.
public struct ReleaseMark: Sendable, Hashable {
  public let application: String
  public let number: Int
  public let time: Date
  /// Whether it failed.
  public let isFailed: Bool

  public init(application: String, number: Int, time: Date, isFailed: Bool) {
    self.application = application
    self.number = number
    self.time = time
    self.isFailed = isFailed
  }
}
