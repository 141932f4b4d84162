public import Foundation
internal import Kubernetes

/// A file with which a member asks the cluster itself.
public struct MemberKubeconfig: Sendable {
  /// The file's name: `shop.kubeconfig`.
  public let fileName: String
  /// The file, as YAML. It holds a token: never log or store it.
  public let text: String
  /// When the API server stops to accept it.
  public let expiresAt: Date

  /// The hours that a person can choose from.
  public static let hours = [1, 8, 24]
}

extension Projects {
  /// Makes a kubeconfig for the asking member, with a token that expires.
  ///
  /// - Parameter hours: one of ``MemberKubeconfig/hours``; the API server may
  ///   give less.
  /// - Throws: `invalid` at `hours`; `conflict` for an admin who isn't a member,
  ///   or while the rights aren't on the cluster; `notFound`; `forbidden`;
  ///   `unavailable`.
  public func kubeconfig(
    for name: String, hours: Int, as principal: Principal
  ) async throws(DomainError) -> MemberKubeconfig {
    let membership = try await project(named: name, for: .downloadKubeconfig, as: principal)
    guard MemberKubeconfig.hours.contains(hours) else {
      throw DomainError.invalid([FieldError("hours", "Choose 1, 8 or 24 hours.")])
    }
    guard membership.role != nil else {
      throw DomainError(
        .conflict, "Only members of “\(name)” have an account on the cluster.",
        advice: "Add yourself as a member first.")
    }
    let scheme = address.server.scheme?.lowercased()
    guard scheme == "https" || address.hasTokenInPath else {
      throw DomainError(
        .unavailable, "The cluster's address is plain HTTP, over which kubectl sends no token.",
        advice: "An operator can give another one with --cluster-public-url.")
    }
    let project = membership.project
    try requireReady(project)
    try await guards.requireOurs(project)
    let token = try await token(of: principal, in: project, hours: hours)
    try await database.writing { [audit] connection in
      try audit.record(
        .kubeconfigDownload, .project(name), [AuditChange("hours", to: "\(hours)")], as: principal,
        in: connection)
    }
    return MemberKubeconfig(
      fileName: "\(name).kubeconfig",
      text: kubeconfig(token, of: principal, in: project), expiresAt: token.expiresAt)
  }

  private func token(
    of principal: Principal, in project: Project, hours: Int
  ) async throws(DomainError) -> AuthenticationV1.Token {
    do throws(KubernetesError) {
      return try await guards.client.token(
        serviceAccount: MemberRights.name(of: principal.userID), namespace: project.name,
        expirationSeconds: hours * 3600)
    } catch  where error.isNotFound {
      throw DomainError(
        .conflict, "Your account in “\(project.name)” isn't on the cluster yet.",
        advice: "Try again in a minute, or ask an owner to put the guards back.")
    } catch {
      throw ClusterFailure.domainError(
        error, doing: "making a token for “\(project.name)”")
    }
  }

  private func kubeconfig(
    _ token: AuthenticationV1.Token, of principal: Principal, in project: Project
  ) -> String {
    var cluster: JSONValue = ["server": .string(server(token.value))]
    if let pem = address.certificateAuthorities {
      cluster["certificate-authority-data"] = .string(Data(pem.utf8).base64EncodedString())
    }
    if let name = address.serverName { cluster["tls-server-name"] = .string(name) }
    let name = JSONValue.string(project.name)
    let user = JSONValue.string(MemberRights.name(of: principal.userID))
    let file: JSONValue = [
      "apiVersion": "v1", "kind": "Config",
      "clusters": [["name": name, "cluster": cluster]],
      "users": [["name": user, "user": ["token": .string(token.value)]]],
      "contexts": [
        ["name": name, "context": ["cluster": name, "user": user, "namespace": name]]
      ],
      "current-context": name,
    ]
    return """
      # For the project \(project.name). Its token expires at \(Timestamp.text(token.expiresAt)),
      # and at once when you are no member any more. Whoever has this file acts as you.
      \(YAMLText.of(file))
      """
  }

  private func server(_ token: String) -> String {
    address.hasTokenInPath
      ? address.server.appending(path: token).absoluteString : address.server.absoluteString
  }
}
