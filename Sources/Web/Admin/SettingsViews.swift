import Domain
import Templates

/// The price list as it is typed.
struct PriceForm: Sendable {
  var draft: PriceListDraft
  var version: Int
  let changed: RelativeTime?
  let changedBy: String

  init(_ setting: Setting<PriceList?>) {
    let list = setting.value
    draft = PriceListDraft(
      isOn: list != nil, currency: list?.currency ?? "EUR",
      coreHour: list.map { MoneyText.price($0.coreHour) } ?? "",
      memoryHour: list.map { MoneyText.price($0.memoryHour) } ?? "",
      storageMonth: list.map { MoneyText.price($0.storageMonth) } ?? "")
    version = setting.version
    changed = setting.changedAt.map { RelativeTime($0) }
    changedBy = setting.changedBy
  }

  init(_ form: FormBody) {
    draft = PriceListDraft(
      isOn: form.isOn("isOn"), currency: form.string("currency"),
      coreHour: form.string("coreHour"), memoryHour: form.string("memoryHour"),
      storageMonth: form.string("storageMonth"))
    version = Int(form.string("version")) ?? 0
    changed = nil
    changedBy = ""
  }
}

/// What admins decide.
struct SettingsPage: Sendable {
  let chrome: PageChrome
  let tabs = AdminTabs(.settings)
  let errors: FormErrors?
  let policy: PolicySection
  let prices: PriceSection

  init(chrome: PageChrome, policy: PolicySection, prices: PriceSection, error: DomainError?) {
    self.chrome = chrome
    self.policy = policy
    self.prices = prices
    errors = error.map {
      FormErrors($0, fields: PolicyDraft.fields + PriceSection.fields)
    }
  }
}

/// The form for what resources cost.
struct PriceSection: Sendable {
  static let fields = ["currency", "coreHour", "memoryHour", "storageMonth"]

  let version: String
  let changed: RelativeTime?
  let changedBy: String
  let isOn: CheckboxField
  let currency: Field
  let coreHour: Field
  let memoryHour: Field
  let storageMonth: Field
  /// What another admin decided meanwhile; nil without a clash.
  let current: String?
  let action = Paths.adminPrices

  init(_ form: PriceForm, current: PriceForm, error: DomainError?) {
    let errors = error.map { FormErrors($0, fields: Self.fields) }
    version = String(form.version)
    changed = current.changed
    changedBy = current.changedBy
    let draft = form.draft
    isOn = CheckboxField(
      "isOn", label: "Show what projects cost", isOn: draft.isOn,
      hint: "To everybody who sees a project, on its page “Use and cost”.")
    currency = Field(
      "currency", label: "Currency", value: draft.currency, error: errors?["currency"],
      isRequired: false, autocomplete: "off", placeholder: "EUR", maximumLength: 8)
    func price(_ name: String, _ label: String, _ value: String, _ placeholder: String) -> Field {
      Field(
        name, label: label, value: value, error: errors?[name], isRequired: false,
        autocomplete: "off", inputMode: "decimal", placeholder: placeholder)
    }
    coreHour = price("coreHour", "One core for an hour", draft.coreHour, "0.031")
    memoryHour = price(
      "memoryHour", "One GiB of memory for an hour", draft.memoryHour, "0.004")
    storageMonth = price(
      "storageMonth", "One GiB of a volume for a month", draft.storageMonth, "0.08")
    self.current = error?.reason == .conflict ? current.sentence : nil
  }
}

extension PriceForm {
  fileprivate var sentence: String {
    guard draft.isOn else { return "It is now: no cost is shown." }
    return
      "It is now: \(draft.coreHour) a core and hour, \(draft.memoryHour) a GiB and hour, \(draft.storageMonth) a GiB of a volume and month, in \(draft.currency)."
  }
}
