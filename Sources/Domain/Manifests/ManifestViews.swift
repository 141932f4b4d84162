// What the manifest templates show (Resources/templates/manifests), one value
// a template. Everything here has been validated; the templates quote it all
// the same.

/// Ties an object to the release that applied it.
struct ReleaseStamp: Sendable, Hashable {
  /// The release's number, as the text of an annotation.
  let number: String
  /// The author's e-mail address.
  let author: String

  init(number: Int, author: String) {
    self.number = String(number)
    self.author = author
  }
}

struct NamespaceManifest {
  let name: String
  let projectID: String
}

struct ResourceQuotaManifest {
  let namespace: String
  let cpu: String
  let memory: String
  let pods: String
}

struct ProjectGuardManifest {
  let namespace: String
  /// Namespaces whose pods may reach the project's.
  let admittedNamespaces: [String]
}

struct ServiceManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  let port: Int
}

struct DeploymentManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  /// nil when an autoscaler owns the number.
  let replicas: Int?
  let image: String
  let port: Int?
  let environment: [ApplicationSpec.EnvironmentVariable]
  let resources: ApplicationSpec.Resources

  var hasEnvironment: Bool { !environment.isEmpty }
}

struct HorizontalPodAutoscalerManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  let minimum: Int
  let maximum: Int
  let targetCPU: Int
}
