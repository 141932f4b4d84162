import Domain
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization
import Templates

/// An open stream, and whose it is. Tasks hold a reference to it, not copies of
/// what is in it on their stacks.
final class OpenStream: Sendable {
  let stream: EventStream
  let context: SignedInContext
  /// What its reader reads. The answer is written when the request's own task
  /// values are gone.
  let catalogue: MessageCatalogue?
  /// A program that reads a stream of the API didn't ask for toasts.
  fileprivate let takesToasts: Bool
  private let begun = Mutex<
    (standing: AccessWatch.Standing, confirmedAt: ContinuousClock.Instant)?
  >(
    nil)

  init(_ stream: EventStream, _ context: SignedInContext) {
    self.stream = stream
    self.context = context
    catalogue = MessageCatalogue.current
    takesToasts =
      stream.format == .events && context.endpointPath?.contains("api/v1") != true
  }

  /// What its reader was when it began; nil until that is known, and until then
  /// nobody asks again.
  var standing: AccessWatch.Standing? { begun.withLock { $0?.standing } }

  /// From now on a reader who is something else than that isn't sent any more.
  func begin(as standing: AccessWatch.Standing) { begun.withLock { $0 = (standing, .now) } }

  /// They are still what they were.
  fileprivate func confirm() { begun.withLock { $0?.confirmedAt = .now } }

  /// Whether for so long nobody could say that they still are.
  fileprivate func isUnconfirmed(for time: Duration) -> Bool {
    begun.withLock { $0.map { ContinuousClock.now - $0.confirmedAt >= time } ?? false }
  }
}

/// Watches all open streams together: sends heartbeats, cuts off browsers that
/// don't read, asks whether people may still see what they are being sent, and
/// tells them what ended elsewhere.
///
/// A task costs kilobytes for as long as it waits. So there are three for all
/// streams, and one for each person who is told something, instead of as many
/// for each of thousands; none while no stream is open.
final class StreamWatch: Sendable {
  private struct State {
    var streams: [ObjectIdentifier: OpenStream] = [:]
    var task: Task<Void, Never>?
    /// For each person who takes toasts: with how many streams, and who tells.
    var toasts: [User.ID: (streams: Int, teller: Task<Void, Never>)] = [:]
    /// Who is being asked about.
    var asking: Set<Reader> = []
    var isStopping = false
  }

  private let access: AccessWatch
  private let toasts: Toasts?
  private let heartbeat: Duration
  private let patience: Duration
  /// Questions at the same time: the database has others to answer, too.
  private let turns = Turns(8)
  private let state = Mutex(State())

  /// - Parameters:
  ///   - heartbeat: how long a stream says nothing before a comment is sent.
  ///   - patience: how long a browser may read nothing of what it was sent.
  init(access: AccessWatch, toasts: Toasts?, heartbeat: Duration, patience: Duration) {
    self.access = access
    self.toasts = toasts
    self.heartbeat = heartbeat
    self.patience = patience
  }

  /// Watches a stream until it leaves.
  func add(_ opened: OpenStream) {
    let isStopping = state.withLock { state in
      state.streams[ObjectIdentifier(opened)] = opened
      if state.task == nil { state.task = Task { [weak self] in await self?.watch() } }
      if let toasts, opened.takesToasts {
        let user = opened.context.principal.userID
        let teller = state.toasts[user]?.teller ?? tell(toasts, to: user)
        state.toasts[user] = ((state.toasts[user]?.streams ?? 0) + 1, teller)
      }
      return state.isStopping
    }
    if isStopping { opened.stream.finish(within: patience) }
  }

  /// The stream is over.
  func remove(_ opened: OpenStream) {
    let over: [Task<Void, Never>] = state.withLock { state in
      state.streams[ObjectIdentifier(opened)] = nil
      var over: [Task<Void, Never>] = []
      let user = opened.context.principal.userID
      if opened.takesToasts, let (streams, teller) = state.toasts[user] {
        state.toasts[user] = streams > 1 ? (streams - 1, teller) : nil
        if streams <= 1 { over.append(teller) }
      }
      if state.streams.isEmpty, let task = state.task {
        state.task = nil
        over.append(task)
      }
      return over
    }
    for task in over { task.cancel() }
  }

  private var all: [OpenStream] { state.withLock { Array($0.streams.values) } }

  private func watch() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.keepAlive() }
      group.addTask { await self.askAgain() }
      group.addTask {
        guard (try? await gracefulShutdown()) != nil else { return }
        self.state.withLock { $0.isStopping = true }
        for opened in self.all { opened.stream.finish(within: self.patience) }
      }
    }
  }

  /// Sends heartbeats, and hangs up on whoever holds up a stream.
  private func keepAlive() async {
    while (try? await Task.sleep(for: min(heartbeat, .seconds(1)))) != nil {
      for opened in all {
        let stream = opened.stream
        if stream.isStuck(for: patience) { stream.finish(within: .zero) }
        // The database doesn't answer, and not to know never allows.
        if opened.isUnconfirmed(for: Self.doubt) { stream.finish(within: .seconds(1)) }
        if stream.isOverdue {
          // What waits for the browser is dropped with its connection.
          opened.context.hangUp()
        } else {
          stream.sendComment("still here", ifIdleFor: heartbeat)
        }
      }
    }
  }

  /// How long a stream goes on without anybody to say that its reader may.
  private static let doubt: Duration = .seconds(15)

  /// Streams of one person on one project, who are asked about once.
  private struct Reader: Hashable {
    let credential: Principal.Credential
    let user: User.ID
    let role: PlatformRole
    let project: String?
  }

  /// Ends streams of people who may not see them any more. A question that
  /// hangs holds up no other, up to the number of turns.
  private func askAgain() async {
    await withDiscardingTaskGroup { group in
      while (try? await Task.sleep(for: AccessWatch.interval)) != nil {
        let readers = Dictionary(grouping: all.filter { $0.standing != nil }) { opened in
          let principal = opened.context.principal
          return Reader(
            credential: principal.credential, user: principal.userID, role: principal.role,
            project: try? opened.context.parameter("project"))
        }
        for (reader, streams) in readers
        where state.withLock({ $0.asking.insert(reader).inserted }) {
          group.addTask {
            await self.ask(about: streams)
            self.state.withLock { _ = $0.asking.remove(reader) }
          }
        }
      }
    }
  }

  private func ask(about streams: [OpenStream]) async {
    let now = try? await turns.take { try await access.standing(of: streams[0].context) }
    // This watch is over; another one looks after whoever came since.
    if Task.isCancelled { return }
    for opened in streams {
      if opened.standing == now {
        opened.confirm()
      } else {
        opened.stream.finish(within: .seconds(1))
      }
    }
  }

  private func tell(_ toasts: Toasts, to user: User.ID) -> Task<Void, Never> {
    let ends = toasts.ends.stream(of: user)
    return Task { [weak self] in
      for await end in ends { await self?.tell(end, to: user) }
    }
  }

  private func tell(_ end: ReleaseEnd, to user: User.ID) async {
    let streams = all.filter {
      $0.context.principal.userID == user && $0.takesToasts && $0.standing != nil
    }
    guard let toasts, let first = streams.first,
      await toasts.isShown(end, to: first.context.principal)
    else { return }
    for opened in streams {
      MessageCatalogue.$current.withValue(opened.catalogue) {
        opened.stream.offer(event: "toast", Template.Partials.toast(toast: Toast(end)).bytes)
      }
    }
  }
}
