internal import Kubernetes

/// One series of an answer.
struct PrometheusSeries: Sendable, Hashable {
  let labels: [String: String]
  /// One a step of the grid that was asked for; nil without a finite value.
  let values: [Double?]

  func label(_ name: LabelName) -> String { labels[name.description] ?? "" }
}

/// Reads what Prometheus answers, and tells apart what else may answer there.
enum PrometheusAnswer {
  /// How much of Prometheus' own words is shown.
  private static let wordLimit = 200

  /// - Returns: the member `data` of a success.
  static func data(
    of answer: PrometheusTransport.Answer
  ) throws(PrometheusFailure) -> JSONValue {
    switch answer.status {
    case 401, 403: throw .unauthorized(status: answer.status)
    case 300..<400:
      // Mostly the page of a proxy where people sign in.
      throw .notPrometheus("it redirects, as a page for signing in does")
    default: break
    }
    guard let json = try? JSONValue(parsing: answer.body), let status = json["status"]?.string
    else { throw notPrometheus(answer) }
    if status == "error" {
      let type = json["errorType"]?.string ?? "no type"
      if type == "timeout" || type == "canceled" { throw .timedOut }
      if answer.status >= 500, type != "execution" { throw .unavailable(status: answer.status) }
      throw .refused(type: cut(type), message: cut(json["error"]?.string ?? "it says no reason"))
    }
    guard status == "success", answer.status == 200, let data = json["data"] else {
      throw .notPrometheus("it answers with a “status” that Prometheus doesn't have")
    }
    return data
  }

  private static func notPrometheus(_ answer: PrometheusTransport.Answer) -> PrometheusFailure {
    if [502, 503, 504].contains(answer.status) { return .unavailable(status: answer.status) }
    if answer.status != 200 { return .notPrometheus("it answers with status \(answer.status)") }
    let start = answer.body.prefix(200).first { $0 > 0x20 }
    if start == UInt8(ascii: "<") { return .notPrometheus("it answers with a page, not with JSON") }
    if start == UInt8(ascii: "{") { return .notPrometheus("its JSON breaks off or has mistakes") }
    return .notPrometheus("its answer is no JSON")
  }

  /// The series of a range query.
  static func matrix(
    _ data: JSONValue, _ grid: PrometheusClient.Grid
  ) throws(PrometheusFailure) -> [PrometheusSeries] {
    try results(data, of: "matrix").map { result throws(PrometheusFailure) in
      var values = [Double?](repeating: nil, count: grid.count)
      for sample in result["values"]?.array ?? [] {
        let (time, value) = try self.sample(sample)
        let position = ((time - Double(grid.start)) / Double(grid.step)).rounded()
        guard position >= 0, position < Double(grid.count) else { continue }
        values[Int(position)] = value.isFinite ? value : nil
      }
      return PrometheusSeries(labels: labels(result), values: values)
    }
  }

  /// The series of an instant query.
  static func vector(
    _ data: JSONValue
  ) throws(PrometheusFailure) -> [(labels: [String: String], value: Double)] {
    try results(data, of: "vector").map { result throws(PrometheusFailure) in
      (labels(result), try sample(result["value"] ?? .null).value)
    }
  }

  private static func results(
    _ data: JSONValue, of type: String
  ) throws(PrometheusFailure) -> [JSONValue] {
    guard data["resultType"]?.string == type, let results = data["result"]?.array else {
      throw .notPrometheus("its answer has no \(type)")
    }
    guard results.count <= PrometheusClient.seriesLimit else {
      throw .tooLarge("it has \(results.count) series")
    }
    return results
  }

  private static func labels(_ result: JSONValue) -> [String: String] {
    guard case .object(let members)? = result["metric"] else { return [:] }
    return members.compactMapValues(\.string)
  }

  /// `[seconds, "value"]`
  private static func sample(
    _ json: JSONValue
  ) throws(PrometheusFailure) -> (time: Double, value: Double) {
    guard let pair = json.array, pair.count == 2, let time = pair[0].double, time.isFinite,
      let text = pair[1].string, let value = Double(text)
    else { throw .notPrometheus("its answer has a value that is no number") }
    return (time, value)
  }

  private static func cut(_ text: String) -> String {
    let line = text.replacing("\n", with: " ")
    return line.count > wordLimit ? "\(line.prefix(wordLimit))…" : line
  }
}
