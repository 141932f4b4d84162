import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Domain

@Suite(.timeLimit(.minutes(10))) struct AddressCheckTests {
  @Test func `an address that answers tells its status and the time, and no more`() async throws {
    let server = try TinyServer(
      .answers("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"))
    defer { server.stop() }
    try await withAddress(port: server.port) { fixture, check in
      let answer = try await check(AddressRules(allowsInternal: true, names: .loopback))

      #expect(answer.answers)
      #expect(answer.sentence.contains(/^answers 200 in [0-9]+ ms$/))
      #expect(answer.address.text == "http://web.shop.svc:\(server.port)")
      #expect(server.requests.count == 1)
      #expect(server.requests.first?.contains("web.shop.svc:\(server.port)") == true)
    }
  }

  @Test func `a redirect isn't followed`() async throws {
    let target = try TinyServer(.answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    let server = try TinyServer(
      .answers(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:\(target.port)/\r\nContent-Length: 0\r\n\r\n"
      ))
    defer {
      server.stop()
      target.stop()
    }
    try await withAddress(port: server.port) { _, check in
      let answer = try await check(AddressRules(allowsInternal: true, names: .loopback))

      #expect(answer.sentence.hasPrefix("answers 302 in "))
      #expect(target.requests.isEmpty)
    }
  }

  @Test func `a name is looked up once`() async throws {
    let server = try TinyServer(.answers("HTTP/1.1 204 No Content\r\n\r\n"))
    defer { server.stop() }
    let asked = Mutex(0)
    let names = NameResolution { name, _ in
      asked.withLock { $0 += 1 }
      return .success([IPAddress("127.0.0.1")].compactMap(\.self))
    }
    try await withAddress(port: server.port) { _, check in
      let answer = try await check(AddressRules(allowsInternal: true, names: names))
      #expect(answer.answers)
      #expect(asked.withLock { $0 } == 1)
    }
  }

  @Test func `what doesn't answer is told apart`() async throws {
    let closed = try TinyServer(.silent)
    closed.stop()
    let silent = try TinyServer(.silent)
    let rude = try TinyServer(.hangsUp)
    defer {
      silent.stop()
      rude.stop()
    }
    for (port, words) in [
      (closed.port, "nothing listens there"), (silent.port, "nothing came in time"),
      (rude.port, "hung up without an answer"),
    ] {
      try await withAddress(port: port) { _, check in
        let answer = try await check(
          AddressRules(allowsInternal: true, timeout: .milliseconds(700), names: .loopback))
        #expect(!answer.answers)
        #expect(answer.sentence.hasPrefix("no answer: "))
        #expect(answer.sentence.contains(words), "\(answer.sentence)")
      }
    }
  }

  @Test func `names that lead nowhere, too slowly or inwards are told, and not connected to`()
    async throws
  {
    let server = try TinyServer(.answers("HTTP/1.1 200 OK\r\n\r\n"))
    defer { server.stop() }
    try await withAddress(port: server.port) { _, check in
      let unknown = try await check(
        AddressRules(names: NameResolution { _, _ in .failure(.unknown) }))
      #expect(unknown.sentence.contains("known only inside the cluster"))

      let slow = try await check(
        AddressRules(names: NameResolution { _, _ in .failure(.timedOut) }))
      #expect(slow.sentence.contains("takes too long"))

      let inward = try await check(AddressRules(names: .loopback))
      #expect(inward.sentence.contains("leads to 127.0.0.1"))

      // One bad answer among good ones is enough.
      let mixed = try await check(
        AddressRules(
          names: NameResolution { _, _ in
            .success(["192.0.2.1", "169.254.169.254"].compactMap { IPAddress($0) })
          }))
      #expect(mixed.sentence.contains("leads to 169.254.169.254"))
      #expect(server.requests.isEmpty)
    }
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.8.8.8", true), ("0.0.0.0", true), ("169.254.169.254", true),
    ("169.254.0.1", true), ("224.0.0.1", true), ("255.255.255.255", true),
    ("100.100.100.200", true), ("::", true), ("::1", true), ("fe80::1", true),
    ("febf::1", true), ("ff02::1", true), ("::ffff:127.0.0.1", true),
    ("::ffff:169.254.169.254", true), ("64:ff9b::7f00:1", true), ("2002:7f00:1::", true),
    ("fd00:ec2::254", true), ("::127.0.0.1", true), ("10.96.0.10", false),
    ("192.168.1.2", false), ("100.64.1.2", false), ("fd7a:115c:a1e0::1", false),
    ("2001:db8::1", false), ("::ffff:10.0.0.1", false),
  ])
  func `addresses of the machine and its network are known`(
    text: String, isInternal: Bool
  ) throws {
    let address = try #require(IPAddress(text))
    #expect(address.isInternal == isInternal)
  }

  @Test func `the machine's own resolution knows localhost and not what can't be`() async throws {
    let local = await NameResolution.system.resolve("localhost", .seconds(30))
    #expect(try local.get().allSatisfy(\.isInternal))
    let none = await NameResolution.system.resolve("nothing.invalid", .seconds(30))
    #expect(throws: NameResolution.Failure.self) { try none.get() }
  }

  @Test func `an Ingress can't lend its name to the cluster's own Services`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft { draft in
          draft.exposure = "ingress"
          draft.host = "db.other.svc"
        })
      _ = try await fixture.ended(1)
      let checks = AddressChecks(
        applications: fixture.domain.applications,
        rules: AddressRules(allowsInternal: true, names: .loopback), logger: quietLogger)

      let answer = try await checks.check(.ingress, of: "web", in: "shop", as: fixture.ann)

      #expect(answer.sentence.contains("a name within the cluster"))
    }
  }

  @Test func `only the application's own addresses are checked, and not for strangers`()
    async throws
  {
    try await withAddress(port: 80) { fixture, _ in
      let checks = fixture.domain.addressChecks
      let missing = await #expect(throws: DomainError.self) {
        try await checks.check(.ingress, of: "web", in: "shop", as: fixture.ann)
      }
      #expect(missing?.reason == .notFound)
      let stranger = await #expect(throws: DomainError.self) {
        try await checks.check(.cluster, of: "web", in: "shop", as: fixture.bob)
      }
      #expect(stranger?.reason == .notFound)
    }
  }

  @Test func `a tailnet name comes from the Service's status`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(
        DeployingFixture.draft { draft in
          draft.exposure = "tailnet"
          draft.tailnetName = "shop-web"
        })
      try await eventually("the name is there") {
        let detail = try await fixture.domain.applications.application(
          named: "web", in: "shop", as: fixture.ann)
        return detail.addresses.last?.text == "http://shop-web.sandbox.ts.net"
      }
    }
  }

  /// An application “web” with a Service at a port, and a way to check it.
  private func withAddress(
    port: Int,
    _ body: (DeployingFixture, (AddressRules) async throws -> AddressAnswer) async throws -> Void
  ) async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(replicas: 1, port: "\(port)"))
      try await eventually("the Service is there") {
        let detail = try await fixture.domain.applications.application(
          named: "web", in: "shop", as: fixture.ann)
        return !detail.addresses.isEmpty
      }
      try await body(fixture) { rules in
        let checks = AddressChecks(
          applications: fixture.domain.applications, rules: rules, logger: quietLogger)
        return try await checks.check(.cluster, of: "web", in: "shop", as: fixture.ann)
      }
    }
  }
}

extension NameResolution {
  fileprivate static let loopback = NameResolution { _, _ in
    .success(["127.0.0.1"].compactMap { IPAddress($0) })
  }
}
