import Foundation

/// The Prometheus of this run, which scripts/prometheus starts on the series of
/// Tests/Program/series.py.
public enum TestPrometheus {
  /// Its address; nil when it is not there.
  public static let url: String? = {
    let value = ProcessInfo.processInfo.environment["BABYHELM_TEST_PROMETHEUS"] ?? ""
    return value.isEmpty ? nil : value
  }()

  /// Why a test is skipped.
  public static let skipped =
    "tests with a real Prometheus are skipped: BABYHELM_TEST_PROMETHEUS is not set"
}
