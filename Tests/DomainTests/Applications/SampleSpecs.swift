@testable import Domain

extension ApplicationSpec {
  /// An application like those people deploy first.
  static func sample(
    name: String = "web", image: String = "nginx:1.27", port: Int? = 80,
    scaling: Scaling = .fixed(replicas: 2), cpu: String = "100m", cpuLimit: String? = nil,
    memory: String = "128Mi", memoryLimit: String = "256Mi",
    environment: [(String, String)] = []
  ) throws -> ApplicationSpec {
    ApplicationSpec(
      name: name, image: try ImageReference(parsing: image),
      ports: port.map { [Port(number: $0)] } ?? [], scaling: scaling,
      resources: Resources(
        cpuRequest: cpu, cpuLimit: cpuLimit, memoryRequest: memory, memoryLimit: memoryLimit),
      environment: environment.map { EnvironmentVariable(name: $0.0, value: $0.1) })
  }
}

extension ApplicationDraft {
  /// A draft without a mistake, changed by `change`.
  static func sample(_ change: (inout ApplicationDraft) -> Void = { _ in }) -> ApplicationDraft {
    var draft = ApplicationDraft()
    draft.name = "web"
    draft.image = "nginx:1.27"
    draft.port = "80"
    draft.replicas = "2"
    change(&draft)
    return draft
  }

  /// The fields that validation finds wrong, in its order.
  var wrongFields: [String] { mistakes.map(\.field) }

  /// What validation finds wrong.
  var mistakes: [FieldError] {
    do throws(DomainError) {
      _ = try validated()
      return []
    } catch {
      return error.fields
    }
  }
}
