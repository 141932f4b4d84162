import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct QuotaArithmeticTests {
  private func line(
    _ resource: QuotaUsage.Resource, used: String, hard: String, for spec: ApplicationSpec,
    replacing current: ApplicationSpec? = nil, running: Int = 0
  ) throws -> Plan.QuotaLine {
    let usage = ProjectUsage(
      quotas: [QuotaUsage(resource: resource, used: used, hard: hard, percent: 0)])
    let lines = QuotaArithmetic.lines(
      for: spec, replacing: current, runningReplicas: running, usage: usage)
    return try #require(lines.first)
  }

  @Test func `a first deploy needs what its replicas ask for`() throws {
    let spec = try ApplicationSpec.sample(scaling: .fixed(replicas: 3), cpu: "250m")

    let line = try line(.cpuRequests, used: "1", hard: "2", for: spec)

    #expect(line.used == "1")
    #expect(line.needed == "750m")
    #expect(line.hard == "2")
    #expect(line.fits)
    #expect(line.sentence == "needs 3 × 250m = 750m CPU, 1 left")
  }

  @Test func `exactly what is left fits, a little more doesn't`() throws {
    let fits = try ApplicationSpec.sample(scaling: .fixed(replicas: 2), cpu: "500m")
    let more = try ApplicationSpec.sample(scaling: .fixed(replicas: 2), cpu: "501m")

    #expect(try line(.cpuRequests, used: "3", hard: "4", for: fits).fits)
    #expect(try !line(.cpuRequests, used: "3", hard: "4", for: more).fits)
  }

  @Test func `an autoscaled application is counted at its greatest`() throws {
    let spec = try ApplicationSpec.sample(
      scaling: .automatic(minimum: 1, maximum: 10, targetCPU: 80), memory: "1Gi")

    let line = try line(.memoryRequests, used: "0", hard: "8Gi", for: spec)

    #expect(line.sentence == "needs 10 × 1Gi = 10Gi memory, 8Gi left")
    #expect(!line.fits)
  }

  @Test func `what the application uses already becomes free, but one pod more runs meanwhile`()
    throws
  {
    let old = try ApplicationSpec.sample(scaling: .fixed(replicas: 3))
    let new = try ApplicationSpec.sample(image: "nginx:1.28", scaling: .fixed(replicas: 3))

    let enough = try line(.pods, used: "5", hard: "6", for: new, replacing: old, running: 3)
    let tight = try line(.pods, used: "5", hard: "5", for: new, replacing: old, running: 3)

    #expect(enough.fits)
    #expect(enough.sentence == "needs 4 pods (1 more while it updates), 4 left")
    #expect(!tight.fits)
    #expect(tight.sentence == "needs 4 pods (1 more while it updates), 3 left")
  }

  @Test func `a surge beyond the replicas is no more than these once more`() throws {
    let old = try ApplicationSpec.sample(scaling: .fixed(replicas: 2))
    var new = try ApplicationSpec.sample(image: "nginx:1.28", scaling: .fixed(replicas: 2))
    new.update.surge = "5"

    let line = try line(.cpuRequests, used: "1", hard: "9", for: new, replacing: old, running: 2)

    #expect(line.sentence.hasPrefix("needs 4 × 100m = 400m CPU (2 more while it updates)"))
  }

  @Test func `scaling alone needs no pod more than are wanted`() throws {
    let old = try ApplicationSpec.sample(scaling: .fixed(replicas: 3))
    let new = try ApplicationSpec.sample(scaling: .fixed(replicas: 4))

    let line = try line(.pods, used: "3", hard: "4", for: new, replacing: old, running: 3)

    #expect(line.sentence == "needs 4 pods, 4 left")
    #expect(line.fits)
  }

  @Test func `smaller pods still need room beside the old ones`() throws {
    let old = try ApplicationSpec.sample(scaling: .fixed(replicas: 3), cpu: "2")
    let new = try ApplicationSpec.sample(scaling: .fixed(replicas: 3), cpu: "500m")

    let full = try line(.cpuRequests, used: "6", hard: "6", for: new, replacing: old, running: 3)
    let room = try line(
      .cpuRequests, used: "6", hard: "6500m", for: new, replacing: old, running: 3)

    // With all 6 in use the first new pod can't be made, and the rollout hangs.
    #expect(!full.fits)
    #expect(room.fits)
    #expect(
      room.sentence == "needs 6500m CPU while 3 × 500m replace the old pods, 6500m left")
  }

  @Test func `larger pods need one old pod's room beside them`() throws {
    let old = try ApplicationSpec.sample(scaling: .fixed(replicas: 2), memoryLimit: "256Mi")
    let new = try ApplicationSpec.sample(scaling: .fixed(replicas: 2), memoryLimit: "1Gi")

    let line = try line(
      .memoryLimits, used: "512Mi", hard: "4Gi", for: new, replacing: old, running: 2)

    #expect(line.needed == "2304Mi")
    #expect(line.fits)
  }

  @Test func `stopping needs nothing, and starting again no old pods`() throws {
    let stopped = try ApplicationSpec.sample(scaling: .fixed(replicas: 0))
    let running = try ApplicationSpec.sample(
      image: "nginx:1.28", scaling: .fixed(replicas: 2))

    let stop = try line(.pods, used: "9", hard: "5", for: stopped, replacing: running, running: 2)
    let start = try line(.pods, used: "3", hard: "5", for: running, replacing: stopped)

    #expect(stop.needed == "0")
    #expect(stop.fits)
    #expect(start.sentence == "needs 2 pods, 2 left")
  }

  @Test func `a quota that was lowered below use has nothing left`() throws {
    let line = try line(.pods, used: "9", hard: "5", for: .sample())

    #expect(line.sentence == "needs 2 pods, 0 left")
    #expect(!line.fits)
  }

  @Test func `the cluster may not have counted the application's pods yet`() throws {
    let old = try ApplicationSpec.sample(scaling: .fixed(replicas: 3))

    let line = try line(.pods, used: "1", hard: "5", for: old, replacing: old, running: 3)

    #expect(line.sentence == "needs 3 pods, 5 left")
  }

  @Test func `every line of the quota has its words`() throws {
    let usage = ProjectUsage(
      quotas: QuotaUsage.Resource.allCases.map {
        QuotaUsage(resource: $0, used: "0", hard: "100Gi", percent: 0)
      })

    let lines = QuotaArithmetic.lines(
      for: try .sample(), replacing: nil, runningReplicas: 0, usage: usage)

    #expect(
      lines.map(\.sentence) == [
        "needs 2 × 100m = 200m CPU, 100Gi left", "needs 2 × 128Mi = 256Mi memory, 100Gi left",
        "needs 2 × 256Mi = 512Mi memory limit, 100Gi left", "needs 2 pods, 100Gi left",
      ])
  }

  // MARK: Against a rollout played step by step

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `it agrees with a rollout played pod by pod`(seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    for _ in 0..<2_000 {
      let old = 1 + random.below(900)
      let new = random.below(3) == 0 ? old : 1 + random.below(900)
      let isUpdate = random.below(4) > 0
      let hasNewImage = random.below(2) == 0
      let replicas = random.below(7)
      let running = isUpdate ? random.below(7) : 0
      let others = random.below(2_000)
      let hard = 1 + random.below(8_000)
      let current = try ApplicationSpec.sample(scaling: .fixed(replicas: running), cpu: "\(old)m")
      var spec = try ApplicationSpec.sample(
        image: hasNewImage ? "nginx:1.28" : "nginx:1.27", scaling: .fixed(replicas: replicas),
        cpu: "\(new)m")
      let surge = random.below(4)
      let unavailable = surge == 0 ? 1 + random.below(3) : random.below(3)
      (spec.update.surge, spec.update.unavailable) = ("\(surge)", "\(unavailable)")

      let line = try line(
        .cpuRequests, used: "\(others + running * old)m", hard: "\(hard)m", for: spec,
        replacing: isUpdate ? current : nil, running: running)

      let peak =
        isUpdate && (hasNewImage || new != old)
        ? Self.peak(
          old: old, running: running, new: new, replicas: replicas, surge: surge,
          unavailable: unavailable) : replicas * new
      let title = "\(running) × \(old) → \(replicas) × \(new), \(others) of \(hard)"
      #expect(Quantity(line.needed) == Quantity("\(peak)m"), "\(title)")
      #expect(line.fits == (others + peak <= hard || peak == 0), "\(title)")
    }
  }

  /// How far an update is.
  private struct Progress: Hashable {
    var olds: Int
    var news: Int
    /// How many of the new pods serve.
    var ready: Int
  }

  /// Plays an update as the Deployment controller does (`deployment/rolling.go`): a
  /// new number of old pods first, then as many new ones as may run more, and as
  /// many old ones away as needn't run. New pods begin to serve at any time, so
  /// every order is played.
  ///
  /// - Returns: what it used at most.
  private static func peak(
    old: Int, running: Int, new: Int, replicas: Int, surge: Int, unavailable: Int
  ) -> Int {
    var peak = 0
    var seen: Set<Progress> = []
    var open = [Progress(olds: running > 0 ? replicas : 0, news: 0, ready: 0)]
    while let now = open.popLast() {
      guard seen.insert(now).inserted else { continue }
      peak = max(peak, now.olds * old + now.news * new)
      var (more, less, serving) = (now, now, now)
      more.news += max(0, min(replicas - now.news, replicas + surge - now.olds - now.news))
      less.olds -= min(now.olds, max(0, now.olds + now.ready - (replicas - unavailable)))
      serving.ready = min(now.news, now.ready + 1)
      open += [more, less, serving]
    }
    return peak
  }
}
