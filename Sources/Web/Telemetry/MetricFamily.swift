/// One of BabyHelm's own metrics, as docs/metrics.md has it.
struct MetricFamily: Sendable {
  /// What kind of number it is.
  enum Kind: Sendable, Equatable {
    case counter
    case gauge
    /// With the upper bounds of its buckets, rising, in seconds.
    case histogram([Double])

    /// As Prometheus names it.
    var name: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  /// With its prefix and unit, and `_total` for a counter.
  let name: String
  let kind: Kind
  let labels: [String]
  /// A sentence for `# HELP`.
  let help: String

  init(_ name: String, _ kind: Kind, _ labels: [String] = [], _ help: String) {
    self.name = name
    self.kind = kind
    self.labels = labels
    self.help = help
  }
}

extension MetricFamily {
  /// From a page out of the cache to one that everybody gives up on.
  static let answers: Kind = .histogram([
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
  ])
  /// What takes a fraction of a millisecond when all is well.
  static let moments: Kind = .histogram([
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 5,
  ])
  /// From an image that every node has to a deadline of half an hour.
  static let rollouts: Kind = .histogram([1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1_800])

  /// All there are, in the order of docs/metrics.md. What isn't here isn't told.
  static let all: [MetricFamily] = requests + database + cluster + people + process

  static let byName: [String: MetricFamily] = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  private static let requests = [
    MetricFamily(
      "babyhelm_build_info", .gauge, ["version", "database", "cluster"],
      "Which BabyHelm this is; always 1."),
    MetricFamily(
      "babyhelm_http_requests_total", .counter, ["route", "method", "status"],
      "Answered requests by the route's template and the status's class."),
    MetricFamily(
      "babyhelm_http_request_duration_seconds", answers, ["route", "method", "status"],
      "Time from the head of a request to the head of its answer."),
    MetricFamily(
      "babyhelm_http_requests_in_flight", .gauge, [], "Requests that have no answer yet."),
    MetricFamily(
      "babyhelm_page_render_duration_seconds", moments, [],
      "Time to make an HTML page of what it shows."),
  ]

  private static let database = [
    MetricFamily(
      "babyhelm_database_transaction_duration_seconds", moments, ["kind"],
      "Time of a transaction without waiting for a connection."),
    MetricFamily(
      "babyhelm_database_transaction_failures_total", .counter, ["kind"],
      "Transactions that ended with an error of the database."),
    MetricFamily(
      "babyhelm_database_connections_max", .gauge, [],
      "The most connections that may be used at the same time."),
    MetricFamily(
      "babyhelm_database_connections_in_use", .gauge, [], "Connections in a transaction."),
    MetricFamily(
      "babyhelm_database_transactions_waiting", .gauge, [],
      "Transactions that wait for a connection."),
    MetricFamily(
      "babyhelm_clock_skew_seconds", .gauge, [],
      "How far this machine's clock is ahead of the database's."),
  ]

  private static let cluster = [
    MetricFamily(
      "babyhelm_reflector_lag_seconds", .gauge, ["kind"],
      "Time since the API server last said anything about this kind."),
    MetricFamily(
      "babyhelm_reflector_relists_total", .counter, ["kind"],
      "How often all objects of this kind were listed, the first time included."),
    MetricFamily(
      "babyhelm_reflector_failures_total", .counter, ["kind"],
      "How often following this kind failed."),
    MetricFamily(
      "babyhelm_cluster_stale", .gauge, [],
      "1 while pages say that the cluster doesn't answer."),
    MetricFamily(
      "babyhelm_operations", .gauge, ["state"], "Deploys that are under way."),
    MetricFamily(
      "babyhelm_operation_oldest_seconds", .gauge, [],
      "Age of the oldest deploy under way; 0 without one."),
    MetricFamily(
      "babyhelm_rollout_duration_seconds", rollouts, ["outcome"],
      "Time from storing a release to its end."),
  ]

  private static let people = [
    MetricFamily("babyhelm_alerts", .gauge, ["severity"], "Alerts that are firing."),
    MetricFamily(
      "babyhelm_deliveries_total", .counter, ["channel", "outcome"],
      "Attempts to send a notification."),
    MetricFamily(
      "babyhelm_deliveries_waiting", .gauge, [], "Notifications that are still to be sent."),
    MetricFamily(
      "babyhelm_hook_calls_total", .counter, ["outcome"], "Calls of deploy hooks."),
    MetricFamily(
      "babyhelm_sessions", .gauge, [], "Sessions that people could go on with."),
    MetricFamily(
      "babyhelm_event_streams_open", .gauge, [],
      "Open streams of live updates, those of the API included."),
    MetricFamily(
      "babyhelm_log_streams_open", .gauge, [], "Logs of pods that are being read."),
    MetricFamily(
      "babyhelm_users", .gauge, ["role"], "Accounts that aren't suspended."),
    MetricFamily("babyhelm_projects", .gauge, [], "Projects that aren't deleted."),
    MetricFamily("babyhelm_applications", .gauge, [], "Applications that aren't deleted."),
  ]

  private static let process = [
    MetricFamily(
      "process_cpu_seconds_total", .counter, [], "Processor time of this process, in seconds."),
    MetricFamily("process_resident_memory_bytes", .gauge, [], "Resident memory, in bytes."),
    MetricFamily("process_virtual_memory_bytes", .gauge, [], "Virtual memory, in bytes."),
    MetricFamily("process_open_fds", .gauge, [], "Open file descriptors."),
    MetricFamily(
      "process_max_fds", .gauge, [], "The most file descriptors that it may open."),
    MetricFamily(
      "process_start_time_seconds", .gauge, [],
      "When the process began, in seconds since 1970."),
  ]
}
