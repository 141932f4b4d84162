/// One chart's questions to Prometheus, and how its lines are made of the
/// answers (docs/monitoring.md lists them all).
struct MetricQuery: Sendable, Hashable {
  /// What one line or one set of lines is asked with.
  struct Line: Sendable, Hashable {
    let role: MetricSeries.Role
    let name: Name
    let expression: PromQL
    /// The sum of which these lines are parts: what isn't shown of it is told
    /// as one more line. nil where a sum would mean nothing.
    let total: PromQL?

    init(
      _ role: MetricSeries.Role, _ name: Name, _ expression: PromQL, total: PromQL? = nil
    ) {
      self.role = role
      self.name = name
      self.expression = expression
      self.total = total
    }
  }

  /// What a line is called.
  enum Name: Sendable, Hashable {
    case fixed(String)
    /// By a label of its series.
    case label(LabelName)
  }

  /// Lines that belong together, since one party measured them.
  struct Source: Sendable, Hashable {
    let lines: [Line]
    /// A sentence that says who measured; empty where that is clear.
    var note = ""
  }

  /// What is done with the values before they are shown.
  enum Treatment: Sendable, Hashable {
    case none
    /// A count since the beginning of the range; lines that stay at zero are
    /// left out when others don't.
    case sinceStart
    /// Lines that are always zero are left out.
    case withoutZeros
  }

  let kind: MetricChart.Kind
  let unit: MetricChart.Unit
  /// The first that has any value is shown, or with ``isMerged`` all of them.
  let sources: [Source]
  /// Whether later sources add the lines that earlier ones don't have.
  var isMerged = false
  var treatment = Treatment.none
  /// What it means when nothing is measured, as a sentence.
  let nothing: String

  /// How many series a line's expression may have at any time.
  static let lineLimit = 12
  /// How many of them are shown.
  static let shownLimit = 8
}

/// Makes the questions about a project, an application or a pod.
struct MetricQueries: Sendable {
  let subject: MetricsReport.Subject
  let range: MetricRange
  let labels: PrometheusLabels
  /// The claims of the application's volumes; not asked for a project.
  let claims: [String]

  private var scope: SeriesScope { SeriesScope(namespace: subject.project, labels: labels) }
  private var window: Int { range.window }

  /// In the order to show them.
  var all: [MetricQuery] {
    var queries = [cpu, memory, throttling, restarts]
    if subject.pod == nil { queries += [replicas, pods] }
    queries += [requests, errors, latency, networkReceived, networkSent]
    if subject.pod == nil, subject.application == nil || !claims.isEmpty { queries.append(volumes) }
    return queries
  }

  /// Processor time and memory of the whole application, each as one line.
  var sparklines: [MetricQuery] {
    let cpu = MetricQuery.Line(.use, .fixed(""), .rate(container(.cpuSeconds), over: window).sum())
    // Pods that replace each other never had their highest together.
    let memory = MetricQuery.Line(
      .use, .fixed(""), .highest(PromQL.value(container(.memoryBytes)).sum(), over: window))
    return [
      MetricQuery(
        kind: .cpu, unit: .cores, sources: [.init(lines: [cpu])], nothing: Self.noContainers),
      MetricQuery(
        kind: .memory, unit: .bytes, sources: [.init(lines: [memory])], nothing: Self.noContainers),
    ]
  }
}

// MARK: - What the series have to be

extension MetricQueries {
  /// The pods that the question is about, as matchers.
  private func pods(_ source: PrometheusLabels.Source) -> [LabelMatcher] {
    let label = labels.name(.pod, of: source)
    var matchers: [LabelMatcher] = []
    if let application = subject.application {
      matchers.append(LabelMatcher(label, fits: .pods(of: application)))
    }
    if let pod = subject.pod { matchers.append(LabelMatcher(label, .is, pod)) }
    return matchers
  }

  /// cAdvisor's series of containers; not those of pods as a whole, which count
  /// the same once more.
  private func container(_ metric: PrometheusMetric) -> SeriesSelector {
    let label = labels.name(.container, of: metric.source)
    return scope.series(
      metric,
      pods(metric.source) + [
        LabelMatcher(label, .isNot, ""), LabelMatcher(label, .isNot, "POD"),
      ])
  }

  private func pod(_ metric: PrometheusMetric, _ more: [LabelMatcher] = []) -> SeriesSelector {
    scope.series(metric, pods(metric.source) + more)
  }

  private func resource(_ metric: PrometheusMetric, _ name: String) -> SeriesSelector {
    pod(metric, [LabelMatcher("resource", .is, name)])
  }

  /// A sum for each pod; in a project for each application.
  private func grouped(_ expression: PromQL, _ source: PrometheusLabels.Source) -> PromQL {
    expression.sum(by: [group(source)])
  }

  private func group(_ source: PrometheusLabels.Source) -> LabelName {
    subject.application == nil && subject.pod == nil
      ? Self.application : labels.name(.pod, of: source)
  }

  /// With the label ``application`` where lines are for applications.
  private func prepared(_ expression: PromQL, _ source: PrometheusLabels.Source) -> PromQL {
    guard group(source) == Self.application else { return expression }
    return expression.labelled(
      Self.application, from: labels.name(.pod, of: source), matching: .podOfDeployment)
  }

  /// The highest of some lines, and what all of them are together.
  private func lines(_ expression: PromQL, _ source: PrometheusLabels.Source) -> MetricQuery.Line {
    MetricQuery.Line(
      .use, .label(group(source)),
      grouped(prepared(expression, source), source).top(MetricQuery.lineLimit),
      total: expression.sum())
  }

  /// It can't clash with a label of Prometheus' targets: those never begin so.
  static let application = "babyhelm_application" as LabelName
}

// MARK: - Containers and pods

extension MetricQueries {
  private static let noContainers =
    "Nothing is measured yet. Prometheus needs the kubelet's container series (cAdvisor); a new "
    + "pod shows up after about a minute."
  private static let noState =
    "Nothing is known. Prometheus needs the series of kube-state-metrics."

  private var cpu: MetricQuery {
    let use = PromQL.rate(container(.cpuSeconds), over: window)
    return MetricQuery(
      kind: .cpu, unit: .cores,
      sources: [.init(lines: [lines(use, .containers)] + reservations("cpu"))],
      nothing: Self.noContainers)
  }

  private var memory: MetricQuery {
    MetricQuery(
      kind: .memory, unit: .bytes,
      sources: [.init(lines: [memoryLines] + reservations("memory"))],
      nothing: Self.noContainers)
  }

  /// A pod's memory is what its containers had at most. An application's pods
  /// replace each other, so its memory is what they had together at most.
  private var memoryLines: MetricQuery.Line {
    guard group(.containers) == Self.application else {
      return lines(.highest(container(.memoryBytes), over: window), .containers)
    }
    let now = grouped(prepared(.value(container(.memoryBytes)), .containers), .containers)
    let use = PromQL.highest(now, over: window)
    return MetricQuery.Line(
      .use, .label(Self.application), use.top(MetricQuery.lineLimit), total: use.sum())
  }

  /// What one pod asks for and may have; in a project what all of them ask for
  /// and what the quota allows them to have.
  private func reservations(_ name: String) -> [MetricQuery.Line] {
    let requests = PromQL.value(resource(.requested, name))
    guard group(.state) != Self.application else {
      let quota = scope.series(
        .quota,
        [LabelMatcher("resource", .is, "limits.\(name)"), LabelMatcher("type", .is, "hard")])
      return [
        .init(.request, .fixed("requested"), requests.sum()),
        .init(.limit, .fixed("quota"), PromQL.value(quota).max()),
      ]
    }
    let pod = [labels.name(.pod, of: .state)]
    return [
      .init(.request, .fixed("request"), requests.sum(by: pod).max()),
      .init(
        .limit, .fixed("limit"), PromQL.value(resource(.limited, name)).sum(by: pod).max()),
    ]
  }

  private var throttling: MetricQuery {
    let throttled = prepared(.rate(container(.throttledPeriods), over: window), .containers)
    let periods = prepared(.rate(container(.cpuPeriods), over: window), .containers)
    let share = grouped(throttled, .containers) / grouped(periods, .containers)
    return MetricQuery(
      kind: .throttling, unit: .ratio,
      sources: [
        .init(lines: [
          .init(.use, .label(group(.containers)), share.top(MetricQuery.lineLimit))
        ])
      ],
      nothing: "Nothing is throttled: without a CPU limit, nothing can be.")
  }

  private var restarts: MetricQuery {
    let pod = labels.name(.pod, of: .state)
    let count = PromQL.value(self.pod(.restarts)).sum(by: [pod])
    return MetricQuery(
      kind: .restarts, unit: .count,
      sources: [.init(lines: [.init(.use, .label(pod), count.top(MetricQuery.lineLimit))])],
      treatment: .sinceStart, nothing: Self.noState)
  }

  private var pods: MetricQuery {
    let phase: LabelName = "phase"
    let count = PromQL.value(pod(.podPhase)).sum(by: [phase])
    return MetricQuery(
      kind: .pods, unit: .count, sources: [.init(lines: [.init(.use, .label(phase), count)])],
      treatment: .withoutZeros, nothing: Self.noState)
  }

  private var replicas: MetricQuery {
    let deployment = subject.application.map { [LabelMatcher("deployment", .is, $0)] } ?? []
    func count(_ metric: PrometheusMetric) -> PromQL {
      PromQL.value(scope.series(metric, deployment)).sum()
    }
    var lines: [MetricQuery.Line] = [
      .init(.use, .fixed("ready"), count(.replicasReady)),
      .init(.wanted, .fixed("wanted"), count(.replicasWanted)),
    ]
    if let application = subject.application {
      let scaler = scope.series(
        .autoscalerMaximum, [LabelMatcher("horizontalpodautoscaler", .is, application)])
      lines.append(.init(.limit, .fixed("maximum"), PromQL.value(scaler).max()))
    }
    return MetricQuery(
      kind: .replicas, unit: .count, sources: [.init(lines: lines)], nothing: Self.noState)
  }

  private var networkReceived: MetricQuery { network(.networkReceived, .receivedBytes) }

  private var networkSent: MetricQuery { network(.networkSent, .sentBytes) }

  private func network(_ kind: MetricChart.Kind, _ metric: PrometheusMetric) -> MetricQuery {
    MetricQuery(
      kind: kind, unit: .bytesPerSecond,
      sources: [.init(lines: [lines(.rate(pod(metric), over: window), .containers)])],
      nothing: Self.noContainers)
  }

  private var volumes: MetricQuery {
    let claim: LabelName = "persistentvolumeclaim"
    let own = subject.application == nil ? [] : [LabelMatcher(claim, fits: .anyOf(claims))]
    let share =
      PromQL.value(scope.series(.volumeUsed, own)) / .value(scope.series(.volumeCapacity, own))
    return MetricQuery(
      kind: .volumes, unit: .ratio,
      sources: [
        .init(lines: [
          .init(.use, .label(claim), share.max(by: [claim]).top(MetricQuery.lineLimit))
        ])
      ],
      nothing: "No volume is measured. A volume shows up once a pod uses it, if its driver tells "
        + "the kubelet how full it is.")
  }
}

// MARK: - HTTP

extension MetricQueries {
  private static let noRequests =
    "No requests are counted. ingress-nginx counts them for what has an address, or the "
    + "application exports http_requests_total and http_request_duration_seconds itself."

  /// How often something happens in a second, by one of those who count it.
  private typealias Rate = (PrometheusMetric, [LabelMatcher]) -> PromQL?

  /// What the Ingress counted, or else the application.
  private func sources(
    ingress: (Rate) -> [MetricQuery.Line]?, application: (Rate) -> [MetricQuery.Line]?
  ) -> [MetricQuery.Source] {
    var sources: [MetricQuery.Source] = []
    if subject.pod == nil {
      let label = labels.name(.ingress, of: .ingress)
      let own = subject.application.map { [LabelMatcher(label, .is, $0)] } ?? []
      let lines = ingress { .rate(scope.alternatives($0, own + $1), over: window) }
      if let lines { sources.append(.init(lines: lines, note: "Counted by the Ingress.")) }
    }
    let lines = application { .rate(pod($0, $1), over: window) }
    if let lines { sources.append(.init(lines: lines, note: "Counted by the application itself.")) }
    return sources
  }

  private var requests: MetricQuery {
    let isProject = group(.application) == Self.application
    let ingress = labels.name(.ingress, of: .ingress)
    return MetricQuery(
      kind: .requests, unit: .perSecond,
      sources: sources { rate in
        guard let all = rate(.ingressRequests, []) else { return nil }
        guard isProject else { return [.init(.use, .fixed(""), all.sum())] }
        return [
          .init(
            .use, .label(ingress), all.sum(by: [ingress]).top(MetricQuery.lineLimit),
            total: all.sum())
        ]
      } application: { rate in
        guard let all = rate(.requests, []) else { return nil }
        return isProject ? [lines(all, .application)] : [.init(.use, .fixed(""), all.sum())]
      }, isMerged: isProject, nothing: Self.noRequests)
  }

  private var errors: MetricQuery {
    MetricQuery(
      kind: .errors, unit: .ratio,
      sources: sources { rate in
        Self.failed(
          [rate(.ingressRequests, [LabelMatcher("status", fits: .serverError)])],
          of: rate(.ingressRequests, []))
      } application: { rate in
        // Libraries differ in what they call the status.
        let names: [LabelName] = ["code", "status", "status_code"]
        return Self.failed(
          names.map { rate(.requests, [LabelMatcher($0, fits: .serverError)]) },
          of: rate(.requests, []))
      }, nothing: Self.noRequests)
  }

  /// The share of requests that failed; 0, not nothing, where none did.
  private static func failed(_ failures: [PromQL?], of all: PromQL?) -> [MetricQuery.Line]? {
    let failures = failures.compactMap(\.self)
    guard let total = all?.sum(), let first = failures.first else { return nil }
    let failed = failures.dropFirst().reduce(first) { $0.or($1) }.sum()
    return [.init(.use, .fixed(""), failed.or(total * 0) / total)]
  }

  private var latency: MetricQuery {
    MetricQuery(
      kind: .latency, unit: .seconds,
      sources: sources {
        percentiles($0(.ingressDuration, []))
      } application: {
        percentiles($0(.duration, []))
      }, nothing: Self.noRequests)
  }

  private func percentiles(_ rate: PromQL?) -> [MetricQuery.Line]? {
    guard let buckets = rate?.sum(by: ["le"]) else { return nil }
    return [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")].map { share, name in
      .init(.use, .fixed(name), .quantile(share, of: buckets))
    }
  }
}
