import Domain
import Templates

/// The deploy hooks on an application's settings page.
struct HooksCard: Sendable {
  struct Line: Sendable {
    let name: String
    let tags: String
    let maker: String
    let made: RelativeTime
    let obstacle: String?
    let obstacleBadge = Badge(.bad, "Stopped")
    let last: Use?
    let rotation: Link
    let removal: Link

    var hasTags: Bool { !tags.isEmpty }
  }

  struct Use: Sendable {
    let hook: String
    let at: RelativeTime
    let badge: Badge
    let tag: String
    let sentence: String
    let release: Link?
    let address: String

    var hasTag: Bool { !tag.isEmpty }
  }

  /// A hook with a secret that is shown once.
  struct Made: Sendable {
    let name: String
    let secret: CodeBlock
    let address: CodeBlock
    let example: CodeBlock
    let fullAddress: CodeBlock
  }

  let errors: FormErrors?
  let lines: [Line]
  /// Of all hooks, the newest first.
  let uses: [Use]
  let made: Made?
  let action: Link
  let name: Field
  let tags: Field
  let refusal: DisabledButton?

  var hasLines: Bool { !lines.isEmpty }
  var hasUses: Bool { !uses.isEmpty }
  var mayMake: Bool { refusal == nil }

  /// - Parameters:
  ///   - refusal: why the person may have no hooks here.
  ///   - form: what was typed, when a hook couldn't be made.
  ///   - origin: where the site is, for the hook's address.
  init(
    _ hooks: [DeployHook], of application: String, in project: String, refusal: String?,
    form: FormBody, error: DomainError?, made: NewDeployHook?, origin: String
  ) {
    let errors = error.map { FormErrors(Self.renamed($0), fields: ["hook-name", "hook-tags"]) }
    self.errors = errors
    lines = hooks.map { Line($0, application, project) }
    uses = hooks.flatMap { hook in hook.uses.map { (hook.name, $0) } }
      .sorted { $0.1.at > $1.1.at }.prefix(DeployHookUse.kept)
      .map { Use($0.1, of: $0.0, application, project) }
    self.made = made.map { Made($0, origin) }
    action = Paths.hooks(of: application, in: project)
    let isAgain = error != nil
    name = Field(
      "name", label: "Name", value: isAgain ? form.string("name") : "",
      hint: "Who calls it, as in Docker Hub.", error: errors?["hook-name"], autocomplete: "off",
      placeholder: "Docker Hub",
      maximumLength: 60, id: Field.id(of: "hook-name"))
    tags = Field(
      "tags", label: "Tags that it deploys", value: isAgain ? form.string("tags") : "",
      hint: "As in v*; empty for all.", error: errors?["hook-tags"], isRequired: false,
      autocomplete: "off", placeholder: "v*", maximumLength: 128, id: Field.id(of: "hook-tags"))
    self.refusal = refusal.map {
      DisabledButton(id: "why-hooks", label: "Make a hook", reason: $0)
    }
  }

  /// Other forms of the page have fields of these names.
  private static func renamed(_ error: DomainError) -> DomainError {
    DomainError(
      error.reason, error.message, advice: error.advice,
      fields: error.fields.map { FieldError("hook-\($0.field)", $0.message) })
  }
}

extension HooksCard.Line {
  fileprivate init(_ hook: DeployHook, _ application: String, _ project: String) {
    name = hook.name
    tags = hook.tags.text
    maker = hook.makerName
    made = RelativeTime(hook.secretAt)
    obstacle = hook.obstacle
    last = hook.uses.first.map { HooksCard.Use($0, of: hook.name, application, project) }
    rotation = Paths.hookRotation(hook.id, of: application, in: project)
    removal = Paths.hookRemoval(hook.id, of: application, in: project)
  }
}

extension HooksCard.Use {
  fileprivate init(
    _ use: DeployHookUse, of hook: String, _ application: String, _ project: String
  ) {
    self.hook = hook
    at = RelativeTime(use.at)
    badge =
      switch use.outcome {
      case .deployed: Badge(.good, "Deployed")
      case .unchanged: Badge(.neutral, "Unchanged")
      case .ignored: Badge(.neutral, "Ignored")
      case .refused: Badge(.bad, "Refused")
      }
    tag = use.tag
    sentence = use.sentence
    release = use.release.map { Paths.release($0, of: application, in: project) }
    address = use.address
  }
}

extension HooksCard.Made {
  fileprivate init(_ made: NewDeployHook, _ origin: String) {
    name = made.hook.name
    let plain = origin + Paths.hookCall(made.hook.id).text
    secret = CodeBlock(id: "hook-secret", caption: "Secret", text: made.secret)
    address = CodeBlock(id: "hook-address", caption: "Address", text: plain)
    example = CodeBlock(
      id: "hook-example", caption: "In CI",
      text: "curl -fsS -H \"Authorization: Bearer $BABYHELM_HOOK\" -d tag=1.4 \(plain)")
    fullAddress = CodeBlock(
      id: "hook-full-address", caption: "Address with the secret in it",
      text: origin + Paths.hookCall(made.hook.id, secret: made.secret).text)
  }
}
