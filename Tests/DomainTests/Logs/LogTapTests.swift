import Foundation
import Kubernetes
import Testing

@testable import Domain

@Suite struct LogTapTests {
  @Test func `who looks for the same text gets the same batches`() throws {
    let tap = LogTap(limits: LogLimits())
    let (all, others, errors) = (LogQueue(), LogQueue(), LogQueue())
    for (queue, search) in [(all, ""), (others, ""), (errors, "error")] {
      #expect(tap.add(LogPlace(queue, search: search, isHeld: false)))
    }
    tap.add(line(1, "fine"))
    tap.add(line(2, "an ERROR"))
    tap.add(notice: "That is all.")

    let batches = all.take()
    #expect(batches == others.take())
    #expect(batches.allSatisfy { $0.number != nil })
    #expect(Set(batches.map(\.number)).count == batches.count)
    #expect(texts(batches) == ["fine", "an ERROR", "That is all."])
    #expect(texts(errors.take()) == ["an ERROR", "That is all."])
  }

  @Test func `who comes later gets nothing twice, and nothing before its time`() throws {
    let tap = LogTap(limits: LogLimits())
    let queue = LogQueue()
    let place = LogPlace(queue, search: "", isHeld: true)
    #expect(tap.add(place))
    for second in 1...3 { tap.add(line(second, "line \(second)")) }
    tap.add(notice: "so far")
    #expect(queue.take().isEmpty, "it waits for what was written before")

    place.flow(after: line(2, "").time)
    for second in [2, 4, 5] { tap.add(line(second, "line \(second)")) }
    tap.add(notice: "to the end")

    #expect(texts(queue.take()) == ["line 3", "so far", "line 4", "line 5", "to the end"])
  }

  @Test func `why nothing comes is said once, and to who comes later`() {
    let tap = LogTap(limits: LogLimits())
    let (first, second) = (LogQueue(), LogQueue())
    #expect(tap.add(LogPlace(first, search: "", isHeld: false)))
    tap.tell("It waits.")
    tap.tell("It waits.")
    let later = LogPlace(second, search: "", isHeld: true)
    #expect(tap.add(later))
    #expect(later.isTold)
    later.flow(after: nil)
    tap.tell("")
    let last = LogPlace(LogQueue(), search: "", isHeld: true)
    #expect(tap.add(last))

    #expect(texts(first.take()) == ["It waits."])
    #expect(texts(second.take()) == ["It waits."])
    #expect(!last.isTold)
  }

  @Test func `a log that is over takes nobody any more, and lets everybody go`() async {
    let tap = LogTap(limits: LogLimits())
    let place = LogPlace(LogQueue(), search: "", isHeld: false)
    #expect(tap.add(place))
    tap.finish()

    for await _ in place.ended {}
    #expect(!tap.add(LogPlace(LogQueue(), search: "", isHeld: false)))
    #expect(tap.remove(place))
  }

  @Test func `batches that a reader is too slow for are dropped, the oldest first, and counted`() {
    let queue = LogQueue(maximumLines: 4, maximumBytes: 1 << 20)
    for second in 1...6 {
      queue.add(LogBatch(leftOut: 10, items: [.line(line(second, "line \(second)").shown)]))
    }

    let batches = queue.take()

    #expect(batches.first == LogBatch(leftOut: 22, items: []))
    #expect(texts(batches) == ["line 3", "line 4", "line 5", "line 6"])
    #expect(queue.take().isEmpty)
  }

  @Test func `a reader gets about so many lines and bytes at a time`() {
    let queue = LogQueue()
    for second in 1...6 {
      queue.add(LogBatch(items: [.line(line(second, "line \(second)").shown)]))
    }

    #expect(texts(queue.take(lines: 2)) == ["line 1", "line 2"])
    #expect(texts(queue.take(bytes: 150)) == ["line 3", "line 4"])
    #expect(texts(queue.take()) == ["line 5", "line 6"])
  }

  private func line(_ second: Int, _ text: String) -> RawLogLine {
    RawLogLine("2026-11-23T05:26:0\(second).1Z \(text)", of: "web-1-abc")
  }

  private func texts(_ batches: [LogBatch]) -> [String] {
    batches.flatMap(\.items).map { item in
      switch item {
      case .line(let line): line.text
      case .notice(let text): text
      }
    }
  }
}
