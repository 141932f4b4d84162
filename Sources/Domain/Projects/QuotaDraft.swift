internal import Kubernetes

/// A quota as somebody typed it.
public struct QuotaDraft: Sendable, Hashable {
  /// The form's fields.
  public static let fields = ["cpu", "memory", "pods", "storage"]

  public var cpu: String
  public var memory: String
  public var pods: String
  public var storage: String

  public init(cpu: String, memory: String, pods: String, storage: String) {
    self.cpu = cpu
    self.memory = memory
    self.pods = pods
    self.storage = storage
  }

  /// The draft of a quota that nobody has to change.
  public init(_ quota: ProjectQuota) {
    self.init(
      cpu: quota.cpu, memory: quota.memory, pods: String(quota.pods), storage: quota.storage)
  }

  /// The quota; nil when a field is wrong, which is then among the errors.
  func checked(_ errors: inout [FieldError]) -> ProjectQuota? {
    let before = errors.count
    let cpu = Quantity(cpu.trimmingSpaces())
    if cpu.map({ $0.milliValue <= 0 }) ?? true {
      errors.append(FieldError("cpu", "Write the CPUs as a number, for example 4 or 500m."))
    }
    let memory = Quantity(memory.trimmingSpaces())
    if memory.map({ $0.value < 1 << 20 }) ?? true {
      errors.append(
        FieldError("memory", "Write the memory with its unit, for example 8Gi or 512Mi."))
    }
    let pods = Int(pods.trimmingSpaces())
    if pods.map({ !(1...1_000).contains($0) }) ?? true {
      errors.append(FieldError("pods", "The number of pods is a whole number from 1 to 1000."))
    }
    let storage = Quantity(storage.trimmingSpaces())
    if storage.map({ $0.value < 0 || $0.value > 0 && $0.value < 1 << 20 }) ?? true {
      errors.append(
        FieldError("storage", "Write the storage with its unit, for example 50Gi; 0 for none."))
    }
    guard errors.count == before, let cpu, let memory, let pods, let storage else { return nil }
    return ProjectQuota(
      cpu: cpu.description, memory: memory.description, pods: pods, storage: storage.description)
  }
}

extension ProjectQuota {
  /// What a new project gets as long as no admin decided otherwise.
  public static let standard = ProjectQuota(cpu: "4", memory: "8Gi", pods: 50, storage: "50Gi")

  /// As people read it: `4 CPUs, 8Gi of memory, 50 pods, 50Gi of storage`.
  public var sentence: String {
    "\(cpu) \(cpu == "1" ? "CPU" : "CPUs"), \(memory) of memory, "
      + "\(pods) \(pods == 1 ? "pod" : "pods"), \(storage) of storage"
  }

  /// The form's fields in which this quota is larger than another, with what
  /// the other one has.
  func fieldsBeyond(_ most: ProjectQuota) -> [(field: String, most: String)] {
    func isBeyond(_ left: String, _ right: String) -> Bool {
      guard let left = Quantity(left), let right = Quantity(right) else { return true }
      return left.milliValue > right.milliValue
    }
    var fields: [(field: String, most: String)] = []
    if isBeyond(cpu, most.cpu) { fields.append(("cpu", "\(most.cpu) CPUs")) }
    if isBeyond(memory, most.memory) { fields.append(("memory", "\(most.memory) of memory")) }
    if pods > most.pods { fields.append(("pods", "\(most.pods) pods")) }
    if isBeyond(storage, most.storage) { fields.append(("storage", "\(most.storage) of storage")) }
    return fields
  }
}
