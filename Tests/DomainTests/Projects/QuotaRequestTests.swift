import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct QuotaRequestTests {
  private static let larger = QuotaDraft(cpu: "8", memory: "16Gi", pods: "60", storage: "50Gi")

  @Test(arguments: TestDatabase.available)
  func `an owner asks, an admin approves, and the cluster has it`(kind: TestDatabase) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let projects = fixture.projects
      try await fixture.makeProject()
      try await projects.requestQuota(
        Self.larger, because: "the sale", of: "shop", as: fixture.ann)
      let open = try #require(try await projects.openQuotaRequests(as: fixture.admin).first)
      #expect(open.projectName == "shop" && open.reason == "the sale" && open.askedBy == "Ann")
      #expect(try await fixture.hardCPU() == "4", "nothing before somebody decided")

      try await projects.setQuota(
        QuotaDraft(open.quota), of: "shop", answering: open.id, answer: "until May",
        as: fixture.admin)

      let overview = try await projects.quota(of: "shop", as: fixture.ann)
      #expect(overview.membership.project.quota.cpu == "8")
      #expect(overview.open == nil)
      #expect(overview.decided.map(\.outcome) == [.approved])
      #expect(overview.decided.first?.answer == "until May")
      #expect(try await fixture.hardCPU() == "8")
      let again = await refusal {
        try await projects.setQuota(
          Self.larger, of: "shop", answering: open.id, as: fixture.admin)
      }
      #expect(again?.reason == .conflict, "a second click decides nothing")
      #expect(try await fixture.probe().check(overview.membership.project).isWhole)
    }
  }

  @Test(arguments: TestDatabase.available)
  func `there is one open request, which can be changed, taken back and declined`(
    kind: TestDatabase
  ) async throws {
    try await withDeploying(kind, works: false) { fixture in
      let projects = fixture.projects
      try await fixture.makeProject()
      try await projects.requestQuota(Self.larger, because: "", of: "shop", as: fixture.ann)
      var more = Self.larger
      more.cpu = "9"
      try await projects.requestQuota(more, because: "", of: "shop", as: fixture.ann)
      let open = try await projects.openQuotaRequests(as: fixture.admin)
      #expect(open.map(\.quota.cpu) == ["9"])

      try await projects.withdrawQuotaRequest(of: "shop", as: fixture.ann)
      try await projects.withdrawQuotaRequest(of: "shop", as: fixture.ann)
      #expect(try await projects.openQuotaRequests(as: fixture.admin).isEmpty)
      let gone = await refusal {
        try await projects.declineQuota(
          open[0].id, of: "shop", answer: "no", as: fixture.admin)
      }
      #expect(gone?.reason == .conflict)

      try await projects.requestQuota(more, because: "", of: "shop", as: fixture.ann)
      let last = try #require(try await projects.openQuotaRequests(as: fixture.admin).first)
      try await projects.declineQuota(
        last.id, of: "shop", answer: "not now", as: fixture.admin)
      let overview = try await projects.quota(of: "shop", as: fixture.ann)
      #expect(overview.open == nil)
      #expect(overview.decided.map(\.outcome) == [.declined])
      #expect(overview.membership.project.quota == .standard)
    }
  }

  @Test func `who may not is refused, and nothing is written`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      let projects = fixture.projects
      try await fixture.makeProject()
      let stranger = await refusal {
        try await projects.requestQuota(Self.larger, because: "", of: "shop", as: fixture.bob)
      }
      #expect(stranger?.reason == .notFound)
      _ = try await projects.addMember(
        email: fixture.bob.email, role: .editor, to: "shop", as: fixture.ann)
      let editor = await refusal {
        try await projects.requestQuota(Self.larger, because: "", of: "shop", as: fixture.bob)
      }
      #expect(editor?.reason == .forbidden)
      let owner = await refusal {
        try await projects.setQuota(Self.larger, of: "shop", as: fixture.ann)
      }
      #expect(owner?.reason == .forbidden)
      let list = await refusal { _ = try await projects.openQuotaRequests(as: fixture.ann) }
      #expect(list?.reason == .forbidden)
      let same = await refusal {
        try await projects.requestQuota(
          QuotaDraft(.standard), because: String(repeating: "x", count: 501), of: "shop",
          as: fixture.ann)
      }
      #expect(same?.wrongFields == ["reason"])
      #expect(try await fixture.hardCPU() == "4")
      #expect(try await projects.quota(of: "shop", as: fixture.ann).open == nil)
    }
  }

  @Test func `an admin finds all projects by name and by owner`() async throws {
    try await withDeploying(.sqlite, works: false) { fixture in
      try await fixture.makeProject("shop")
      try await fixture.makeProject("s-op")
      let all = try await fixture.projects.overview(matching: "", page: 1, as: fixture.admin)
      #expect(all.projects.map(\.project.name) == ["s-op", "shop"])
      #expect(all.projects.map(\.owners) == [["Ann"], ["Ann"]])
      let one = try await fixture.projects.overview(matching: "S-O", page: 1, as: fixture.admin)
      #expect(one.projects.map(\.project.name) == ["s-op"])
      let owned = try await fixture.projects.overview(
        matching: "ANN@", page: 1, as: fixture.admin)
      #expect(owned.total == 2)
      let refused = await refusal {
        _ = try await fixture.projects.overview(matching: "", page: 1, as: fixture.ann)
      }
      #expect(refused?.reason == .forbidden)
    }
  }
}

extension DeployingFixture {
  fileprivate func hardCPU() async throws -> String? {
    try await live(CoreV1.ResourceQuota.type, "project")?
      .at("spec", "hard", "requests.cpu")?.string
  }
}
