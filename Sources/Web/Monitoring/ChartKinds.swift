import Domain

extension MetricChart.Kind {
  /// Above the chart.
  var title: String {
    switch self {
    case .cpu: "CPU"
    case .throttling: "CPU throttling"
    case .memory: "Memory"
    case .restarts: "Restarts"
    case .replicas: "Replicas"
    case .networkReceived: "Network received"
    case .networkSent: "Network sent"
    case .requests: "HTTP requests"
    case .errors: "HTTP errors"
    case .latency: "HTTP latency"
    case .volumes: "Volumes"
    case .pods: "Pods"
    }
  }

  /// What a line without a name of its own shows.
  var measured: String {
    switch self {
    case .cpu, .memory, .volumes: "used"
    case .throttling: "throttled"
    case .restarts: "restarts"
    case .replicas: "ready"
    case .networkReceived: "received"
    case .networkSent: "sent"
    case .requests: "requests"
    case .errors: "errors"
    case .latency: "latency"
    case .pods: "pods"
    }
  }

  /// Whether a value stays until the next one instead of moving towards it.
  var isStepped: Bool {
    switch self {
    case .restarts, .replicas, .pods: true
    case .cpu, .throttling, .memory, .networkReceived, .networkSent, .requests, .errors, .latency,
      .volumes:
      false
    }
  }
}

extension MetricSeries.Role {
  /// A line that isn't what is measured.
  var word: String {
    switch self {
    case .use: "used"
    case .request: "request"
    case .limit: "limit"
    case .wanted: "wanted"
    }
  }
}

extension MetricRange {
  /// What a page shows that wasn't asked for another: long enough to see what is
  /// usual, short enough to see what just happened.
  static let standard = MetricRange.sixHours

  /// "24 hours"
  var text: String {
    switch self {
    case .hour: "1 hour"
    case .sixHours: "6 hours"
    case .day: "24 hours"
    case .week: "7 days"
    case .month: "30 days"
    }
  }
}
