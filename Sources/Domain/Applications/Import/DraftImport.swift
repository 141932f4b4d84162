internal import Kubernetes

/// A draft filled in from a text that people already have: a `docker run` line, a
/// Compose file or a `.env` file. Nothing is read but the text.
public struct DraftImport: Sendable {
  /// What a text was taken for.
  public enum Kind: String, Sendable, CaseIterable {
    case run = "a docker run line"
    case compose = "a Compose file"
    case environment = "an .env file"
  }

  public let kind: Kind
  /// What was there before, and what the text says over it. The values that look
  /// secret are among ``ApplicationDraft/secretValues``, unsealed.
  public let draft: ApplicationDraft
  /// What was taken over, as sentences. No sentence has a variable's value.
  public let taken: [String]
  /// What was not, and why.
  public let left: [String]

  /// The most bytes of a text (256 KiB).
  public static let byteCeiling = 256 * 1024
  /// The names of the form's fields that mistakes are told at.
  public static let textField = "importText"
  public static let serviceField = "importService"

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - service: which one of a Compose file is wanted; "" for its only one.
  ///   - draft: what the text is put over.
  ///   - keepsName: whether the draft's name stays, since the application has it.
  /// - Throws: `invalid` with an error at ``textField`` or ``serviceField``.
  public init(
    _ text: String, service: String = "", over draft: ApplicationDraft = ApplicationDraft(),
    keepingName keepsName: Bool = false
  ) throws(DomainError) {
    guard text.utf8.count <= Self.byteCeiling else {
      let size = (text.utf8.count + 1023) / 1024
      throw Self.mistake("The text has at most 256 KiB; this one has \(size) KiB.")
    }
    guard !text.trimmingSpaces().isEmpty else {
      throw Self.mistake("Paste a docker run line, a Compose file or an .env file.")
    }
    var sheet = ImportSheet(draft, keepsName: keepsName)
    if DockerRun.isBegun(in: text) {
      kind = .run
      try DockerRun.read(text, into: &sheet)
    } else if let root = try Self.compose(text) {
      kind = .compose
      try ComposeService.read(root, service: service, into: &sheet)
    } else {
      kind = .environment
      try Self.readEnvironment(text, into: &sheet)
    }
    sheet.finish()
    self.draft = sheet.draft
    taken = sheet.taken
    left = sheet.left
  }

  static func mistake(_ sentence: String, at field: String = textField) -> DomainError {
    DomainError(
      .invalid, "The form couldn't be filled in from the text.",
      fields: [FieldError(field, sentence)])
  }

  /// The text's YAML, if it is about services; nil when it is no such file.
  private static func compose(_ text: String) throws(DomainError) -> JSONValue? {
    let isLikely = text.split(whereSeparator: \.isNewline).contains { line in
      let line = line.drop { $0 == " " || $0 == "\t" }
      return line.hasPrefix("services:") || line.hasPrefix("image:")
    }
    guard isLikely else { return nil }
    do throws(YAMLError) {
      let root = try JSONValue(yaml: text)
      return root.object == nil ? nil : root
    } catch {
      let environment = EnvironmentText(text)
      if environment.mistakes.isEmpty, !environment.variables.isEmpty { return nil }
      throw mistake("This looks like a Compose file, but can't be read. \(error.description)")
    }
  }

  private static func readEnvironment(
    _ text: String, into sheet: inout ImportSheet
  ) throws(DomainError) {
    let environment = EnvironmentText(text)
    guard !environment.variables.isEmpty else {
      let first = environment.mistakes.first.map { "Line \($0.line): \($0.sentence)" }
      throw mistake(
        "There is no docker run line, no Compose file and no variable in this text. "
          + (first ?? "It has only comments."))
    }
    guard environment.variables.count <= ApplicationDraft.environmentCeiling else {
      throw mistake(
        "At most \(ApplicationDraft.environmentCeiling) variables fit here; these are "
          + "\(environment.variables.count).")
    }
    for mistake in environment.mistakes {
      sheet.leave("Line \(mistake.line) isn't taken over. \(mistake.sentence)")
    }
    for variable in environment.variables {
      sheet.setVariable(variable.name, variable.value, at: "Line \(variable.line)")
      if variable.value.contains("$") {
        sheet.leave(
          "Line \(variable.line): the $ in the value of \(variable.name) is taken as it is written."
        )
      }
    }
  }
}
