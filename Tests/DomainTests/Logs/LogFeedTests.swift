import Foundation
import Kubernetes
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Domain

/// Against the sandbox, over HTTP.
@Suite(.timeLimit(.minutes(10))) struct LogFeedTests {
  @Test func `a page has the newest lines of all pods by time, or of one`() async throws {
    try await withRunning { fixture in
      let logs = fixture.domain.logs
      try await eventually("both pods wrote") {
        let page = try await logs.page(of: "web", in: "shop", LogQuery(), as: fixture.ann)
        return Set(page.lines.map(\.pod)).count == 2 && page.lines.count > 8
      }
      let page = try await logs.page(of: "web", in: "shop", LogQuery(), as: fixture.ann)
      let times = page.lines.compactMap(\.time)
      #expect(times == times.sorted())
      #expect(page.notices.isEmpty)

      let name = try #require(page.detail.status.pods.first?.name)
      let one = try await logs.page(
        of: "web", in: "shop", LogQuery(pod: name), as: fixture.ann)
      #expect(Set(one.lines.map(\.pod)) == [name])

      let tail = try await logs.page(
        of: "web", in: "shop", LogQuery(pod: name, tail: 10), as: fixture.ann)
      #expect(tail.lines.count <= 10)

      let newest = try #require(one.newest)
      let newer = try await logs.page(
        of: "web", in: "shop", LogQuery(pod: name, after: newest), as: fixture.ann)
      #expect(newer.lines.allSatisfy { line in line.time.map { $0 > newest } ?? false })

      let found = try await logs.page(
        of: "web", in: "shop", LogQuery(search: "START WORKER"), as: fixture.ann)
      #expect(!found.lines.isEmpty)
      #expect(found.lines.allSatisfy { $0.text.contains("start worker") })

      let gone = try await logs.page(
        of: "web", in: "shop", LogQuery(pod: "web-1-gone"), as: fixture.ann)
      #expect(gone.notices.first?.contains("There is no pod web-1-gone any more") == true)
    }
  }

  @Test func `only lines since a time are read`() async throws {
    try await withRunning(speed: 1) { fixture in
      let query = LogQuery(since: .fiveMinutes)
      #expect(query.options(now: Date()).sinceSeconds == 300)
      let page = try await fixture.domain.logs.page(
        of: "web", in: "shop", query, as: fixture.ann)
      #expect(!page.lines.isEmpty)
    }
  }

  @Test func `the previous container is read, and told when there is none`() async throws {
    try await withRunning { fixture in
      let logs = fixture.domain.logs
      let none = try await logs.page(
        of: "web", in: "shop", LogQuery(isPrevious: true), as: fixture.ann)
      #expect(none.notices == ["No container was started anew, so there is no previous log."])
      let pod = try #require(none.detail.status.pods.first?.name)
      let of = try await logs.page(
        of: "web", in: "shop", LogQuery(pod: pod, isPrevious: true), as: fixture.ann)
      #expect(of.notices.first?.contains("has no previous container") == true)

      _ = try await fixture.deploy(
        DeployingFixture.draft("loop", image: "shop/crash:1", replicas: 1))
      try await eventually("it crashed and came back", within: .seconds(90)) {
        let page = try await logs.page(
          of: "loop", in: "shop", LogQuery(isPrevious: true), as: fixture.ann)
        return page.lines.contains { $0.text.contains("configuration is missing") }
      }
    }
  }

  @Test func `a pod whose image can't be pulled says why it has no log`() async throws {
    try await withRunning { fixture in
      _ = try await fixture.deploy(
        DeployingFixture.draft("bad", image: "shop/broken:1", replicas: 1))
      try await eventually("the reason is told") {
        let page = try await fixture.domain.logs.page(
          of: "bad", in: "shop", LogQuery(), as: fixture.ann)
        return page.notices.contains { $0.contains("never started") && $0.contains("Image") }
      }
    }
  }

  @Test func `lines of several pods arrive as they are written, and a new pod joins`()
    async throws
  {
    try await withRunning { fixture in
      let feed = try await fixture.domain.logs.follow(
        "web", in: "shop", LogQuery(), as: fixture.ann)
      try await reading(feed) { read in
        try await eventually("both pods write") { read.pods.count == 2 }
        let before = read.lines.count
        try await eventually("it goes on") { read.lines.count > before }
        #expect(Set(read.lines).count == read.lines.count, "no line comes twice")

        _ = try await fixture.deploy(
          DeployingFixture.draft("web", image: "nginx:1.28"), replacing: "web")
        try await eventually("new pods join and old ones end") {
          read.pods.count == 4 && read.notices.contains { $0.hasSuffix(" joined.") }
            && read.notices.filter { $0.hasSuffix(" is gone; its log ends here.") }.count == 2
        }
      }
      try await eventually("the slots are given back") { fixture.domain.logs.slots.count == 0 }
    }
  }

  @Test func `a pod that writes much costs a slow reader no memory, and what is missing is told`()
    async throws
  {
    try await withRunning(image: "shop/chatty:1", replicas: 1, speed: 20) { fixture in
      let feed = try await fixture.domain.logs.follow(
        "web", in: "shop", LogQuery(), as: fixture.ann)
      let other = try await fixture.domain.logs.follow(
        "web", in: "shop", LogQuery(), as: fixture.ann)
      try await reading(other) { quick in
        // Takes its first lines and then nothing for a while.
        try await reading(feed, pause: .seconds(2)) { slow in
          try await eventually("much was left out") { slow.leftOut > 2_000 }
          #expect(feed.queue.peakBytes < 600 << 10)
          #expect(quick.lines.count > slow.lines.count)
        }
      }
    }
  }

  @Test func `a log that many follow is read from the cluster once`() async throws {
    try await withRunning(replicas: 1) { fixture in
      let logs = fixture.domain.logs
      let first = try await logs.follow("web", in: "shop", LogQuery(), as: fixture.ann)
      let second = try await logs.follow(
        "web", in: "shop", LogQuery(tail: 1_000), as: fixture.ann)
      let third = try await logs.follow(
        "web", in: "shop", LogQuery(search: "worker"), as: fixture.ann)
      try await reading(first) { early in
        try await eventually("lines come") { early.lines.count > 4 }
        let known = try #require(early.lines.last)
        try await reading(second) { late in
          try await reading(third) { searching in
            try await eventually("those who come later have what was written before") {
              late.lines.contains(known) && !searching.lines.isEmpty
            }
            let before = early.lines.count
            try await eventually("all go on") {
              let shared = Array(early.lines.dropFirst(before))
              return !shared.isEmpty && late.lines.suffix(shared.count) == shared[...]
            }
            #expect(Set(late.lines).count == late.lines.count, "no line comes twice")
            #expect(searching.lines.allSatisfy { $0.text.contains("worker") })
            #expect(logs.taps.count == 1)
            #expect(logs.slots.count == 3)
          }
        }
        // Who came first goes on when the others have left.
        let before = early.lines.count
        try await eventually("it goes on") { early.lines.count > before }
      }
      try await eventually("nothing is read any more") {
        logs.taps.count == 0 && logs.slots.count == 0
      }
    }
  }

  @Test func `so many logs and no more are open for one person`() async throws {
    try await withRunning { fixture in
      let slots = fixture.domain.logs.slots
      let held = try (0..<20).map { _ in try slots.take(for: fixture.ann.userID) }

      let page = try await fixture.domain.logs.page(
        of: "web", in: "shop", LogQuery(), as: fixture.ann)
      #expect(page.lines.isEmpty)
      #expect(page.notices.first?.contains("20 logs of pods open") == true)
      await #expect(throws: DomainError.self) {
        try await fixture.domain.logs.download("web", in: "shop", LogQuery(), as: fixture.ann)
      }
      for slot in held { slot.release() }
      #expect(slots.count == 0)
    }
  }

  @Test func `a stranger finds no log, and who loses access no further line`() async throws {
    try await withRunning { fixture in
      let logs = fixture.domain.logs
      let page = await #expect(throws: DomainError.self) {
        try await logs.page(of: "web", in: "shop", LogQuery(), as: fixture.bob)
      }
      #expect(page?.reason == .notFound)
      let feed = await #expect(throws: DomainError.self) {
        try await logs.follow("web", in: "shop", LogQuery(), as: fixture.bob)
      }
      #expect(feed?.reason == .notFound)

      let own = try await logs.follow("web", in: "shop", LogQuery(), as: fixture.ann)
      try await fixture.database.write { connection in
        try connection.execute("DELETE FROM memberships")
      }
      let end = await #expect(throws: DomainError.self) { try await own.run { _ in } }
      #expect(end?.reason == .notFound)
    }
  }

  @Test func `a download holds every line, is bounded and says where it is cut`() async throws {
    try await withRunning { fixture in
      try await eventually("both pods wrote") {
        let page = try await fixture.domain.logs.page(
          of: "web", in: "shop", LogQuery(), as: fixture.ann)
        return Set(page.lines.map(\.pod)).count == 2
      }
      let log = try await fixture.domain.logs.download(
        "web", in: "shop", LogQuery(pod: "../../etc/passwd\"\r\n"), as: fixture.ann)
      #expect(log.fileName == "shop-web.log")
      let whole = try await text(
        fixture.domain.logs.download("web", in: "shop", LogQuery(), as: fixture.ann))
      let lines = whole.split(separator: "\n")
      #expect(Set(lines.compactMap { $0.split(separator: " ").first }).count == 2)
      #expect(lines.allSatisfy { $0.hasPrefix("web-") })

      var limits = LogLimits()
      limits.download = 300
      let small = Logs(
        client: fixture.cluster.kubernetes, applications: fixture.domain.applications,
        limits: limits, now: { Date() })
      let cut = try await text(
        small.download("web", in: "shop", LogQuery(), as: fixture.ann))
      #expect(cut.contains("# Cut here"))
      #expect(cut.utf8.count < 1_000)
      #expect(small.slots.count == 0)
    }
  }

  // MARK: -

  private func text(_ log: LogDownload) async throws -> String {
    var pieces = log.pieces()
    var text = ""
    while let piece = try await pieces.next() { text += piece }
    return text
  }

  /// A project “shop” with an application “web” that runs.
  private func withRunning(
    image: String = "nginx:1.27", replicas: Int = 2, speed: Double = 20,
    _ body: (DeployingFixture) async throws -> Void
  ) async throws {
    try await withDeploying(.sqlite, speed: speed) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft("web", image: image, replicas: replicas))
      _ = try await fixture.ended(1)
      try await body(fixture)
    }
  }

  /// What a reader got.
  private final class Read: Sendable {
    private let batches = Mutex<[LogBatch]>([])

    func add(_ batch: LogBatch) { batches.withLock { $0.append(batch) } }

    var lines: [LogLine] {
      items.compactMap { if case .line(let line) = $0 { line } else { nil } }
    }
    var notices: [String] {
      items.compactMap { if case .notice(let text) = $0 { text } else { nil } }
    }
    var pods: Set<String> { Set(lines.map(\.pod)) }
    var leftOut: Int { batches.withLock { $0.reduce(0) { $0 + $1.leftOut } } }
    private var items: [LogItem] { batches.withLock { $0.flatMap(\.items) } }
  }

  private func reading(
    _ feed: LogFeed, pause: Duration = .zero, _ body: (Read) async throws -> Void
  ) async throws {
    let read = Read()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do {
          try await feed.run { batch in
            read.add(batch)
            try await Task.sleep(for: pause)
          }
        } catch is CancellationError {}
      }
      try await body(read)
      group.cancelAll()
    }
  }
}
