import Foundation
import TestSupport
import Testing

@testable import Domain

struct SQLTests {
  @Test func `a value becomes a numbered placeholder`() throws {
    let name = "x' OR '1'='1"
    let sql: SQL = "SELECT 'what?' FROM t WHERE name = \(name) AND n < \(3)"

    let sqlite = try sql.rendered(for: .sqlite)
    let postgres = try sql.rendered(for: .postgres)

    #expect(sqlite.text == "SELECT 'what?' FROM t WHERE name = ?1 AND n < ?2")
    #expect(postgres.text == "SELECT 'what?' FROM t WHERE name = $1 AND n < $2")
    #expect(sqlite.values == [.text(name), .integer(3)])
    #expect(postgres.values == sqlite.values)
  }

  @Test func `a literal may differ between the databases`() throws {
    let sql: SQL = "SELECT 1\(sqlite: "", postgres: " FOR UPDATE")"

    #expect(try sql.rendered(for: .sqlite).text == "SELECT 1")
    #expect(try sql.rendered(for: .postgres).text == "SELECT 1 FOR UPDATE")
  }

  @Test func `nested statements keep the order of their values`() throws {
    let filter: SQL = "b = \("two") AND c = \("three")"
    let sql: SQL = "a = \("one") AND \(sql: filter) AND d = \("four")"

    let rendered = try sql.rendered(for: .postgres)

    #expect(rendered.text == "a = $1 AND b = $2 AND c = $3 AND d = $4")
    #expect(rendered.values == ["one", "two", "three", "four"].map(SQLValue.text))
  }

  @Test func `a list binds each of its values`() throws {
    let some: SQL = "id IN \(list: ["a", "b"]) AND n = \(1)"
    let none: SQL = "id IN \(list: [String]())"

    #expect(try some.rendered(for: .sqlite).text == "id IN (?1, ?2) AND n = ?3")
    #expect(try none.rendered(for: .sqlite).text == "id IN (NULL)")
  }

  @Test(arguments: TestDatabase.available)
  func `what looks like SQL is only a value`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let attacks = [
        "'; DROP TABLE t; --", "\" OR 1=1", "$1", "?1", ":name", "\\'; --", "'' OR ''='", "%", "/*",
      ]
      let stored = try await database.write { connection in
        try connection.execute("CREATE TABLE t (v TEXT NOT NULL)")
        for attack in attacks { try connection.execute("INSERT INTO t (v) VALUES (\(attack))") }
        return try connection.query("SELECT v FROM t WHERE v IN \(list: attacks)")
          .map { try $0.get("v", as: String.self) }
      }

      #expect(Set(stored) == Set(attacks))
    }
  }

  @Test(arguments: TestDatabase.available)
  func `an empty list matches nothing`(kind: TestDatabase) async throws {
    try await withDatabase(kind) { database in
      let rows = try await database.read {
        try $0.query("SELECT id FROM users WHERE id IN \(list: [String]())")
      }

      #expect(rows.isEmpty)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a question mark in the text shifts no value`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let row = try await database.read {
        try $0.first("SELECT 'really?' AS question, CAST(\("yes") AS TEXT) AS answer")
      }

      #expect(try row?.get("question", as: String.self) == "really?")
      #expect(try row?.get("answer", as: String.self) == "yes")
    }
  }
}
