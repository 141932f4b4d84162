import Domain

/// What the deploy form sends, and the plan page sends back for confirmation.
struct DeployForm: Sendable {
  var draft: ApplicationDraft
  /// The plan that is confirmed; "" on the way to a plan.
  var planHash = ""
  /// Why, in the author's words.
  var message = ""
  /// Whether an application that is there already is changed.
  var isChange = false
  /// Texts that stand for other fields, and which button was pressed.
  var texts = DeployTexts()

  init(_ draft: ApplicationDraft = ApplicationDraft()) {
    self.draft = draft
  }

  init(_ form: FormBody) {
    draft = ApplicationDraft()
    let sent = Set(form.names)
    // Fields left out, as a script may, keep the form's own defaults.
    for line in Self.lines where sent.contains(line.name) {
      draft[keyPath: line.path] = form.string(line.name)
    }
    for text in Self.texts { draft[keyPath: text.path] = form.string(text.name) }
    for checkbox in Self.checkboxes { draft[keyPath: checkbox.path] = form.isOn(checkbox.name) }
    // A checkbox that isn't ticked isn't sent either: only a form with the
    // host beside it says no.
    if !sent.contains("host") { draft.isEncrypted = ApplicationDraft().isEncrypted }
    draft.environment = form.rows("envName", "envValue").map {
      .init(name: $0[0], value: $0[1])
    }
    draft.secrets = form.rows("secretVariable", "secretReference").map {
      .init(name: $0[0], reference: $0[1])
    }
    draft.secretValues = form.rows("secretTarget", "secretValue", "secretSealed").map {
      .init(target: $0[0], value: $0[1], sealed: $0[2])
    }
    draft.registryPassword = form.raw("registryPassword")
    draft.files = form.rows("filePath", "fileContent").map { .init(path: $0[0], content: $0[1]) }
    draft.volumes = form.rows("volumePath", "volumeSize").map { .init(path: $0[0], size: $0[1]) }
    draft.morePorts = form.rows("portNumber", "portTransport").map {
      .init(number: $0[0], transport: $0[1].isEmpty ? "TCP" : $0[1])
    }
    draft.base = Int(form.string("base"))
    planHash = form.string("plan")
    message = form.string("message")
    isChange = form.isOn("change")
    texts = DeployTexts(form)
  }

  /// The fields of the draft as they are sent, for the plan page's hidden
  /// copy of them. What was typed into a secret field is in them only sealed.
  var pairs: [(name: String, value: String)] {
    var pairs = (Self.lines + Self.texts).map {
      (name: $0.name, value: draft[keyPath: $0.path])
    }
    for checkbox in Self.checkboxes where draft[keyPath: checkbox.path] {
      pairs.append((checkbox.name, "on"))
    }
    if isChange { pairs.append(("change", "on")) }
    if let base = draft.base { pairs.append(("base", String(base))) }
    for row in draft.environment where !row.name.isEmpty || !row.value.isEmpty {
      pairs += [("envName", row.name), ("envValue", row.value)]
    }
    for row in draft.secrets where !row.name.isEmpty || !row.reference.isEmpty {
      pairs += [("secretVariable", row.name), ("secretReference", row.reference)]
    }
    for row in draft.secretValues where !row.target.isEmpty || !row.sealed.isEmpty {
      pairs += [
        ("secretTarget", row.target), ("secretValue", ""), ("secretSealed", row.sealed),
      ]
    }
    for row in draft.files where !row.path.isEmpty || !row.content.isEmpty {
      pairs += [("filePath", row.path), ("fileContent", row.content)]
    }
    for row in draft.volumes where !row.path.isEmpty || !row.size.isEmpty {
      pairs += [("volumePath", row.path), ("volumeSize", row.size)]
    }
    for row in draft.morePorts where !row.number.isEmpty {
      pairs += [("portNumber", row.number), ("portTransport", row.transport)]
    }
    return pairs
  }

  /// The fields whose values no page may show.
  static let secretFields: Set<String> = [
    "secretValue", "registryPassword", DraftImport.textField,
  ]

  private typealias Text = (
    name: String, path: any WritableKeyPath<ApplicationDraft, String> & Sendable
  )
  private typealias Flag = (
    name: String, path: any WritableKeyPath<ApplicationDraft, Bool> & Sendable
  )

  /// Fields of one line.
  private static let lines: [Text] = [
    ("name", \.name), ("image", \.image), ("port", \.port), ("replicas", \.replicas),
    ("minimumReplicas", \.minimumReplicas), ("maximumReplicas", \.maximumReplicas),
    ("targetCPU", \.targetCPU), ("cpuRequest", \.cpuRequest), ("cpuLimit", \.cpuLimit),
    ("memoryRequest", \.memoryRequest), ("memoryLimit", \.memoryLimit),
    ("healthCheck", \.healthCheck), ("healthPath", \.healthPath),
    ("startSeconds", \.startSeconds), ("surge", \.surge), ("unavailable", \.unavailable),
    ("exposure", \.exposure), ("host", \.host), ("tailnetName", \.tailnetName),
    ("pullSecret", \.pullSecret), ("userID", \.userID),
    ("registryUser", \.registryUser), ("registrySealed", \.registrySealed),
    ("restartedAt", \.restartedAt),
  ]
  /// Fields of several lines.
  private static let texts: [Text] = [
    ("command", \.command), ("arguments", \.arguments), ("healthCommand", \.healthCommand),
  ]
  private static let checkboxes: [Flag] = [
    ("autoscaling", \.isAutoscaled), ("restartsUnhealthy", \.restartsUnhealthy),
    ("isEncrypted", \.isEncrypted), ("isStopped", \.isStopped),
    ("undoesFailures", \.undoesFailures),
  ]
}
