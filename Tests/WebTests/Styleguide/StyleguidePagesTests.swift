import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct StyleguidePagesTests {
  @Test func `all pieces are shown with the sandbox, and nowhere else`() async throws {
    try await withSite(Site(isSandbox: true)) { client, _ in
      let page = try await Browser(client).get("/styleguide")
      #expect(page.status == .ok)
      for piece in ["button-primary", "badge-bad", "meter-bar", "<dialog", "toast", "skeleton"] {
        #expect(page.text.contains(piece), "\(piece)")
      }
    }
    try await withSite(Site()) { client, _ in
      let missing = try await Browser(client).get("/styleguide")
      #expect(missing.status == .notFound)
    }
  }
}
