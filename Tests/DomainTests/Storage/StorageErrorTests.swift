import Testing

@testable import Domain

struct StorageErrorTests {
  @Test func `only when it is certain is it said that nothing was changed`() {
    let certain: [StorageError] = [
      .unavailable("gone"), .busy, .serialization, .foreignKeyViolation, .other("no such table"),
    ]
    for error in certain {
      #expect(error.asDomainError.advice.hasPrefix("Nothing was changed."), "\(error)")
    }
    let unknown = StorageError.outcomeUnknown("broken").asDomainError
    #expect(unknown.reason == .unavailable)
    #expect(!unknown.advice.contains("Nothing was changed"))
    #expect(unknown.advice.contains("Look before you try again"))
  }
}
