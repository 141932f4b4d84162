// What a person should know before a deploy, although nothing forbids it.
extension Planner {
  /// - Parameter previous: what the application is now. What was said about that
  ///   isn't said again where it is no more than a fact to live with.
  static func warnings(
    about spec: ApplicationSpec, replacing previous: ApplicationSpec? = nil
  ) -> [String] {
    var warnings: [String] = []
    if spec.image.isLatest {
      warnings.append(
        "The image “\(spec.image)” has no fixed version, so a restart may run something else. "
          + "A tag like :1.27 is safer.")
    }
    if let warning = unusualPort(of: spec) { warnings.append(warning) }
    if spec.replacesAllAtOnce, spec.maximumReplicas > 0 {
      warnings.append(
        "A volume is mounted by one pod at a time, so an update stops the old pod before the new "
          + "one starts: it is away for a moment.")
    }
    if spec.maximumReplicas == 1, previous?.maximumReplicas != 1 {
      warnings.append(
        "With one replica, it is away for a moment whenever its node is emptied.")
    }
    if spec.maximumReplicas == 0 {
      warnings.append("With 0 replicas nothing runs.")
    }
    return warnings
  }

  /// Volumes hold what people stored, so a deploy never removes one.
  static func volumesKept(
    by spec: ApplicationSpec, of previous: ApplicationSpec?
  ) -> [String] {
    let names = Set(spec.volumes.map(\.name))
    return (previous?.volumes ?? []).filter { !names.contains($0.name) }.map { volume in
      "The volume at \(volume.path) is no longer mounted. Its claim "
        + "“\(spec.claimName(of: volume))” stays with its content until somebody deletes it."
    }
  }

  /// A port that a well-known image doesn't listen on, unless it is told to.
  private static func unusualPort(of spec: ApplicationSpec) -> String? {
    guard let port = spec.mainPort, spec.command.isEmpty, let usual = spec.image.usualPort,
      !spec.ports.contains(where: { $0.number == usual })
    else { return nil }
    return "The image “\(spec.image)” usually listens on port \(usual), not on \(port.number). "
      + "Unless it is told to use another, nothing will answer there."
  }
}

extension ImageReference {
  /// The port that a well-known image of Docker Hub or Quay listens on when nobody
  /// says otherwise; nil for images we don't know, and for others of the same name.
  var usualPort: Int? {
    switch registry {
    case nil, "docker.io", "index.docker.io", "registry-1.docker.io", "quay.io": break
    default: return nil
    }
    let path = path.hasPrefix("library/") ? String(path.dropFirst("library/".count)) : path
    return Self.usualPorts[path]
  }

  /// As the images' own descriptions say.
  private static let usualPorts: [String: Int] = [
    "nginx": 80, "httpd": 80, "caddy": 80, "traefik": 80, "wordpress": 80, "nextcloud": 80,
    "nginxinc/nginx-unprivileged": 8080, "tomcat": 8080, "jenkins/jenkins": 8080, "ghost": 2368,
    "postgres": 5432, "redis": 6379, "valkey/valkey": 6379, "mysql": 3306, "mariadb": 3306,
    "mongo": 27017, "rabbitmq": 5672, "memcached": 11211, "elasticsearch": 9200,
    "eclipse-mosquitto": 1883, "registry": 5000, "influxdb": 8086,
    "nodered/node-red": 1880, "grafana/grafana": 3000, "gitea/gitea": 3000,
    "prom/prometheus": 9090, "prometheus/prometheus": 9090, "prom/alertmanager": 9093,
    "minio/minio": 9000, "adminer": 8080,
  ]
}
