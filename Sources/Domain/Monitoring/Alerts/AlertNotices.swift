/// Writes down what changed about alerts of projects, so that webhooks and mails
/// tell people. What is no project's stands on the admins' page alone.
struct AlertNotices: AlertSink {
  let notices: Notices

  func take(_ notice: AlertNotice, in connection: any Connection) throws {
    let alert = notice.alert
    guard let id = alert.projectID, let project = alert.project else { return }
    try notices.record(Self.notice(of: notice, alert, id, project), in: connection)
  }

  static func notice(
    of change: AlertNotice, _ alert: Alert, _ id: Project.ID, _ project: String
  ) -> Notice {
    let isOver = change.change == .ended
    // Receivers know these names (docs/webhooks.md).
    var facts = [Notice.Fact("alert", alert.name)]
    if let seen = alert.seen { facts.append(Notice.Fact("now", seen)) }
    if let usual = alert.usual { facts.append(Notice.Fact("usual", usual)) }
    if let release = alert.release {
      facts.append(Notice.Fact("after release", "#\(release.number): \(release.change)"))
    }
    let end = alert.state == .expired ? "Not heard of any more" : "Over"
    return Notice(
      isOver ? .alertEnded : .alertBegan, projectID: id, project: project,
      application: alert.application, release: alert.release?.number,
      severity: alert.severity.ofNotice, subject: AlertSubject.text(of: alert),
      occurrence: alert.id.rawValue, title: isOver ? "\(end): \(alert.summary)" : alert.summary,
      text: alert.description, place: .alert(alert.id.rawValue),
      time: isOver ? alert.endedAt ?? alert.heardAt : alert.startedAt, facts: facts)
  }
}

extension Alert.Severity {
  fileprivate var ofNotice: Notice.Severity {
    switch self {
    case .critical: .critical
    case .warning: .warning
    case .info: .info
    }
  }
}
