public import struct Foundation.Date

/// The charts of a project, an application or one pod.
public struct MetricsReport: Sendable, Hashable {
  /// What the charts are about.
  public struct Subject: Sendable, Hashable {
    public let project: String
    /// nil for the whole project.
    public let application: String?
    /// nil for all pods.
    public let pod: String?

    public init(project: String, application: String? = nil, pod: String? = nil) {
      self.project = project
      self.application = application
      self.pod = pod
    }
  }

  public let subject: Subject
  public let range: MetricRange
  public let end: Date
  public let state: State

  /// Whether there is anything to ask.
  public enum State: Sendable, Hashable {
    /// The operator named no Prometheus.
    case notConfigured
    /// Prometheus doesn't answer, or not in time; a sentence says which and
    /// what to do.
    case unavailable(String)
    /// In the order to show them. Single ones may have failed.
    case charts([MetricChart])
  }

  public init(subject: Subject, range: MetricRange, end: Date, state: State) {
    self.subject = subject
    self.range = range
    self.end = end
    self.state = state
  }
}
