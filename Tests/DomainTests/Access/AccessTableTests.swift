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
  /// readProjectAudit, requestQuota, changeQuotas, invitePeople, markDemos.
  static let expected: [(PlatformRole, ProjectRole?, String)] = [
    (.visitor, nil, "DDDHHHHHHHDDDHHDDD"),
    (.visitor, .viewer, "DDDADDDDDDDDDDDDDD"),
    (.visitor, .editor, "DDDADDDDDDDDDDDDDD"),
    (.visitor, .owner, "DDDADDDDDDDDDDDDDD"),
    (.member, nil, "ADDHHHHHHHDDDHHDDD"),
    (.member, .viewer, "ADDAADDDDDDDDDDDDD"),
    (.member, .editor, "ADDAAADDDDDDDDDDDD"),
    (.member, .owner, "ADDAAAAAAADDDAADDD"),
    (.admin, nil, "AAAAAAAAAAAAAAAAAA"),
    (.admin, .viewer, "AAAAAAAAAAAAAAAAAA"),
    (.admin, .editor, "AAAAAAAAAAAAAAAAAA"),
    (.admin, .owner, "AAAAAAAAAAAAAAAAAA"),
  ]

  static let columns: [Permission] = [
    .createProjects, .listUsers, .changeUserRoles, .readProject, .downloadKubeconfig,
    .deployApplications, .manageMembers, .restoreGuards, .deleteProject, .deleteApplications,
    .readAudit, .readPlatformUsage, .changeSettings, .readProjectAudit,
    .requestQuota, .changeQuotas, .invitePeople, .markDemos,
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
