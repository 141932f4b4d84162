public import struct Foundation.Date

/// An address that is told what happens in a project, by signed requests
/// (Standard Webhooks; docs/webhooks.md).
public struct Webhook: Sendable, Identifiable, Hashable {
  public typealias ID = Identifier<Webhook>

  /// What a request's body is.
  public enum Format: String, Sendable, CaseIterable {
    /// Ours, for programs: one event a request.
    case json
    /// A text, for the incoming webhooks of Slack, Mattermost and their like.
    case chat
  }

  /// How many a project may have.
  public static let most = 10
  /// How many requests a webhook may get within a minute; the rest waits.
  public static let mostInMinute = 60
  /// How many deliveries may wait for a webhook; what comes then is left out.
  public static let mostWaiting = 1_000
  /// How long a replaced secret signs too, in seconds: a day.
  public static let oldSecretLifetime: Double = 24 * 3600
  /// After how long without a good answer it is paused, in seconds: three days.
  public static let patience: Double = 3 * 24 * 3600

  public let id: ID
  public let projectID: Project.ID
  /// Unique in its project.
  public let name: String
  public let url: String
  public let format: Format
  public let events: Set<Notice.Kind>
  public let isPaused: Bool
  /// Why BabyHelm paused it by itself, as a sentence; empty otherwise.
  public let pauseReason: String
  /// Until when the secret before signs too; nil when there is none.
  public let oldSecretUntil: Date?
  /// The number of its last delivery.
  public let sequence: Int
  /// Counts its changes.
  public let version: Int
  /// Since when no request was answered well; nil while they are.
  public let failingSince: Date?
  /// How many deliveries were left out because too many waited.
  public let leftOut: Int
  /// Who made it; empty when they are gone.
  public let createdByName: String
  /// Whether who made it is still in the project.
  public let isMakerMember: Bool
  public let createdAt: Date
  public let updatedAt: Date
}

extension Webhook.Format: SQLCodable {}

/// What a person typed to make or change a webhook.
public struct WebhookDraft: Sendable, Hashable {
  public static let fields = ["name", "url", "format", "events", "isPaused"]

  public var name = ""
  public var url = ""
  /// One of ``Webhook/Format``.
  public var format = Webhook.Format.json.rawValue
  /// Some of ``Notice/Kind``.
  public var events: [String] = []
  public var isPaused = false

  public init() {}

  /// What a form begins with that changes a webhook.
  public init(_ webhook: Webhook) {
    name = webhook.name
    url = webhook.url
    format = webhook.format.rawValue
    events = Notice.Kind.allCases.filter(webhook.events.contains).map(\.rawValue)
    isPaused = webhook.isPaused
  }
}

extension WebhookDraft {
  /// A draft without mistakes.
  struct Checked: Sendable {
    let name: String
    let url: String
    let format: Webhook.Format
    let events: Set<Notice.Kind>
    let isPaused: Bool
  }

  /// - Parameter allowsPlain: whether `http` is possible at all.
  /// - Throws: `invalid` with fields.
  func validated(allowsPlain: Bool) throws(DomainError) -> Checked {
    var errors: [FieldError] = []
    let name = name.trimmingSpaces()
    if name.isEmpty || name.count > 60 || name.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      errors.append(FieldError("name", "Give it a name of at most 60 characters."))
    }
    let url = url.trimmingSpaces()
    if let mistake = OutboundTransport.mistake(in: url, allowsPlain: allowsPlain) {
      errors.append(FieldError("url", mistake))
    }
    let format = Webhook.Format(rawValue: format)
    if format == nil {
      errors.append(FieldError("format", "Choose one of json and chat."))
    }
    let kinds = events.map { Notice.Kind(rawValue: $0) }
    if let unknown = zip(events, kinds).first(where: { $0.1 == nil })?.0 {
      errors.append(FieldError("events", "There is no event “\(unknown.prefix(60))”."))
    } else if kinds.isEmpty {
      errors.append(FieldError("events", "Choose at least one event."))
    }
    guard errors.isEmpty, let format else { throw DomainError.invalid(errors) }
    return Checked(
      name: name, url: url, format: format, events: Set(kinds.compactMap(\.self)),
      isPaused: isPaused)
  }
}

/// One message to a webhook, and how sending it went.
public struct WebhookDelivery: Sendable, Hashable {
  /// One request.
  public struct Attempt: Sendable, Hashable, Codable {
    public let at: Date
    /// Of the answer; nil without one.
    public let status: Int?
    /// What went wrong, as a sentence; empty when nothing did.
    public let error: String
    public let milliseconds: Int
  }

  public enum State: String, Sendable, CaseIterable {
    case waiting
    case delivered
    /// The last attempt failed too.
    case failed
    /// Too many waited already.
    case leftOut = "left_out"
  }

  /// `webhook-id`, the same for every attempt.
  public let id: String
  /// Counts a webhook's messages, so that their order can be told.
  public let sequence: Int
  /// The first event's kind, or `webhook.test`.
  public let kind: String
  /// What it is about, in a line.
  public let title: String
  public let state: State
  public let attempts: [Attempt]
  /// When the next attempt is due; nil when there is none.
  public let dueAt: Date?
  public let createdAt: Date
  public let finishedAt: Date?
}

extension WebhookDelivery.State: SQLCodable {}

/// A secret that is told this once.
public struct WebhookSecret: Sendable {
  public let webhook: Webhook
  /// `whsec_` and base64, as libraries for Standard Webhooks take it.
  public let secret: String
}
