internal import Kubernetes

extension Logs {
  /// An application's log as text, for a file.
  ///
  /// - Throws: `notFound` when there is no such project or application that
  ///   the principal may see; `tooManyRequests` when too many logs are open.
  public func download(
    _ application: String, in project: String, _ query: LogQuery, as principal: Principal
  ) async throws(DomainError) -> LogDownload {
    let detail = try await applications.application(
      named: application, in: project, as: principal)
    let slot: LogSlots.Slot
    do throws(LogSlots.Full) {
      slot = try slots.take(for: principal.userID)
    } catch {
      throw DomainError(
        .tooManyRequests, error.sentence, advice: "Close a page that shows a log.",
        retryAfter: .seconds(30))
    }
    return LogDownload(logs: self, detail: detail, query: query, slot: slot)
  }
}

/// A log as text, one pod after the other, bounded and never whole in memory.
public struct LogDownload: Sendable {
  let logs: Logs
  let detail: ApplicationDetail
  let query: LogQuery
  let slot: LogSlots.Slot

  /// Good for a file: made of DNS labels.
  public var fileName: String {
    "\(detail.membership.project.name)-\(query.pod.flatMap(known) ?? detail.application.name).log"
  }

  /// What came in the query is a name only if a pod has it.
  private func known(_ pod: String) -> String? {
    detail.status.pods.contains { $0.name == pod } ? pod : nil
  }

  /// The text in pieces of some ten thousand bytes, from the beginning. Lines
  /// that begin with `#` are BabyHelm's own.
  public func pieces() -> Pieces {
    let (pods, missing) = Logs.choice(of: query, among: detail.status.pods)
    return Pieces(
      log: self, pods: pods[...], notice: missing.map { "# \($0)\n" },
      rest: logs.limits.download)
  }

  /// Reads one piece at a time.
  public struct Pieces {
    let log: LogDownload
    var pods: ArraySlice<PodStatus>
    var notice: String?
    /// Bytes that may still be sent.
    var rest: Int
    private var open: (pod: PodStatus, lines: LogStream.Iterator)?
    private var isWithinLine = false

    init(log: LogDownload, pods: ArraySlice<PodStatus>, notice: String?, rest: Int) {
      self.log = log
      self.pods = pods
      self.notice = notice
      self.rest = rest
    }

    /// The next piece; nil at the end.
    ///
    /// - Throws: `CancellationError` when nobody reads it any more.
    public mutating func next() async throws(CancellationError) -> String? {
      if let notice {
        self.notice = nil
        return notice
      }
      while rest > 0 {
        if open == nil {
          guard let pod = pods.popFirst() else { break }
          if let sentence = await begin(pod) { return "# \(sentence)\n" }
        }
        if let piece = try await read() { return piece }
      }
      guard rest <= 0, open != nil else {
        log.slot.release()
        return nil
      }
      open = nil
      pods = []
      return "# Cut here: a download holds at most \(log.logs.limits.download) bytes. "
        + "Choose one pod, or a shorter time.\n"
    }

    /// - Returns: why there is nothing to read.
    private mutating func begin(_ pod: PodStatus) async -> String? {
      if let waiting = LogFailure.waiting(pod) { return waiting }
      do throws(KubernetesError) {
        let lines = try await log.logs.client.podLogLines(
          pod: pod.name, namespace: log.detail.membership.project.name,
          log.query.options(now: log.logs.now(), whole: true))
        open = (pod, lines.makeAsyncIterator())
        isWithinLine = false
        return nil
      } catch {
        return LogFailure.sentence(error, pod, isPrevious: log.query.isPrevious)
      }
    }

    /// Some of the open pod's lines; nil when they are through.
    private mutating func read() async throws(CancellationError) -> String? {
      guard let current = open else { return nil }
      let pod = current.pod
      var lines = current.lines
      var piece = ""
      do throws(KubernetesError) {
        while rest > 0, piece.utf8.count < 32 << 10 {
          guard let text = try await lines.next() else {
            open = nil
            return piece.isEmpty ? nil : piece
          }
          let raw = RawLogLine(text, of: pod.name)
          let isRest = isWithinLine && raw.time == nil
          isWithinLine = text.utf8.count >= LogStream.maximumLineBytes
          if isRest || !log.query.matches(raw) { continue }
          let line = raw.shown.fileText
          rest -= line.utf8.count
          piece += line
        }
        open = (pod, lines)
        return piece
      } catch {
        open = nil
        if case .cancelled = error { throw CancellationError() }
        let sentence = LogFailure.sentence(error, pod, isPrevious: log.query.isPrevious)
        return "\(piece)# \(sentence)\n"
      }
    }
  }
}

extension LogLine {
  /// Pod, time and text, with the end of the line.
  fileprivate var fileText: String {
    "\(pod) \(time?.text ?? "-") \(text)\(isCut ? " … (cut)" : "")\n"
  }
}
