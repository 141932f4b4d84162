import Foundation
import Testing

@testable import CommandLine

struct ConnectionTests {
  private let logins = StoredLogins(
    current: "https://a.example.com",
    servers: [
      "https://a.example.com": .init(token: "of-a", certificates: "/ca.pem"),
      "https://b.example.com": .init(token: "of-b"),
    ])

  private func choose(
    _ server: String? = nil, _ environment: [String: String] = [:]
  ) throws -> Connection {
    try Connection.choose(server: server, environment: environment, logins: logins)
  }

  @Test func `a flag goes before the environment, and that before what is stored`() throws {
    #expect(try choose().server.description == "https://a.example.com")
    #expect(try choose().certificates == "/ca.pem")
    let variable = ["BABYHELM_SERVER": "https://b.example.com/"]
    #expect(try choose(nil, variable).token == "of-b")
    #expect(try choose("https://a.example.com", variable).token == "of-a")
  }

  @Test func `a stored token goes to no other server`() {
    let error = #expect(throws: ClientError.self) {
      try choose(nil, ["BABYHELM_SERVER": "https://evil.example.com"])
    }

    #expect(error?.outcome == .misused)
    #expect(error?.line.contains("babyhelm login --server https://evil.example.com") == true)
  }

  @Test func `a token of the environment needs nothing stored`() throws {
    let connection = try Connection.choose(
      server: nil,
      environment: ["BABYHELM_SERVER": "http://127.0.0.1:8080", "BABYHELM_TOKEN": " secret\n"],
      logins: StoredLogins())

    #expect(connection.token == "secret")
    #expect(!connection.server.isEncrypted && connection.server.isLocal)
  }

  @Test(arguments: ["", "a b", "a\nb", "ü"])
  func `what can't stand in a header is no token`(text: String) {
    #expect(throws: ClientError.self) { try Connection.checked(text) }
  }

  @Test(arguments: [
    ("HTTPS://Example.com:443/", "https://example.com"),
    ("http://example.com:80", "http://example.com"),
    ("https://example.com:8443//", "https://example.com:8443"),
    (" https://example.com/babyhelm/ ", "https://example.com/babyhelm"),
  ])
  func `the same server always has the same address`(text: String, address: String) throws {
    #expect(try ServerAddress(text).description == address)
  }

  @Test(arguments: [
    "", "example.com", "ftp://example.com", "https://", "https://me:secret@example.com",
    "https://example.com?a=1", "https://example.com#a",
  ])
  func `anything else is refused as an address`(text: String) {
    let error = #expect(throws: ClientError.self) { try ServerAddress(text) }

    #expect(error?.outcome == .misused)
  }
}

struct StoredLoginsTests {
  private func inFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "babyhelm-logins-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func `the file is read as it was written, and by nobody else`() throws {
    try inFolder { folder in
      let file = StoredLogins.file(["XDG_CONFIG_HOME": folder.path])
      let logins = StoredLogins(
        current: "https://a.example.com",
        servers: ["https://a.example.com": .init(token: "secret")])

      try logins.write(file)
      try logins.write(file)

      #expect(file.path == folder.path + "/babyhelm/config.json")
      #expect(try StoredLogins.read(file) == logins)
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(!StoredLogins.isShared(file))
      let names = try FileManager.default.contentsOfDirectory(
        atPath: file.deletingLastPathComponent().path)
      #expect(names == ["config.json"])
    }
  }

  @Test func `a file that others may read is found`() throws {
    try inFolder { folder in
      let file = folder.appending(path: "config.json")
      try StoredLogins().write(file)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)

      #expect(StoredLogins.isShared(file))
    }
  }

  @Test func `no file is no login, and another file is refused`() throws {
    try inFolder { folder in
      let file = folder.appending(path: "config.json")
      #expect(try StoredLogins.read(file) == StoredLogins())

      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data("[]".utf8).write(to: file)
      #expect(throws: ClientError.self) { try StoredLogins.read(file) }
    }
  }

  @Test func `a relative XDG_CONFIG_HOME is ignored`() {
    let file = StoredLogins.file(["XDG_CONFIG_HOME": "here", "HOME": "/home/ada"])

    #expect(file.path == "/home/ada/.config/babyhelm/config.json")
  }
}
