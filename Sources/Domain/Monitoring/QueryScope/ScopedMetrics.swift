internal import Foundation

/// A question of Prometheus' HTTP API v1 that somebody may ask through BabyHelm.
///
/// https://prometheus.io/docs/prometheus/latest/querying/api/
public enum MetricsQuestion: Sendable, Hashable {
  /// An expression now, and over time.
  case query, queryRange
  /// The series that selectors choose, their labels, and a label's values.
  case series, labels
  case labelValues(String)
  /// What metrics mean. It isn't told: it says which there are.
  case metadata
  /// Prometheus' version, by which Grafana knows what it can do.
  case buildInformation
}

/// What Prometheus answered: a status and JSON.
public struct MetricsAnswer: Sendable, Hashable {
  public let status: Int
  public let body: [UInt8]
}

/// Prometheus as one person may see it: each selector of a question chooses
/// series of the projects that they may look at alone, and of this installation
/// where Prometheus watches several, whatever is asked (``PromQLScope``). Made for Grafana's data source, of which dashboards and
/// their variables are no bound.
public struct ScopedMetrics: Sendable {
  /// How long an answer may take.
  private static let patience = Duration.seconds(30)
  /// What is passed on, beside what is written anew.
  private static let harmless: Set<String> = ["time", "start", "end", "step", "limit"]

  private let transport: PrometheusTransport?
  private let labels: PrometheusLabels
  private let turns = QuestionTurns()
  private let accounts: Accounts
  private let projects: Projects

  init(settings: PrometheusSettings?, accounts: Accounts, projects: Projects) {
    transport = settings.map { PrometheusTransport($0) }
    labels = settings?.labels ?? PrometheusLabels()
    self.accounts = accounts
    self.projects = projects
  }

  /// Asks for somebody.
  ///
  /// - Parameters:
  ///   - parameters: those of Prometheus' API; what it doesn't name is left out.
  ///   - login: whom Grafana asks for (`X-Grafana-User`). It only ever narrows
  ///     what the principal may see. An admin's token must name somebody, because
  ///     by itself it sees everything.
  /// - Throws: `notFound` without a Prometheus, `invalid` for a question that
  ///   can't be bounded, `forbidden` for who isn't anybody, `unavailable`, also
  ///   for who asks too much at once.
  public func ask(
    _ question: MetricsQuestion, _ parameters: [(String, String)], for login: String?,
    as principal: Principal
  ) async throws(DomainError) -> MetricsAnswer {
    guard let transport else {
      throw DomainError(
        .notFound, "No Prometheus is connected to this BabyHelm.",
        advice: "An operator can name one with --prometheus-url.")
    }
    let scope = try await scope(of: principal, for: login)
    if question == .metadata {
      return MetricsAnswer(status: 200, body: Array(#"{"status":"success","data":{}}"#.utf8))
    }
    let form = try Self.bounded(question, parameters, to: PromQLScope(scope, labels: labels))
    let person = Self.asker(principal, for: login)
    let start = ContinuousClock.now
    try await turns.take(person)
    defer { turns.giveBack(person) }
    // Nobody waits for its answer any more.
    guard ContinuousClock.now - start < Self.patience else { throw QuestionTurns.refusal }
    return try await Self.answer(of: transport, question, form)
  }

  private static func answer(
    of transport: PrometheusTransport, _ question: MetricsQuestion, _ form: [(String, String)]
  ) async throws(DomainError) -> MetricsAnswer {
    do throws(PrometheusFailure) {
      let answer: PrometheusTransport.Answer
      switch question {
      case .labelValues, .buildInformation:
        answer = try await transport.get(question.path, form, within: patience)
      default:
        answer = try await transport.post(
          question.path, form + [("timeout", "\(patience.milliseconds)ms")],
          within: patience)
      }
      // Its refusals speak of the question, all else of the operator's network.
      guard [200, 400, 422].contains(answer.status) else {
        throw PrometheusFailure.unavailable(status: answer.status)
      }
      return MetricsAnswer(status: answer.status, body: answer.body)
    } catch {
      throw DomainError(
        .unavailable, error.sentence, advice: error.advice, retryAfter: .seconds(15))
    }
  }

  // MARK: Who

  /// Whose questions are counted together. Who may ask for everybody is as many
  /// people as they name; others are themselves, whatever they say.
  private static func asker(_ principal: Principal, for login: String?) -> String {
    principal.role == .admin
      ? "\(principal.userID) \(login ?? "")" : "\(principal.userID)"
  }

  private func scope(
    of principal: Principal, for login: String?
  ) async throws(DomainError) -> NamespaceScope {
    let own = try await projects.namespaces(of: principal.userID, role: principal.role)
    guard let login, !login.isEmpty else {
      if case .token = principal.credential, principal.role == .admin {
        throw DomainError(
          .forbidden, "Grafana doesn’t say for whom it asks.",
          advice: "Set send_user_header = true in [dataproxy], and sign people in by BabyHelm.")
      }
      return own
    }
    switch GrafanaIdentity.owner(of: login) {
    case .visitors:
      return own.narrowed(to: try await projects.namespaces(of: nil, role: .visitor))
    case .person(let id):
      guard let user = try await accounts.standing(of: id) else { throw Self.stranger(login) }
      return own.narrowed(to: try await projects.namespaces(of: user.id, role: user.role))
    case .unknown: throw Self.stranger(login)
    }
  }

  private static func stranger(_ login: String) -> DomainError {
    DomainError(
      .forbidden, "Grafana asks for somebody who has no account here.",
      advice: "Open Grafana by the links in BabyHelm, which sign in who follows them.")
  }

  // MARK: What

  /// The parameters to ask with.
  static func bounded(
    _ question: MetricsQuestion, _ parameters: [(String, String)], to scope: PromQLScope
  ) throws(DomainError) -> [(String, String)] {
    var form = parameters.filter { harmless.contains($0.0) }
    let queries = parameters.filter { $0.0 == "query" }.map(\.1)
    let matches = parameters.filter { $0.0 == "match[]" }.map(\.1)
    do throws(PromQLError) {
      switch question {
      case .query, .queryRange:
        guard queries.count == 1 else { throw PromQLError(message: "One query must be asked.") }
        form.append(("query", try scope.expression(queries[0])))
      case .series, .labels, .labelValues:
        guard question != .series || !matches.isEmpty else {
          throw PromQLError(message: "No match[] parameter provided.")
        }
        for match in matches { form.append(("match[]", try scope.selector(match))) }
        if matches.isEmpty { form += scope.everything.map { ("match[]", $0) } }
      case .metadata, .buildInformation: form = []
      }
      return form
    } catch {
      throw DomainError(.invalid, error.message)
    }
  }
}

extension MetricsQuestion {
  fileprivate var path: String {
    switch self {
    case .query: "/api/v1/query"
    case .queryRange: "/api/v1/query_range"
    case .series: "/api/v1/series"
    case .labels: "/api/v1/labels"
    case .labelValues(let label): "/api/v1/label/\(FormEncoding.encoded(label))/values"
    case .metadata: "/api/v1/metadata"
    case .buildInformation: "/api/v1/status/buildinfo"
    }
  }
}
