import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

/// Secret values go to the cluster and nowhere else.
struct SecretValuesTests {
  private static let password = "Xq7-marker-password\nof two lines"
  private static let token = "Zk9-marker-token"

  private static func draft(
    change: (inout ApplicationDraft) -> Void = { _ in }
  ) -> ApplicationDraft {
    DeployingFixture.draft(image: "registry.example.com/team/web:1") {
      $0.secretValues = [
        .init(target: "PASSWORD", value: password),
        .init(target: "/etc/app/key.pem", value: "a key"),
      ]
      $0.registryUser = "robot"
      $0.registryPassword = token
      change(&$0)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `typed values are in Secrets that never change, and nowhere in the database`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let plan = try await fixture.releases.plan(Self.draft(), in: "shop", as: fixture.ann)
      let release = try await fixture.deploy(Self.draft())
      #expect(try await fixture.ended(1).state == .succeeded)

      let values = try #require(release.spec.secretValues)
      let secret = try #require(try await fixture.live(.secret, values.secret))
      #expect(secret["immutable"] == true)
      #expect(secret.at("data", "PASSWORD")?.string == Self.base64(Self.password))
      let login = try #require(release.spec.registryLogin)
      #expect(login.server == "registry.example.com")
      let config = try await fixture.live(.secret, login.secret)?.at("data", ".dockerconfigjson")
      let auths = try JSONValue(
        parsing: Array(try #require(Data(base64Encoded: config?.string ?? ""))))
      #expect(auths.at("auths", "registry.example.com", "password")?.string == Self.token)

      let pod = try await fixture.live(.deployment)?.at("spec", "template", "spec")
      let container = pod?["containers"]?.array?.first
      let variable = container?["env"]?.array?.first { $0["name"] == "PASSWORD" }
      #expect(variable?.at("valueFrom", "secretKeyRef", "name")?.string == values.secret)
      #expect(container?["volumeMounts"]?.array?.first?["mountPath"] == "/etc/app/key.pem")
      #expect(pod?["imagePullSecrets"]?.array?.first?["name"]?.string == login.secret)

      let stored = try await Self.everythingStored(fixture.database)
      for text in ["\(plan)", String(reflecting: plan), "\(release)", stored] {
        #expect(!Self.tells(text), "a secret is in \(text.prefix(200))")
      }
      #expect(stored.contains("PASSWORD"))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `what isn't typed again stays, and a new value makes new pods and another Secret`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      let first = try await fixture.deploy(Self.draft())
      #expect(try await fixture.ended(1).state == .succeeded)

      let same = try await fixture.releases.plan(
        ApplicationDraft(first.spec), replacing: "web", in: "shop", as: fixture.ann)
      #expect(same.isEmpty, "\(same.steps)")
      var draft = ApplicationDraft(first.spec)
      draft.secretValues[0].value = "another"
      let second = try await fixture.deploy(draft, replacing: "web", as: fixture.ann)
      #expect(try await fixture.ended(2).state == .succeeded)

      let (old, new) = (
        try #require(first.spec.secretValues), try #require(second.spec.secretValues)
      )
      #expect(old.secret != new.secret)
      #expect(try await fixture.live(.secret, old.secret) != nil)
      let secret = try #require(try await fixture.live(.secret, new.secret))
      #expect(secret.at("data", "PASSWORD")?.string == Self.base64("another"))
      let key = ApplicationSpec.SecretValues.Entry.key(of: "/etc/app/key.pem")
      #expect(secret.at("data", key)?.string == Self.base64("a key"))
      #expect(second.spec.registryLogin == first.spec.registryLogin)

      var fewer = ApplicationDraft(second.spec)
      fewer.secretValues.removeFirst()
      let third = try await fixture.deploy(fewer, replacing: "web")
      let last = try #require(third.spec.secretValues)
      let left = try await fixture.live(.secret, last.secret)?["data"]?.object
      #expect(left.map { Array($0.keys) } == [key])
    }
  }

  @Test(arguments: TestDatabase.available)
  func `two values typed within a second are two values`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      try await fixture.makeProject()
      var secrets: Set<String> = []
      for (number, value) in ["one", "two", "one"].enumerated() {
        let release = try await fixture.deploy(
          DeployingFixture.draft { $0.secretValues = [.init(target: "S", value: value)] },
          replacing: number == 0 ? nil : "web")
        secrets.insert(try #require(release.spec.secretValues).secret)
      }
      #expect(secrets.count == 2, "the same value is the same Secret")
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a value that is missing is asked for at its row`(kind: TestDatabase) async throws {
    try await withDeploying(kind) { fixture in
      try await fixture.makeProject()
      func mistakes(
        _ draft: ApplicationDraft, replacing: String? = nil
      ) async -> [String: String] {
        do throws(DomainError) {
          _ = try await fixture.releases.plan(
            draft, replacing: replacing, in: "shop", as: fixture.ann)
          return [:]
        } catch {
          return Dictionary(error.fields.map { ($0.field, $0.message) }) { first, _ in first }
        }
      }
      let empty = await mistakes(
        Self.draft {
          $0.secretValues[1].value = ""
          $0.registryPassword = ""
        })
      #expect(empty["secretValues.1.value"] == "Type the value of “/etc/app/key.pem”.")
      #expect(empty["registryPassword"]?.contains("“robot” at registry.example.com") == true)
      let twice = await mistakes(
        Self.draft { $0.environment = [.init(name: "PASSWORD", value: "x")] })
      #expect(twice["secretValues.0.target"] == "“PASSWORD” is set twice; keep one of them.")

      let release = try await fixture.deploy(Self.draft())
      let secret = try #require(release.spec.secretValues).secret
      _ = try await fixture.cluster.kubernetes.delete(.secret, name: secret, namespace: "shop")
      let gone = await mistakes(ApplicationDraft(release.spec), replacing: "web")
      #expect(gone["secretValues.0.value"]?.contains("no longer on the cluster") == true)
      // Another registry's login is another one.
      let moved = await mistakes(
        {
          var draft = ApplicationDraft(release.spec)
          draft.image = "nginx:1.27"
          return draft
        }(), replacing: "web")
      #expect(moved["registryPassword"]?.contains("index.docker.io") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a sealed value opens for the same person and project alone, and for a day`(
    kind: TestDatabase
  ) async throws {
    try await withDatabase(kind) { database in
      let clock = TurnedClock()
      func seal() async throws -> FormSeal {
        let accounts = Accounts(
          database: database, rules: AccountRules(firstUserBecomesAdmin: true),
          hasher: PasswordHasher(cost: .init(memory: 64, passes: 1), parallel: 1),
          logger: quietLogger, now: { clock.now })
        _ = try await accounts.start()
        return accounts.formSeal
      }
      let (one, other) = (try await seal(), try await seal())
      let sealed = try await one.seal("secret", for: "ann shop")

      #expect(!sealed.contains("secret"))
      #expect(try await other.open(sealed, for: "ann shop") == "secret")
      #expect(try await other.open(sealed, for: "bob shop") == nil)
      #expect(try await other.open(sealed, for: "ann store") == nil)
      #expect(try await other.open(sealed.dropLast(4) + "AAAA", for: "ann shop") == nil)
      #expect(try await other.open("nonsense", for: "ann shop") == nil)
      #expect(try await one.seal("secret", for: "ann shop") != sealed)
      clock.turn(by: 25 * 3600)
      #expect(try await other.open(sealed, for: "ann shop") == nil)
    }
  }

  private static func base64(_ text: String) -> String {
    Data(text.utf8).base64EncodedString()
  }

  /// Whether a text tells a value, plain or encoded.
  private static func tells(_ text: String) -> Bool {
    [password, token, base64(password), base64(token)].contains { text.contains($0.prefix(12)) }
  }

  private static func everythingStored(_ database: any Database) async throws -> String {
    try await database.read { connection in
      var texts: [String] = []
      for row in try connection.query("SELECT specification FROM applications") {
        texts.append(try row.get("specification", as: String.self))
      }
      for row in try connection.query("SELECT specification, manifests, outcome FROM releases") {
        texts.append(try row.get("specification", as: String.self))
        texts.append(try row.get("manifests", as: String.self))
      }
      return texts.joined(separator: "\n")
    }
  }
}
