internal import Kubernetes

// Checks of what surrounds the container: files, volumes and who may reach it.

extension ApplicationDraft {
  /// The most files an application may have.
  static let fileCeiling = 50
  /// The most bytes that all files together may have: a ConfigMap holds 1 MiB
  /// (Kubernetes API, ConfigMap), and a form half of that.
  static let filesCeiling = 256 * 1024
  /// The most volumes an application may have.
  static let volumeCeiling = 10

  func checkedFiles(_ errors: inout [FieldError]) -> [ApplicationSpec.ConfigFile] {
    var files: [ApplicationSpec.ConfigFile] = []
    for (index, row) in self.files.enumerated() {
      if row.path.trimmingSpaces().isEmpty, row.content.isEmpty { continue }
      let field = "files.\(index).path"
      guard let path = Self.path(row.path, field: field, &errors) else { continue }
      if files.contains(where: { $0.path == path }) {
        errors.append(FieldError(field, "There is a file at \(path) already."))
      }
      if row.content.utf8.contains(0) {
        errors.append(
          FieldError("files.\(index).content", "A file here can't hold the NUL character."))
      }
      files.append(.init(path: path, content: row.content))
    }
    if files.count > Self.fileCeiling {
      errors.append(FieldError("files", "At most \(Self.fileCeiling) files fit here."))
    }
    let size = files.reduce(0) { $0 + $1.content.utf8.count }
    if size > Self.filesCeiling {
      errors.append(
        FieldError(
          "files",
          "All files together have at most 256 KiB; these have \((size + 1023) / 1024) KiB."
        ))
    }
    return files
  }

  func checkedVolumes(
    besides files: [ApplicationSpec.ConfigFile], scaling: ApplicationSpec.Scaling?,
    _ errors: inout [FieldError]
  ) -> [ApplicationSpec.Volume] {
    var volumes: [ApplicationSpec.Volume] = []
    for (index, row) in self.volumes.enumerated() {
      if row.path.trimmingSpaces().isEmpty, row.size.trimmingSpaces().isEmpty { continue }
      let field = "volumes.\(index).path"
      let size = Self.quantity(
        row.size, field: "volumes.\(index).size", example: "1Gi", errors: &errors)
      guard let path = Self.path(row.path, field: field, &errors) else { continue }
      let name = Self.volumeName(of: path)
      if name.utf8.count > 40 {
        errors.append(FieldError(field, "The path of a volume has at most 40 characters."))
      } else if volumes.contains(where: { $0.name == name }) {
        errors.append(
          FieldError(field, "Another volume's path gives the same name, “\(name)”; choose another.")
        )
      } else if files.contains(where: { $0.path == path }) {
        errors.append(FieldError(field, "There is a file at \(path) already."))
      }
      if let size, size.value < 1 << 20 {
        errors.append(
          FieldError("volumes.\(index).size", "A volume has at least a mebibyte: 1Mi."))
      }
      volumes.append(.init(name: name, path: path, size: size?.description ?? ""))
    }
    if volumes.count > Self.volumeCeiling {
      errors.append(FieldError("volumes", "At most \(Self.volumeCeiling) volumes fit here."))
    }
    requireOneReplica(for: volumes, scaling, &errors)
    return volumes
  }

  /// A volume is mounted by one node at a time (`ReadWriteOnce`), so replicas on
  /// other nodes would wait for it for ever.
  private func requireOneReplica(
    for volumes: [ApplicationSpec.Volume], _ scaling: ApplicationSpec.Scaling?,
    _ errors: inout [FieldError]
  ) {
    guard !volumes.isEmpty else { return }
    switch scaling {
    case .fixed(let replicas) where replicas > 1:
      errors.append(
        FieldError("replicas", "An application with a volume runs as 1 replica, or 0."))
    case .automatic:
      errors.append(
        FieldError("autoscaling", "An application with a volume runs as 1 replica, or 0."))
    default: break
    }
  }

  /// A name for the volume at a path: `/var/lib/data` gives `var-lib-data`.
  static func volumeName(of path: String) -> String {
    var bytes: [UInt8] = []
    for byte in path.lowercased().utf8 {
      if ASCII.isLowercaseAlphanumeric(byte) {
        bytes.append(byte)
      } else if bytes.last != 0x2d, !bytes.isEmpty {
        bytes.append(0x2d)
      }
    }
    if bytes.last == 0x2d { bytes.removeLast() }
    return bytes.isEmpty ? "volume" : String(decoding: bytes, as: UTF8.self)
  }

  /// An absolute path in the container, of simple characters: Kubernetes
  /// refuses colons and `..` in a mount's path.
  static func path(
    _ text: String, field: String, _ errors: inout [FieldError]
  ) -> String? {
    let path = text.trimmingSpaces()
    let parts = path.split(separator: "/")
    guard path.hasPrefix("/"), !parts.isEmpty, path.utf8.count <= 512, !path.hasSuffix("/"),
      !parts.contains(".."), !parts.contains("."),
      path.utf8.allSatisfy({ ASCII.isWord($0) || [0x2d, 0x2e, 0x2f, 0x40, 0x2b].contains($0) })
    else {
      errors.append(
        FieldError(
          field, "Write an absolute path of letters, digits and . _ - signs, such as /etc/app.conf."
        ))
      return nil
    }
    return path
  }

  func checkedExposure(
    of name: String, ports: [ApplicationSpec.Port], _ errors: inout [FieldError]
  ) -> ApplicationSpec.Exposure {
    guard let choice = ExposureChoice(rawValue: exposure) else {
      errors.append(FieldError("exposure", "Choose who can reach it."))
      return .cluster
    }
    if choice == .cluster { return .cluster }
    if ports.first?.transport != .tcp {
      errors.append(FieldError("exposure", "There is no port to reach; fill in the port."))
    }
    if choice == .ingress {
      let host = host.trimmingSpaces().lowercased()
      if !DNSLabel.isSubdomain(host) || !host.contains(".") {
        errors.append(FieldError("host", "Write a host name, for example web.example.com."))
      }
      return .ingress(host: host, isEncrypted: isEncrypted)
    }
    let typed = tailnetName.trimmingSpaces()
    let hostname = typed.isEmpty ? name : typed
    if let mistake = DNSLabel.mistake(in: hostname, mustStartWithLetter: false), !typed.isEmpty {
      errors.append(FieldError("tailnetName", mistake))
    }
    return .tailnet(hostname: hostname)
  }
}
