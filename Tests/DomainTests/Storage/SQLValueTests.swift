import Foundation
import TestSupport
import Testing

@testable import Domain

struct SQLValueTests {
  @Test(arguments: TestDatabase.available)
  func `every type comes back as it went`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let date = Date(timeIntervalSince1970: 1_700_000_000.123)
      let id = Identifier<User>.random()

      let row = try await database.write { connection in
        try connection.execute(
          """
          CREATE TABLE t (
            big BIGINT, small SMALLINT, word INTEGER, x DOUBLE PRECISION, flag SMALLINT,
            at BIGINT, id TEXT, role TEXT, missing TEXT)
          """)
        try connection.execute(
          """
          INSERT INTO t VALUES (
            \(Int64.min), \(7), \(Int(-5)), \(0.1), \(true), \(date), \(id), \(PlatformRole.admin),
            \(String?.none))
          """)
        return try connection.first("SELECT * FROM t")
      }

      let found = try #require(row)
      #expect(try found.get("big") == Int64.min)
      #expect(try found.get("small") == 7)
      #expect(try found.get("word") == -5)
      #expect(try found.get("x") == 0.1)
      #expect(try found.get("flag") == true)
      #expect(abs(try found.get("at", as: Date.self).timeIntervalSince(date)) < 0.0005)
      #expect(try found.get("id") == id)
      #expect(try found.get("role") == PlatformRole.admin)
      #expect(try found.get("missing", as: String?.self) == nil)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `extreme numbers survive`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let integers = [Int64.min, -1, 0, 1, Int64.max]
      let reals = [
        0.0, -0.5, 1e-300, Double.greatestFiniteMagnitude, .leastNormalMagnitude,
        123456789.123456789,
      ]

      let (foundIntegers, foundReals) = try await database.write { connection in
        try connection.execute("CREATE TABLE i (n BIGINT)")
        try connection.execute("CREATE TABLE r (n DOUBLE PRECISION)")
        for integer in integers { try connection.execute("INSERT INTO i VALUES (\(integer))") }
        for real in reals { try connection.execute("INSERT INTO r VALUES (\(real))") }
        let integers = try connection.query("SELECT n FROM i")
          .map { try $0.get("n", as: Int64.self) }
        let reals = try connection.query("SELECT n FROM r").map { try $0.get("n", as: Double.self) }
        return (integers, reals)
      }

      #expect(foundIntegers == integers)
      #expect(foundReals == reals)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `text of any script and size survives`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let texts = [
        "", " ", "Grüße", "日本語", "👩‍👩‍👧‍👦 e\u{301}", "\u{FEFF}\u{200B}", "a\nb\r\n\tc", "\u{1}\u{7F}\\",
        "\u{10FFFF}", String(repeating: "ß", count: 32 * 1024),
      ]

      let found = try await database.write { connection in
        try connection.execute("CREATE TABLE t (n INTEGER, v TEXT)")
        for (number, text) in texts.enumerated() {
          try connection.execute("INSERT INTO t VALUES (\(number), \(text))")
        }
        return try connection.query("SELECT v FROM t ORDER BY n")
          .map { try $0.get("v", as: String.self) }
      }

      #expect(found.map { Array($0.utf8) } == texts.map { Array($0.utf8) })
    }
  }

  @Test(arguments: TestDatabase.available)
  func `a NUL character is refused in words`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let error = await #expect(throws: StorageError.self) {
        try await database.read { try $0.query("SELECT \("a\u{0}b") AS v") }
      }

      #expect(error?.description.contains("NUL character") == true)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `counts and sums are integers`(kind: TestDatabase) async throws {
    try await withEmptyDatabase(kind) { database in
      let row = try await database.write { connection in
        try connection.execute("CREATE TABLE t (n BIGINT)")
        try connection.execute("INSERT INTO t VALUES (\(2)), (\(3))")
        return try connection.first("SELECT COUNT(*) AS c, SUM(n) AS s, \(4) AS v FROM t")
      }

      #expect(try row?.get("c", as: Int.self) == 2)
      #expect(try row?.get("s", as: Int.self) == 5)
      #expect(try row?.get("v", as: Int.self) == 4)
    }
  }

  @Test func `a wrong type or column is an error that names it`() throws {
    let row = Row(columns: ["name", "age"], values: [.text("secret"), .null])

    let missing = #expect(throws: StorageError.self) { try row.get("nam", as: String.self) }
    let wrong = #expect(throws: StorageError.self) { try row.get("name", as: Int.self) }
    let null = #expect(throws: StorageError.self) { try row.get("age", as: Int.self) }

    #expect(missing?.description == "The result has no column “nam”; it has name, age.")
    #expect(wrong?.description == "The column “name” doesn't hold a Int but text.")
    #expect(null?.description == "The column “age” doesn't hold a Int but NULL.")
  }

  @Test func `an unknown word of an enumeration is an error, not a guess`() throws {
    let row = Row(columns: ["role"], values: [.text("emperor")])

    #expect(throws: StorageError.self) { try row.get("role", as: PlatformRole.self) }
    #expect(throws: StorageError.self) { try row.get("role", as: PlatformRole?.self) }
  }
}
