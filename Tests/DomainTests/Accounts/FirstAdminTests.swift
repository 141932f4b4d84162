import Foundation
import TestSupport
import Testing

@testable import Domain

struct FirstAdminTests {
  private let sandbox = AccountRules(firstUserBecomesAdmin: true)

  @Test(arguments: TestDatabase.available)
  func `with the sandbox the first to register becomes admin`(kind: TestDatabase) async throws {
    try await withAccounts(kind, rules: sandbox) { fixture in
      #expect(try await fixture.accounts.start() == nil)
      #expect(
        try await fixture.accounts.registrationState()
          == RegistrationState(needsSetupCode: false, firstUserBecomesAdmin: true))

      let first = try await fixture.register("Ann")
      let second = try await fixture.register("Bob")

      #expect(first.user.role == .admin)
      #expect(first.principal.role == .admin)
      #expect(second.user.role == .member)
      #expect(
        try await fixture.accounts.registrationState()
          == RegistrationState(needsSetupCode: false, firstUserBecomesAdmin: false))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `without the sandbox the setup code is needed until there is an admin`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let code = try #require(try await fixture.accounts.start())
      #expect(code.contains(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/))
      #expect(try await fixture.accounts.registrationState().needsSetupCode)

      let without = await refusal { try await fixture.register("Ann") }
      let wrong = await refusal { try await fixture.register("Ann", setupCode: "AAAA-AAAA") }
      let right = try await fixture.register(
        "Ann", setupCode: " \(code.lowercased().replacingOccurrences(of: "-", with: " "))")
      let next = try await fixture.register("Bob", setupCode: code)

      #expect(without?.wrongFields == ["setupCode"])
      #expect(wrong?.wrongFields == ["setupCode"])
      #expect(right.user.role == .admin)
      #expect(next.user.role == .member)
      #expect(try await fixture.accounts.registrationState().needsSetupCode == false)
      #expect(try await fixture.accounts.start() == nil)
    }
  }

  @Test(arguments: TestDatabase.available, [true, false])
  func `of several first registrations exactly one becomes admin`(
    kind: TestDatabase, isSandbox: Bool
  ) async throws {
    try await withAccounts(kind, rules: AccountRules(firstUserBecomesAdmin: isSandbox)) { fixture in
      let replica = fixture.replica()
      let code = try await fixture.accounts.start() ?? ""
      _ = try await replica.accounts.start()

      let roles = try await withThrowingTaskGroup(of: PlatformRole?.self) { group in
        for number in 0..<8 {
          group.addTask {
            let side = number.isMultiple(of: 2) ? fixture : replica
            // Who comes when the admin is made may find the code used up.
            return try? await side.register("User\(number)", setupCode: code).user.role
          }
        }
        return try await group.reduce(into: [PlatformRole?]()) { $0.append($1) }
      }

      #expect(roles.filter { $0 == .admin }.count == 1)
      #expect(
        try await fixture.number("SELECT COUNT(*) AS number FROM users WHERE role = 'admin'") == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `replicas have the same setup code, and so has a restarted one`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let replica = fixture.replica()

      let code = try #require(try await fixture.accounts.start())

      #expect(try await replica.accounts.start() == code)
      #expect(try await fixture.accounts.start() == code)
      #expect(try await replica.register("Ann", setupCode: code).user.role == .admin)
      let late = try await fixture.register("Bob", setupCode: code)
      #expect(late.user.role == .member)
    }
  }

  @Test func `different installations have different setup codes`() throws {
    let keys = (0..<20).map { _ in SigningKey.random(at: Date()) }

    let codes = Set(keys.map { SetupCode().issue(from: Array($0.secret.utf8)) })

    #expect(codes.count == keys.count)
  }

  @Test func `a setup code is right until it is used`() {
    let setup = SetupCode()
    let code = setup.issue(from: Array(0..<32))

    #expect(setup.mistake(in: "AAAA-AAAA") != nil)
    #expect(setup.mistake(in: code) == nil)
    #expect(setup.mistake(in: " " + code.lowercased().filter { $0 != "-" }) == nil)
    setup.void()
    #expect(setup.mistake(in: code) != nil)
  }

  @Test(arguments: TestDatabase.available)
  func `an admin from the command line ends the need for a code`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      _ = try await fixture.accounts.start()

      try await fixture.make("Ann", .admin)

      #expect(try await fixture.accounts.registrationState().needsSetupCode == false)
      #expect(try await fixture.register("Bob").user.role == .member)
    }
  }
}
