internal import Foundation

/// Sends one message to a webhook and tells how that went.
struct WebhookSender: Sendable {
  /// How sending went.
  struct Outcome: Sendable {
    let attempt: WebhookDelivery.Attempt
    /// What the receiver wants us to wait, in seconds.
    let retryAfter: Double?
    var isGood: Bool { attempt.error.isEmpty }
    /// The receiver wants nothing more (RFC 9110 §15.5.11).
    var isGone: Bool { attempt.status == 410 }
  }

  let transport: OutboundTransport
  let payload: WebhookPayload
  let seal: FormSeal
  let now: @Sendable () -> Date

  var allowsPlain: Bool { transport.allowsPlain || !transport.plainNetworks.isEmpty }

  func send(
    _ notices: [Notice], kind: String, id: String, sequence: Int, to target: WebhookStore.Target
  ) async -> Outcome {
    let (time, start) = (now(), ContinuousClock.now)
    func outcome(_ error: String, status: Int? = nil, retryAfter: Double? = nil) -> Outcome {
      let spent = (ContinuousClock.now - start).components
      let milliseconds = spent.seconds * 1_000 + spent.attoseconds / 1_000_000_000_000_000
      return Outcome(
        attempt: WebhookDelivery.Attempt(
          at: time, status: status, error: error, milliseconds: Int(milliseconds)),
        retryAfter: retryAfter)
    }
    let body: [UInt8]
    let secrets: [String]
    do {
      body = try payload.body(
        of: notices, kind: kind, sequence: sequence, format: target.format,
        project: target.project, at: time)
      secrets = try await self.secrets(of: target)
    } catch {
      return outcome("The message couldn't be made.")
    }
    guard !secrets.isEmpty else {
      return outcome("The webhook's secret can't be read any more; give it a new one.")
    }
    let headers =
      [("content-type", "application/json"), ("user-agent", "BabyHelm-Webhooks")]
      + WebhookSignature.headers(id: id, at: time, body: body, secrets: secrets)
    do throws(OutboundTransport.Failure) {
      let answer = try await transport.send("POST", to: target.url, headers: headers, body: body)
      return outcome(
        Self.sentence(about: answer.status), status: answer.status,
        retryAfter: Self.seconds(answer.headers["retry-after"], from: now()))
    } catch {
      return outcome(error.sentence)
    }
  }

  private func secrets(of target: WebhookStore.Target) async throws(DomainError) -> [String] {
    var secrets: [String] = []
    for sealed in [target.secret, target.oldSecret].compactMap(\.self) {
      let secret = try await seal.open(
        sealed, for: Webhooks.context(target.id), lifetime: .infinity)
      if let secret { secrets.append(secret) }
    }
    return secrets
  }

  /// Empty for a good answer.
  private static func sentence(about status: Int) -> String {
    switch status {
    case 200..<300: ""
    case 300..<400: "It answered \(status), a redirect, which isn't followed."
    case 401, 403: "It answered \(status): the receiver refuses us."
    case 404: "It answered 404: nothing is at this address."
    case 410: "It answered 410: it wants no messages any more."
    case 429: "It answered 429: it gets too many messages."
    case 500...: "It answered \(status): something went wrong there."
    default: "It answered \(status), which is no success."
    }
  }

  /// Seconds, or until a date (RFC 9110 §10.2.3).
  static func seconds(_ text: String?, from now: Date) -> Double? {
    guard let text else { return nil }
    if let seconds = Int(text.trimmingSpaces()) { return Double(max(0, seconds)) }
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.date(from: text.trimmingSpaces()).map { max(0, $0.timeIntervalSince(now)) }
  }
}
