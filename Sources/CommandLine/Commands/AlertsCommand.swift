internal import ArgumentParser

/// `babyhelm alerts PROJECT[/APPLICATION]`
struct AlertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "List a project's alerts that fire, the newest first.")

  @Argument(help: ArgumentHelp("PROJECT or PROJECT/APPLICATION.", valueName: "name"))
  var scope: ScopeName

  @Flag(help: "Also those that are over.")
  var all = false

  @OptionGroup var options: ServerOptions

  func run() async throws {
    try await options.perform { client, console in
      var query = [("limit", "100")]
      if !all { query.append(("state", "firing")) }
      if let application = scope.application { query.append(("application", application)) }
      let answer = try await client.get("/projects/\(scope.project)/alerts", query: query)
      let alerts = answer.body["items"]?.array ?? []
      if options.json { return console.result(.array(alerts)) }
      if alerts.isEmpty { return console.say("Nothing is wrong in \(scope.project).") }
      let rows = alerts.map { alert in
        [
          alert["severity"]?.words ?? "",
          alert["silence"]?.object == nil ? alert["state"]?.words ?? "" : "silenced",
          alert["application"]?.words ?? "", alert["name"]?.words ?? "",
          alert["startedAt"]?.words ?? "", alert["summary"]?.words ?? "",
        ]
      }
      let headings = ["SEVERITY", "STATE", "APPLICATION", "NAME", "SINCE", "WHAT"]
      for line in Table(headings: headings, rows: rows).lines { console.result(line) }
    }
  }
}
