/// Passes changes of alerts on to the webhooks and the people of their project.
/// What concerns no project is shown to admins alone.
struct AlertNotices: AlertSink {
  let notices: Notices

  func take(_ notice: AlertNotice, in connection: any Connection) throws {
    let alert = notice.alert
    guard let projectID = alert.projectID, let project = alert.project else { return }
    let isOver = notice.change == .ended
    var facts = [Notice.Fact("alert", alert.name)]
    if let release = alert.release {
      facts.append(
        Notice.Fact("shortly after", "release #\(release.number): \(release.change)"))
    }
    if let runbook = alert.runbook { facts.append(Notice.Fact("runbook", runbook)) }
    try notices.record(
      Notice(
        isOver ? .alertEnded : .alertBegan, projectID: projectID, project: project,
        application: alert.application, release: alert.release?.number,
        severity: Notice.Severity(rawValue: alert.severity.rawValue) ?? .warning,
        subject: alert.fingerprint, occurrence: alert.id.rawValue,
        title: isOver ? "Over: \(alert.summary)" : alert.summary, text: alert.description,
        place: .alert(alert.id.rawValue),
        time: isOver ? alert.endedAt ?? alert.heardAt : alert.startedAt,
        facts: facts),
      in: connection)
  }
}
