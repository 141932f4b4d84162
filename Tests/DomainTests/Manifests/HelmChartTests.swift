import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Domain

struct HelmChartTests {
  private func part(_ spec: ApplicationSpec) throws -> HelmChart.Part {
    HelmChart.Part(name: spec.name, manifests: try SampleManifests.application(spec))
  }

  private func chart(_ spec: ApplicationSpec) throws -> HelmChart {
    HelmChart(of: try part(spec), release: 7, appVersion: spec.image.version)
  }

  @Test func `a chart renders to the manifests it was made of, object by object`() throws {
    for spec in GeneratedSpecs.all + SampleManifests.specs {
      let chart = try chart(spec)
      let objects = try HelmRendering.objects(of: chart, namespace: "shop")
      let expected = try SampleManifests.application(spec).map(\.object)
      #expect(objects == expected, "\(spec.name)")
    }
  }

  @Test(arguments: HostileText.all.filter { !$0.utf8.contains(0) && $0.utf8.first != 0xEF })
  func `a value of any kind comes through a chart`(value: String) throws {
    let spec = try ApplicationDraft.sample {
      $0.environment = [.init(name: "VALUE", value: String(value.prefix(9_000)))]
      $0.files = [.init(path: "/etc/a", content: value)]
    }.validated()

    let objects = try HelmRendering.objects(of: chart(spec), namespace: "shop")

    #expect(try objects == SampleManifests.application(spec).map(\.object))
  }

  @Test func `a chart says which Secrets it needs, and holds none`() throws {
    let spec = try #require(
      GeneratedSpecs.all.first { $0.secretValues != nil && $0.registryLogin != nil })
    let chart = try chart(spec)
    let readme = try #require(chart.files.first { $0.path == "README.md" }).text
    let values = try #require(spec.secretValues)

    #expect(readme.contains("- `\(values.secret)` with `PASSWORD`, `file-"))
    #expect(readme.contains("- `\(spec.name)-registry-0123456789`, a registry's login"))
    #expect(!chart.files.contains { $0.text.contains("kind: Secret") })
    let plain = try self.chart(.sample()).files.first { $0.path == "README.md" }?.text
    #expect(plain?.contains("Secrets") == false)
  }

  @Test func `a chart goes into any namespace`() throws {
    let objects = try HelmRendering.objects(of: chart(.sample()), namespace: "elsewhere")

    #expect(objects.count == 3)
    for object in objects {
      #expect(object.at("metadata", "namespace") == "elsewhere")
      #expect(object.at("metadata", "labels", "app.kubernetes.io/part-of") == "elsewhere")
    }
  }

  @Test func `changed values change the objects`() throws {
    let chart = try chart(.sample())
    let values = try #require(chart.files.first { $0.path == "values.yaml" })
    let changed = values.text.replacing("nginx:1.27", with: "nginx:1.28")
      .replacing("replicas: 2", with: "replicas: 5")
    let other = HelmChart(
      name: chart.name, version: chart.version,
      files: chart.files.map {
        $0.path == "values.yaml" ? HelmChart.File(path: $0.path, text: changed) : $0
      })

    let deployment = try #require(
      try HelmRendering.objects(of: other, namespace: "shop").first { $0["kind"] == "Deployment" })

    #expect(deployment.at("spec", "replicas") == 5)
    let container = deployment.at("spec", "template", "spec", "containers")?[0]
    #expect(container?["image"] == "nginx:1.28")
  }

  @Test func `a project's chart has its guards and all of its applications`() throws {
    let guards = try ManifestBuilder().guards(of: SampleManifests.project)
    let parts = try [GeneratedSpecs.all[3], GeneratedSpecs.all[8]].map(part)

    let chart = HelmChart(project: "shop", guards: guards, parts: parts, release: 9)

    let objects = try HelmRendering.objects(of: chart, namespace: "shop")
    #expect(objects == (guards + parts.flatMap(\.manifests)).map(\.object))
    #expect(chart.version == "1.0.9")
  }

  @Test func `the chart says what it is`() throws {
    let chart = try chart(.sample())
    let description = try JSONValue(yaml: try #require(chart.files.first).text)

    #expect(chart.files.map(\.path).prefix(2) == ["Chart.yaml", "values.yaml"])
    #expect(description["apiVersion"] == "v2")
    #expect(description["name"] == "web")
    #expect(description["version"] == "1.0.7")
    #expect(description["appVersion"] == "1.27")
    #expect(Set(chart.files.map(\.path)).count == chart.files.count)
  }

  @Test func `tar reads the archive`() async throws {
    let spec = try #require(GeneratedSpecs.all.max { $0.files.count < $1.files.count })
    let chart = try chart(spec)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let archive = folder.appending(path: "chart.tgz")
    try Data(chart.archive()).write(to: archive)

    let status = try await Self.tar(["-xzf", archive.path, "-C", folder.path])

    #expect(status == 0)
    for file in chart.files {
      let path = folder.appending(path: chart.name).appending(path: file.path)
      #expect(try String(contentsOf: path, encoding: .utf8) == file.text)
    }
  }

  private static func tar(_ arguments: [String]) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tar"] + arguments
    return try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
  }
}
