internal import Kubernetes
internal import Synchronization

/// What programs wrote last before they ended, asked of the cluster when somebody
/// looks and then kept: an open page asks again with every change.
final class LastWords: Sendable {
  /// The most lines that are shown.
  static let lineLimit = 10
  /// The most characters of a line.
  static let characterLimit = 300
  /// The most answers that are kept.
  static let answerLimit = 200

  /// One run of one container.
  private struct Run: Hashable {
    let namespace: String
    let pod: String
    let container: String
    let restarts: Int
    /// While the program that ended isn't replaced yet, its log is the current one.
    let isPrevious: Bool
  }

  private struct Answer: Sendable {
    let lines: Task<[String], Never>
    let askedAt: ContinuousClock.Instant
    var isEmpty = false
  }

  private let client: KubernetesClient
  /// How long an answer may take; a page waits for it.
  private let timeLimit: Duration
  /// How long no answer stays one, before the cluster is asked again.
  private let silence: Duration
  private let answers = Mutex<[Run: Answer]>([:])

  init(
    client: KubernetesClient, timeLimit: Duration = .seconds(1), silence: Duration = .seconds(10)
  ) {
    self.client = client
    self.timeLimit = timeLimit
    self.silence = silence
  }

  /// The last lines, the newest last; none when the cluster doesn't tell them in
  /// time.
  func lines(of pod: PodStatus, in namespace: String) async -> [String] {
    let run = Run(
      namespace: namespace, pod: pod.name, container: pod.container, restarts: pod.restarts,
      isPrevious: pod.stage == .failing(reason: "CrashLoopBackOff"))
    let lines = await task(for: run).value
    if lines.isEmpty { answers.withLock { $0[run]?.isEmpty = true } }
    return lines
  }

  private func task(for run: Run) -> Task<[String], Never> {
    answers.withLock { answers in
      let now = ContinuousClock.now
      if let known = answers[run], !known.isEmpty || now - known.askedAt < silence {
        return known.lines
      }
      if answers.count >= Self.answerLimit, answers[run] == nil,
        let oldest = answers.min(by: { $0.value.askedAt < $1.value.askedAt })?.key
      {
        answers[oldest] = nil
      }
      let task = Task { await ask(run) }
      answers[run] = Answer(lines: task, askedAt: now)
      return task
    }
  }

  private func ask(_ run: Run) async -> [String] {
    let options = LogOptions(
      container: run.container.isEmpty ? nil : run.container, tailLines: Self.lineLimit,
      isPrevious: run.isPrevious, limitBytes: 64 << 10)
    let (client, timeLimit) = (client, timeLimit)
    return await withTaskGroup(of: [String].self) { group in
      group.addTask {
        let log = try? await client.podLogs(pod: run.pod, namespace: run.namespace, options)
        return Self.shown(log ?? "")
      }
      group.addTask {
        try? await Task.sleep(for: timeLimit)
        return []
      }
      let lines = await group.next() ?? []
      group.cancelAll()
      return lines
    }
  }

  /// The last lines of a log as a page may show them: without control characters,
  /// colours and marks that turn text around, each cut to its length.
  static func shown(_ log: String) -> [String] {
    log.split(whereSeparator: \.isNewline).suffix(lineLimit)
      .map { String(printable($0).prefix(characterLimit)) }
      .filter { line in line.contains { !$0.isWhitespace } }
  }

  private static func printable(_ line: Substring) -> String {
    var text = String.UnicodeScalarView()
    var isEscape = false
    var escapeLength = 0
    for scalar in line.unicodeScalars {
      if isEscape {
        // ECMA-48 §5.4: ESC [, parameters, and one of @ to ~ at the end.
        escapeLength += 1
        let isEnd = (0x40...0x7e).contains(scalar.value) && !(escapeLength == 1 && scalar == "[")
        if isEnd || escapeLength > 32 { isEscape = false }
      } else if scalar == "\u{1b}" {
        isEscape = true
        escapeLength = 0
      } else if scalar == "\t" {
        text.append(" ")
      } else if ![.control, .format].contains(scalar.properties.generalCategory) {
        text.append(scalar)
      }
    }
    return String(text)
  }
}

extension Releases {
  /// Why an application isn't healthy, with the last lines of a program that ends
  /// again and again; nil when nothing is known to be wrong.
  ///
  /// It asks the cluster only for a program that ended, once for each of its runs,
  /// and for at most a second.
  ///
  /// - Parameter detail: as somebody was allowed to read it.
  public func diagnosis(of detail: ApplicationDetail) async -> Diagnosis? {
    let found = Diagnosis.of(detail.status)
    guard let pod = found?.endedPod else { return found }
    let lines = await lastWords.lines(of: pod, in: detail.membership.project.name)
    return lines.isEmpty ? found : Diagnosis.of(detail.status, lastLines: lines)
  }
}
