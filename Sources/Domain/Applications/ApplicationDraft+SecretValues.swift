// Checks of what can be said about secret values without knowing them.

extension ApplicationDraft {
  /// The most bytes one secret value may have (32 KiB).
  static let secretValueCeiling = 32 * 1024
  /// The most bytes that all secret values together may have: a Secret holds
  /// 1 MiB (Kubernetes API, Secret), and a form half of that.
  static let secretValuesCeiling = 256 * 1024

  /// The rows that say anything, with their places in the form.
  var filledSecretValues: [(index: Int, row: SecretValueRow)] {
    secretValues.enumerated().filter {
      !$0.element.target.trimmingSpaces().isEmpty || !$0.element.value.isEmpty
        || !$0.element.sealed.isEmpty
    }.map { (index: $0.offset, row: $0.element) }
  }

  /// Whether anything was typed about a registry's login.
  public var hasRegistryLogin: Bool {
    !registryUser.trimmingSpaces().isEmpty || !registryPassword.isEmpty
      || !registrySealed.isEmpty
  }

  /// Checks the names and paths.
  ///
  /// - Parameter variables: the names of variables that have other values.
  func checkSecretValues(
    besides variables: [String], _ files: [ApplicationSpec.ConfigFile],
    _ errors: inout [FieldError]
  ) {
    var seen = Set(variables + files.map(\.path))
    var keys: Set<String> = []
    let rows = filledSecretValues
    for (index, row) in rows {
      let field = "secretValues.\(index).target"
      let typed = row.target.trimmingSpaces()
      if typed.hasPrefix("/") {
        guard Self.path(typed, field: field, &errors) != nil else { continue }
      } else if !Self.isEnvironmentName(typed) {
        errors.append(
          FieldError(
            field,
            "Write a variable's name (letters, digits and . _ - signs, no digit first), or a file's "
              + "absolute path."))
        continue
      }
      if !seen.insert(typed).inserted {
        errors.append(FieldError(field, "“\(typed)” is set twice; keep one of them."))
      } else if !keys.insert(ApplicationSpec.SecretValues.Entry.key(of: typed)).inserted {
        errors.append(FieldError(field, "“\(typed)” is taken by a file here; choose another name."))
      }
    }
    if rows.count > Self.environmentCeiling {
      errors.append(
        FieldError("secretValues", "At most \(Self.environmentCeiling) secret values fit here."))
    }
  }

  /// A login is typed here, or named in a Secret, but not both.
  func checkRegistryLogin(_ errors: inout [FieldError]) {
    guard hasRegistryLogin else { return }
    if !pullSecret.trimmingSpaces().isEmpty {
      errors.append(
        FieldError(
          "pullSecret",
          "Name a Secret, or type the user and the password; not both."))
    }
    let user = registryUser.trimmingSpaces()
    if user.isEmpty {
      errors.append(FieldError("registryUser", "Type the user's name for the registry as well."))
    } else if user.contains(":") || user.utf8.count > 256 {
      // The name ends at the colon in what the registry is sent (RFC 7617 §2).
      errors.append(
        FieldError("registryUser", "A user's name has at most 256 characters, and no colon."))
    }
  }
}

extension ImageReference {
  /// The registry as a login names it (Kubernetes documentation, "Pull an Image
  /// from a Private Registry").
  var loginServer: String {
    switch registry {
    case nil, "docker.io", "index.docker.io": "https://index.docker.io/v1/"
    case .some(let registry): registry
    }
  }
}
