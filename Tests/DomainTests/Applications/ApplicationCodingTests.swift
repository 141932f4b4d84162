import TestSupport
import Testing

@testable import Domain

struct ApplicationCodingTests {
  static let specs: [ApplicationSpec] = {
    let fixed = try? ApplicationSpec.sample()
    let automatic = try? ApplicationSpec.sample(
      image: "ghcr.io/ann/web:v1@sha256:" + String(repeating: "0a", count: 32), port: nil,
      scaling: .automatic(minimum: 1, maximum: 7, targetCPU: 60), cpu: "2", cpuLimit: "2500m")
    let hostile = try? ApplicationSpec.sample(
      environment: HostileText.all.enumerated().map { ("V\($0.offset)", $0.element) })
    return [fixed, automatic, hostile].compactMap(\.self)
  }()

  @Test func `there is a specification of each sort`() {
    #expect(Self.specs.count == 3)
  }

  @Test(arguments: specs)
  func `what is stored is read back`(spec: ApplicationSpec) throws {
    let text = try ApplicationCoding.encode(spec)

    #expect(try ApplicationCoding.decode(text) == spec)
    // Strings are equal when they only look the same, so bytes are compared.
    let read = try ApplicationCoding.decode(text)
    #expect(
      read.environment.map { Array($0.value.utf8) } == spec.environment.map { Array($0.value.utf8) }
    )
  }

  @Test(arguments: specs)
  func `the same specification is always the same text`(spec: ApplicationSpec) throws {
    #expect(try ApplicationCoding.encode(spec) == ApplicationCoding.encode(spec))
  }

  @Test func `text from an earlier version is still read`() throws {
    let text = """
      {"environment":[{"name":"MODE","value":"a\\nb"}],"image":"nginx:1.27","name":"web","port":80,\
      "resources":{"cpuRequest":"100m","memoryLimit":"256Mi","memoryRequest":"128Mi"},\
      "scaling":{"fixed":{"replicas":2}}}
      """

    let expected = try ApplicationSpec.sample(environment: [("MODE", "a\nb")])

    #expect(try ApplicationCoding.decode(text) == expected)
  }

  @Test func `generated specifications are read back, stored and edited`() throws {
    for spec in GeneratedSpecs.all {
      let stored = try ApplicationCoding.decode(ApplicationCoding.encode(spec))
      #expect(stored == spec)
      var edited = try ApplicationDraft(spec).validated()
      // Secret values stay as they are; that takes a look at the cluster.
      (edited.secretValues, edited.registryLogin) = (spec.secretValues, spec.registryLogin)
      #expect(edited == spec)
    }
  }

  @Test(arguments: specs.prefix(2))
  func `a specification shown for editing gives the same one again`(
    spec: ApplicationSpec
  ) throws {
    #expect(try ApplicationDraft(spec).validated() == spec)
  }
}
