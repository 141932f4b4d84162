import Foundation
import Logging

/// Where log lines go: standard error, as text for people or JSON for machines.
enum LogSetup {
  /// Sets it up for the whole process; once.
  static func bootstrap(_ configuration: AppConfiguration) {
    let level = configuration.logLevel
    let format = configuration.logFormat
    LoggingSystem.bootstrap { label in
      var handler = LineLogHandler(label: label, format: format)
      handler.logLevel = level
      return handler
    }
  }
}

/// Writes one line for each event, whatever is in it.
struct LineLogHandler: LogHandler {
  let label: String
  let format: AppConfiguration.LogFormat
  /// Takes whole lines; standard error without a test.
  var write: @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  init(label: String, format: AppConfiguration.LogFormat) {
    self.label = label
    self.format = format
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let line = LogEntry(event, label: label, metadata: metadata)
    switch format {
    case .text: write(line.plain)
    case .json: write(line.json)
    }
  }
}
