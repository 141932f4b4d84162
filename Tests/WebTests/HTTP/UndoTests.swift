import Domain
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// The button beside a message that takes back what it says.
@Suite(.timeLimit(.minutes(5)))
struct UndoTests {
  private static let id = "6f1f0b04-34f0-4d2c-8a5c-0d1f7c0a2f11"

  private static let all: [Undo] = [
    .start("web", project: "shop", after: 4), .stop("web", project: "shop", after: 5),
    .scale("web", project: "shop", to: 0, after: 6),
    .restoreApplication("web", project: "shop"), .restoreProject("shop"),
    .addMember("bob+x@example.net", role: .viewer, project: "shop"),
    .memberRole(User.ID(rawValue: id), .owner, project: "shop"),
    .platformRole(User.ID(rawValue: id), .admin),
    .endSilence(AlertSilence.ID(rawValue: id), project: "shop"),
    .endSilence(AlertSilence.ID(rawValue: id), project: nil),
  ]

  @Test(arguments: all)
  func `the way back travels with the message, and only if we sealed it`(undo: Undo) {
    let flash = Flash.success("Stopped: release #4 was started.", undo: undo)
    let sealed = flash.sealed(with: "secret")

    #expect(Flash.open(sealed, with: "secret") == flash)
    #expect(Flash.open(sealed, with: "another") == nil)
  }

  @Test(arguments: [
    [], ["nothing"], ["stop"], ["stop", "web", "shop"], ["stop", "web", "shop", "-1"],
    ["stop", "web", "shop", "007"], ["stop", "web", "shop", "1", "2"],
    ["stop", "../admin", "shop", "1"], ["scale", "web", "shop", "many", "1"],
    ["restore", "web", ""], ["restore-project", "//evil.example"], ["delete", "web", "shop"],
    ["add", "bob", "viewer", "shop"], ["add", "bob@example.net", "king", "shop"],
    ["role", "bob", "viewer", "shop"], ["platform-role", id, "operator"],
    ["end-silence", "1"], ["end-silence", id, "Shop"],
  ])
  func `what isn't a known kind with good names and numbers is no way back`(words: [String]) {
    #expect(Undo(words: words) == nil)
  }

  @Test func `stopping, starting and scaling are taken back from the next page`() async throws {
    try await withProject { ann, _ in
      try await ReleasePagesTests.deployTwice(ann)
      func press(_ action: String, _ fields: KeyValuePairs<String, String>) async throws -> Button?
      {
        try await ann.post("/projects/shop/apps/web/\(action)", fields)
        return Button(in: try await ann.get("/projects/shop/apps/web").text)
      }

      let scaled = try #require(try await press("scale", ["replicas": "3", "release": "2"]))
      #expect(scaled.action == "/projects/shop/apps/web/scale")
      #expect(scaled.fields["replicas"] == "1" && scaled.fields["release"] == "3")
      #expect(try await scaled.press(by: ann).status == .seeOther)
      let back = try await ann.get("/projects/shop/apps/web").text
      #expect(back.contains("Scaled to 1: release #4 was started."))
      #expect(Button(in: back)?.fields["replicas"] == "3", "and that, too")

      let stopped = try #require(try await press("stop", ["release": "4"]))
      #expect(stopped.action == "/projects/shop/apps/web/start")
      try await stopped.press(by: ann)
      let started = try await ann.get("/projects/shop/apps/web").text
      #expect(started.contains("Started again: release #6 was started."))
      #expect(Button(in: started)?.action == "/projects/shop/apps/web/stop")

      #expect(try await press("restart", ["release": "6"]) == nil, "there is no way back")
      #expect(try await press("stop", ["release": "7"]) != nil)
      #expect(
        try await press("scale", ["replicas": "2", "release": "8"]) == nil,
        "that started it, and scaling back wouldn't stop it")
      #expect(try await press("scale", ["replicas": "many", "release": "9"]) == nil)
      // The button of a page that is out of date decides about nothing newer.
      try await stopped.press(by: ann)
      let late = try await ann.get("/projects/shop/apps/web").text
      #expect(late.contains("was deployed since you looked"))
    }
  }

  @Test func `what was deleted comes back`() async throws {
    try await withProject { ann, _ in
      try await ReleasePagesTests.deployTwice(ann)
      let own = "/projects/shop/apps/web"
      try await ann.get("\(own)/settings")
      try await ann.post("\(own)/delete", ["confirmation": "web"])
      let page = try await ann.get("/projects/shop").text
      let application = try #require(Button(in: page))
      #expect(application.action == "\(own)/restore")
      #expect(page.contains(#"<p id="told">"#) && page.contains(#"aria-describedby="told""#))
      #expect(try await Button(in: ann.get("/projects/shop").text) == nil, "it is told once")
      #expect(try await application.press(by: ann).status == .seeOther)
      #expect(try await ann.get(own).text.contains("Restored"))

      try await ann.get("/projects/shop/settings")
      try await ann.post(
        "/projects/shop/delete", ["confirmation": "shop", "includesApplications": "on"])
      let project = try #require(Button(in: try await ann.get("/projects/shop/deleted").text))
      #expect(project.action == "/projects/shop/restore")
      #expect(
        try await project.press(by: ann).headers[.location] == "/projects/shop")
    }
  }

  @Test func `a member who was removed is one again with the role they had`() async throws {
    try await withProject { ann, site in
      let bob = Browser(site.client)
      try await bob.register(name: "Bob", email: "bob@example.net")
      try await ann.get("/projects/shop/members")
      try await ann.post("/projects/shop/members", ["email": "bob@example.net", "role": "viewer"])
      let list = try await ann.get("/projects/shop/members").text
      let path = String(
        try #require(list.firstMatch(of: #/href="(/projects/shop/members/[^"]+)/remove"/#)?.1))

      try await ann.post("\(path)/role", ["role": "editor"])
      let role = try #require(Button(in: try await ann.get("/projects/shop/members").text))
      #expect(role.action == "\(path)/role" && role.fields["role"] == "viewer")
      try await ann.post("\(path)/role", ["role": "editor"])
      #expect(
        try await Button(in: ann.get("/projects/shop/members").text) == nil, "nothing changed")

      try await ann.post("\(path)/remove", [:])
      let removed = try #require(Button(in: try await ann.get("/projects/shop/members").text))
      #expect(removed.action == "/projects/shop/members")
      #expect(try await bob.get("/projects/shop").status == .notFound)
      try await removed.press(by: ann)
      #expect(try await bob.get("/projects/shop").status == .ok)
      #expect(
        try await ann.get("/projects/shop/members").text.contains("Bob is now an editor of shop."))

      // Who leaves can't let themselves in again.
      try await bob.get("/projects/shop/members")
      try await bob.post("\(path)/remove", [:])
      let left = try await bob.get("/projects").text
      #expect(left.contains("You left the project shop.") && Button(in: left) == nil)
    }
  }

  /// The button as a page shows it.
  private struct Button {
    let action: String
    let fields: [String: String]

    init?(in page: String) {
      let pattern = #/<form class="flash-undo" method="post" action="([^"]+)">(.*?)<\/form>/#
        .dotMatchesNewlines()
      guard let form = page.firstMatch(of: pattern) else { return nil }
      action = String(form.1)
      fields = Dictionary(
        form.2.matches(of: #/name="([^"]+)" value="([^"]*)"/#)
          .map { (String($0.1), Browser.plain($0.2)) }, uniquingKeysWith: { _, last in last })
    }

    @discardableResult
    func press(by browser: Browser) async throws -> TestResponse {
      try await browser.post(action, fields: fields.map { ($0.key, $0.value) })
    }
  }
}
