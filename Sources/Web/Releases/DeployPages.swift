import Domain
import Hummingbird
import NIOCore
import Templates

/// The way to a release: form, plan, confirmation.
struct DeployPages: Sendable {
  let projects: Projects
  let applications: Applications
  let releases: Releases
  let tags: ImageTags

  func addRoutes(to pages: RouterGroup<SignedInContext>) {
    pages.get("projects/:project/apps/new", use: new)
    pages.post("projects/:project/apps/new", use: plan)
    pages.get("projects/:project/tags", use: imageTags)
    pages.get("projects/:project/apps/:application/edit", use: edit)
    pages.post("projects/:project/apps/:application/edit", use: planChange)
    pages.post("projects/:project/apps/:application/deploys", use: deploy)
  }

  @Sendable func new(request: Request, context: SignedInContext) async throws -> Page {
    let membership = try await projects.project(
      named: try context.parameter("project"), as: context.principal)
    let adopted = request.query("adopt")
    guard !adopted.isEmpty else {
      let isExample = request.query("example") == "1"
      return try await form(
        DeployForm(isExample ? .example : ApplicationDraft()), of: membership, in: context,
        isFilled: isExample)
    }
    let reading = try await releases.reading(
      adopted, in: membership.project.name, as: context.principal)
    let draft = try await releases.sealing(
      reading.draft, in: membership.project.name, as: context.principal)
    return try await form(
      DeployForm(draft), of: membership, in: context,
      report: FillInReport(adopting: adopted, reading), isFilled: true)
  }

  @Sendable func edit(request: Request, context: SignedInContext) async throws -> Page {
    let detail = try await applications.application(
      named: try context.parameter("application"), in: try context.parameter("project"),
      as: context.principal)
    var deploy = DeployForm(ApplicationDraft(detail.application.spec))
    deploy.isChange = true
    var report: FillInReport?
    if request.query("adopt") == "1" {
      let adopted = try await releases.adopting(
        detail.application.name, in: detail.membership.project.name, as: context.principal)
      deploy = DeployForm(adopted.draft)
      deploy.isChange = true
      report = FillInReport(adopting: adopted.left)
    }
    deploy.draft.base = detail.application.releaseNumber
    return try await form(
      deploy, of: detail.membership, in: context,
      focus: Diagnosis.Field(rawValue: request.query("focus")), report: report,
      isFilled: report != nil)
  }

  @Sendable func plan(request: Request, context: SignedInContext) async throws -> Page {
    var deploy = DeployForm(context.form)
    deploy.isChange = false
    return try await plan(deploy, in: context)
  }

  @Sendable func planChange(request: Request, context: SignedInContext) async throws -> Page {
    var deploy = DeployForm(context.form)
    deploy.isChange = true
    deploy.draft.name = try context.parameter("application")
    return try await plan(deploy, in: context)
  }

  /// Confirms a plan. When something moved since it was shown, the new one is
  /// shown instead, and nothing was written.
  @Sendable func deploy(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    let name = try context.parameter("application")
    var deploy = DeployForm(context.form)
    deploy.draft.name = name
    deploy.draft = try await releases.sealing(deploy.draft, in: project, as: context.principal)
    do throws(DomainError) {
      try deploy.readEnvironmentText()
      if let page = try await mergedPage(&deploy, project: project, in: context) {
        return page.response()
      }
      let confirmation = try await releases.deploy(
        deploy.draft, replacing: deploy.isChange ? name : nil, in: project,
        confirming: deploy.planHash, message: deploy.message, as: context.principal)
      switch confirmation {
      case .deployed(let release):
        return Redirect(
          to: Paths.application(name, in: project),
          flash: .notice(
            "Release #\(release.number) of \(name) was started. This page follows it.")
        ).response(in: context)
      case .moved(let plan):
        return page(plan, deploy, project: project, in: context, hasMoved: true).response()
      }
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await refused(deploy, error, in: context).response()
    }
  }

  private func plan(_ deploy: DeployForm, in context: SignedInContext) async throws -> Page {
    let project = try context.parameter("project")
    // From here on no page can show what was typed into a secret field.
    var deploy = deploy
    deploy.draft = try await releases.sealing(deploy.draft, in: project, as: context.principal)
    do throws(DomainError) {
      try deploy.readEnvironmentText()
      if deploy.texts.step != .plan {
        return try await formAgain(deploy, project: project, in: context)
      }
      if let page = try await mergedPage(&deploy, project: project, in: context) { return page }
      let plan = try await releases.plan(
        deploy.draft, replacing: deploy.isChange ? deploy.draft.name : nil, in: project,
        as: context.principal)
      return page(plan, deploy, project: project, in: context)
    } catch {
      guard error.isFormRefusal else { throw error }
      return try await refused(deploy, deploy.told(error), in: context)
    }
  }

  /// The form again, as the button that was pressed asks for it. Nothing is
  /// written anywhere.
  private func formAgain(
    _ deploy: DeployForm, project: String, in context: SignedInContext
  ) async throws(DomainError) -> Page {
    let membership = try await projects.project(named: project, as: context.principal)
    var deploy = deploy
    var report: FillInReport?
    switch deploy.texts.step {
    case .plan, .form: break
    case .small, .medium, .large: deploy.texts.step.preset?.fill(&deploy.draft)
    case .tags:
      deploy.texts.suggest(
        await found(deploy.draft.image, in: project, context), for: deploy.draft.image)
    case .environmentText: try deploy.showEnvironmentText()
    case .environmentRows: deploy.texts.environment = nil
    case .fillIn:
      let filled = try DraftImport(
        deploy.texts.pasted, service: deploy.texts.service, over: deploy.draft,
        keepingName: deploy.isChange)
      deploy.draft = try await releases.sealing(filled.draft, in: project, as: context.principal)
      report = FillInReport(filled)
      // The text may hold secrets, and no page shows them.
      (deploy.texts.pasted, deploy.texts.service) = ("", "")
      if deploy.texts.environment != nil {
        deploy.texts.environment = nil
        try deploy.showEnvironmentText()
      }
    }
    return try await form(deploy, of: membership, in: context, report: report, isFilled: true)
  }

  /// What a registry tells of an image, or why it doesn't.
  private func found(
    _ image: String, in project: String, _ context: SignedInContext
  ) async -> Result<[String], DomainError> {
    do throws(DomainError) {
      return .success(try await tags.tags(of: image, in: project, as: context.principal))
    } catch {
      return .failure(error)
    }
  }

  /// The tags of an image, for the form's script.
  @Sendable func imageTags(request: Request, context: SignedInContext) async throws -> Response {
    let project = try context.parameter("project")
    var names: [String] = []
    do throws(DomainError) {
      names = try await tags.tags(
        of: request.query("image"), in: project, as: context.principal)
    } catch {
      // A registry that doesn't tell, or an image that isn't typed to its end, is
      // nothing wrong with the page: there is just nothing to suggest.
      guard [.unavailable, .invalid, .conflict, .tooManyRequests].contains(error.reason) else {
        throw error
      }
    }
    let body = JSON.members([("tags", .array(names.map(JSON.string)))]).bytes
    return Response(
      status: .ok, headers: [.contentType: "application/json", .contentLength: "\(body.count)"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }

  /// What to show when somebody else deployed since the form was opened: the plan
  /// of both changes, or the form where they exclude each other.
  private func mergedPage(
    _ deploy: inout DeployForm, project: String, in context: SignedInContext
  ) async throws(DomainError) -> Page? {
    guard deploy.isChange,
      let merge = try await releases.merge(deploy.draft, in: project, as: context.principal)
    else { return nil }
    // A second click of the same confirmation finds its own release.
    if !deploy.planHash.isEmpty,
      try await releases.isConfirmed(
        deploy.planHash, of: deploy.draft.name, in: project, as: context.principal)
    {
      return nil
    }
    deploy.draft = merge.draft
    guard merge.conflicts.isEmpty else {
      throw DomainError(
        .conflict, merge.notice, advice: "You both changed the fields below.",
        fields: merge.conflicts)
    }
    let plan = try await releases.plan(
      deploy.draft, replacing: deploy.draft.name, in: project, as: context.principal)
    return page(
      plan, deploy, project: project, in: context,
      notice: "\(merge.notice) Your changes come on top of that.")
  }

  private func refused(
    _ deploy: DeployForm, _ error: DomainError, in context: SignedInContext
  ) async throws -> Page {
    let membership = try await projects.project(
      named: try context.parameter("project"), as: context.principal)
    var deploy = deploy
    // The text comes back to be mended, but no page shows a secret again.
    deploy.texts.pasted = DraftImport.withoutSecrets(deploy.texts.pasted)
    return try await form(
      deploy, of: membership, in: context, error: error, isFilled: true)
  }

  private func form(
    _ deploy: DeployForm, of membership: ProjectMembership, in context: SignedInContext,
    error: DomainError? = nil, focus: Diagnosis.Field? = nil, report: FillInReport? = nil,
    isFilled: Bool = false
  ) async throws(DomainError) -> Page {
    let preview = try await applications.preview(
      of: deploy.draft, in: membership, replacing: deploy.isChange ? deploy.draft.name : nil)
    let help = DeployHelp(
      deploy, preview, in: membership.project.name, isFilled: isFilled)
    let title = deploy.isChange ? "Change \(deploy.draft.name)" : "Deploy an application"
    let view = DeployPage(
      chrome: context.chrome(title, section: .projects), title: title, membership,
      form: deploy, help: help, error: error, report: report, focus: focus,
      principal: context.principal)
    return Page(
      Template.Releases.deployForm(view), status: error?.formStatus ?? .ok)
  }

  private func page(
    _ plan: Plan, _ deploy: DeployForm, project: String, in context: SignedInContext,
    hasMoved: Bool = false, notice: String? = nil
  ) -> Page {
    let view = PlanPage(
      chrome: context.chrome("Review \(plan.spec.name)", section: .projects), plan,
      form: deploy, project: project, hasMoved: hasMoved, notice: notice)
    return Page(Template.Releases.plan(view), status: hasMoved ? .conflict : .ok)
  }
}
