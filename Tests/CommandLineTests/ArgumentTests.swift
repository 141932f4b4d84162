import ArgumentParser
import Testing

@testable import CommandLine

struct ArgumentTests {
  private func deploy(_ arguments: String...) async throws -> DeployCommand {
    try await DeployCommand.asyncParse(arguments)
  }

  @Test func `flags become a merge patch`() async throws {
    let command = try await deploy(
      "shop/web", "--image", "nginx:1.27", "--set", "A=1", "--set", "B=x=y", "--set", "C=",
      "--unset", "D", "--replicas", "0")

    #expect(
      command.patch == [
        "image": "nginx:1.27", "replicas": 0,
        "environment": ["A": "1", "B": "x=y", "C": "", "D": nil],
      ])
  }

  @Test(arguments: [
    [], ["shop/web"], ["web", "--image", "x"], ["shop/web", "--set", "A"],
    ["shop/web", "--set", "=a"], ["shop/web", "--image", "x", "--prune"],
    ["shop/web", "--image", "x", "--replicas", "-1"], ["shop/web", "-f", "a.yaml"],
    ["-f", "a.yaml", "--image", "x"], ["shop/web", "--image", "x", "--timeout", "soon"],
  ])
  func `a command line that says too little or too much is refused`(arguments: [String]) async {
    await #expect(throws: (any Error).self) { try await DeployCommand.asyncParse(arguments) }
  }

  @Test(arguments: [
    ("90", Duration.seconds(90)), ("90s", .seconds(90)), ("10m", .seconds(600)),
    ("1h", .seconds(3600)),
  ])
  func `a time is a number with a unit`(text: String, duration: Duration) {
    #expect(Patience(argument: text)?.duration == duration)
  }

  @Test(arguments: ["", "0", "-1m", "m", "1d", "1.5h", "100h"])
  func `other times are refused`(text: String) {
    #expect(Patience(argument: text) == nil)
  }

  @Test(arguments: [
    "", "web", "shop/", "/web", "shop/web/1", "Shop/web", "shop/-a", "a/b?c", "../x",
  ])
  func `only two names make an application`(text: String) {
    #expect(ApplicationName(argument: text) == nil)
  }

  @Test func `no command takes a token or a secret as an argument`() {
    for command in ClientCommands.groups.flatMap(\.subcommands) {
      let help = command.helpMessage()
      #expect(!help.contains("--token") && !help.contains("--value"), "\(help)")
    }
  }

  @Test func `what pods write moves no cursor on a terminal`() {
    let line = "\u{1B}[31mred\u{1B}[0m \u{1B}[2J\u{1B}]0;title\u{7}\tend"

    #expect(LogsCommand.safe(line, isWatched: false) == line)
    #expect(
      LogsCommand.safe(line, isWatched: true)
        == "\u{1B}[31mred\u{1B}[0m \u{FFFD}[2J\u{FFFD}]0;title\u{FFFD}\tend")
  }

  @Test func `a table is as wide as its cells`() {
    let table = Table(headings: ["NAME", "READY"], rows: [["web", "1/2"], ["a-long-one", ""]])

    #expect(table.lines == ["NAME        READY", "web         1/2", "a-long-one"])
  }

  @Test func `secrets are named wherever they come from`() {
    #expect(
      SecretsCommand.names([
        "secrets": ["B": "database/password"], "secretValues": ["A", "B"],
      ]) == ["A", "B"])
    #expect(SecretsCommand.names([:]) == [])
  }
}
