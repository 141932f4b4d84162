import Domain
import Templates

/// Sizes that most applications fit into.
enum ResourcePreset: String, Sendable, CaseIterable {
  case small, medium, large

  /// The fields that it fills in, by their names.
  var fields: [(name: String, value: String)] {
    switch self {
    case .small: Self.fields("100m", "128Mi", "256Mi")
    case .medium: Self.fields("250m", "256Mi", "512Mi")
    case .large: Self.fields("1", "1Gi", "2Gi")
    }
  }

  private static func fields(
    _ cpu: String, _ memory: String, _ limit: String
  ) -> [(name: String, value: String)] {
    [("cpuRequest", cpu), ("memoryRequest", memory), ("memoryLimit", limit)]
  }

  /// Puts the size into a draft.
  func fill(_ draft: inout ApplicationDraft) {
    let values = fields.map(\.value)
    (draft.cpuRequest, draft.memoryRequest, draft.memoryLimit) = (values[0], values[1], values[2])
  }

  func fits(_ draft: ApplicationDraft) -> Bool {
    [draft.cpuRequest, draft.memoryRequest, draft.memoryLimit] == fields.map(\.value)
  }
}

/// What helps somebody to fill in the deploy form.
struct DeployHelp: Sendable {
  /// A button that fills in resources.
  struct PresetButton: Sendable {
    let preset: ResourcePreset
    /// Whether the fields are as it would fill them in.
    let isChosen: Bool

    var step: String { "preset-\(preset.rawValue)" }
    var isSmall: Bool { preset == .small }
    var isMedium: Bool { preset == .medium }
    var isLarge: Bool { preset == .large }
    var cpu: String { preset.fields[0].value }
    var memory: String { preset.fields[2].value }
    /// For the script, which fills in without asking.
    var json: String {
      JSON.members(preset.fields.map { ($0.name, .string($0.value)) }).text
    }
  }

  /// What the form takes of one resource of the quota.
  struct Share: Sendable {
    /// What the script computes with: "cpu", "memory", "limit" or "pods".
    let kind: String
    /// The field that it depends on; "" for pods.
    let field: String
    let free: String
    let needed: String
    let left: String
    let isOver: Bool

    var isCPU: Bool { kind == "cpu" }
    var isMemory: Bool { kind == "memory" }
    var isLimit: Bool { kind == "limit" }
    var isPods: Bool { kind == "pods" }
    var fits: Bool { !isOver }
  }

  let presets: [PresetButton]
  let shares: [Share]
  /// The form with an example filled in; nil when something is in it already.
  let example: Link?
  /// Where tags are asked for.
  let tagsAddress: String
  /// Whole references that the image field suggests.
  let suggestions: [String]
  /// What became of asking for tags; nil when nobody did.
  let tagsNote: String?
  /// Under which name a browser keeps what is typed.
  let draftKey: String
  /// Whether what is in the form was just typed or read from elsewhere.
  let isFilled: Bool

  var hasShares: Bool { !shares.isEmpty }
  var hasSuggestions: Bool { !suggestions.isEmpty && tagsNote != nil }

  init(_ form: DeployForm, _ preview: QuotaPreview, in project: String, isFilled: Bool) {
    let draft = form.draft
    presets = ResourcePreset.allCases.map { PresetButton(preset: $0, isChosen: $0.fits(draft)) }
    shares = preview.shares.map(Share.init)
    let isEmpty = draft.name.isEmpty && draft.image.isEmpty
    example = form.isChange || !isEmpty ? nil : Paths.example(in: project)
    tagsAddress = Paths.imageTags(in: project).text
    suggestions = form.texts.suggestions
    tagsNote = form.texts.tagsNote
    draftKey = "\(project)/\(form.isChange ? draft.name : "")"
    self.isFilled = isFilled
  }
}

extension DeployHelp.Share {
  init(_ share: QuotaPreview.Share) {
    let (kind, field) =
      switch share.resource {
      case .cpuRequests: ("cpu", "cpuRequest")
      case .memoryRequests: ("memory", "memoryRequest")
      case .memoryLimits: ("limit", "memoryLimit")
      case .pods, .storage: ("pods", "")
      }
    self.kind = kind
    self.field = field
    free = String(share.free)
    needed = share.needed ?? "–"
    left = share.left ?? "–"
    isOver = !share.fits
  }
}

extension ApplicationDraft {
  /// Something small that runs anywhere and answers at once.
  static var example: ApplicationDraft {
    var draft = ApplicationDraft()
    (draft.name, draft.image, draft.port) = ("hello", "nginx:1.27", "80")
    return draft
  }
}
