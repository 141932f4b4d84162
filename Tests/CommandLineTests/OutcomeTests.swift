import ArgumentParser
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

  @Test func `exit codes are those of docs automation`() {
    #expect(Outcome.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 130])
    #expect(ClientCommands.usageCode(for: ["deploy", "--what"]) == ExitCode(2))
    #expect(ClientCommands.usageCode(for: ["serve", "--what"]) == nil)
    #expect(ClientCommands.usageCode(for: []) == nil)
  }
}
