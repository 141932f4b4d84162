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
  /// The Pod Security level that is enforced.
  let podSecurity: String
}

struct ResourceQuotaManifest {
  let namespace: String
  let cpu: String
  let memory: String
  let pods: String
  let storage: String
}

struct ProjectGuardManifest {
  let namespace: String
  /// Namespaces whose pods may reach the project's.
  let admittedNamespaces: [String]
  let egress: Egress

  var isEgressClosed: Bool { egress.isClosed }
  var allowedNetworks: [String] { egress.allowedNetworks }
}

/// A member of a project, as the metadata of their objects names them.
struct MemberManifest {
  let name: String
  let namespace: String
  /// The label by which BabyHelm finds what it made for members.
  let key: String
  let person: String
  let email: String
  let clusterRole: String
}

struct MemberAccountManifest {
  let member: MemberManifest
}

struct RoleBindingManifest {
  let member: MemberManifest
}

struct ServiceManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  let ports: [PortManifest]
  /// The machine's name in the tailnet; nil for inside the cluster only.
  let tailnetName: String?

  var isInTailnet: Bool { tailnetName != nil }
}

struct PortManifest {
  let name: String
  let number: Int
  let transport: String
}

struct HorizontalPodAutoscalerManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  let minimum: Int
  let maximum: Int
  let targetCPU: Int
}

struct PodDisruptionBudgetManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
}

struct IngressManifest {
  let name: String
  let namespace: String
  let stamp: ReleaseStamp
  let className: String?
  let host: String
  /// The Secret with the host's certificate; nil without TLS.
  let certificate: String?
  let portName: String
}

struct ConfigMapManifest {
  let name: String
  let application: String
  let namespace: String
  let stamp: ReleaseStamp
  let files: [FileManifest]
}

struct FileManifest {
  let key: String
  let path: String
  let content: String
}

struct SecretManifest {
  struct Entry {
    let key: String
    /// In Base64, or ``SecretVersion/mask``.
    let value: String
  }

  let name: String
  let application: String
  let namespace: String
  let stamp: ReleaseStamp
  let type: String
  let entries: [Entry]
}

struct PersistentVolumeClaimManifest {
  let name: String
  let application: String
  let namespace: String
  let stamp: ReleaseStamp
  let className: String?
  let size: String
}
