import Domain
import Templates

extension ApplicationLive {
  /// What is wrong, in plain words.
  struct Problem: Sendable {
    let sentence: String
    let evidence: String
    let advice: String
    /// What the program wrote last, line by line.
    let lines: String
    /// To the field that cures it; nil for those who may not change it.
    let cure: ActionLink?
    let cardClass: String

    var hasLines: Bool { !lines.isEmpty }

    init(_ diagnosis: Diagnosis, of detail: ApplicationDetail, for principal: Principal) {
      sentence = diagnosis.sentence
      evidence = diagnosis.evidence
      advice = diagnosis.advice
      lines = diagnosis.lastLines.joined(separator: "\n")
      cardClass = detail.status.health == .healthy ? "card-warning" : "card-bad"
      let mayChange =
        detail.membership.decision(.deployApplications, for: principal).isAllowed
      let (name, project) = (detail.application.name, detail.membership.project.name)
      cure = diagnosis.field.flatMap { field in
        mayChange
          ? ActionLink(
            "Change the \(field.words)", Paths.change(field, of: name, in: project)) : nil
      }
    }
  }
}

extension Diagnosis.Field {
  /// The field as people call it, after “the”.
  var words: String {
    switch self {
    case .image: "image"
    case .port: "port"
    case .replicas: "number of replicas"
    case .maximumReplicas: "most replicas"
    case .autoscaling: "autoscaling"
    case .cpuRequest: "CPU request"
    case .cpuLimit: "CPU limit"
    case .memoryRequest: "memory request"
    case .memoryLimit: "memory limit"
    case .environment: "environment variables"
    case .secrets: "variables from Secrets"
    case .secretValues: "secret values"
    case .files: "files"
    case .volumes: "volumes"
    case .healthCheck: "health check"
    case .healthPath: "path of the health check"
    case .healthCommand: "command of the health check"
    case .restartsUnhealthy: "restart by the health check"
    case .startSeconds: "time to start"
    case .command: "command"
    case .userID: "user id"
    case .registryUser: "registry login"
    }
  }
}
