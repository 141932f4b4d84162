import Domain

/// The texts of a deploy form that stand for other fields of it: what is pasted to
/// fill it in, and the environment variables when they are edited as a text.
struct DeployTexts: Sendable, Equatable {
  /// What the button that was pressed is for.
  enum Step: String, Sendable {
    case plan = ""
    case form
    case fillIn = "import"
    case environmentText = "envText"
    case environmentRows = "envRows"
    /// Asks the registry for tags.
    case tags
    case small = "preset-small"
    case medium = "preset-medium"
    case large = "preset-large"

    /// The size that it fills in; nil for a step that is something else.
    var preset: ResourcePreset? {
      switch self {
      case .small: .small
      case .medium: .medium
      case .large: .large
      default: nil
      }
    }
  }

  var step = Step.plan
  /// What was pasted.
  var pasted = ""
  /// Which service of a Compose file is meant.
  var service = ""
  /// The variables as a text; nil when they are rows.
  var environment: String?
  /// References that the image field suggests.
  var suggestions: [String] = []
  /// What became of asking for them.
  var tagsNote: String?

  init() {}

  init(_ form: FormBody) {
    step = Step(rawValue: form.string("step")) ?? .plan
    pasted = form.raw(DraftImport.textField)
    service = form.string(DraftImport.serviceField)
    if form.names.contains(Self.environmentField) {
      environment = form.raw(Self.environmentField)
    }
    // Whoever pastes a text and goes on meant it to be used.
    if step == .plan, !FormBody.trimmed(pasted).isEmpty { step = .fillIn }
  }

  static let environmentField = "envText"
}

extension DeployForm {
  /// Puts the variables that were edited as a text into the draft.
  ///
  /// - Throws: `invalid`, with the lines that can't be read.
  mutating func readEnvironmentText() throws(DomainError) {
    guard let text = texts.environment else { return }
    let environment = EnvironmentText(text)
    if !environment.mistakes.isEmpty {
      throw Self.mistake(environment.mistakes.map { "Line \($0.line): \($0.sentence)" })
    }
    draft.environment = environment.variables.map { .init(name: $0.name, value: $0.value) }
  }

  /// Shows the variables as a text instead of rows.
  ///
  /// - Throws: `invalid` at the rows whose names no line could hold.
  mutating func showEnvironmentText() throws(DomainError) {
    if texts.environment != nil { return }
    let rows = draft.environment.enumerated().filter {
      !FormBody.trimmed($0.element.name).isEmpty || !$0.element.value.isEmpty
    }
    let wrong = rows.filter { !EnvironmentText.isName(FormBody.trimmed($0.element.name)) }
    guard wrong.isEmpty else {
      throw DomainError.invalid(
        wrong.map {
          FieldError(
            "environment.\($0.offset).name",
            "A variable's name has letters, digits and . _ - signs, and doesn't start with a digit."
          )
        })
    }
    texts.environment = EnvironmentText.text(
      of: rows.map { .init(name: FormBody.trimmed($0.element.name), value: $0.element.value) })
  }

  /// The same refusal with the mistakes of single variables told by line, where
  /// the variables are a text.
  func told(_ error: DomainError) -> DomainError {
    guard let text = texts.environment else { return error }
    let lines = EnvironmentText(text).variables.map(\.line)
    var error = error
    var sentences: [String] = []
    error.fields.removeAll { mistake in
      let parts = mistake.field.split(separator: ".")
      guard parts.first == "environment" else { return false }
      let index = parts.count > 1 ? Int(parts[1]) : nil
      let line = index.flatMap { lines.indices.contains($0) ? lines[$0] : nil }
      sentences.append(line.map { "Line \($0): \(mistake.message)" } ?? mistake.message)
      return true
    }
    if !sentences.isEmpty { error.fields += Self.mistake(sentences).fields }
    return error
  }

  private static func mistake(_ sentences: [String]) -> DomainError {
    let shown = sentences.prefix(10).joined(separator: " ")
    let more = sentences.count > 10 ? " And \(sentences.count - 10) more." : ""
    return DomainError.invalid([FieldError(DeployTexts.environmentField, shown + more)])
  }
}

/// The part of the deploy form that fills in the rest from a text.
struct FillInView: Sendable {
  let text: TextareaField
  let service: Field
  let isOpen: Bool

  init(_ texts: DeployTexts, _ errors: FormErrors?) {
    text = TextareaField(
      DraftImport.textField, label: "Text to fill in from", value: texts.pasted, rows: 6,
      hint: "What it says replaces what is in the form; nothing is deployed yet. "
        + "An .env file only adds variables.",
      error: errors?[DraftImport.textField], placeholder: "docker run -p 8080:80 nginx:1.27")
    service = Field(
      DraftImport.serviceField, label: "Service", value: texts.service,
      hint: "Only for a Compose file with several services.",
      error: errors?[DraftImport.serviceField], isRequired: false, autocomplete: "off")
    isOpen = !texts.pasted.isEmpty || text.error != nil || service.error != nil
  }
}

/// What a text was taken for and what became of it.
struct FillInReport: Sendable {
  let title: String
  let taken: [String]
  let left: [String]

  var hasTaken: Bool { !taken.isEmpty }
  var hasLeft: Bool { !left.isEmpty }

  /// What was taken over from the cluster.
  init(adopting left: [String]) {
    title =
      "Filled in with what the cluster has. Nothing is deployed yet: check the form, then review it."
    taken = []
    self.left = left
  }

  /// What was read from a Deployment.
  init(adopting name: String, _ reading: DeploymentReading) {
    title =
      "Filled in from the Deployment \(name). Nothing is deployed yet, and \(name) stays as it is."
    taken = []
    left = reading.left
  }

  init(_ filled: DraftImport) {
    title = "Filled in from \(filled.kind.rawValue). Nothing is deployed yet: check the form."
    taken = filled.taken
    left = filled.left
  }
}

extension DeployTexts {
  /// Shows what a registry said.
  mutating func suggest(_ tags: Result<[String], DomainError>, for image: String) {
    switch tags {
    case .success(let names):
      let name = Self.untagged(image)
      suggestions = names.map { "\(name):\($0)" }
      tagsNote =
        names.isEmpty
        ? "The registry has no tags of it." : "The registry has these tags, and perhaps more:"
    case .failure(let error):
      let sentences = error.fields.map(\.message)
      tagsNote =
        sentences.isEmpty ? "\(error.message) \(error.advice)" : sentences.joined(separator: " ")
    }
  }

  /// An image without its tag and digest. A colon before the last slash is of a
  /// port.
  private static func untagged(_ image: String) -> String {
    let name =
      FormBody.trimmed(image).split(separator: "@", maxSplits: 1).first.map(String.init) ?? ""
    let lastSlash = name.lastIndex(of: "/") ?? name.startIndex
    guard let colon = name[lastSlash...].lastIndex(of: ":") else { return name }
    return String(name[..<colon])
  }
}
