import Domain
import Foundation
import Testing

@testable import Web

@Suite struct AppConfigurationTests {
  private func withFile<Result>(_ text: String, _ work: (String) throws -> Result) throws -> Result
  {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try work(path)
  }

  @Test func `flags win over the environment, and that over the file`() throws {
    let file = #"{"host": "file", "port": 1, "database-url": "sqlite:file", "sandbox": true}"#
    let configuration = try withFile(file) { path in
      try AppConfiguration(
        flags: [.host: "flag"],
        environment: ["BABYHELM_HOST": "environment", "BABYHELM_PORT": "2", "HOME": "/"],
        file: path)
    }

    #expect(configuration.address == ListenAddress(host: "flag", port: 2))
    #expect(configuration.databaseURL == "sqlite:file")
    #expect(configuration.isSandbox)
  }

  @Test func `without any settings it listens on loopback only`() throws {
    let configuration = try AppConfiguration(flags: [:], environment: [:])
    #expect(configuration == AppConfiguration())
    #expect(configuration.address.host == "127.0.0.1")
  }

  @Test func `a variable with a typing mistake names the one that was meant`() {
    let error = #expect(throws: StartupError.self) {
      try AppConfiguration(flags: [:], environment: ["BABYHELM_DATBASE_URL": "x"])
    }
    #expect(
      error?.message
        == "“BABYHELM_DATBASE_URL” in the environment is not a setting of BabyHelm. "
        + "The nearest is “BABYHELM_DATABASE_URL”.")
  }

  @Test func `what Kubernetes sets for a Service called babyhelm is no setting`() throws {
    let configuration = try AppConfiguration(
      flags: [:],
      environment: [
        "BABYHELM_PORT": "tcp://10.0.0.1:80", "BABYHELM_SERVICE_HOST": "10.0.0.1",
        "BABYHELM_PORT_80_TCP": "tcp://10.0.0.1:80",
      ])
    #expect(configuration.address.port == 8080)
  }

  @Test(arguments: [
    (AppConfiguration.Key.port, "70000"), (.port, "many"), (.sandbox, "perhaps"),
    (.publicURL, "babyhelm.example.net"), (.publicURL, "https://a.example/path"),
    (.publicURL, "ftp://a.example"), (.logLevel, "loud"), (.logFormat, "xml"),
  ])
  func `a value that can't be is refused by name`(key: AppConfiguration.Key, value: String) {
    let error = #expect(throws: StartupError.self) {
      try AppConfiguration(flags: [key: value], environment: [:])
    }
    #expect(error?.message.contains("--\(key.rawValue)") == true)
    #expect(error?.message.contains(value) == true)
  }

  @Test func `egress is open unless it is closed, but for the networks allowed`() throws {
    let open = try AppConfiguration(flags: [:], environment: [:])
    let closed = try AppConfiguration(flags: [.egress: "closed"], environment: [:])
    let allowing = try AppConfiguration(
      flags: [.egressAllowed: "10.0.0.0/8, fd00::/8,192.0.2.7/32"],
      environment: ["BABYHELM_EGRESS": "closed"])

    #expect(open.manifests.egress == .open)
    #expect(closed.manifests.egress == .closed(allowed: []))
    #expect(
      allowing.manifests.egress == .closed(allowed: ["10.0.0.0/8", "fd00::/8", "192.0.2.7/32"]))
  }

  @Test(arguments: [
    "10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "10.0/8", "fd00::/129", "example.org/8", "/8",
    "10.0.0.1/8", "fd00::1/8",
  ])
  func `what is no network is refused in one sentence`(network: String) {
    let error = #expect(throws: StartupError.self) {
      try AppConfiguration(
        flags: [.egress: "closed", .egressAllowed: "172.16.0.0/12,\(network)"], environment: [:])
    }
    let message = error?.message ?? ""
    #expect(message.hasPrefix("--egress-allowed (or BABYHELM_EGRESS_ALLOWED) must "))
    #expect(message.hasSuffix("not “\(network)”."))
  }

  @Test func `egress is open or closed, and only a closed one allows networks`() {
    let wrong = #expect(throws: StartupError.self) {
      try AppConfiguration(flags: [.egress: "shut"], environment: [:])
    }
    let alone = #expect(throws: StartupError.self) {
      try AppConfiguration(flags: [.egressAllowed: "10.0.0.0/8"], environment: [:])
    }
    #expect(
      wrong?.message == "--egress (or BABYHELM_EGRESS) must be one of open, closed, not “shut”.")
    #expect(
      alone?.message
        == "--egress-allowed is for closed egress only; give --egress closed too.")
  }

  @Test func `faults are for the sandbox, and one that isn't any is told`() throws {
    let plain = try AppConfiguration(flags: [.sandbox: "true"], environment: [:])
    let byVariable = try AppConfiguration(
      flags: [.sandbox: "true"], environment: ["BABYHELM_SANDBOX_FAULT": "latency=200ms,drop=1%"])
    let byFlag = try AppConfiguration(
      flags: [.sandbox: "true", .sandboxFault: "drop=1%,latency=0.2s"], environment: [:])
    #expect(byVariable == byFlag)
    #expect(byFlag != plain)

    let wrong = #expect(throws: StartupError.self) {
      try AppConfiguration(flags: [.sandbox: "true", .sandboxFault: "drop=1"], environment: [:])
    }
    #expect(
      wrong?.message
        == "--sandbox-fault drop=1 can't be: drop takes a percentage, such as drop=5%.")
    let alone = #expect(throws: StartupError.self) {
      try AppConfiguration(flags: [.sandboxFault: "drop=1%"], environment: [:])
    }
    #expect(alone?.message.contains("give --sandbox too") == true)
  }

  @Test(arguments: [
    ("https://Example.NET/", "https://example.net"), ("https://a.example:443", "https://a.example"),
    ("http://a.example:8080", "http://a.example:8080"),
  ])
  func `the public URL becomes an origin as browsers write it`(
    text: String, origin: String
  ) throws {
    let configuration = try AppConfiguration(flags: [.publicURL: text], environment: [:])
    #expect(configuration.publicOrigin == origin)
  }

  @Test func `a file with a mistake is named`() throws {
    for text in ["[]", "{", #"{"prot": 1}"#, #"{"host": {}}"#] {
      try withFile(text) { path in
        let error = #expect(throws: StartupError.self) {
          try AppConfiguration(flags: [:], environment: [:], file: path)
        }
        #expect(error?.message.contains(path) == true)
      }
    }
  }
}
