import Domain
import Templates

/// The four numbers of a quota, to be typed.
struct QuotaFields: Sendable {
  let cpu: Field
  let memory: Field
  let pods: Field
  let storage: Field

  init(_ draft: QuotaDraft, errors: FormErrors?) {
    cpu = Field(
      "cpu", label: "CPU", value: draft.cpu, hint: "CPUs all pods together may request.",
      error: errors?["cpu"], autocomplete: "off")
    memory = Field(
      "memory", label: "Memory", value: draft.memory,
      hint: "Memory all pods together may request.", error: errors?["memory"],
      autocomplete: "off")
    pods = Field(
      "pods", label: "Pods", value: draft.pods, hint: "How many pods may run at once.",
      error: errors?["pods"], autocomplete: "off", inputMode: "numeric")
    storage = Field(
      "storage", label: "Storage", value: draft.storage,
      hint: "What all volumes together may hold.", error: errors?["storage"],
      autocomplete: "off")
  }
}

extension QuotaDraft {
  /// What a form with ``QuotaFields`` sends.
  init(_ form: FormBody) {
    self.init(
      cpu: form.string("cpu"), memory: form.string("memory"), pods: form.string("pods"),
      storage: form.string("storage"))
  }
}

/// A project's quota, what is used of it, and what was asked about it.
struct QuotaPage: Sendable {
  /// A request for another quota.
  struct Line: Sendable {
    let id: String
    let quota: String
    let reason: String
    let asked: RelativeTime
    let askedBy: String
    let badge: Badge
    let answer: String
    let decidedBy: String

    var hasReason: Bool { !reason.isEmpty }
    var hasAnswer: Bool { !answer.isEmpty }
    var isDecided: Bool { !decidedBy.isEmpty }
  }

  let chrome: PageChrome
  let breadcrumb: Breadcrumb
  let tabs: ProjectTabs
  let name: String
  let quota: String
  let meters: [Meter]
  let errors: FormErrors?
  let open: Line?
  let decided: [Line]
  let fields: QuotaFields
  let reason: TextareaField
  let answer: TextareaField
  let isAdmin: Bool
  let mayAsk: Bool
  let refusal: DisabledButton?
  let action: Link
  let withdrawal: Link
  let decision: Link

  var hasMeters: Bool { !meters.isEmpty }
  var hasDecided: Bool { !decided.isEmpty }
  var hasForm: Bool { isAdmin || mayAsk }

  init(
    chrome: PageChrome, _ overview: QuotaOverview, use: ProjectUsage, form: QuotaForm?,
    error: DomainError?, principal: Principal
  ) {
    self.chrome = chrome
    let membership = overview.membership
    let project = membership.project
    name = project.name
    breadcrumb = Breadcrumb(
      [ActionLink("Projects", Paths.projects), ActionLink(name, Paths.project(name))],
      current: "Quota")
    tabs = ProjectTabs(.applications, isWithin: true, of: membership, for: principal)
    quota = project.quota.sentence
    meters = use.quotas.map(Meter.init)
    let errors = error.map {
      FormErrors($0, fields: QuotaDraft.fields + ["reason", "answer"])
    }
    self.errors = errors
    open = overview.open.map(Line.init)
    decided = overview.decided.map(Line.init)
    fields = QuotaFields(
      form?.quota ?? QuotaDraft(overview.open?.quota ?? project.quota), errors: errors)
    isAdmin = AccessTable.decide(.changeQuotas, of: principal).isAllowed
    let request = membership.decision(.requestQuota, for: principal)
    mayAsk = !isAdmin && request.isAllowed
    refusal =
      isAdmin
      ? nil
      : request.reason.map {
        DisabledButton(id: "why-quota", label: "Ask for another quota", reason: $0)
      }
    reason = TextareaField(
      "reason", label: "Why", value: form?.text ?? overview.open?.reason ?? "", rows: 3,
      hint: "Whoever decides reads this.", error: errors?["reason"])
    answer = TextareaField(
      "answer", label: "Answer", rows: 2, hint: "The project’s people read this.",
      error: errors?["answer"])
    action = Paths.quota(of: name)
    withdrawal = Paths.quotaWithdrawal(of: name)
    decision = Paths.quotaDecision(of: name)
  }
}

extension QuotaPage.Line {
  init(_ request: QuotaRequest) {
    id = request.id.rawValue
    quota = request.quota.sentence
    reason = request.reason
    asked = RelativeTime(request.createdAt)
    askedBy = request.askedBy
    badge =
      switch request.outcome {
      case nil: Badge(.working, "Waits for an admin")
      case .approved: Badge(.good, "Approved")
      case .declined: Badge(.bad, "Declined")
      case .withdrawn: Badge(.neutral, "Taken back")
      }
    answer = request.answer
    decidedBy = request.decidedBy
  }
}
