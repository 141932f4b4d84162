import Foundation
import TestSupport
import Testing

@testable import Domain

struct SettingsTests {
  private static func draft(_ price: String) -> PriceListDraft {
    PriceListDraft(
      isOn: true, currency: "EUR", coreHour: price, memoryHour: "0", storageMonth: "0")
  }

  @Test(arguments: TestDatabase.available)
  func `of two admins who change a setting at once the second is told of the first`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let usage = fixture.domain.usage
      #expect(try await usage.priceList(as: fixture.admin).version == 0)
      try await usage.setPriceList(Self.draft("0.1"), from: 0, as: fixture.admin)

      let error = await refusal {
        try await usage.setPriceList(Self.draft("0.2"), from: 0, as: fixture.admin)
      }

      #expect(error?.reason == .conflict)
      #expect(error?.message == "Root changed this setting while you did.")
      let setting = try await usage.priceList(as: fixture.admin)
      #expect(setting.value?.coreHour == 100_000)
      #expect(setting.version == 1 && setting.changedBy == "Root")
      try await usage.setPriceList(Self.draft("0.2"), from: 1, as: fixture.admin)
      #expect(try await usage.priceList(as: fixture.admin).value?.coreHour == 200_000)
    }
  }

  @Test func `only admins decide, and each decision is in the audit log`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      let usage = fixture.domain.usage
      let refused = await refusal {
        try await usage.setPriceList(Self.draft("0.1"), from: 0, as: fixture.ann)
      }
      #expect(refused?.reason == .forbidden)
      let unseen = await refusal { _ = try await usage.priceList(as: fixture.ann) }
      #expect(unseen?.reason == .forbidden)

      try await usage.setPriceList(Self.draft("0.1"), from: 0, as: fixture.admin)
      let rows = try await AuditLog(database: fixture.database).page(as: fixture.admin)

      #expect(rows.first?.action == "setting.change")
      #expect(rows.first?.target.name == "price-list")
      #expect(rows.first?.changes.contains("0.10 a core and hour") == true)
    }
  }
}
