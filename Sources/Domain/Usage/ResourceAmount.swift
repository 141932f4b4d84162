internal import Kubernetes

/// An amount of processor time and of memory.
public struct ResourceAmount: Sendable, Hashable, Codable {
  /// Thousandths of a core.
  public var cpu: Int64
  /// KiB (1024 bytes).
  public var memory: Int64

  public init(cpu: Int64 = 0, memory: Int64 = 0) {
    self.cpu = cpu
    self.memory = memory
  }

  /// Nothing.
  public static let zero = ResourceAmount()

  /// The sum.
  public static func + (left: ResourceAmount, right: ResourceAmount) -> ResourceAmount {
    ResourceAmount(cpu: left.cpu + right.cpu, memory: left.memory + right.memory)
  }

  /// Adds in place.
  public static func += (left: inout ResourceAmount, right: ResourceAmount) {
    left = left + right
  }

  /// The larger of each.
  func union(_ other: ResourceAmount) -> ResourceAmount {
    ResourceAmount(cpu: max(cpu, other.cpu), memory: max(memory, other.memory))
  }

  /// Reads Kubernetes' `cpu` and `memory`, rounded up; what is missing is 0.
  init(_ quantities: [String: Quantity]) {
    cpu = quantities["cpu"]?.milliValue ?? 0
    memory = quantities["memory"].map { Self.kibibytes($0) } ?? 0
  }

  /// An amount of bytes in KiB, rounded up.
  static func kibibytes(_ quantity: Quantity) -> Int64 {
    let (whole, rest) = quantity.value.quotientAndRemainder(dividingBy: 1024)
    return rest > 0 ? whole + 1 : whole
  }
}
