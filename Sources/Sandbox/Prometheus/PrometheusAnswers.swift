import Foundation
import Hummingbird
import Kubernetes

/// Prometheus' HTTP API v1, as far as charts and `babyhelm doctor` ask it, below
/// the path `/prometheus`. It scrapes nobody: what it tells follows from the
/// objects of the cluster and the time.
struct PrometheusAnswers: Sendable {
  static let path = "prometheus"
  /// As Prometheus has it.
  private static let pointLimit = 11_000.0

  let cluster: Cluster

  /// - Parameter body: a form, for a POST.
  func answer(_ request: APIRequest, body: [UInt8]) async -> Response {
    var parameters = request.query
    parameters.merge(Self.form(body)) { _, new in new }
    do {
      switch Array(request.path.dropFirst()) {
      case ["api", "v1", "query"]: return try await instant(parameters)
      case ["api", "v1", "query_range"]: return try await range(parameters)
      default: return .plain(.notFound, "404 page not found\n")
      }
    } catch let mistake as PromQLMistake {
      return Self.refusal("bad_data", mistake.message, .badRequest)
    } catch {
      return Self.refusal("internal", "\(error)", .internalServerError)
    }
  }

  private func instant(_ parameters: [String: String]) async throws -> Response {
    let time = try Self.number("time", parameters, or: Date().timeIntervalSince1970)
    let lines = try await lines(parameters, [time])
    let results = lines.compactMap { labels, values -> JSONValue? in
      guard let value = values.first ?? nil else { return nil }
      return ["metric": Self.metric(labels), "value": Self.sample(time, value)]
    }
    return Self.success("vector", results)
  }

  private func range(_ parameters: [String: String]) async throws -> Response {
    let start = try Self.number("start", parameters)
    let end = try Self.number("end", parameters)
    let step = try Self.number("step", parameters)
    guard step > 0, end >= start else {
      throw PromQLMistake(
        message: "zero or negative query resolution step widths are not accepted. Try a positive "
          + "integer, and an end after the start")
    }
    guard (end - start) / step <= Self.pointLimit else {
      throw PromQLMistake(
        message: "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the "
          + "query resolution (?step=XX)")
    }
    let times = Array(stride(from: start, through: end, by: step))
    let lines = try await lines(parameters, times)
    let results = lines.compactMap { labels, values -> JSONValue? in
      let samples = zip(times, values).compactMap { time, value in
        value.map { Self.sample(time, $0) }
      }
      return samples.isEmpty ? nil : ["metric": Self.metric(labels), "values": .array(samples)]
    }
    return Self.success("matrix", results)
  }

  private func lines(
    _ parameters: [String: String], _ times: [Double]
  ) async throws -> PromQLEvaluation.Lines {
    let expression = try PromQLParser.parse(parameters["query"] ?? "")
    let simulation = MetricSimulation(cluster: cluster, now: Date().timeIntervalSince1970)
    return try await PromQLEvaluation(series: simulation.series, times: times).lines(expression)
  }

  // MARK: Forms and JSON

  private static func form(_ body: [UInt8]) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = sides.count > 1 ? String(sides[1]).replacing("+", with: " ") : ""
      fields[String(sides[0])] = value.removingPercentEncoding ?? value
    }
    return fields
  }

  private static func number(
    _ name: String, _ parameters: [String: String], or standard: Double? = nil
  ) throws(PromQLMistake) -> Double {
    guard let text = parameters[name] else {
      guard let standard else { throw PromQLMistake(message: "the parameter “\(name)” is missing") }
      return standard
    }
    guard let value = Double(text), value.isFinite, abs(value) < 1e12 else {
      throw PromQLMistake(message: "invalid parameter “\(name)”: cannot parse “\(text)”")
    }
    return value
  }

  private static func metric(_ labels: [String: String]) -> JSONValue {
    .object(labels.mapValues { .string($0) })
  }

  private static func sample(_ time: Double, _ value: Double) -> JSONValue {
    let text = value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
    return [time == time.rounded() ? .integer(Int64(time)) : .number(time), .string(text)]
  }

  private static func success(_ type: String, _ results: [JSONValue]) -> Response {
    .json([
      "status": "success",
      "data": ["resultType": .string(type), "result": .array(results)],
    ])
  }

  private static func refusal(
    _ type: String, _ message: String, _ status: HTTPResponse.Status
  ) -> Response {
    .json(["status": "error", "errorType": .string(type), "error": .string(message)], status)
  }
}
