import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

@Suite struct ApplicationEventsTests {
  @Test func `events are grouped by kind and reason, the newest first`() throws {
    let groups = ApplicationEvents.groups([
      try event("Pod", "web-1-a", "Pulled", at: "05:00:00", count: 2),
      try event("Pod", "web-1-b", "Pulled", at: "05:00:09"),
      try event("Pod", "web-1-a", "BackOff", at: "05:01:00", count: 3, severity: "Warning"),
      try event("Deployment", "web", "Curious", at: "04:59:00"),
    ])

    #expect(groups.map(\.reason) == ["BackOff", "Pulled", "Curious"])
    #expect(groups.map(\.count) == [3, 3, 1])
    #expect(groups.map(\.isWarning) == [true, false, false])
    #expect(groups[0].explanation?.contains("ends again and again") == true)
    #expect(groups[1].messages.map(\.object) == ["web-1-b", "web-1-a"])
    #expect(groups[2].explanation == nil)
    #expect(groups[1].first == Timestamp.date("2026-11-23T05:00:00Z"))
    #expect(groups[1].last == Timestamp.date("2026-11-23T05:00:09Z"))
  }

  @Test func `an event belongs to the application with the longest name that fits`() {
    let others: Set<String> = ["web", "web-api"]
    #expect(ApplicationEvents.isAbout("web-1-a", "web", others: others))
    #expect(ApplicationEvents.isAbout("web", "web", others: others))
    #expect(!ApplicationEvents.isAbout("web-api-1-a", "web", others: others))
    #expect(ApplicationEvents.isAbout("web-api-1-a", "web-api", others: others))
    #expect(!ApplicationEvents.isAbout("website", "web", others: others))
  }

  @Test func `what the sandbox tells of a deploy is there, and not for strangers`() async throws {
    try await withDeploying(.sqlite) { fixture in
      try await fixture.makeProject()
      _ = try await fixture.deploy(DeployingFixture.draft(image: "shop/broken:1"))
      try await eventually("the failure is told") {
        let page = try await fixture.domain.events.page(of: "web", in: "shop", as: fixture.ann)
        return page.groups.contains { $0.isWarning && $0.reason == "Failed" }
          && page.groups.contains { $0.reason == "ScalingReplicaSet" }
      }
      let page = try await fixture.domain.events.page(of: "web", in: "shop", as: fixture.ann)
      let failed = try #require(page.groups.first { $0.reason == "Failed" })
      #expect(failed.explanation?.contains("The image can’t be pulled") == true)

      let refusal = await #expect(throws: DomainError.self) {
        try await fixture.domain.events.page(of: "web", in: "shop", as: fixture.bob)
      }
      #expect(refusal?.reason == .notFound)
    }
  }

  private func event(
    _ kind: String, _ name: String, _ reason: String, at time: String, count: Int = 1,
    severity: String = "Normal"
  ) throws -> CoreV1.Event {
    let stamp = JSONValue.string("2026-11-23T\(time)Z")
    return try CoreV1.Event(json: [
      "apiVersion": "v1", "kind": "Event",
      "metadata": ["name": .string("\(name).\(reason)"), "namespace": "shop"],
      "involvedObject": ["kind": .string(kind), "name": .string(name)],
      "reason": .string(reason), "message": "said", "type": .string(severity),
      "count": .integer(Int64(count)), "firstTimestamp": stamp, "lastTimestamp": stamp,
    ])
  }
}
