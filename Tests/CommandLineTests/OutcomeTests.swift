import ArgumentParser
import Foundation
import Testing

@testable import CommandLine

struct OutcomeTests {
  @Test func `a refusal is one line with what is wrong and what to do`() {
    let error = ClientError(
      status: 422,
      body: [
        "detail": "2 fields need a correction.", "advice": "Mend them.",
        "errors": [
          ["field": "image", "message": "It is no image."],
          ["field": "", "message": "It is too big."],
        ],
      ])

    #expect(error.outcome == .refused)
    #expect(
      error.line
        == "2 fields need a correction. image: It is no image. It is too big. Mend them.")
  }

  @Test func `advice that the detail ends with is not repeated`() {
    let error = ClientError(
      status: 409, body: ["detail": "It moved. Try again.", "advice": "Try again."])

    #expect(error.line == "It moved. Try again.")
  }

  @Test(arguments: [
    (401, Outcome.refused), (403, .refused), (404, .refused), (409, .refused), (412, .refused),
    (422, .refused), (429, .unreachable), (500, .unreachable), (503, .unreachable),
  ])
  func `every refusal has a sentence and its exit code`(status: Int, outcome: Outcome) {
    let error = ClientError(status: status, body: .null)

    #expect(error.outcome == outcome)
    #expect(error.line.hasSuffix("."))
  }

  @Test func `what a server says moves no cursor`() {
    let error = ClientError(status: 403, body: ["detail": "No.\n\u{1B}[2JAll is well."])

    #expect(error.line == "No.  [2JAll is well.")
  }

  @Test func `what can't be written is no success, but for who has read enough`() {
    func error(_ code: Int32) -> NSError {
      let cause = NSError(domain: NSPOSIXErrorDomain, code: Int(code))
      return NSError(
        domain: NSCocoaErrorDomain, code: 512, userInfo: [NSUnderlyingErrorKey: cause])
    }
    let looking = Console()
    let acting = looking.acting
    #expect(looking.outcome(of: error(EPIPE), writing: .result) == .succeeded)
    #expect(looking.outcome(of: error(ENOSPC), writing: .result) == .failed)
    #expect(looking.outcome(of: error(ENOSPC), writing: .word) == .failed)
    #expect(acting.outcome(of: error(EPIPE), writing: .result) == .failed)
    // A release is followed to its end.
    #expect(acting.outcome(of: error(EPIPE), writing: .word) == nil)
    #expect(acting.outcome(of: error(ENOSPC), writing: .word) == nil)
    // The reason of a failure doesn't make it another one.
    for console in [looking, acting] {
      #expect(console.outcome(of: error(EPIPE), writing: .failure) == nil)
    }
  }

  @Test func `a release that couldn't be followed has its reason in the result`() throws {
    let reason = ClientError(.timedOut, "shop/web release 4 isn't finished.")
    let release = FollowedRelease(
      application: ApplicationName(project: "shop", application: "web"), release: 4, state: nil,
      trouble: reason)

    #expect(release.error == reason)
    #expect(release.json["state"]?.string == "unknown")
    #expect(release.json["error"]?.string == reason.sentence)
  }

  @Test func `exit codes are those of docs automation`() {
    #expect(Outcome.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 130])
    #expect(ClientCommands.usageCode(for: ["deploy", "--what"]) == ExitCode(2))
    #expect(ClientCommands.usageCode(for: ["serve", "--what"]) == nil)
    #expect(ClientCommands.usageCode(for: []) == nil)
  }
}
