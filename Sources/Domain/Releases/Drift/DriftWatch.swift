internal import Foundation
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Keeps what was last found about the drift of applications that people look
/// at. Pages read it and never wait for a new look.
public final class DriftWatch: Service {
  /// How old a report may be before it is asked for anew, in seconds.
  static let freshness: Double = 15
  /// How many reports are kept; those of applications that nobody looks at go
  /// first.
  private static let capacity = 1_000

  private struct Kept {
    let report: DriftReport
    let release: Int
    let time: Date
  }

  private struct State {
    var reports: [Application.ID: Kept] = [:]
    var wanted: [Application.ID: ApplicationDetail] = [:]
  }

  let finder: DriftFinder
  private let clusterState: ClusterState
  private let now: @Sendable () -> Date
  private let state = Mutex(State())
  private let wishes: AsyncStream<Void>
  private let wish: AsyncStream<Void>.Continuation

  init(finder: DriftFinder, clusterState: ClusterState, now: @escaping @Sendable () -> Date) {
    self.finder = finder
    self.clusterState = clusterState
    self.now = now
    (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  func report(of detail: ApplicationDetail) -> DriftReport? {
    let application = detail.application
    let oldest = now().addingTimeInterval(-Self.freshness)
    let kept = state.withLock { state -> Kept? in
      let kept = state.reports[application.id]
      let isFresh =
        kept.map { $0.time >= oldest && $0.release == application.releaseNumber } ?? false
      if !isFresh { state.wanted[application.id] = detail }
      return kept
    }
    if state.withLock({ !$0.wanted.isEmpty }) { wish.yield() }
    // What was found about an older release says nothing about this one.
    return kept?.release == application.releaseNumber ? kept?.report : nil
  }

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      for await _ in self.wishes {
        while !Task.isCancelled, let detail = self.next() { await self.check(detail) }
      }
    }
  }

  private func next() -> ApplicationDetail? {
    state.withLock { state in
      guard let id = state.wanted.keys.first else { return nil }
      return state.wanted.removeValue(forKey: id)
    }
  }

  private func check(_ detail: ApplicationDetail) async {
    guard let report = try? await finder.report(of: detail) else { return }
    let application = detail.application
    let kept = Kept(report: report, release: application.releaseNumber, time: now())
    let isNews = state.withLock { state in
      if state.reports.count >= Self.capacity {
        let oldest = state.reports.min { $0.value.time < $1.value.time }?.key
        if let oldest { state.reports[oldest] = nil }
      }
      return state.reports.updateValue(kept, forKey: application.id)?.report != report
    }
    if isNews { clusterState.wake([detail.membership.project.name]) }
  }
}
