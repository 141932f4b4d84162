internal import ArgumentParser

/// `babyhelm logs PROJECT/APPLICATION`
struct LogsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Print what an application's pods write.")

  @Argument(help: ArgumentHelp("PROJECT/APPLICATION.", valueName: "name"))
  var application: ApplicationName

  @Flag(name: .shortAndLong, help: "Go on with what they write from now on.")
  var follow = false

  @Option(help: "One pod, instead of all.")
  var pod: String?

  @Option(help: "One container, instead of the application's own.")
  var container: String?

  @Flag(help: "What the container wrote before it last ended.")
  var previous = false

  @Option(help: "Only what is younger: 5m, 1h, 24h or all.")
  var since: String?

  @Option(help: "Only so many lines at the end (default: 200).")
  var tail: Int?

  @Option(help: "Only lines with this text.")
  var search: String?

  @OptionGroup var options: ServerOptions

  func validate() throws {
    if let tail, tail < 1 { throw ValidationError("--tail is 1 or more.") }
    if follow, previous {
      throw ValidationError("--previous is about a container that has ended: leave out --follow.")
    }
  }

  func run() async throws {
    try await options.perform { client, console in
      if follow {
        try await followLogs(client, console)
      } else {
        try await printLogs(client, console)
      }
    }
  }

  private var query: [(String, String)] {
    var query: [(String, String)] = []
    if let pod { query.append(("pod", pod)) }
    if let container { query.append(("container", container)) }
    if previous { query.append(("previous", "true")) }
    if let since { query.append(("since", since)) }
    if let tail { query.append(("tail", String(tail))) }
    if let search { query.append(("search", search)) }
    return query
  }

  private func printLogs(_ client: Client, _ console: Console) async throws {
    var lines = LineReader()
    try await client.stream(
      "\(application.path)/logs", query: query, accept: "text/plain"
    ) { bytes, _ in
      for line in lines.read(bytes) { show(line, console) }
    }
    if let line = lines.last() { show(line, console) }
  }

  private func show(_ line: String, _ console: Console) {
    if options.json {
      console.result(["line": .string(line)], isPretty: false)
    } else {
      console.result(Self.safe(line, isWatched: console.isWatched))
    }
  }

  /// Until the server ends it, or somebody presses Control-C.
  private func followLogs(_ client: Client, _ console: Console) async throws {
    var events = EventReader()
    try await client.stream(
      "\(application.path)/logs", query: query + [("follow", "true")],
      accept: "text/event-stream"
    ) { bytes, _ in
      for event in events.read(bytes) { show(event, console) }
    }
  }

  private func show(_ event: EventReader.Event, _ console: Console) {
    let value = JSON(data: event.data.utf8)
    if options.json {
      let line = value?.object == nil ? ["line": .string(event.data)] : value ?? .null
      return console.result(line, isPretty: false)
    }
    if let notice = value?["notice"]?.string { return console.complain("# \(notice.onOneLine)") }
    guard let text = value?["text"]?.string else { return show(event.data, console) }
    show("\(value?["pod"]?.words ?? "") \(text)", console)
  }

  /// On a terminal, what a pod writes may be in colours but moves no cursor and
  /// sets no title.
  static func safe(_ line: String, isWatched: Bool) -> String {
    guard isWatched else { return line }
    let colour = /\u{1B}\[[0-9;]*m/
    var text = ""
    var rest = line[...]
    while let match = rest.firstMatch(of: colour) {
      text += harmless(rest[..<match.range.lowerBound]) + match.output
      rest = rest[match.range.upperBound...]
    }
    return text + harmless(rest)
  }

  private static func harmless(_ text: Substring) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          scalar.properties.generalCategory == .control && scalar != "\t" ? "\u{FFFD}" : scalar
        }))
  }
}
