import Foundation
public import Sandbox

extension SandboxRole {
  /// What deploy/rbac.yaml grants.
  ///
  /// - Throws: when the file can't be read, or holds no ClusterRole.
  public static func deployed() throws -> SandboxRole {
    try SandboxRole(manifest: String(contentsOf: manifestFile, encoding: .utf8))
  }

  private static var manifestFile: URL {
    var root = URL(filePath: #filePath).resolvingSymlinksInPath()
    // Tests/TestSupport/Cluster/DeployedRole.swift
    for _ in 0..<4 { root.deleteLastPathComponent() }
    return root.appending(path: "deploy/rbac.yaml")
  }
}
