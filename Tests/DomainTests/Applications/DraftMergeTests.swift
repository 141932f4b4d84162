import Foundation
import Testing

@testable import Domain

/// Two people change an application at the same time.
struct DraftMergeTests {
  private static func draft(
    change: (inout ApplicationDraft) -> Void = { _ in }
  ) -> ApplicationDraft {
    var draft = ApplicationDraft()
    draft.image = "nginx:1.27"
    draft.replicas = "2"
    draft.environment = [.init(name: "A", value: "1"), .init(name: "B", value: "2")]
    draft.files = [.init(path: "/etc/a", content: "a")]
    change(&draft)
    return draft
  }

  private static func merge(
    mine: (inout ApplicationDraft) -> Void, theirs: (inout ApplicationDraft) -> Void
  ) -> DraftMerge {
    DraftMerge(base: draft(), mine: draft(change: mine), theirs: draft(change: theirs))
  }

  @Test func `different fields are both kept`() {
    let merge = Self.merge(
      mine: { $0.image = "nginx:1.28" },
      theirs: {
        $0.replicas = "3"
        $0.isAutoscaled = true
      })

    #expect(merge.conflicts.isEmpty)
    #expect(merge.draft.image == "nginx:1.28")
    #expect(merge.draft.replicas == "3")
    #expect(merge.draft.isAutoscaled)
    #expect(merge.theirChanges == ["the replicas is now “3”", "autoscaling is now on"])
  }

  @Test func `the same field is asked, and keeps what was typed`() {
    let merge = Self.merge(mine: { $0.replicas = "5" }, theirs: { $0.replicas = "3" })

    #expect(merge.conflicts.map(\.field) == ["replicas"])
    #expect(merge.conflicts.first?.message.contains("It is “3” by now") == true)
    #expect(merge.draft.replicas == "5")
  }

  @Test func `the same change by both is no conflict`() {
    let merge = Self.merge(mine: { $0.replicas = "3" }, theirs: { $0.replicas = "3" })

    #expect(merge.conflicts.isEmpty)
    #expect(merge.theirChanges.isEmpty)
  }

  @Test func `rows are merged one by one`() {
    let merge = Self.merge(
      mine: {
        $0.environment = [.init(name: "A", value: "mine"), .init(name: "C", value: "new")]
        $0.files = [.init(path: "/etc/a", content: "a"), .init(path: "/etc/b", content: "b")]
      },
      theirs: {
        $0.environment[1].value = "2"
        $0.environment.append(.init(name: "D", value: "theirs"))
        $0.files = []
      })

    #expect(merge.conflicts.isEmpty)
    #expect(
      merge.draft.environment == [
        .init(name: "A", value: "mine"), .init(name: "C", value: "new"),
        .init(name: "D", value: "theirs"),
      ])
    #expect(merge.draft.files == [.init(path: "/etc/b", content: "b")])
    #expect(merge.theirChanges.contains("the file “/etc/a” is gone"))
  }

  @Test func `a row that one changed and the other removed is asked or told`() {
    let removed = Self.merge(
      mine: { $0.environment[0].value = "mine" }, theirs: { $0.environment.removeFirst() })
    #expect(removed.conflicts.map(\.field) == ["environment.0.value"])
    let changed = Self.merge(
      mine: { $0.environment.removeFirst() }, theirs: { $0.environment[0].value = "theirs" })
    #expect(changed.conflicts.isEmpty)
    #expect(changed.draft.environment.contains(.init(name: "A", value: "theirs")))
    #expect(changed.theirChanges == ["the variable “A” is there"])
  }

  @Test func `a secret value that both typed is asked, and none is told`() throws {
    var old = ApplicationDraft.SecretValueRow(target: "PASSWORD")
    old.setAt = Date(timeIntervalSince1970: 1)
    var other = old
    other.setAt = Date(timeIntervalSince1970: 2)
    var base = Self.draft()
    base.secretValues = [old]
    var theirs = base
    theirs.secretValues = [other]
    var mine = base
    // As it comes back from a form.
    mine.secretValues = [.init(target: "PASSWORD")]
    #expect(DraftMerge(base: base, mine: mine, theirs: theirs).conflicts.isEmpty)

    mine.secretValues = [.init(target: "PASSWORD", sealed: "sealed text")]
    let merge = DraftMerge(base: base, mine: mine, theirs: theirs)
    #expect(merge.conflicts.map(\.field) == ["secretValues.0.target"])
    #expect(merge.draft.secretValues.first?.sealed == "sealed text")
    #expect(!"\(merge.conflicts)".contains("sealed text"))
  }

  @Test func `without a common beginning every difference is asked`() {
    let merge = DraftMerge(
      base: nil, mine: Self.draft { $0.replicas = "5" }, theirs: Self.draft { $0.image = "x:1" })

    #expect(merge.conflicts.map(\.field) == ["image", "replicas"])
  }
}
