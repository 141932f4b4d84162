import Domain

/// Invitations as the API tells them, into a project or into the site.
enum InvitationResources {
  /// An invitation with the link that is told once.
  struct Made: Sendable {
    let invitation: Invitation
    let link: String
  }

  private static let platformRoles = PlatformRole.allCases.map(\.rawValue)
  private static let projectRoles = ProjectRole.allCases.map(\.rawValue)

  static let invitation = Resource<Invitation>("Invitation", "A link that lets one person in.") {
    $0.text("id", "6fa459ea-ee8a-4ca4-894e-db77e160355e", "For revoking it.") { $0.id.rawValue }
    $0.text("email", "bob@example.net", "The only address that may use it.") { $0.email }
    $0.text("role", "member", "What a new account becomes.", among: platformRoles) {
      $0.role.rawValue
    }
    $0.maybe("project", "shop", "The project that it leads into; null for none.") { $0.project }
    $0.maybe("projectRole", "editor", "The role there.", among: projectRoles) {
      $0.projectRole?.rawValue
    }
    $0.text("invitedBy", "Ann", "Who made it.") { $0.invitedBy }
    $0.time("createdAt", "When it was made.") { $0.createdAt }
    $0.time("expiresAt", "When it runs out.") { $0.expiresAt }
  }

  /// The newest come first.
  static func key(of invitation: Invitation) -> String {
    PageKey.falling(invitation.createdAt, invitation.id.rawValue)
  }

  static let made = Resource<Made>("NewInvitation", "An invitation that was just made.") {
    $0.one("invitation", invitation, "The invitation.") { $0.invitation }
    $0.text("link", "https://babyhelm.example.net/invitation?link=…", "Told only now.") { $0.link }
  }

  private static let email = Schema.text("bob@example.net", length: 1...254)
  private static let days = Schema.integer(7, 1...30)
  private static let daysAbout = "How long it is good: 1, 7 or 30; 7 without."

  /// Into a project.
  static let wish = Schema.body("InvitationWish", "Who is invited into a project.") {
    $0.required("email", email, "The only address that may use it.")
    $0.optional("projectRole", .text("viewer", among: projectRoles), "The role; viewer without.")
    $0.optional("days", days, daysAbout)
  }

  /// Into the site.
  static let siteWish = Schema.body("SiteInvitationWish", "Who is invited.") {
    $0.required("email", email, "The only address that may use it.")
    $0.optional(
      "role", .text("member", among: platformRoles), "What the account becomes; member without.")
    $0.optional("days", days, daysAbout)
  }
}

extension InvitationDraft {
  /// What a body says; the rest as the form begins.
  init(_ body: JSON) {
    self.init()
    email = body["email"]?.string ?? ""
    role = body["role"]?.string ?? role
    project = body["project"]?.string ?? ""
    projectRole = body["projectRole"]?.string ?? projectRole
    days = body["days"]?.int.map(String.init) ?? days
  }
}
