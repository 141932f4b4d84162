internal import Foundation
internal import Logging
public import ServiceLifecycle

/// Tells the other replicas which projects changed, and wakes the pages here
/// when they tell. Run it as long as the program.
///
/// What isn't heard costs only time: a page that opens, or is woken by the
/// cluster, shows what the database has.
public struct ChangeRelay: Service {
  /// As many names of projects as a message takes: PostgreSQL allows 8,000
  /// bytes, and a name has at most 63.
  private static let namesAtOnce = 100

  let database: any Database
  let clusterState: ClusterState
  let logger: Logger
  /// Names this process among all replicas, so that it passes over its own words.
  let replica = UUID().uuidString.lowercased()

  /// Runs until it is cancelled or the program shuts down.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      guard let heard = self.database.announcements() else {
        // No other process uses this database.
        while (try? await Task.sleep(for: .seconds(3600))) != nil {}
        return
      }
      await withDiscardingTaskGroup { group in
        group.addTask { await self.tell() }
        for await announcement in heard { self.take(announcement) }
        group.cancelAll()
      }
    }
  }

  private func take(_ announcement: Announcement) {
    switch announcement {
    case .missed: clusterState.wake(clusterState.watchedNamespaces)
    case .text(let text):
      let words = text.split(separator: " ").map(String.init)
      guard words.first != replica else { return }
      clusterState.wake(Set(words.dropFirst()))
    }
  }

  private func tell() async {
    for await _ in clusterState.newsBell() {
      let names = clusterState.takeNews().sorted()
      for start in stride(from: 0, to: names.count, by: Self.namesAtOnce) {
        let some = names[start...].prefix(Self.namesAtOnce)
        do {
          try await database.announce(([replica] + some).joined(separator: " "))
        } catch {
          if Task.isCancelled { return }
          logger.info(
            "other replicas weren't told of a change", metadata: ["reason": "\(error)"])
        }
      }
    }
  }
}
