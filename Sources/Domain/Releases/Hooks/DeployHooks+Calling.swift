internal import Foundation
internal import Logging

extension DeployHooks {
  /// What a call of a hook came to.
  public struct Answer: Sendable, Hashable {
    public let outcome: DeployHookUse.Outcome
    public let sentence: String
    public let project: String
    public let application: String
    /// The release that it made.
    public let release: Int?
  }

  /// Carries out what a registry or a CI posted to a hook.
  ///
  /// A delivery that comes again does nothing more, nor does one of the image
  /// that the application has.
  ///
  /// - Throws: `notFound` for a hook that isn't there and for a wrong secret
  ///   alike; `tooManyRequests`; `invalid` for what can't be understood or means
  ///   another repository; `forbidden` when the person may not deploy any more;
  ///   `conflict`, `quotaExceeded`, `unavailable` as a deploy does.
  public func call(
    _ id: DeployHook.ID, _ delivery: HookDelivery
  ) async throws(DomainError) -> Answer {
    let (kept, hasSecret) = try await admitted(id, delivery)
    return try await take(delivery, by: kept, hasSecret: hasSecret)
  }

  private func take(
    _ sent: HookDelivery, by kept: DeployHookStore.Kept, hasSecret: Bool
  ) async throws(DomainError) -> Answer {
    let id = kept.hook.id
    var delivery = sent
    // Who saw a signed body go by could otherwise say another tag beside it.
    if !hasSecret { delivery.query = [:] }
    try rate.count(id)
    let message: HookMessage
    do throws(DomainError) {
      message = try HookMessage.read(delivery)
    } catch {
      await note(error, tag: "", kept, delivery, name: delivery.id.map { Accounts.hash(of: $0) })
      throw error
    }
    // Whatever a sender calls it, no name is kept that is longer than a hash.
    let name = (delivery.id ?? message.id).map { Accounts.hash(of: $0) }
    if let name, let before = try await earlier(name, of: id), before.outcome != .refused {
      return Answer(before, kept)
    }
    let tag = message.pushed.last?.tag ?? ""
    do throws(DomainError) {
      let use = try await carryOut(message, kept, delivery)
      try await note(use, name, of: id)
      return Answer(use, kept)
    } catch {
      await note(error, tag: tag, kept, delivery, name: name)
      throw error
    }
  }

  // MARK: Who calls

  /// - Returns: also whether the secret itself was sent, and not only the body
  ///   signed with it.
  /// - Throws: `notFound` for an unknown hook and a wrong secret, after the same
  ///   work.
  private func admitted(
    _ id: DeployHook.ID, _ delivery: HookDelivery
  ) async throws(DomainError) -> (DeployHookStore.Kept, hasSecret: Bool) {
    try rate.requireRoom(for: delivery.address)
    let found = try await database.reading { [store] connection in
      try store.kept(id, in: connection)
    }
    // The same steps for a hook that isn't there, with what nobody knows.
    let hash = Accounts.hash(of: delivery.secret ?? "")
    let isSame = RandomText.isSame(hash, found?.secretHash ?? Accounts.hash(of: "nobody's"))
    let hasSecret = delivery.secret != nil && isSame
    var isSigned = false
    if let signature = delivery.signature {
      let sealed = found?.sealedSecret ?? ""
      let secret = try await seal.open(sealed, for: Self.context(id), lifetime: .infinity)
      let code = HookSignature.of(
        delivery.signed, with: secret ?? RandomText.base64(bytes: 32))
      isSigned = RandomText.isSame("sha256=\(code)", signature) && secret != nil
    }
    guard let found, isSigned || hasSecret else {
      rate.noteFailure(of: delivery.address)
      throw DomainError(
        .notFound, "There is no such hook, or this isn't its secret.",
        advice: "Make one, or another secret, on the application's settings page.")
    }
    return (found, hasSecret)
  }

  /// As whom a hook deploys, with the role that they have now.
  private func principal(
    of kept: DeployHookStore.Kept, _ delivery: HookDelivery
  ) async throws(DomainError) -> Principal {
    guard
      let person = try await accounts.standIn(
        for: kept.hook.makerID, requestID: delivery.requestID, address: delivery.address)
    else {
      throw Self.mayNot(kept, "is suspended")
    }
    return person
  }

  private static func mayNot(_ kept: DeployHookStore.Kept, _ why: String) -> DomainError {
    DomainError(
      .forbidden, "\(kept.hook.makerName), as whom this hook deploys, \(why).",
      advice: "Somebody who may deploy can take it over: with a new secret.")
  }

  /// Why somebody's hook can't deploy; nil when it can.
  func obstacle(of maker: User.ID, in project: String) async -> String? {
    do throws(DomainError) {
      guard let person = try await accounts.standIn(for: maker, requestID: "", address: "") else {
        return "The person is suspended."
      }
      _ = try await projects.project(named: project, for: .deployApplications, as: person)
      return nil
    } catch {
      return [.forbidden, .notFound].contains(error.reason)
        ? "The person may not deploy here any more." : nil
    }
  }

  // MARK: What is done

  private func carryOut(
    _ message: HookMessage, _ kept: DeployHookStore.Kept, _ delivery: HookDelivery
  ) async throws(DomainError) -> DeployHookUse {
    func use(
      _ outcome: DeployHookUse.Outcome, _ sentence: String, tag: String = "", release: Int? = nil
    ) -> DeployHookUse {
      DeployHookUse(
        at: now(), outcome: outcome, sentence: sentence, tag: tag, release: release,
        address: delivery.address)
    }
    if let nothing = message.nothing { return use(.ignored, nothing) }
    guard kept.isThere else {
      throw DomainError(
        .conflict, "“\(kept.application)” was deleted, so nothing is deployed.",
        advice: "Restore it, or remove this hook where it is called.")
    }
    let person = try await principal(of: kept, delivery)
    let detail: ApplicationDetail
    do throws(DomainError) {
      detail = try await applications.application(
        named: kept.application, in: kept.project, for: .deployApplications, as: person)
    } catch  where [.notFound, .forbidden].contains(error.reason) {
      throw Self.mayNot(kept, "may not deploy here any more")
    }
    let image = detail.application.spec.image
    let pushed = try Self.meant(message.pushed, for: image)
    let tag = pushed.tag ?? ""
    guard kept.hook.tags.matches(tag) else {
      return use(
        .ignored, "The tag \(tag.isEmpty ? "" : "“\(tag)” ")doesn't fit “\(kept.hook.tags.text)”.",
        tag: tag)
    }
    let wanted = try image.with(tag: pushed.tag, digest: pushed.digest)
    if Self.isSame(pushed, image) {
      return use(.unchanged, "“\(kept.application)” has \(image.text) already.", tag: tag)
    }
    let what = pushed.tag.map { "tag \($0)" } ?? wanted.digest ?? ""
    let release = try await releases.perform(
      .image(wanted, note: "hook \(kept.hook.name): \(what)"), of: kept.application,
      in: kept.project, after: detail.application.releaseNumber, as: person)
    guard let release else {
      return use(
        .unchanged, "“\(kept.application)” has \(wanted.text) already.", tag: tag)
    }
    return use(
      .deployed, "Release #\(release.number) of “\(kept.application)” is on its way.", tag: tag,
      release: release.number)
  }

  /// Whether an application has what was pushed. A tag without a digest says
  /// nothing of what it means now, so the same tag is the same image.
  private static func isSame(_ pushed: HookMessage.Pushed, _ image: ImageReference) -> Bool {
    if let digest = pushed.digest {
      return digest == image.digest && (pushed.tag == nil || pushed.tag == image.tag)
    }
    return pushed.tag == image.tag
  }

  /// Of what was pushed, the last that is the application's own.
  ///
  /// - Throws: `invalid` when nothing is.
  private static func meant(
    _ pushed: [HookMessage.Pushed], for image: ImageReference
  ) throws(DomainError) -> HookMessage.Pushed {
    let own = pushed.last { push in
      push.repository.map { image.isSameRepository(as: $0) } ?? true
    }
    guard let own else {
      let other = pushed.last?.repository ?? ""
      let name = other.hasPrefix("*/") ? String(other.dropFirst(2)) : other
      let repository = [image.registry, image.path].compactMap(\.self).joined(separator: "/")
      throw DomainError(
        .invalid, "This is about \(name.prefix(200)); the application runs \(repository).",
        advice: "A hook changes the tag only. Deploy another image from the deploy form.",
        fields: [FieldError("image", "This must be \(repository).")])
    }
    guard own.tag != nil || own.digest != nil else {
      throw .invalid([FieldError("tag", "Name the tag to deploy.")])
    }
    return own
  }

  // MARK: What is kept of it

  private func earlier(
    _ name: String, of id: DeployHook.ID
  ) async throws(DomainError) -> DeployHookUse? {
    try await database.reading { [store] connection in
      try store.use(name, of: id, in: connection)
    }
  }

  private func note(
    _ use: DeployHookUse, _ name: String?, of id: DeployHook.ID
  ) async throws(DomainError) {
    try await database.writing { [store] connection in
      // Somebody may have removed it meanwhile.
      guard try store.kept(id, in: connection) != nil else { return }
      try store.note(use, delivery: name, of: id, in: connection)
    }
  }

  private func note(
    _ error: DomainError, tag: String, _ kept: DeployHookStore.Kept, _ delivery: HookDelivery,
    name: String?
  ) async {
    let words = [error.message] + error.fields.map(\.message)
    let use = DeployHookUse(
      at: now(), outcome: .refused, sentence: String(words.joined(separator: " ").prefix(400)),
      tag: String(tag.prefix(128)), release: nil, address: delivery.address)
    do throws(DomainError) {
      try await note(use, name, of: kept.hook.id)
    } catch {
      logger.info("a hook's use wasn't noted", metadata: ["error": "\(error.message)"])
    }
  }
}

extension DeployHooks.Answer {
  fileprivate init(_ use: DeployHookUse, _ kept: DeployHookStore.Kept) {
    self.init(
      outcome: use.outcome, sentence: use.sentence, project: kept.project,
      application: kept.application, release: use.release)
  }
}
