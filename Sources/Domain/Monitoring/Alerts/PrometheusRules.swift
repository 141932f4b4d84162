/// Asks a Prometheus alert rules, which the operator wrote and nobody else.
struct PrometheusRules: RuleQueries {
  /// How long one rule may take.
  private static let patience: Duration = .seconds(10)

  private let transport: PrometheusTransport

  init(_ settings: PrometheusSettings) { transport = PrometheusTransport(settings) }

  func vector(_ expression: String) async throws(DomainError) -> [RuleSample] {
    do {
      let answer = try await transport.post(
        "/api/v1/query",
        [("query", expression), ("timeout", "\(Self.patience.components.seconds)s")],
        within: Self.patience)
      return try PrometheusAnswer.vector(try PrometheusAnswer.data(of: answer)).map {
        RuleSample(labels: $0.labels, value: $0.value)
      }
    } catch {
      throw DomainError(
        error.isGeneral ? .unavailable : .invalid, error.sentence, advice: error.advice)
    }
  }
}
