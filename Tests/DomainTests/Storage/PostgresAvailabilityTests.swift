import TestSupport
import Testing

struct PostgresAvailabilityTests {
  /// Without a server the PostgreSQL half of every store test is missing; this
  /// says so in the output.
  @Test(.enabled(if: TestDatabase.serverURL != nil, Comment(rawValue: TestDatabase.skipped)))
  func `store tests run on PostgreSQL too`() {
    #expect(TestDatabase.available == TestDatabase.allCases)
  }
}
