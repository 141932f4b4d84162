import Testing

@testable import Domain

struct AccessTableTests {
  /// One person: their platform role, and their role in the project asked about.
  struct Person: Sendable, Hashable, CustomTestStringConvertible {
    let role: PlatformRole
    let projectRole: ProjectRole?

    static let all = PlatformRole.allCases.flatMap { role in
      ([nil] + ProjectRole.allCases).map { Person(role: role, projectRole: $0) }
    }

    var testDescription: String { "\(role), \(projectRole.map { "\($0)" } ?? "stranger")" }
  }

  /// Allowed, denied with a reason, or hidden: a person a row, in the order
  /// createProjects, listUsers, changeUserRoles, readProject,
  /// downloadKubeconfig, deployApplications, manageMembers, restoreGuards, deleteProject,
  /// deleteApplications, readAudit, readPlatformUsage, changeSettings,
  /// readProjectAudit, requestQuota, changeQuotas, invitePeople, markDemos, tryProjects, readPeople,
  /// manageWebhooks, chooseMails, silenceAlerts.
  static let expected: [(PlatformRole, ProjectRole?, String)] = [
    (.visitor, nil, "DDDHHHHHHHDDDHHDDDAHHHH"),
    (.visitor, .viewer, "DDDADDDDDDDDDDDDDDAADDD"),
    (.visitor, .editor, "DDDADDDDDDDDDDDDDDAADDD"),
    (.visitor, .owner, "DDDADDDDDDDDDDDDDDAADDD"),
    (.member, nil, "ADDHHHHHHHDDDHHDDDDHHHH"),
    (.member, .viewer, "ADDAADDDDDDDDDDDDDDADAD"),
    (.member, .editor, "ADDAAADDDDDDDDDDDDDAAAA"),
    (.member, .owner, "ADDAAAAAAADDDAADDDDAAAA"),
    (.admin, nil, "AAAAAAAAAAAAAAAAAADAAAA"),
    (.admin, .viewer, "AAAAAAAAAAAAAAAAAADAAAA"),
    (.admin, .editor, "AAAAAAAAAAAAAAAAAADAAAA"),
    (.admin, .owner, "AAAAAAAAAAAAAAAAAADAAAA"),
  ]

  static let columns: [Permission] = [
    .createProjects, .listUsers, .changeUserRoles, .readProject, .downloadKubeconfig,
    .deployApplications, .manageMembers, .restoreGuards, .deleteProject, .deleteApplications,
    .readAudit, .readPlatformUsage, .changeSettings, .readProjectAudit,
    .requestQuota, .changeQuotas, .invitePeople, .markDemos, .tryProjects, .readPeople,
    .manageWebhooks, .chooseMails, .silenceAlerts,
  ]

  @Test func `the matrix names every permission and every person once`() {
    #expect(Set(Self.columns) == Set(Permission.allCases))
    #expect(Self.columns.count == Permission.allCases.count)
    #expect(Set(Self.expected.map { Person(role: $0.0, projectRole: $0.1) }) == Set(Person.all))
    #expect(Self.expected.count == Person.all.count)
    #expect(Self.expected.allSatisfy { $0.2.count == Self.columns.count })
  }

  @Test(arguments: expected)
  func `everybody may do what the matrix says`(
    role: PlatformRole, projectRole: ProjectRole?, row: String
  ) {
    for (permission, letter) in zip(Self.columns, row) {
      let decision = AccessTable.decide(permission, role: role, projectRole: projectRole)
      #expect(decision.letter == letter, "\(role) \(String(describing: projectRole)) \(permission)")
      #expect(decision.isAllowed == (letter == "A"))
      #expect((decision.reason == nil) == (letter == "A"))
    }
  }

  @Test(arguments: Permission.allCases, Person.all)
  func `a refusal is thrown with a whole sentence and an advice`(
    permission: Permission, person: Person
  ) {
    let principal = Principal(
      userID: .random(), name: "Ann", email: "ann@example.com", role: person.role,
      credential: .commandLine)
    let decision = AccessTable.decide(
      permission, role: person.role, projectRole: person.projectRole)

    var thrown: DomainError?
    do throws(DomainError) {
      try AccessTable.require(
        permission, of: principal, projectRole: person.projectRole, project: "shop")
    } catch {
      thrown = error
    }

    switch decision {
    case .allowed: #expect(thrown == nil)
    case .denied(let because):
      #expect(thrown?.reason == .forbidden)
      #expect(thrown?.message == because)
      #expect(because.hasSuffix("."))
      #expect(thrown?.advice.hasSuffix(".") == true)
    case .hidden:
      #expect(thrown?.reason == .notFound)
      #expect(thrown?.message == "There is no project “shop” that you may see.")
    }
  }

  @Test(arguments: Permission.allCases)
  func `everybody may look at a demo, and nobody else's right there is more than that`(
    permission: Permission
  ) {
    for role in [PlatformRole.visitor, .member] {
      let decision = AccessTable.decide(permission, role: role, in: .demo)
      guard permission.isProjectPermission else {
        #expect(decision == AccessTable.decide(permission, role: role))
        continue
      }
      #expect(decision.isAllowed == (permission == .readProject), "\(role) \(permission)")
      #expect(decision != .hidden)
    }
  }

  @Test func `a visitor works in a trial of their own, but takes nothing out of it`() {
    let allowed = Permission.allCases.filter {
      $0.isProjectPermission
        && AccessTable.decide($0, role: .visitor, projectRole: .owner, in: .trial).isAllowed
    }
    #expect(
      Set(allowed) == [
        .readProject, .readPeople, .silenceAlerts, .deployApplications, .deleteApplications,
        .restoreGuards,
        .deleteProject,
      ])
    #expect(AccessTable.decide(.readProject, role: .visitor, in: .trial) == .hidden)
    #expect(AccessTable.decide(.readProject, role: .member, in: .trial) == .hidden)
  }

  @Test func `project roles include each other in order`() {
    #expect(ProjectRole.allCases.sorted() == [.viewer, .editor, .owner])
    #expect(ProjectRole.viewer < .editor)
    #expect(ProjectRole.editor < .owner)
    #expect(!(ProjectRole.owner < .owner))
  }
}

extension AccessTable.Decision {
  fileprivate var letter: Character {
    switch self {
    case .allowed: "A"
    case .denied: "D"
    case .hidden: "H"
    }
  }
}
