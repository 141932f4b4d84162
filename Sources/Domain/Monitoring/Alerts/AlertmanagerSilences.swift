internal import Foundation
internal import Kubernetes

/// Tells Alertmanager of silences, by its API version 2
/// (github.com/prometheus/alertmanager, api/v2/openapi.yaml).
struct AlertmanagerSilences: Sendable {
  let url: URL
  let transport: OutboundTransport

  init(url: URL) {
    self.url = url
    // The operator named it, so it may be anywhere.
    transport = OutboundTransport(
      addresses: OutboundAddresses(nearest: .machine), timeout: .seconds(3), allowsPlain: true)
  }

  /// Why Alertmanager doesn't know, as a whole sentence.
  struct Failure: Error {
    let sentence: String
  }

  /// - Returns: what Alertmanager calls it.
  func create(_ silence: AlertSilence, at time: Date) async throws(Failure) -> String {
    let matchers = silence.matchers.sorted { $0.key < $1.key }.map { name, value -> JSONValue in
      ["name": .string(name), "value": .string(value), "isRegex": false, "isEqual": true]
    }
    let body: JSONValue = [
      "matchers": .array(matchers), "startsAt": .string(Timestamp.text(time)),
      "endsAt": .string(Timestamp.text(silence.endsAt)),
      "createdBy": .string("\(silence.createdBy) (BabyHelm)"),
      "comment": .string(silence.comment.nonEmpty ?? "Silenced in BabyHelm."),
    ]
    let answer = try await send("POST", "/api/v2/silences", body.serialized())
    guard let id = (try? JSONValue(parsing: answer))?["silenceID"]?.string, id.utf8.count <= 100
    else { throw Failure(sentence: "Alertmanager's answer can't be read.") }
    return id
  }

  func delete(_ id: String) async throws(Failure) {
    let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyz0123456789-")
    let path = id.lowercased().addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    _ = try await send("DELETE", "/api/v2/silence/\(path)", [])
  }

  private func send(
    _ method: String, _ path: String, _ body: [UInt8]
  ) async throws(Failure) -> [UInt8] {
    let base = url.absoluteString
    let address = (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    let answer: OutboundTransport.Answer
    do {
      answer = try await transport.send(
        method, to: address,
        headers: [("Content-Type", "application/json"), ("Accept", "application/json")], body: body)
    } catch {
      throw Failure(sentence: error.sentence)
    }
    // What it forgot already is gone as well.
    if method == "DELETE", answer.status == 404 { return [] }
    guard answer.status == 200 else {
      throw Failure(sentence: "Alertmanager answered with status \(answer.status).")
    }
    return answer.body
  }
}
