import Foundation
import TestSupport
import Testing

@testable import Domain

struct AdministrationTests {
  // MARK: The list

  @Test(arguments: TestDatabase.available)
  func `the list is paged in the order of making`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Ann", .admin).principal
      let time = fixture.clock.now
      _ = try await fixture.database.write { connection in
        for number in 1...120 {
          let user = User(
            id: .random(), email: "user\(number)@example.org", name: "User \(number)",
            role: .member, suspendedAt: nil,
            createdAt: time.addingTimeInterval(Double(number)), lastSeenAt: nil)
          try AccountStore().insert(user, passwordHash: "none", in: connection)
        }
      }

      let pages = try await [1, 2, 3, 4].asyncMap { page in
        try await fixture.accounts.users(matching: "", page: page, as: admin)
      }

      #expect(pages.map(\.users.count) == [50, 50, 21, 0])
      #expect(pages.allSatisfy { $0.total == 121 && $0.pageSize == 50 })
      #expect(pages.map(\.page) == [1, 2, 3, 4])
      let names = pages.flatMap(\.users).map(\.name)
      #expect(names == ["Ann"] + (1...120).map { "User \($0)" })
      for page in [Int.min, -1, 0] {
        let first = try await fixture.accounts.users(matching: "", page: page, as: admin)
        #expect(first.page == 1 && first.users.count == 50)
      }
      let far = try await fixture.accounts.users(matching: "", page: .max, as: admin)
      #expect(far.users.isEmpty)
      let some = try await fixture.accounts.users(matching: "user11", page: 1, as: admin)
      #expect(some.total == 11)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a search finds parts of names and addresses, whatever the case`(
    kind: TestDatabase
  ) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Root", .admin).principal
      for (email, name) in [
        ("ann@example.org", "Ann 100%"), ("bob@example.net", "Bob_Builder"),
        ("ulku@example.net", "Ülkü Öz"), ("back@example.net", #"Back\slash"#),
      ] {
        _ = try await fixture.accounts.createUser(
          email: email, name: name, password: AccountsFixture.password, role: .member)
        fixture.clock.turn(by: 1)
      }
      func found(_ text: String) async throws -> [String] {
        try await fixture.accounts.users(matching: text, page: 1, as: admin).users.map(\.name)
      }

      #expect(try await found("ANN") == ["Ann 100%"])
      #expect(try await found(" example.NET ") == ["Bob_Builder", "Ülkü Öz", #"Back\slash"#])
      #expect(try await found("%") == ["Ann 100%"])
      #expect(try await found("_") == ["Bob_Builder"])
      #expect(try await found(#"\"#) == [#"Back\slash"#])
      #expect(try await found("ülkü öz") == ["Ülkü Öz"])
      #expect(try await found("U\u{308}lk") == ["Ülkü Öz"])
      #expect(try await found("' OR '1'='1") == [])
      #expect(try await found("ann\0") == ["Ann 100%"])
      #expect(try await found(String(repeating: "x", count: 100_000)) == [])
    }
  }

  @Test(arguments: [PlatformRole.visitor, .member])
  func `only admins see and change users`(role: PlatformRole) async throws {
    try await withAccounts(.sqlite) { fixture in
      let admin = try await fixture.make("Ann", .admin)
      let principal = try await fixture.enter("Bob", role).principal

      let errors = [
        await refusal { try await fixture.accounts.users(matching: "", page: 1, as: principal) },
        await refusal { try await fixture.accounts.user(admin.id, as: principal) },
        await refusal {
          try await fixture.accounts.changeRole(of: admin.id, to: .member, as: principal)
        },
        await refusal {
          try await fixture.accounts.changeRole(
            of: principal.userID, to: .admin, as: principal)
        },
        // A stranger's guess gets no other answer than a hit.
        await refusal { try await fixture.accounts.user(.random(), as: principal) },
      ]

      #expect(errors.allSatisfy { $0?.reason == .forbidden })
      #expect(try await self.role(of: admin.id, in: fixture) == .admin)
      #expect(try await self.role(of: principal.userID, in: fixture) == role)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `who is not there is not found`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Ann", .admin).principal

      for id in [User.ID.random(), User.ID(rawValue: ""), User.ID(rawValue: "a\0b")] {
        let read = await refusal { try await fixture.accounts.user(id, as: admin) }
        let changed = await refusal {
          try await fixture.accounts.changeRole(of: id, to: .admin, as: admin)
        }
        #expect(read?.reason == .notFound)
        #expect(changed?.reason == .notFound)
      }
      #expect(try await fixture.accounts.user(admin.userID, as: admin).name == "Ann")
    }
  }

  // MARK: Roles

  @Test(arguments: TestDatabase.available)
  func `an admin changes roles`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Ann", .admin).principal
      let other = try await fixture.make("Bob")

      for role in [PlatformRole.visitor, .admin, .admin, .member] {
        let changed = try await fixture.accounts.changeRole(of: other.id, to: role, as: admin)
        #expect(changed.role == role)
        #expect(try await self.role(of: other.id, in: fixture) == role)
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `the last admin stays one`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let admin = try await fixture.enter("Ann", .admin).principal
      let suspended = try await fixture.make("Bob", .admin)
      try await fixture.suspend(suspended.id)

      for role in [PlatformRole.member, .visitor] {
        let error = await refusal {
          try await fixture.accounts.changeRole(of: admin.userID, to: role, as: admin)
        }
        #expect(error?.reason == .conflict)
      }
      let same = try await fixture.accounts.changeRole(of: admin.userID, to: .admin, as: admin)
      let other = try await fixture.accounts.changeRole(of: suspended.id, to: .member, as: admin)

      #expect(same.role == .admin)
      // Somebody suspended can't be the last admin.
      #expect(other.role == .member)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two admins who demote each other at once leave one`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let replica = fixture.replica()
      for round in 0..<5 {
        let ann = try await fixture.enter("Ann\(round)", .admin).principal
        let bob = try await fixture.enter("Bob\(round)", .admin).principal

        async let first = refusal {
          try await fixture.accounts.changeRole(of: bob.userID, to: .member, as: ann)
        }
        async let second = refusal {
          try await replica.accounts.changeRole(of: ann.userID, to: .member, as: bob)
        }
        let refusals = await [first, second].compactMap(\.self)

        #expect(refusals.count == 1)
        #expect(refusals.allSatisfy { [.forbidden, .conflict].contains($0.reason) })
        #expect(
          try await fixture.number("SELECT COUNT(*) AS number FROM users WHERE role = 'admin'")
            == 1)
        // The next round begins without an admin.
        _ = try await fixture.database.write { connection in
          try connection.execute("UPDATE users SET role = 'member'")
        }
      }
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two admins who both step down at once leave one`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let replica = fixture.replica()
      let ann = try await fixture.enter("Ann", .admin).principal
      let bob = try await fixture.enter("Bob", .admin).principal

      async let first = refusal {
        try await fixture.accounts.changeRole(of: ann.userID, to: .member, as: ann)
      }
      async let second = refusal {
        try await replica.accounts.changeRole(of: bob.userID, to: .member, as: bob)
      }
      let refusals = await [first, second].compactMap(\.self)

      #expect(refusals.map(\.reason) == [.conflict])
      #expect(
        try await fixture.number("SELECT COUNT(*) AS number FROM users WHERE role = 'admin'") == 1)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a role from before the request began counts no more`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      let ann = try await fixture.enter("Ann", .admin).principal
      let stale = try await fixture.enter("Bob", .admin).principal
      let other = try await fixture.make("Cid")
      _ = try await fixture.accounts.changeRole(of: stale.userID, to: .member, as: ann)

      let error = await refusal {
        try await fixture.accounts.changeRole(of: other.id, to: .admin, as: stale)
      }

      #expect(error?.reason == .forbidden)
      #expect(try await role(of: other.id, in: fixture) == .member)
    }
  }

  // MARK: The command line

  @Test(arguments: TestDatabase.available)
  func `the command line makes a user of any role`(kind: TestDatabase) async throws {
    try await withAccounts(kind) { fixture in
      for role in PlatformRole.allCases {
        let made = try await fixture.make("New \(role)".replacing(" ", with: "."), role)
        #expect(made.role == role)
        #expect(try await self.role(of: made.id, in: fixture) == role)
        #expect(try await fixture.signIn(made.name).user.id == made.id)
      }

      let taken = await refusal { try await fixture.make("NEW.admin") }
      let wrong = await refusal {
        try await fixture.accounts.createUser(email: "x", name: "", password: "y", role: .admin)
      }

      #expect(taken?.reason == .alreadyExists)
      #expect(taken?.message.contains("e-mail address") == true)
      #expect(taken?.wrongFields == ["email"])
      #expect(wrong?.wrongFields == ["email", "name", "password"])
    }
  }

  private func role(of id: User.ID, in fixture: AccountsFixture) async throws -> PlatformRole? {
    try await fixture.database.read { try AccountStore().user(id, in: $0)?.role }
  }
}

extension Sequence {
  fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async throws -> [T] {
    var result: [T] = []
    for element in self { result.append(try await transform(element)) }
    return result
  }
}
