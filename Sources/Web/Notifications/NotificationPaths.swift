import Domain
import Templates

/// The links of notifications.
extension Paths {
  /// A project's webhooks, and of what in it somebody gets mails.
  static func notifications(of project: String) -> Link {
    Link(segments: ["projects", project, "notifications"])
  }

  static func projectMails(_ project: String) -> Link {
    Link(segments: ["projects", project, "notifications", "mails"])
  }

  static func webhooks(of project: String) -> Link {
    Link(segments: ["projects", project, "webhooks"])
  }

  static func webhook(_ id: Webhook.ID, in project: String, before sequence: Int? = nil) -> Link {
    let segments = ["projects", project, "webhooks", id.rawValue]
    return sequence.map { Link(segments: segments, query: ["before": "\($0)"]) }
      ?? Link(segments: segments)
  }

  /// What the buttons of a webhook's page send.
  enum WebhookAction: String {
    case test, secret, removal
  }

  static func webhook(_ action: WebhookAction, _ id: Webhook.ID, in project: String) -> Link {
    Link(segments: ["projects", project, "webhooks", id.rawValue, action.rawValue])
  }

  static func redelivery(_ delivery: String, of id: Webhook.ID, in project: String) -> Link {
    Link(
      segments: [
        "projects", project, "webhooks", id.rawValue, "deliveries", delivery, "redelivery",
      ])
  }

  /// Where somebody ends all mails, without a login.
  static func unsubscribe(_ token: String) -> Link {
    Link(segments: ["unsubscribe"], query: ["link": token])
  }

  static let accountMails = Link(path: "/account/mails")
  static let adminNotifications = Link(path: "/admin/notifications")
  static let adminTestMail = Link(path: "/admin/notifications/test")

  /// Where more about a notice is to be seen.
  static func place(of notice: Notice) -> Link {
    switch notice.place {
    case .project: project(notice.project)
    case .application(let name): application(name, in: notice.project)
    case .release(let number, let name): release(number, of: name, in: notice.project)
    case .alerts: alerts(of: notice.project)
    case .alert(let id): alert(Alert.ID(rawValue: id), in: notice.project)
    }
  }
}

extension NotificationSettings {
  /// - Parameter origin: where people reach BabyHelm.
  init(origin: String, webhookNetworks: [IPNetwork] = [], mailServer: MailServer? = nil) {
    self.init(
      webhookNetworks: webhookNetworks, mailServer: mailServer,
      link: { origin + Paths.place(of: $0).text },
      unsubscribe: { origin + Paths.unsubscribe($0).text })
  }
}
