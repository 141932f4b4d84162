import Kubernetes
import Testing

@testable import Domain

struct ManifestAdditionsTests {
  private var settings: ManifestSettings {
    var settings = ManifestSettings()
    settings.additions = ManifestAdditions(
      labels: ["team": "shop", "app.kubernetes.io/managed-by": "somebody"],
      annotations: ["example.com/on": "yes", "n": "1"], nodeSelector: ["zone": "a"],
      tolerations: [
        .init(key: "dedicated", value: "apps", effect: "NoSchedule"), .init(key: "spot"),
      ])
    return settings
  }

  @Test func `an operator's labels and annotations are on every object and pod`() throws {
    let builder = ManifestBuilder(settings: settings)
    let manifests =
      try SampleManifests.application(GeneratedSpecs.all[0], settings: settings)
      + (try builder.guards(of: SampleManifests.project))
      + [try builder.namespace(of: SampleManifests.project)]

    for manifest in manifests {
      var all = [manifest.object["metadata"]]
      if manifest.kind == "Deployment" {
        all.append(manifest.object.at("spec", "template", "metadata"))
      }
      for metadata in all {
        #expect(metadata?.at("labels", "team") == "shop", "\(manifest.kind)")
        #expect(metadata?.at("annotations", "example.com/on") == "yes", "\(manifest.kind)")
        #expect(
          metadata?.at("labels", "app.kubernetes.io/managed-by") == "babyhelm", "\(manifest.kind)")
      }
    }
  }

  @Test func `pods go where the operator says`() throws {
    let deployment = try #require(
      try SampleManifests.application(.sample(), settings: settings).deployment)
    let pod = try #require(deployment.object.at("spec", "template", "spec"))

    #expect(pod.at("nodeSelector", "zone") == "a")
    let tolerations: JSONValue = [
      ["key": "dedicated", "operator": "Equal", "value": "apps", "effect": "NoSchedule"],
      ["key": "spot", "operator": "Exists"],
    ]
    #expect(pod["tolerations"] == tolerations)
  }

  @Test func `the text with additions is read back as the same object`() throws {
    for spec in GeneratedSpecs.all.prefix(60) + SampleManifests.specs {
      for manifest in try SampleManifests.application(spec, settings: settings) {
        let ours = try ManifestParser.parse(Array(manifest.yaml.utf8))
        #expect(ours == manifest.object, "\(manifest.kind)")
        let theirs = try JSONValue(yaml: manifest.yaml)
        #expect(theirs == manifest.object, "\(manifest.kind)")
      }
    }
  }
}
