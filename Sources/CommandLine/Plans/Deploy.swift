internal import Foundation

/// Deploys: plans, asks where somebody is there to answer, sends, and waits.
struct Deploy {
  let client: Client
  let console: Console
  let message: String?
  /// Whether `--yes` was given.
  let isAgreed: Bool
  let waiting: WaitOptions

  private var isAsking: Bool { !isAgreed && console.canAsk && !console.isJSON }

  // MARK: One application, by a patch

  func change(_ application: ApplicationName, by patch: JSON) async throws {
    var body: JSON = ["specification": patch]
    if isAsking {
      let current = try await client.get(application.path)
      let wanted = (current.body["specification"] ?? [:]).merged(with: patch)
      let plan = try await client.plan(application, wanted)
      for line in plan.lines(for: application, paint: console.paint) { console.say(line) }
      if !plan.isEmpty {
        try ask("Deploy this?")
        // What was shown is what happens, or nothing does.
        body = body.merged(with: ["planHash": .string(plan.hash)])
      }
    }
    let answer = try await client.send(.patch, application.path, body: withMessage(body))
    guard let release = answer.newRelease else {
      if console.isJSON { console.result(answer.body) }
      return console.say("\(application): nothing to change")
    }
    try await following(application, release).run()
  }

  // MARK: Specifications

  /// One plan for all of them, and only then the first deploy.
  func apply(_ source: SpecificationSource, isPruning: Bool) async throws {
    let folder = try await FolderState.read(source, client: client, isPruning: isPruning)
    let planned = try await client.plans(of: source.documents)
    let leftovers = isPruning ? folder?.leftovers ?? [] : []
    for (document, plan) in planned {
      for line in plan.lines(for: document.name, paint: console.paint) { console.say(line) }
    }
    for name in leftovers { console.say(console.paint.removed("\(name): to be deleted")) }
    let changes = planned.filter { !$0.1.isEmpty }
    try agree(changes: changes.count, deletions: leftovers)
    var progress = Progress()
    do {
      try await deploy(planned, &progress)
      try await delete(leftovers, &progress)
    } catch {
      // What was done is remembered, or a later --prune wouldn't know of it.
      try? folder?.written(with: progress.deployed, without: progress.deleted)
      throw error
    }
    let releases = progress.releases
    try folder?.written(with: source.documents.map(\.name), without: leftovers)
    try await finish(releases, deleted: leftovers)
  }

  private func agree(changes: Int, deletions: [ApplicationName]) throws {
    if changes == 0, deletions.isEmpty { return }
    if isAsking {
      try ask(deletions.isEmpty ? "Deploy this?" : "Deploy this, and delete \(deletions.count)?")
    } else if !deletions.isEmpty, !isAgreed {
      throw ClientError(
        .misused, "Nobody is there to ask whether \(deletions.count) applications may be deleted.",
        advice: "Nothing was deployed. Give --yes, or leave out --prune.")
    }
  }

  /// How far an apply came.
  private struct Progress {
    var releases: [(ApplicationName, Int)] = []
    var deployed: [ApplicationName] = []
    var deleted: [ApplicationName] = []
  }

  private func deploy(
    _ planned: [(SpecificationDocument, PlanAnswer)], _ progress: inout Progress
  ) async throws {
    for (document, plan) in planned {
      var body: JSON = ["specification": document.specification]
      // An empty plan is sent without its hash: the server makes no release of it, unless the
      // newest one asks for something else that the cluster doesn't show yet.
      if !plan.isEmpty { body = body.merged(with: ["planHash": .string(plan.hash)]) }
      do {
        // As it was when its plan was made: what the file can't say was taken over from there.
        let answer = try await client.send(
          .put, document.name.path, body: withMessage(body), match: plan.tag)
        progress.deployed.append(document.name)
        if let release = answer.newRelease { progress.releases.append((document.name, release)) }
      } catch var error as ClientError {
        if planned.count > 1 {
          let done = progress.releases.map(\.0.description).joined(separator: ", ")
          error.sentence = "\(document.name): \(error.sentence)"
          error.advice += " Deployed before it: \(done.isEmpty ? "nothing" : done)."
        }
        throw error
      }
    }
  }

  private func delete(
    _ applications: [ApplicationName], _ progress: inout Progress
  ) async throws {
    for name in applications {
      _ = try await client.send(
        .delete, name.path, query: [("confirm", name.application)])
      progress.deleted.append(name)
      console.say("\(name) is deleted; it can be restored on its page for a week.")
    }
  }

  /// Follows all of them; the first failure decides the exit code, when all have ended.
  private func finish(
    _ releases: [(ApplicationName, Int)], deleted: [ApplicationName]
  ) async throws {
    var followed: [FollowedRelease] = []
    for (name, release) in releases {
      do {
        followed.append(try await following(name, release).finish())
      } catch let error as ClientError {
        // The first is what the command ends with, which tells it.
        if followed.contains(where: { $0.error != nil }) { console.complain(error.line) }
        followed.append(
          FollowedRelease(application: name, release: release, state: nil, trouble: error))
      }
    }
    if console.isJSON {
      console.result([
        "releases": .array(followed.map(\.json)),
        "deleted": .array(deleted.map { .string($0.description) }),
      ])
    }
    if let error = followed.lazy.compactMap(\.error).first { throw error }
  }

  // MARK: Bits

  private func ask(_ question: String) throws {
    guard console.confirms(question) else {
      throw ClientError(.interrupted, "Nothing was deployed.")
    }
  }

  private func withMessage(_ body: JSON) -> JSON {
    guard let message else { return body }
    return body.merged(with: ["message": .string(message)])
  }

  private func following(_ application: ApplicationName, _ release: Int) -> Following {
    Following(
      application: application, release: release, waiting: waiting, client: client,
      console: console)
  }
}

/// What a folder's lock file says, next to what is there.
private struct FolderState {
  let source: SpecificationSource
  let lock: LockFile
  let leftovers: [ApplicationName]

  /// - Returns: nil where the source is no folder.
  static func read(
    _ source: SpecificationSource, client: Client, isPruning: Bool
  ) async throws -> FolderState? {
    guard let folder = source.folder else {
      guard !isPruning else {
        throw ClientError(
          .misused, "--prune belongs to a folder.", advice: "Name it with --file FOLDER.")
      }
      return nil
    }
    let projects = Set(source.documents.map(\.name.project))
    guard projects.count == 1, let project = projects.first else {
      throw ClientError(
        .misused, "The files of \(folder.relativePath) are of more than one project.",
        advice: "Use a folder for each, or --project NAME.")
    }
    let server = client.connection.server.description
    let lock = try LockFile.read(folder, server: server, project: project)
    var leftovers: [String] = []
    if isPruning, let lock {
      let existing = try await client.list("/projects/\(project)/applications")
      leftovers = lock.leftovers(
        wanted: Set(source.documents.map(\.name.application)),
        existing: Set(existing.compactMap { $0["name"]?.string }))
    }
    return FolderState(
      source: source,
      lock: lock ?? LockFile(server: server, project: project, applications: []),
      leftovers: leftovers.map { ApplicationName(project: project, application: $0) })
  }

  /// What was deployed is remembered until it is deleted, also where a later
  /// run without `--prune` has no file for it any more.
  func written(
    with deployed: [ApplicationName], without deleted: [ApplicationName]
  ) throws(ClientError) {
    guard let folder = source.folder else { return }
    var written = lock
    written.applications = Set(lock.applications + deployed.map(\.application))
      .subtracting(deleted.map(\.application)).sorted()
    try written.write(folder)
  }
}

extension Client {
  /// What a deploy of this specification would do.
  func plan(_ application: ApplicationName, _ specification: JSON) async throws -> PlanAnswer {
    let answer = try await send(
      .post, "\(application.path)/plan", body: ["specification": specification])
    guard let plan = PlanAnswer(answer.body) else {
      throw ClientError(
        .unreachable, "The server's plan can't be understood.",
        advice: "Use a babyhelm of the server's version.")
    }
    return plan
  }

  /// What an application is to be, and what that is called; null where there is
  /// none.
  private func specification(
    of application: ApplicationName
  ) async throws -> (specification: JSON, tag: String?) {
    do {
      let answer = try await get(application.path)
      return (answer.body["specification"] ?? .null, answer.tag)
    } catch let error as ClientError where error.status == 404 {
      return (.null, nil)
    }
  }

  /// The plans of all, or the first refusal, with its file's name. With each
  /// comes the document as it is to be sent.
  func plans(
    of documents: [SpecificationDocument]
  ) async throws -> [(SpecificationDocument, PlanAnswer)] {
    var plans: [(SpecificationDocument, PlanAnswer)] = []
    for document in documents {
      do {
        let current = try await specification(of: document.name)
        let whole = document.keeping(current.specification)
        var plan = try await plan(whole.name, whole.specification)
        plan.tag = current.tag
        plans.append((whole, plan))
      } catch var error as ClientError where error.outcome == .refused {
        error.sentence = "\(document.origin): \(error.sentence)"
        throw error
      }
    }
    return plans
  }
}
