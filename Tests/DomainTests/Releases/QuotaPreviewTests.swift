import Testing

@testable import Domain

struct QuotaPreviewTests {
  private let usage = ProjectUsage(quotas: [
    QuotaUsage(resource: .cpuRequests, used: "500m", hard: "2", percent: 25),
    QuotaUsage(resource: .memoryLimits, used: "1Gi", hard: "2Gi", percent: 50),
    QuotaUsage(resource: .pods, used: "3", hard: "5", percent: 60),
    QuotaUsage(resource: .storage, used: "0", hard: "5Gi", percent: 0),
  ])

  private func draft(_ replicas: String, cpu: String = "250m") -> ApplicationDraft {
    var draft = ApplicationDraft()
    (draft.replicas, draft.cpuRequest, draft.memoryLimit) = (replicas, cpu, "256Mi")
    return draft
  }

  @Test func `what all replicas need is taken from what is left`() {
    let shares = QuotaPreview(draft("2"), usage: usage).shares

    #expect(shares.map(\.resource) == [.cpuRequests, .memoryLimits, .pods])
    #expect(shares.map(\.needed) == ["500m", "512Mi", "2"])
    #expect(shares.map(\.left) == ["1", "512Mi", "0"])
    #expect(shares.map(\.free) == [1.5, 1_073_741_824, 2])
    #expect(shares.allSatisfy { $0.fits })
  }

  @Test func `what doesn't fit is said, and what can't be read isn't guessed`() {
    let over = QuotaPreview(draft("3"), usage: usage).shares
    #expect(over.map(\.fits) == [true, true, false])
    #expect(over.last?.left == "0")

    let odd = QuotaPreview(draft("two", cpu: "much"), usage: usage).shares
    #expect(odd.allSatisfy { $0.needed == nil && $0.left == nil && $0.fits })
    let scaled = QuotaPreview(
      {
        var draft = draft("1"); (draft.isAutoscaled, draft.maximumReplicas) = (true, "4");
        return draft
      }(),
      usage: usage)
    #expect(scaled.shares.first?.needed == "1")
    #expect(QuotaPreview(draft("1"), usage: ProjectUsage(quotas: [])).shares.isEmpty)
  }
}
