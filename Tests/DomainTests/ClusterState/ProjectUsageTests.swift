import Kubernetes
import Testing

@testable import Domain

struct ProjectUsageTests {
  private func usage(_ hard: JSONValue, _ used: JSONValue) throws -> [QuotaUsage] {
    let state = ClusterState(awaiting: [])
    try state.put(
      "ResourceQuota",
      [
        "metadata": ["name": "project", "namespace": "shop"], "spec": ["hard": hard],
        "status": ["hard": hard, "used": used],
      ])
    return state.usage(in: "shop").quotas
  }

  @Test func `each line of the quota says what is used`() throws {
    let lines = try usage(
      ["requests.cpu": "4", "requests.memory": "8Gi", "limits.memory": "16Gi", "pods": "50"],
      ["requests.cpu": "1500m", "requests.memory": "2Gi", "limits.memory": "4Gi", "pods": "7"])

    #expect(lines.map(\.resource) == [.cpuRequests, .memoryRequests, .memoryLimits, .pods])
    #expect(lines.map(\.used) == ["1500m", "2Gi", "4Gi", "7"])
    #expect(lines.map(\.hard) == ["4", "8Gi", "16Gi", "50"])
    #expect(lines.map(\.percent) == [37, 25, 25, 14])
  }

  @Test func `without a quota there is nothing to tell`() {
    #expect(ClusterState(awaiting: []).usage(in: "shop").quotas.isEmpty)
  }

  @Test func `a line that the quota doesn't limit is left out`() throws {
    let lines = try usage(["pods": "50", "services.nodeports": "0"], ["pods": "7"])

    #expect(lines.map(\.resource) == [.pods])
  }

  @Test func `what wasn't counted yet is zero`() throws {
    #expect(try usage(["pods": "50"], [:]).map(\.used) == ["0"])
  }

  @Test(arguments: [
    ("290m", "1", 29), ("570m", "1", 57), ("580m", "1", 58), ("1", "3", 33), ("2", "3", 66),
    ("999m", "1", 99), ("0", "1", 0), ("1", "1", 100), ("3", "2", 150), ("1", "0", 0),
    ("0", "0", 0),
    ("1Mi", "1Gi", 0), ("8Ei", "8Ei", 100), ("9223372036854775807", "1m", Int.max),
  ])
  func `the share is rounded down and never wrong by one`(
    used: String, hard: String, percent: Int
  ) throws {
    let lines = try usage(["requests.cpu": .string(hard)], ["requests.cpu": .string(used)])

    if percent == Int.max {
      // A quota lowered to nearly nothing must not crash a page.
      #expect(lines.first.map { $0.percent > 100 } == true)
    } else {
      #expect(lines.map(\.percent) == [percent])
    }
  }

  @Test func `of a thousand every share is exact`() throws {
    for pods in 0...1_000 {
      let lines = try usage(["pods": "1000"], ["pods": .string(String(pods))])
      #expect(lines.map(\.percent) == [pods / 10])
    }
  }

  @Test(
    .enabled(
      if: SharedMaterial.recorded != nil, Comment(rawValue: SharedMaterial.withoutRecordings))
  )
  func `a real quota is read`() throws {
    let state = ClusterState(awaiting: [])
    for object in try SharedMaterial.objects(in: "quota-and-limits") {
      try state.put(object.kind, object.json)
    }

    let lines = state.usage(in: "tiny").quotas

    #expect(lines.map(\.used) == ["200m", "128Mi", "128Mi", "2"])
    #expect(lines.map(\.hard) == ["250m", "256Mi", "512Mi", "3"])
    #expect(lines.map(\.percent) == [80, 50, 25, 66])
  }
}
