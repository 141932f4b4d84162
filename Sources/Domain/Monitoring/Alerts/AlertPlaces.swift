/// Which project and application an alert is about, by its labels.
struct AlertPlaces: Sendable {
  /// Where an alert belongs.
  struct Place: Sendable, Hashable {
    /// nil for the platform.
    var projectID: Project.ID?
    var project: String?
    /// As it was told; empty without one.
    var namespace: String
    var application: ApplicationReference?
  }

  private let projects: [String: Project.ID]
  private let applications: [ObjectKey: ApplicationReference]

  init(_ projects: [Project.ID: String], _ applications: [ApplicationReference]) {
    self.projects = Dictionary(
      projects.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    self.applications = Dictionary(
      applications.map { (ObjectKey(namespace: $0.project, name: $0.name), $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The namespace decides about the project, and only exactly: a label that
  /// looks like one gives nobody another project's alerts.
  func place(of labels: AlertLabels) -> Place {
    let namespace = labels["namespace"] ?? ""
    guard let id = projects[namespace] else {
      return Place(namespace: AlertText.line(namespace, 100))
    }
    return Place(
      projectID: id, project: namespace, namespace: namespace,
      application: application(of: labels, in: namespace))
  }

  /// The first of the labels that names an application there is.
  private func application(
    of labels: AlertLabels, in project: String
  ) -> ApplicationReference? {
    let names = [
      labels["application"], labels["label_app_kubernetes_io_name"], labels["deployment"],
      labels["horizontalpodautoscaler"], labels["pod"].flatMap(Self.owner),
    ]
    for name in names.compactMap(\.self) {
      if let found = applications[ObjectKey(namespace: project, name: name)] { return found }
    }
    return nil
  }

  /// The Deployment of a pod by its name, `NAME-<hash>-<5>`; nil for another
  /// name.
  static func owner(ofPod pod: String) -> String? {
    let parts = pod.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 3, let suffix = parts.last, suffix.utf8.count == 5 else { return nil }
    let hash = parts[parts.count - 2]
    func isPlain(_ part: Substring) -> Bool {
      !part.isEmpty && part.utf8.count <= 10
        && part.utf8.allSatisfy(ASCII.isLowercaseAlphanumeric)
    }
    guard isPlain(suffix), isPlain(hash) else { return nil }
    let name = parts.dropLast(2).joined(separator: "-")
    return name.isEmpty ? nil : name
  }
}
