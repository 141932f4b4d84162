import Foundation
import Glibc

/// What Linux tells of this process, under the names that every Prometheus
/// client uses.
enum ProcessReadings {
  /// Empty pieces are left out where there is no `/proc`.
  static func now() -> [MetricReading] {
    var readings: [MetricReading] = []
    if let fields = statFields {
      let tick = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
      func field(_ number: Int) -> Double? {
        // proc(5) counts from 1; two fields stand before the rest.
        fields.indices.contains(number - 3) ? Double(fields[number - 3]) : nil
      }
      if let user = field(14), let system = field(15) {
        readings.append(MetricReading("process_cpu_seconds_total", [], (user + system) / tick))
      }
      if let pages = field(24) {
        readings.append(
          MetricReading("process_resident_memory_bytes", [], pages * Double(getpagesize())))
      }
      if let bytes = field(23) {
        readings.append(MetricReading("process_virtual_memory_bytes", [], bytes))
      }
      if let start = field(22), let boot = bootTime {
        readings.append(MetricReading("process_start_time_seconds", [], boot + start / tick))
      }
    }
    if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      // One of them is the listing's own.
      readings.append(MetricReading("process_open_fds", [], Double(max(0, open.count - 1))))
    }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      readings.append(MetricReading("process_max_fds", [], Double(limit.rlim_cur)))
    }
    return readings
  }

  /// The fields of `/proc/self/stat` after the program's name, which may have
  /// spaces and parentheses in it.
  private static var statFields: [Substring]? {
    guard let text = text(of: "/proc/self/stat"), let end = text.lastIndex(of: ")") else {
      return nil
    }
    return text[text.index(after: end)...].split(separator: " ")
  }

  /// When the machine began, in seconds since 1970.
  private static let bootTime: Double? = text(of: "/proc/stat")?
    .split(separator: "\n").first { $0.hasPrefix("btime ") }
    .flatMap { Double($0.dropFirst("btime ".count)) }

  private static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
