import Testing

@testable import Domain

struct DatabaseURLTests {
  @Test(arguments: [
    ("sqlite:babyhelm.db", "babyhelm.db"),
    ("sqlite:data/babyhelm.db", "data/babyhelm.db"),
    ("sqlite:/var/lib/babyhelm.db", "/var/lib/babyhelm.db"),
    ("sqlite:///var/lib/babyhelm.db", "/var/lib/babyhelm.db"),
    ("SQLite:x.db", "x.db"),
  ])
  func `a SQLite URL names a file`(text: String, path: String) throws {
    #expect(try DatabaseURL(text).location == .sqlite(path: path))
    #expect(try DatabaseURL(text).dialect == .sqlite)
  }

  @Test func `a PostgreSQL URL goes to libpq without our own parameter`() throws {
    let plain = try DatabaseURL("postgres://ann@db:5433/babyhelm?sslmode=verify-full")
    let sized = try DatabaseURL("postgresql://ann@db/babyhelm?sslmode=require&pool_size=25")
    let only = try DatabaseURL("postgresql://ann@db/babyhelm?pool_size=3")

    #expect(
      plain.location
        == .postgres(url: "postgres://ann@db:5433/babyhelm?sslmode=verify-full", poolSize: 10))
    #expect(
      sized.location
        == .postgres(url: "postgresql://ann@db/babyhelm?sslmode=require", poolSize: 25))
    #expect(only.location == .postgres(url: "postgresql://ann@db/babyhelm", poolSize: 3))
  }

  @Test(arguments: [
    "", "babyhelm.db", "mysql://db/x", "sqlite:", "sqlite://", "sqlite:///", "sqlite://host/x.db",
    "sqlite::memory:", "postgres:db", "postgres://db/x?pool_size=0", "postgres://db/x?pool_size=x",
    "postgres://db/x?sslmod=require", "postgres://ann:s3cret%zz@db/x",
  ])
  func `a mistake is refused without repeating a password`(text: String) throws {
    let error = #expect(throws: DatabaseURLError.self) { try DatabaseURL(text) }

    let message = try #require(error?.message)
    #expect(message.hasSuffix("."))
    #expect(!message.contains("s3cret"))
  }

  @Test func `a parameter that libpq doesn't know is named`() throws {
    let error = #expect(throws: DatabaseURLError.self) {
      try DatabaseURL("postgres://db/x?sslmod=require")
    }

    #expect(error?.message.contains("sslmod") == true)
  }
}
