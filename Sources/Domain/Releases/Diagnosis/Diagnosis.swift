/// The plain-words reason an application isn't healthy, the evidence, and what
/// to do (docs/design.md §1, docs/diagnosis.md).
public struct Diagnosis: Sendable, Hashable {
  /// A field of the deploy form that can cure something; the raw value is its
  /// name.
  public enum Field: String, Sendable, CaseIterable {
    case image, port, replicas, maximumReplicas, autoscaling
    case cpuRequest, cpuLimit, memoryRequest, memoryLimit
    case environment, secrets, secretValues, files, volumes
    case healthCheck, healthPath, healthCommand, restartsUnhealthy, startSeconds
    case command, userID, registryUser
  }

  /// Which rule found it: lower-case words with dashes, the same in every release.
  public let id: String
  /// What is wrong, in one sentence.
  public let sentence: String
  /// What Kubernetes said, word for word, at most ``evidenceLimit`` characters.
  public let evidence: String
  /// What to do about it.
  public let advice: String
  /// The field that cures it; nil when that is up to somebody else, or unknown.
  public let field: Field?
  /// What the program wrote last before it ended, the newest line last; empty
  /// where that explains nothing or isn't known.
  public internal(set) var lastLines: [String] = []
  /// The pod whose program's last lines may say more.
  var endedPod: PodStatus?

  static let evidenceLimit = 1000

  /// The reason, or nil when nothing is known to be wrong.
  public static func of(_ status: ApplicationStatus) -> Diagnosis? { of(status, lastLines: []) }

  /// - Parameter lastLines: what a program that ends again and again wrote last.
  static func of(_ status: ApplicationStatus, lastLines: [String]) -> Diagnosis? {
    if status.health == .stopped { return nil }
    // What is left of an evicted pod stays on the cluster for days.
    let serves = status.health == .healthy
    let examination = Examination(status, lastLines: lastLines)
    for rule in DiagnosisRule.all where rule.concernsServing || !serves {
      guard let finding = rule.find(examination) else { continue }
      var diagnosis = Diagnosis(
        id: rule.id, sentence: rule.sentence(finding),
        evidence: String(finding.text.prefix(evidenceLimit)), advice: rule.advice(finding),
        field: rule.field(finding))
      if let pod = finding.pod, pod.hasLastWords {
        diagnosis.endedPod = pod
        diagnosis.lastLines = lastLines
      }
      return diagnosis
    }
    return nil
  }
}

/// One row of the table: how a cause shows, and what people read about it.
struct DiagnosisRule: Sendable {
  /// See ``Diagnosis/id``.
  let id: String
  /// Whether it also concerns an application all of whose replicas serve.
  var concernsServing = false
  let sentence: @Sendable (Finding) -> String
  let advice: @Sendable (Finding) -> String
  let field: @Sendable (Finding) -> Diagnosis.Field?
  /// What shows the cause; nil when it isn't this one.
  let find: @Sendable (Examination) -> Finding?

  init(
    _ id: String, _ sentence: @escaping @Sendable (Finding) -> String,
    advice: @escaping @Sendable (Finding) -> String,
    field: @escaping @Sendable (Finding) -> Diagnosis.Field?, concernsServing: Bool = false,
    find: @escaping @Sendable (Examination) -> Finding?
  ) {
    self.id = id
    self.sentence = sentence
    self.advice = advice
    self.field = field
    self.concernsServing = concernsServing
    self.find = find
  }

  /// A rule that says the same whatever shows it.
  init(
    _ id: String, _ sentence: String, advice: String, field: Diagnosis.Field? = nil,
    concernsServing: Bool = false, find: @escaping @Sendable (Examination) -> Finding?
  ) {
    self.init(
      id, { _ in sentence }, advice: { _ in advice }, field: { _ in field },
      concernsServing: concernsServing, find: find)
  }

  /// All rules; the first that finds something tells the cause, so a cause comes
  /// before its consequences.
  static let all: [DiagnosisRule] =
    ofRefusal + ofImage + ofContainer + ofPlacement + ofProbe + ofSurroundings + ofTheUnknown
}
