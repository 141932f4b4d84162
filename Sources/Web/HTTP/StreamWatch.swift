import Domain
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization
import Templates

/// Watches all open streams together: sends heartbeats, cuts off browsers that
/// don't read, asks whether people may still see what they are being sent, and
/// tells them what ended elsewhere.
///
/// A task costs kilobytes for as long as it waits. So there are three for all
/// streams, and one for each person who is told something, instead of as many
/// for each of thousands; none while no stream is open.
final class StreamWatch: Sendable {
  /// A place among the watched streams.
  typealias Place = Int

  /// A stream, and whose it is.
  struct Watched: Sendable {
    let stream: EventStream
    let context: SignedInContext
    /// What its reader reads; the task that writes to them has none.
    let catalogue: MessageCatalogue?
    /// What they were when it began; nil until that is known, and until then
    /// nobody asks.
    fileprivate(set) var standing: AccessWatch.Standing?

    init(_ stream: EventStream, _ context: SignedInContext, _ catalogue: MessageCatalogue?) {
      self.stream = stream
      self.context = context
      self.catalogue = catalogue
    }

    /// A program that reads a stream of the API didn't ask for toasts.
    fileprivate var takesToasts: Bool {
      stream.format == .events && context.endpointPath?.contains("api/v1") != true
    }
  }

  private struct State {
    var streams: [Place: Watched] = [:]
    var next: Place = 0
    var task: Task<Void, Never>?
    /// One for each person who takes toasts.
    var toasts: [User.ID: Task<Void, Never>] = [:]
    var isStopping = false
  }

  private let access: AccessWatch
  private let toasts: Toasts?
  private let heartbeat: Duration
  private let patience: Duration
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
  func add(_ watched: Watched) -> Place {
    let (place, isStopping) = state.withLock { state in
      let place = state.next
      state.next += 1
      state.streams[place] = watched
      if state.task == nil { state.task = Task { [weak self] in await self?.watch() } }
      let user = watched.context.principal.userID
      if let toasts, watched.takesToasts, state.toasts[user] == nil {
        let ends = toasts.ends.stream(of: user)
        state.toasts[user] = Task { [weak self] in
          for await end in ends { await self?.tell(end, to: user) }
        }
      }
      return (place, state.isStopping)
    }
    if isStopping { watched.stream.finish(within: patience) }
    return place
  }

  /// From now on a reader who is something else than that isn't sent any more.
  func begin(_ place: Place, as standing: AccessWatch.Standing) {
    state.withLock { $0.streams[place]?.standing = standing }
  }

  /// The stream is over.
  func remove(_ place: Place) {
    let over: [Task<Void, Never>] = state.withLock { state in
      guard let watched = state.streams.removeValue(forKey: place) else { return [] }
      var over: [Task<Void, Never>] = []
      let user = watched.context.principal.userID
      let isToldElsewhere = state.streams.values.contains {
        $0.takesToasts && $0.context.principal.userID == user
      }
      if !isToldElsewhere, let task = state.toasts.removeValue(forKey: user) { over.append(task) }
      if state.streams.isEmpty, let task = state.task {
        state.task = nil
        over.append(task)
      }
      return over
    }
    for task in over { task.cancel() }
  }

  private var all: [Watched] { state.withLock { Array($0.streams.values) } }

  private func watch() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.keepAlive() }
      group.addTask { await self.askAgain() }
      group.addTask {
        guard (try? await gracefulShutdown()) != nil else { return }
        self.state.withLock { $0.isStopping = true }
        for watched in self.all { watched.stream.finish(within: self.patience) }
      }
    }
  }

  /// Sends heartbeats, and hangs up on whoever holds up a stream.
  private func keepAlive() async {
    while (try? await Task.sleep(for: min(heartbeat, .seconds(1)))) != nil {
      for watched in all {
        let stream = watched.stream
        if stream.isStuck(for: patience) { stream.finish(within: .zero) }
        if stream.isOverdue {
          // What waits for the browser is dropped with its connection.
          watched.context.hangUp()
        } else {
          stream.sendComment("still here", ifIdleFor: heartbeat)
        }
      }
    }
  }

  /// Streams of one person on one project, who are asked about once.
  private struct Reader: Hashable {
    let credential: Principal.Credential
    let user: User.ID
    let role: PlatformRole
    let project: String?
  }

  /// Ends streams of people who may not see them any more.
  private func askAgain() async {
    while (try? await Task.sleep(for: AccessWatch.interval)) != nil {
      let readers = Dictionary(grouping: all.filter { $0.standing != nil }) { watched in
        let principal = watched.context.principal
        return Reader(
          credential: principal.credential, user: principal.userID, role: principal.role,
          project: try? watched.context.parameter("project"))
      }
      await withTaskGroup(of: Void.self) { group in
        for (number, streams) in readers.values.enumerated() {
          // The database has others to answer, too.
          if number >= 8 { await group.next() }
          group.addTask {
            let now = try? await self.access.standing(of: streams[0].context)
            for watched in streams where watched.standing != now {
              watched.stream.finish(within: .seconds(1))
            }
          }
        }
      }
    }
  }

  private func tell(_ end: ReleaseEnd, to user: User.ID) async {
    let streams = all.filter { $0.takesToasts && $0.context.principal.userID == user }
    guard let toasts, let first = streams.first,
      await toasts.isShown(end, to: first.context.principal)
    else { return }
    for watched in streams {
      MessageCatalogue.$current.withValue(watched.catalogue) {
        watched.stream.offer(event: "toast", Template.Partials.toast(toast: Toast(end)).bytes)
      }
    }
  }
}
