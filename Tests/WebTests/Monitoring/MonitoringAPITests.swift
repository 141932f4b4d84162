import Domain
import HTTPTypes
import TestSupport
import Testing

@testable import Web

/// Charts as values, for programs.
@Suite(.timeLimit(.minutes(5))) struct MonitoringAPITests {
  @Test func `charts of a project, an application and a pod are told as values`() async throws {
    try await withAPI(hasPrometheus: true) { program, _, _ in
      try await program.deployWeb()
      // What took too long on a busy machine is asked again after five seconds.
      try await eventually("all charts are there") {
        let charts = try await program.get("\(Caller.web)/metrics?range=24h").json["charts"]?.array
        return charts?.isEmpty == false && charts?.contains { $0["isFailed"] == true } == false
      }
      let application = try await program.get("\(Caller.web)/metrics?range=24h")
      #expect(application.status == .ok)
      #expect(application.json["state"] == "charts", "\(application.text.prefix(300))")
      #expect(application.json["range"] == "24h")
      #expect(application.json["problem"] == .null)
      let charts = try #require(application.json["charts"]?.array)
      let cpu = try #require(charts.first { $0["kind"] == "cpu" })
      #expect(cpu["unit"] == "cores" && cpu["step"] == 360 && cpu["isFailed"] == false)
      let line = try #require(cpu["series"]?.array?.first { $0["role"] == "use" })
      #expect(line["values"]?.array?.count == 240)
      let pod = try #require(line["name"]?.string)

      let one = try await program.get("\(Caller.web)/metrics?pod=\(pod)")
      #expect(one.json["pod"] == .string(pod) && one.json["range"] == "1h")
      let project = try await program.get("/projects/shop/metrics")
      #expect(project.json["application"] == .null)
      #expect(project.json["charts"]?.array?.contains { $0["kind"] == "replicas" } == true)

      #expect(try await program.get("\(Caller.web)/metrics?range=2h").fields == ["range"])
      #expect(try await program.get("/projects/shop/applications/none/metrics").status == .notFound)
      #expect(try await program.get("/projects/none/metrics").status == .notFound)
    }
  }
}
