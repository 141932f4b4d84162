import TestSupport
import Testing

@testable import Domain

struct EnvironmentValidationTests {
  private typealias Row = ApplicationDraft.EnvironmentRow

  private func draft(_ rows: (String, String)...) -> ApplicationDraft {
    .sample { $0.environment = rows.map { Row(name: $0.0, value: $0.1) } }
  }

  @Test(arguments: HostileText.all.filter { $0.utf8.count <= 32 * 1024 && !$0.contains("\0") })
  func `a value is kept byte for byte`(value: String) throws {
    let spec = try draft(("VALUE", value)).validated()

    let kept = try #require(spec.environment.first?.value)
    #expect(Array(kept.utf8) == Array(value.utf8))
  }

  @Test(arguments: [
    "A", "a", "_", "PATH_2", "spring.profile", "some-name", "A__B", "a1",
    String(repeating: "A", count: 253),
  ])
  func `a variable's name has letters, digits and a few signs`(name: String) throws {
    #expect(try draft((name, "x")).validated().environment.map(\.name) == [name])
  }

  @Test(arguments: [
    "1A", "A B", "A=B", "A\nB", "A:B", "A{{", "{{A}}", "É", "A😀", "A\"", "'", "A$", "A/B", "A\0",
    "A#", "- A", "А", String(repeating: "A", count: 254),
  ])
  func `any other name is refused`(name: String) {
    #expect(draft((name, "x")).wrongFields == ["environment.0.name"])
  }

  @Test func `a name that is set twice is told at its second row`() {
    let twice = draft(("A", "1"), ("B", "2"), (" A ", "3"), ("a", "4"))

    #expect(
      twice.mistakes == [
        FieldError("environment.2.name", "“A” is set twice; keep one of them.")
      ])
  }

  @Test func `empty rows don't count, and keep the others' numbers`() throws {
    let rows = draft(("", ""), ("A", ""), ("  ", ""), ("", "x"), ("1", "y"))

    #expect(rows.wrongFields == ["environment.3.name", "environment.4.name"])
    let fine = try draft(("", ""), ("A", ""), ("B", "")).validated()
    #expect(fine.environment.map(\.name) == ["A", "B"])
  }

  @Test func `a value has at most 32 KiB, counted in bytes`() throws {
    let most = String(repeating: "é", count: 16 * 1024)
    let longer = draft(("A", most + "x"))
    let much = draft(("A", String(repeating: "x", count: 64 * 1024)))

    #expect(try draft(("A", most)).validated().environment.first?.value == most)
    #expect(
      longer.mistakes == [
        FieldError(
          "environment.0.value", "A value has at most 32 KiB; this one has 33 KiB.")
      ])
    #expect(much.wrongFields == ["environment.0.value"])
  }

  @Test func `a value can't hold NUL`() {
    #expect(draft(("A", "a\0b")).wrongFields == ["environment.0.value"])
  }

  @Test func `at most 200 variables fit`() throws {
    let rows = (0..<201).map { Row(name: "V\($0)", value: "") }

    let most = ApplicationDraft.sample { $0.environment = Array(rows.dropLast()) }
    let more = ApplicationDraft.sample { $0.environment = rows }

    #expect(try most.validated().environment.count == 200)
    #expect(more.wrongFields == ["environment"])
  }
}
