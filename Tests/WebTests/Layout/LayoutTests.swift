import Foundation
import Templates
import Testing

@testable import Web

@Suite struct LayoutTests {
  @Test(arguments: [
    (0, "just now"), (-3, "just now"), (7, "7 seconds ago"), (60, "1 minute ago"),
    (3_599, "59 minutes ago"), (7_200, "2 hours ago"), (86_400, "1 day ago"),
    (40 * 86_400, "1 month ago"), (800 * 86_400, "2 years ago"), (-120, "in 2 minutes"),
  ])
  func `a time is told in its largest unit`(seconds: Int, words: String) {
    #expect(RelativeTime.words(seconds: seconds) == words)
  }

  @Test func `the exact time is there too`() {
    let time = RelativeTime(Date(timeIntervalSince1970: 1_795_411_570))
    #expect(time.full == "23 Nov 2026, 05:26:10 UTC")
    #expect(time.machine == "2026-11-23T05:26:10Z")
  }

  @Test func `pages lead to their neighbours and no further`() {
    func page(_ number: Int, of total: Int) -> Pagination {
      Pagination(page: number, pageSize: 50, total: total) { Link(path: "/?page=\($0)") }
    }

    #expect(page(1, of: 0).text == "0 of 0")
    #expect(!page(1, of: 50).isNeeded)
    #expect(page(1, of: 51).next?.text == "/?page=2")
    #expect(page(2, of: 1_204).text == "51–100 of 1,204")
    #expect(page(2, of: 51).next == nil)
    #expect(page(9, of: 51).previous?.text == "/?page=2")
  }

  @Test func `a status has a shape as well as a colour`() {
    let shapes = Badge.Tone.allCases.map { tone in
      String(decoding: Template.Partials.badge(badge: Badge(tone, "x")).bytes, as: UTF8.self)
        .replacing("badge-\(tone.rawValue)", with: "")
    }
    #expect(Set(shapes).count == Badge.Tone.allCases.count)
  }

  @Test func `a meter that is full says so`() {
    #expect(Meter(label: "CPU", used: "1", hard: "4", percent: 25).style == "good")
    #expect(Meter(label: "CPU", used: "3.5", hard: "4", percent: 88).style == "warning")
    #expect(Meter(label: "CPU", used: "5", hard: "4", percent: 125).style == "bad")
    #expect(Meter(label: "CPU", used: "5", hard: "4", percent: 125).percent == 100)
  }

  @Test func `a name can't change where a link leads`() {
    #expect(Paths.project("../admin").text == "/projects/..%2Fadmin")
    #expect(
      Paths.application("a?b#c", in: "x/y", .logs).text == "/projects/x%2Fy/apps/a%3Fb%23c/logs")
  }
}
