internal import Foundation

/// What the live picture of the cluster and the releases show that is wrong, so
/// that there are alerts without a Prometheus. The names and times are those of
/// the rules in deploy/prometheus/rules/applications.yml.
enum LiveAlerts {
  /// For how long a release that failed, and that nothing came after, is alerted
  /// of, in seconds.
  static let failedFor: Double = 24 * 3600

  /// What pods and Deployments show.
  static func sightings(in state: ClusterState) -> [AlertSighting] {
    state.sick().flatMap { key, deployment in
      let status = state.status(of: key.name, in: key.namespace)
      return sightings(of: key, deployment, status)
    }
  }

  private static func sightings(
    of key: ObjectKey, _ deployment: DeploymentRecord, _ status: ApplicationStatus
  ) -> [AlertSighting] {
    let diagnosis = Diagnosis.of(status)
    var found: [AlertSighting] = []
    let name = key.name
    if deployment.desired > 0, deployment.available == 0 {
      found.append(
        sighting(
          "ApplicationNotAvailable", .critical, key, "\(name) is not available",
          diagnosis, delay: 180))
    } else if deployment.available < deployment.desired {
      found.append(
        sighting(
          "ReplicasMissing", .warning, key, "\(name) runs fewer pods than it should",
          diagnosis, delay: 900))
    }
    let pods = status.pods.filter { pod in
      if case .failing = pod.stage { return !pod.isOver }
      return false
    }
    if pods.contains(where: { $0.lastExitReason == "OOMKilled" || $0.stage == .killed }) {
      found.append(
        sighting(
          "OutOfMemory", .warning, key, "\(name) was killed because its memory ran out",
          diagnosis, delay: 0, keep: 300))
    } else if pods.contains(where: { $0.restarts >= 3 }) {
      found.append(
        sighting(
          "CrashLoop", .warning, key, "\(name) keeps crashing", diagnosis, delay: 60, keep: 300))
    }
    return found
  }

  /// What failed releases show.
  static func sightings(
    of failed: [FailedRelease], _ applications: [ApplicationReference]
  ) -> [AlertSighting] {
    let byID = Dictionary(
      applications.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return failed.compactMap { release in
      guard let application = byID[release.application] else { return nil }
      let key = ObjectKey(namespace: application.project, name: application.name)
      let description =
        "Release \(release.number): \(release.outcome) Pods of the release before go on serving "
        + "where there are any. Roll back, or mend it and deploy again."
      return AlertSighting(
        labels: labels("DeployFailed", .warning, key),
        annotations: [
          "summary": "The deploy of \(key.name) failed", "description": description,
        ], delay: 0, keep: 0)
    }
  }

  private static func sighting(
    _ name: String, _ severity: Alert.Severity, _ key: ObjectKey, _ summary: String,
    _ diagnosis: Diagnosis?, delay: Double, keep: Double = 0
  ) -> AlertSighting {
    let description =
      diagnosis.map { "\($0.sentence) \($0.advice)" }
      ?? "Open the application: its pods and events say more."
    return AlertSighting(
      labels: labels(name, severity, key),
      annotations: ["summary": summary, "description": description], delay: delay, keep: keep)
  }

  private static func labels(
    _ name: String, _ severity: Alert.Severity, _ key: ObjectKey
  ) -> AlertLabels {
    AlertLabels([
      "alertname": name, "severity": severity.rawValue, "namespace": key.namespace,
      "application": key.name,
    ])
  }
}

extension PodStatus.Stage {
  fileprivate static let killed = Self.failing(reason: "OOMKilled")
}

extension ClusterState {
  /// Deployments that want pods and haven't all, or whose pods fail.
  fileprivate func sick() -> [(key: ObjectKey, deployment: DeploymentRecord)] {
    read { picture in
      var failing: Set<ObjectKey> = []
      for (key, application, pod) in picture.pods.all {
        guard case .failing = pod.stage else { continue }
        failing.insert(ObjectKey(namespace: key.namespace, name: application))
      }
      return picture.deployments.all.compactMap { key, _, deployment in
        guard deployment.desired > 0 else { return nil }
        let isSick =
          deployment.available < deployment.desired || failing.contains(key)
        return isSick ? (key, deployment) : nil
      }
    }
  }
}
