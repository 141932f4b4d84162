internal import Foundation

/// Why a release was made, for those who are told of it.
enum ReleaseOccasion: Sendable {
  /// A deploy, or another change that isn't one of these.
  case change
  case rollback(to: Int)
  /// Somebody ended the rollout of a release, and goes back to another one.
  case cancellation(of: Int, to: Int)
  /// A release failed, and the last that succeeded follows by itself.
  case undoing(Int, to: Int)
}

/// What people are told of releases.
struct ReleaseNotices: Sendable {
  let notices: Notices

  /// A release was stored.
  ///
  /// - Parameter action: what the audit log calls it.
  func began(
    _ release: Release, of application: String, in project: Project, _ occasion: ReleaseOccasion,
    _ action: AuditAction, by author: String, in connection: any Connection
  ) throws {
    let about = About(
      release: release, application: application, project: project, author: author)
    switch (action, occasion) {
    case (.applicationDelete, _):
      try record(
        about, .applicationDeleted, "“\(application)” was deleted",
        "It can be restored for a week.", in: connection)
    case (.applicationRestore, _):
      try record(
        about, .applicationRestored, "“\(application)” was restored",
        "Release #\(release.number) deploys it.", in: connection)
    case (_, .rollback(let target)):
      try record(
        about, .releaseRolledBack, "“\(application)” goes back to release #\(target)",
        "Release #\(release.number) deploys it.", [.init("back to", "#\(target)")],
        in: connection)
    case (_, .undoing(let failed, let target)):
      try record(
        about, .releaseRolledBack, "“\(application)” goes back to release #\(target) by itself",
        "Release #\(failed) failed, so release #\(release.number) deploys what served before.",
        [.init("back to", "#\(target)"), .init("because of", "#\(failed)")], in: connection)
    case (_, .cancellation(let cancelled, let target)):
      try record(
        about, .releaseCancelled, "Release #\(cancelled) of “\(application)” was cancelled",
        "Release #\(release.number) goes back to release #\(target).",
        [.init("cancelled", "#\(cancelled)"), .init("back to", "#\(target)")], in: connection)
    case (_, .change):
      try record(
        about, .releaseStarted, "Release #\(release.number) of “\(application)” is being deployed",
        release.message, in: connection)
    }
  }

  /// A release came to its end.
  func ended(
    _ release: Release, of application: String, in project: Project, as state: Release.State,
    outcome: String, in connection: any Connection
  ) throws {
    let about = About(
      release: release, application: application, project: project, author: release.authorName)
    switch state {
    case .succeeded:
      try record(
        about, .releaseSucceeded, "Release #\(release.number) of “\(application)” succeeded",
        outcome, in: connection)
    case .failed:
      try record(
        about, .releaseFailed, "Release #\(release.number) of “\(application)” failed", outcome,
        severity: .warning, in: connection)
    // The release that took over is told of.
    case .superseded, .queued, .applying, .rollingOut: return
    }
  }

  /// What a notice is about.
  private struct About {
    let release: Release
    let application: String
    let project: Project
    let author: String
  }

  private func record(
    _ about: About, _ kind: Notice.Kind, _ title: String, _ text: String,
    _ facts: [Notice.Fact] = [], severity: Notice.Severity = .info, in connection: any Connection
  ) throws {
    let release = about.release
    var all = [Notice.Fact("image", release.spec.image.text)]
    if !about.author.isEmpty { all.append(Notice.Fact("author", about.author)) }
    if !release.message.isEmpty { all.append(Notice.Fact("message", release.message)) }
    try notices.record(
      Notice(
        kind, projectID: about.project.id, project: about.project.name,
        application: about.application, release: release.number, severity: severity,
        subject: release.id.rawValue, title: title, text: text,
        place: kind == .applicationDeleted
          ? .project : .release(release.number, of: about.application),
        time: release.finishedAt ?? release.createdAt, facts: all + facts),
      in: connection)
  }
}

extension DeployRequest {
  /// Why its release is made.
  var occasion: ReleaseOccasion {
    if case .change(.rollback(let number)) = wish { .rollback(to: number) } else { .change }
  }
}
