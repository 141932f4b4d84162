import Domain

/// The fields of the deploy form, with what was typed and what is wrong.
struct DeployFields: Sendable {
  let image: Field
  let port: Field
  let replicas: Field
  let autoscaling: CheckboxField
  let minimumReplicas: Field
  let maximumReplicas: Field
  let targetCPU: Field
  let cpuRequest: Field
  let cpuLimit: Field
  let memoryRequest: Field
  let memoryLimit: Field
  let health: HealthFields
  let exposure: ExposureFields
  let container: ContainerFields
  let surge: Field
  let unavailable: Field
  let undoesFailures: CheckboxField
  /// Only for an application that is stopped.
  let isStopped: CheckboxField?
  let restartedAt: HiddenField

  init(_ draft: ApplicationDraft, _ errors: FormErrors?) {
    let field = DeployField(errors)
    image = field(
      "image", "Image", draft.image, hint: "With a version: nginx:1.27 rather than nginx.",
      placeholder: "nginx:1.27")
    port = field(
      "port", "Port", draft.port, hint: "Where the container listens; leave it empty for none.",
      isRequired: false, inputMode: "numeric", placeholder: "80")
    replicas = field("replicas", "Replicas", draft.replicas, inputMode: "numeric")
    autoscaling = CheckboxField(
      "autoscaling", label: "Scale by CPU use", isOn: draft.isAutoscaled,
      hint: "An autoscaler sets the number of replicas between these two.",
      error: errors?["autoscaling"])
    minimumReplicas = field(
      "minimumReplicas", "At least", draft.minimumReplicas, inputMode: "numeric")
    maximumReplicas = field(
      "maximumReplicas", "At most", draft.maximumReplicas, inputMode: "numeric")
    targetCPU = field(
      "targetCPU", "CPU target, percent", draft.targetCPU, inputMode: "numeric")
    cpuRequest = field("cpuRequest", "CPU request", draft.cpuRequest, placeholder: "100m")
    cpuLimit = field(
      "cpuLimit", "CPU limit", draft.cpuLimit, isRequired: false, placeholder: "none")
    memoryRequest = field(
      "memoryRequest", "Memory request", draft.memoryRequest, placeholder: "128Mi")
    memoryLimit = field("memoryLimit", "Memory limit", draft.memoryLimit, placeholder: "256Mi")
    health = HealthFields(draft, errors)
    exposure = ExposureFields(draft, errors)
    container = ContainerFields(draft, errors)
    surge = field(
      "surge", "Pods more", draft.surge,
      hint: "How many pods may run beyond the wanted number, such as 1 or 25%.")
    unavailable = field(
      "unavailable", "Pods fewer", draft.unavailable,
      hint: "How many of the wanted pods may be missing.")
    undoesFailures = CheckboxField(
      "undoesFailures", label: "Go back by itself when a release fails",
      isOn: draft.undoesFailures,
      hint: "To the last release that succeeded, with the image that it ran.")
    isStopped =
      draft.isStopped
      ? CheckboxField(
        "isStopped", label: "It stays stopped", isOn: true,
        hint: "Without this, the change starts it again.") : nil
    restartedAt = HiddenField(name: "restartedAt", value: draft.restartedAt)
  }
}

/// How the cluster finds out whether a replica works.
struct HealthFields: Sendable {
  let check: SelectField
  let path: Field
  let command: TextareaField
  let restarts: CheckboxField
  let startSeconds: Field

  init(_ draft: ApplicationDraft, _ errors: FormErrors?) {
    let field = DeployField(errors)
    check = SelectField(
      "healthCheck", label: "A replica works when",
      options: [
        "connect": "its port takes a connection", "http": "it answers a GET",
        "command": "a command in it succeeds", "none": "it runs",
      ], selected: draft.healthCheck, hint: "Only replicas that work get requests.",
      error: errors?["healthCheck"])
    path = field(
      "healthPath", "Path to GET", draft.healthPath, isRequired: false, placeholder: "/healthz")
    command = TextareaField(
      "healthCommand", label: "Command to run", value: draft.healthCommand, rows: 2,
      hint: "One word a line.", error: errors?["healthCommand"], placeholder: "pg_isready")
    restarts = CheckboxField(
      "restartsUnhealthy", label: "Restart it when the check fails for a minute",
      isOn: draft.restartsUnhealthy)
    startSeconds = field(
      "startSeconds", "Seconds it may take to start", draft.startSeconds,
      hint: "For slow starters; leave it empty otherwise.", isRequired: false,
      inputMode: "numeric")
  }
}

/// Who can reach the application.
struct ExposureFields: Sendable {
  let choice: SelectField
  let host: Field
  let isEncrypted: CheckboxField
  let tailnetName: Field

  init(_ draft: ApplicationDraft, _ errors: FormErrors?) {
    let field = DeployField(errors)
    choice = SelectField(
      "exposure", label: "Who can reach it",
      options: [
        "cluster": "the pods of this project", "ingress": "everybody, under a host name",
        "tailnet": "the tailnet",
      ], selected: draft.exposure, error: errors?["exposure"])
    host = field(
      "host", "Host name", draft.host, hint: "It must lead to the cluster’s ingress controller.",
      isRequired: false, placeholder: "web.example.com")
    isEncrypted = CheckboxField(
      "isEncrypted", label: "With HTTPS", isOn: draft.isEncrypted,
      hint: "The certificate is in a Secret named after the application, web-tls for example.")
    tailnetName = field(
      "tailnetName", "Name in the tailnet", draft.tailnetName,
      hint: "Empty takes the application’s name.", isRequired: false)
  }
}

/// What runs in the container, and as whom.
struct ContainerFields: Sendable {
  let command: TextareaField
  let arguments: TextareaField
  let userID: Field
  let pullSecret: Field
  let registryUser: Field
  let registryPassword: Field
  let registrySealed: HiddenField

  init(_ draft: ApplicationDraft, _ errors: FormErrors?) {
    let field = DeployField(errors)
    command = TextareaField(
      "command", label: "Command", value: draft.command, rows: 2,
      hint: "Instead of the image’s entry point, one word a line.", error: errors?["command"])
    arguments = TextareaField(
      "arguments", label: "Arguments", value: draft.arguments, rows: 2,
      hint: "Instead of what the image passes, one word a line.", error: errors?["arguments"])
    userID = field(
      "userID", "User id", draft.userID, hint: "Empty runs as the image says.",
      isRequired: false, inputMode: "numeric", placeholder: "1000")
    pullSecret = field(
      "pullSecret", "Or a Secret with the login", draft.pullSecret,
      hint: "Its name, if this namespace has one already.", isRequired: false)
    registryUser = field(
      "registryUser", "User", draft.registryUser,
      hint: "For a private image: who to be to its registry.", isRequired: false)
    let isLost = errors?["registryPassword"] != nil
    let isSealed = !draft.registrySealed.isEmpty && !isLost
    registryPassword = Field(
      "registryPassword", label: "Password or token", type: "password",
      hint: "It goes into a Secret and is never shown again.", error: errors?["registryPassword"],
      isRequired: false, autocomplete: "new-password",
      placeholder: isSealed
        ? "Typed, not shown" : draft.registryUser.isEmpty ? nil : "Leave empty to keep it")
    registrySealed = HiddenField(
      name: "registrySealed", value: isSealed ? draft.registrySealed : "")
  }
}

/// Makes the form's one-line fields.
private struct DeployField {
  let errors: FormErrors?

  init(_ errors: FormErrors?) {
    self.errors = errors
  }

  func callAsFunction(
    _ name: String, _ label: String, _ value: String, hint: String? = nil,
    isRequired: Bool = true, inputMode: String? = nil, placeholder: String? = nil
  ) -> Field {
    Field(
      name, label: label, value: value, hint: hint, error: errors?[name],
      isRequired: isRequired, autocomplete: "off", inputMode: inputMode,
      placeholder: placeholder)
  }
}
