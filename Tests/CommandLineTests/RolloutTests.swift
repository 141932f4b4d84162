import Testing

@testable import CommandLine

struct RolloutTests {
  private func state(
    _ state: String = "rollingOut", ready: Int = 0, old: Int = 2, pods: [(String, String)] = [],
    isFinished: Bool = false, diagnosis: JSON = nil
  ) throws -> RolloutState {
    let pods = pods.map { JSON.object(["name": .string($0.0), "stage": .string($0.1)]) }
    return try #require(
      RolloutState([
        "release": 4, "state": .string(state), "isFinished": .bool(isFinished),
        "replicas": [
          "old": .integer(old), "new": .integer(pods.count), "wanted": 2,
          "ready": .integer(ready),
        ],
        "pods": .array(pods), "diagnosis": diagnosis, "somethingNew": true,
      ]))
  }

  @Test func `the picture has replicas, each pod's stage and the time`() throws {
    let rolling = try state(ready: 1, pods: [("web-a", "ready"), ("web-bcd", "starting")])

    let lines = RolloutPicture.lines(rolling, of: "shop/web", elapsed: .seconds(65))

    #expect(
      lines == [
        "shop/web release 4: rolling out, 1 min 5 s",
        "  ██████████░░░░░░░░░░  1 of 2 ready, 2 new, 2 old still there",
        "  web-a    ready",
        "  web-bcd  starting",
      ])
  }

  @Test func `many pods are counted instead of shown`() throws {
    let pods = (1...14).map { ("web-\($0)", "ready") }

    let lines = RolloutPicture.lines(
      try state(pods: pods), of: "shop/web", elapsed: .seconds(1))

    #expect(lines.count == 13)
    #expect(lines.last == "  and 4 more pods")
  }

  @Test func `a log has every change once and no time`() throws {
    let queued = try state("queued", old: 0)
    let starting = try state(pods: [("web-a", "starting")])
    let ready = try state(ready: 1, old: 1, pods: [("web-a", "ready")])

    #expect(
      RolloutPicture.news(queued, since: nil, of: "shop/web") == [
        "shop/web release 4: waiting for its turn", "Replicas: 0 of 2 new ready",
      ])
    #expect(
      RolloutPicture.news(starting, since: queued, of: "shop/web") == [
        "shop/web release 4: rolling out", "Replicas: 0 of 2 new ready, 2 old",
        "Pod web-a: starting",
      ])
    #expect(RolloutPicture.news(starting, since: starting, of: "shop/web") == [])
    #expect(
      RolloutPicture.news(ready, since: starting, of: "shop/web") == [
        "Replicas: 1 of 2 new ready, 1 old", "Pod web-a: ready",
      ])
  }

  @Test func `what keeps it from getting on is told before it gives up, once`() throws {
    let starting = try state()
    let stuck = try state(diagnosis: ["title": "It crashes.", "advice": "Read its log."])

    let trouble = ["  It crashes.", "  What to do: Read its log."]
    #expect(RolloutPicture.news(stuck, since: starting, of: "shop/web") == trouble)
    #expect(RolloutPicture.news(stuck, since: stuck, of: "shop/web") == [])
    let lines = RolloutPicture.lines(stuck, of: "shop/web", elapsed: .seconds(1))
    #expect(Array(lines.suffix(2)) == trouble)
  }

  @Test func `a failure tells what is wrong and what to do`() throws {
    let failed = try state(
      "failed", isFinished: true,
      diagnosis: [
        "title": "The image can't be pulled.", "evidence": ["nginx:nope: not found"],
        "advice": "Check the tag.",
      ])

    #expect(!failed.hasSucceeded)
    #expect(
      RolloutPicture.ending(failed, of: "shop/web", elapsed: .seconds(9)) == [
        "shop/web release 4 failed after 9 s.", "The image can't be pulled.",
        "  nginx:nope: not found", "What to do: Check the tag.",
      ])
  }

  @Test func `success is one line, and being overtaken is none`() throws {
    let done = try state("succeeded", ready: 2, old: 0, isFinished: true)
    let overtaken = try state("superseded", isFinished: true)

    #expect(done.hasSucceeded && !overtaken.hasSucceeded)
    #expect(
      RolloutPicture.ending(done, of: "shop/web", elapsed: nil)
        == ["shop/web release 4 serves."])
    #expect(
      RolloutPicture.ending(overtaken, of: "shop/web", elapsed: nil)
        == ["shop/web release 4 was overtaken by a newer release."])
  }

  @Test func `a server is away since the first try that failed, however silent it was before`() {
    var absence = Absence()
    let start = ContinuousClock.now

    // It said nothing for an hour, which is no absence.
    absence.end()
    let first = absence.isTooLong(at: start + .seconds(3_600))
    let later = absence.isTooLong(at: start + .seconds(3_659))
    let last = absence.isTooLong(at: start + .seconds(3_660))
    #expect([first, later, last] == [false, false, true])

    absence.end()
    let next = absence.isTooLong(at: start + .seconds(3_661))
    #expect(!next)
  }

  @Test func `lines are drawn in the place of those before`() {
    var live = LiveLines()

    let first = live.draw(["one", "two"], width: 80)
    let second = live.draw([String(repeating: "x", count: 100)], width: 40)

    #expect(first == "\u{1B}[Jone\ntwo\n")
    #expect(second.hasPrefix("\u{1B}[2A\u{1B}[Jxxx"))
    #expect(second.hasSuffix("x…\n") && second.count == 7 + 39 + 1)
  }
}
