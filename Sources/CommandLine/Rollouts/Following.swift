/// What comes after a release was made: say so, and with `--wait` watch it.
struct Following {
  let application: ApplicationName
  let release: Int
  let waiting: WaitOptions
  let client: Client
  let console: Console

  /// - Throws: ``ClientError`` `failed` when the release did, after telling why.
  func run() async throws {
    let result = try await finish()
    if console.isJSON { console.result(result.json) }
    if let error = result.error { throw error }
  }

  /// How it ended, without throwing for a release that failed, so that others
  /// can be followed as well.
  func finish() async throws -> FollowedRelease {
    console.say("\(application) release \(release) is on its way: \(page)")
    guard waiting.wait else {
      return FollowedRelease(application: application, release: release, state: nil)
    }
    Interruption.say(
      "No longer watching. \(application) release \(release) goes on; look with: "
        + "babyhelm status \(application)")
    defer { Interruption.say(nil) }
    let clock = ContinuousClock()
    let start = clock.now
    let state = try await RolloutFollower(
      client: client, application: application, release: release,
      timeout: waiting.timeout.duration, console: console
    ).follow()
    let elapsed = console.isWatched ? clock.now - start : nil
    let ending = RolloutPicture.ending(
      state, of: application.description, elapsed: elapsed)
    for line in ending {
      if state.hasSucceeded { console.say(line) } else { console.complain(line) }
    }
    return FollowedRelease(application: application, release: release, state: state)
  }

  private var page: String {
    "\(client.connection.server)/projects/\(application.project)/apps/"
      + "\(application.application)/releases/\(release)"
  }
}

/// A release that a command made.
struct FollowedRelease {
  let application: ApplicationName
  let release: Int
  /// nil where nobody waited for it, or nobody knows.
  let state: RolloutState?
  /// Why its end isn't known, where somebody waited for it.
  var trouble: ClientError?

  var json: JSON {
    var members: [String: JSON] = [
      "project": .string(application.project),
      "application": .string(application.application),
      "release": .integer(release),
      "state": .string(state?.state ?? (trouble == nil ? "queued" : "unknown")),
    ]
    if let trouble { members["error"] = .string(trouble.sentence) }
    if let diagnosis = state?.diagnosis {
      members["diagnosis"] = [
        "title": .string(diagnosis.title),
        "evidence": .array(diagnosis.evidence.map(JSON.string)),
        "advice": .array(diagnosis.advice.map(JSON.string)),
      ]
    }
    return .object(members)
  }

  /// Why the command fails, where it waited for a success.
  var error: ClientError? {
    if let trouble { return trouble }
    guard let state, !state.hasSucceeded else { return nil }
    return ClientError(
      .failed, "\(application) release \(release) doesn't serve.",
      advice: "Logs: babyhelm logs \(application). Back: babyhelm rollback \(application) NUMBER.")
  }
}
