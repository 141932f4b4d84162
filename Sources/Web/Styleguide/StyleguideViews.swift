import Domain
import Templates

import struct Foundation.Date

/// One of everything.
struct StyleguidePage: Sendable {
  let chrome: PageChrome
  let here = Link(path: "/styleguide")
  let icons: [Icon] = [
    .check, .alert, .caution, .copy, .down, .search, .close, .next, .project, .application, .action,
  ]
  let badges = [
    Badge(.good, "Healthy"), Badge(.working, "Rolling out"), Badge(.warning, "2 alerts"),
    Badge(.bad, "Failing"), Badge(.neutral, "Stopped"),
  ]
  let disabled = DisabledButton(
    id: "why-not", label: "Not for you", reason: "Only owners can do this.")
  let field = Field("name", label: "Name", hint: "What explains it.", placeholder: "web")
  let badField: Field
  let select = SelectField(
    "choice", label: "Choice", options: ["one": "The one", "other": "The other"], selected: "one")
  let textarea = TextareaField("text", label: "Text", hint: "Several lines.")
  let checkbox = CheckboxField("yes", label: "Yes", isOn: true, hint: "Or no.")
  let errors: FormErrors
  let staleness: PageChrome.Staleness
  let time: RelativeTime
  let pagination = Pagination(page: 2, pageSize: 20, total: 50) { _ in Link(path: "/styleguide") }
  let breadcrumb = Breadcrumb(
    [ActionLink("Projects", Link(path: "/styleguide"))], current: "web")
  let tabs = [
    Tab(text: "Status", link: Link(path: "/styleguide"), isCurrent: true),
    Tab(text: "Logs", link: Link(path: "/styleguide"), isCurrent: false),
  ]
  let meters = [
    Meter(label: "CPU", used: "200m", hard: "4", percent: 5),
    Meter(label: "Memory", used: "3.4Gi", hard: "4Gi", percent: 85),
    Meter(label: "Pods", used: "20", hard: "20", percent: 100),
  ]
  let messages = [
    PageChrome.Message(text: "It is done.", isSuccess: true, isFailure: false, kind: "success"),
    PageChrome.Message(text: "It goes on.", isSuccess: false, isFailure: false, kind: "notice"),
    PageChrome.Message(text: "It failed.", isSuccess: false, isFailure: true, kind: "failure"),
  ]
  let toast = Toast(
    id: "example", badge: Badge(.good, "Succeeded"), text: "Release #3 of web in shop.",
    link: Link(path: "/styleguide"), linkText: "Open it")
  let empty = EmptyState(
    "Nothing here yet", "What to do about it.",
    action: ActionLink("Begin", Link(path: "/styleguide")))
  let code = CodeBlock(
    id: "example-code", caption: "deployment.yaml", text: "kind: Deployment\nreplicas: 2")

  init(chrome: PageChrome, now: Date = Date()) {
    self.chrome = chrome
    let error = DomainError(
      .invalid, "Some of what you typed can't be used.",
      fields: [FieldError("image", "That is no image.")])
    errors = FormErrors(error)
    badField = Field(
      "image", label: "Image", value: "not an image", error: errors["image"])
    time = RelativeTime(now.addingTimeInterval(-180), now: now)
    staleness = PageChrome.Staleness(since: time, reason: nil)
  }
}
