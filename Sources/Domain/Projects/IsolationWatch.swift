internal import Foundation
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Keeps the isolation reports of the projects that people look at. Pages read
/// the last report and never wait for a new one.
///
/// A project is checked when its page is opened and the last report is older
/// than ``freshness``, and again and again as long as a page of it is open.
public final class IsolationWatch: Service {
  /// How old a report may be before it is asked for anew, in seconds.
  static let freshness: Double = 20
  /// How long a report of a project that nobody looks at is kept, in seconds.
  private static let retention: Double = 600

  private struct State {
    var reports: [Project.ID: (namespace: String, report: IsolationReport)] = [:]
    var wanted: [Project.ID: Project] = [:]
  }

  private let probe: IsolationProbe
  private let clusterState: ClusterState
  private let logger: Logger
  private let state = Mutex(State())
  private let wishes: AsyncStream<Void>
  private let wish: AsyncStream<Void>.Continuation

  init(probe: IsolationProbe, clusterState: ClusterState, logger: Logger) {
    self.probe = probe
    self.clusterState = clusterState
    self.logger = logger
    (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The last report of a project, nil before the first; asks for a new one
  /// when it is old.
  func report(of project: Project) -> IsolationReport? {
    let oldest = probe.now().addingTimeInterval(-Self.freshness)
    let isMissing = clusterState.lacksNamespace(project.name)
    let (report, isOld) = state.withLock { state in
      let report = state.reports[project.id]?.report
      let isOld =
        report.map { $0.checkedAt < oldest || ($0.namespace == .there && isMissing) } ?? true
      if isOld { state.wanted[project.id] = project }
      return (report, isOld)
    }
    if isOld { wish.yield() }
    return report
  }

  /// Forgets a report, so that the next look at the project asks anew.
  func forget(_ project: Project) {
    state.withLock { $0.reports[project.id] = nil }
    clusterState.notify([project.name])
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.wakeOpenPages() }
        for await _ in self.wishes {
          await self.checkWanted()
        }
        group.cancelAll()
      }
    }
  }

  /// A page that is open looks at its project's report again, which asks for a
  /// new one.
  private func wakeOpenPages() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(Self.freshness + 1))
      clusterState.wake(outdated(among: clusterState.watchedNamespaces))
    }
  }

  /// The namespaces with a page open and an old report. Reports that nobody has
  /// looked at for long are forgotten.
  private func outdated(among watched: Set<String>) -> Set<String> {
    let time = probe.now()
    return state.withLock { state in
      state.reports = state.reports.filter { _, kept in
        watched.contains(kept.namespace)
          || time.timeIntervalSince(kept.report.checkedAt) < Self.retention
      }
      let old = state.reports.values.filter {
        time.timeIntervalSince($0.report.checkedAt) > Self.freshness
      }
      return watched.intersection(old.map(\.namespace))
    }
  }

  private func checkWanted() async {
    while !Task.isCancelled, let project = next() {
      do throws(DomainError) {
        let report = try await probe.check(project)
        let isNews = state.withLock { state in
          state.reports.updateValue((project.name, report), forKey: project.id)?.report.checks
            != report.checks
        }
        if isNews { clusterState.wake([project.name]) }
      } catch {
        if Task.isCancelled { return }
        logger.error(
          "a project's guards can't be checked",
          metadata: ["project": "\(project.name)", "error": "\(error.underlying ?? error.message)"])
      }
    }
  }

  private func next() -> Project? {
    state.withLock { state in
      guard let id = state.wanted.keys.first else { return nil }
      return state.wanted.removeValue(forKey: id)
    }
  }
}
