import Domain
import Foundation

/// The lists of the deploy form that grow by rows.
struct DeployRows: Sendable {
  let environment: RowEditor
  let secretValues: SecretValueEditor
  let secrets: RowEditor
  let files: RowEditor
  let volumes: RowEditor
  let ports: RowEditor

  init(_ draft: ApplicationDraft, _ errors: FormErrors?) {
    environment = RowEditor(
      "environment", adding: "Add a variable",
      first: .init("envName", label: "Variable name", placeholder: "NAME", error: "name"),
      second: .init("envValue", label: "Variable value", placeholder: "value", error: "value"),
      .text, draft.environment.map { ($0.name, $0.value) }, errors)
    secretValues = SecretValueEditor(draft.secretValues, errors)
    secrets = RowEditor(
      "secrets", adding: "Add a variable from a Secret",
      first: .init("secretVariable", label: "Variable name", placeholder: "NAME", error: "name"),
      second: .init(
        "secretReference", label: "Secret and key", placeholder: "database/password",
        error: "reference"),
      .line, draft.secrets.map { ($0.name, $0.reference) }, errors)
    files = RowEditor(
      "files", adding: "Add a file",
      first: .init("filePath", label: "Path", placeholder: "/etc/app.conf", error: "path"),
      second: .init("fileContent", label: "Content", placeholder: "content", error: "content"),
      .text, draft.files.map { ($0.path, $0.content) }, errors)
    volumes = RowEditor(
      "volumes", adding: "Add a volume",
      first: .init("volumePath", label: "Path", placeholder: "/var/lib/data", error: "path"),
      second: .init("volumeSize", label: "Size", placeholder: "1Gi", error: "size"),
      .line, draft.volumes.map { ($0.path, $0.size) }, errors)
    ports = RowEditor(
      "ports", adding: "Add a port",
      first: .init("portNumber", label: "Port", placeholder: "8443", error: "number"),
      second: .init("portTransport", label: "Protocol", placeholder: "", error: "transport"),
      .transport, draft.morePorts.map { ($0.number, $0.transport) }, errors)
  }
}

/// The list of secret values. What was typed is never written into it again; a
/// row says that there is a value, and carries it sealed.
struct SecretValueEditor: Sendable {
  /// One row.
  struct Row: Sendable {
    let targetID: String
    let valueID: String
    let target: String
    let sealed: String
    let placeholder: String
    let error: String?
    let errorID: String

    var isBad: Bool { error != nil }
  }

  let id = "secretValues"
  let rows: [Row]
  let error: String?

  var errorID: String { Field.id(of: id) }

  init(
    _ drafts: [ApplicationDraft.SecretValueRow], _ errors: FormErrors?,
    now: Date = Date()
  ) {
    error = errors?[id]
    var rows: [Row] = []
    for (index, draft) in drafts.enumerated() {
      let targetField = "\(id).\(index).target"
      let valueField = "\(id).\(index).value"
      let mistake = errors?[targetField] ?? errors?[valueField]
      if draft.target.isEmpty, draft.sealed.isEmpty, mistake == nil { continue }
      // A value that can't be read any more must be typed again.
      let isLost = errors?[valueField] != nil
      rows.append(
        Row(
          targetID: Field.id(of: targetField), valueID: Field.id(of: valueField),
          target: draft.target, sealed: isLost ? "" : draft.sealed,
          placeholder: isLost ? "value" : Self.placeholder(draft, now: now), error: mistake,
          errorID: "\(Field.id(of: targetField))-error"))
    }
    for spare in 0..<RowEditor.spareRows {
      let prefix = "\(id)-spare-\(spare)"
      rows.append(
        Row(
          targetID: "\(prefix)-target", valueID: "\(prefix)-value", target: "", sealed: "",
          placeholder: "value", error: nil, errorID: "\(prefix)-error"))
    }
    self.rows = rows
  }

  private static func placeholder(
    _ draft: ApplicationDraft.SecretValueRow, now: Date
  ) -> String {
    if !draft.sealed.isEmpty { return "Typed, not shown; type to replace it" }
    guard let setAt = draft.setAt else { return "Leave empty to keep the value" }
    let age = RelativeTime(setAt, now: now).text
    return "Set \(age) by \(draft.setBy ?? "somebody"); type to replace it"
  }
}

/// A list of pairs of inputs. Rows can be added with JavaScript; a few empty ones
/// are there without.
struct RowEditor: Sendable {
  /// One of the two inputs of each row.
  struct Column: Sendable {
    let name: String
    let label: String
    let placeholder: String
    /// The last part of its name among the errors: `environment.0.name`.
    let error: String

    init(_ name: String, label: String, placeholder: String, error: String) {
      self.name = name
      self.label = label
      self.placeholder = placeholder
      self.error = error
    }
  }

  /// What the second input is.
  enum Second: Sendable {
    case line, text, transport
  }

  /// One row.
  struct Row: Sendable {
    let firstID: String
    let secondID: String
    let first: String
    let second: String
    let error: String?
    let errorID: String

    var isBad: Bool { error != nil }
    var isUDP: Bool { second == ApplicationSpec.Port.Transport.udp.rawValue }
  }

  /// Rows offered to people without JavaScript.
  static let spareRows = 2

  let id: String
  let adding: String
  let first: Column
  let second: Column
  let rows: [Row]
  /// A mistake of the whole list.
  let error: String?
  private let kind: Second

  var errorID: String { Field.id(of: id) }
  var isLine: Bool { kind == .line }
  var isText: Bool { kind == .text }
  var isTransport: Bool { kind == .transport }

  init(
    _ id: String, adding: String, first: Column, second: Column, _ kind: Second,
    _ pairs: [(String, String)], _ errors: FormErrors?
  ) {
    self.id = id
    self.adding = adding
    self.first = first
    self.second = second
    self.kind = kind
    error = errors?[id]
    // Rows keep the numbers they were checked under.
    var rows: [Row] = []
    for (index, pair) in pairs.enumerated() {
      let firstField = "\(id).\(index).\(first.error)"
      let secondField = "\(id).\(index).\(second.error)"
      let mistake = errors?[firstField] ?? errors?[secondField]
      if pair.0.isEmpty, pair.1.isEmpty || kind == .transport, mistake == nil { continue }
      rows.append(
        Row(
          firstID: Field.id(of: firstField), secondID: Field.id(of: secondField), first: pair.0,
          second: pair.1, error: mistake, errorID: "\(Field.id(of: firstField))-error"))
    }
    for spare in 0..<Self.spareRows {
      let prefix = "\(id)-spare-\(spare)"
      rows.append(
        Row(
          firstID: "\(prefix)-\(first.error)", secondID: "\(prefix)-\(second.error)", first: "",
          second: "", error: nil, errorID: "\(prefix)-error"))
    }
    self.rows = rows
  }
}
