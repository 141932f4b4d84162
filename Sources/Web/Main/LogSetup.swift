import Foundation
import Logging

/// Where log lines go: standard error, as text for people or JSON for machines.
enum LogSetup {
  /// Sets it up for the whole process; once.
  static func bootstrap(_ configuration: AppConfiguration) {
    let level = configuration.logLevel
    let format = configuration.logFormat
    LoggingSystem.bootstrap { label in
      var handler: any LogHandler =
        switch format {
        case .text: StreamLogHandler.standardError(label: label)
        case .json: JSONLogHandler(label: label)
        }
      handler.logLevel = level
      return handler
    }
  }
}

/// One JSON object a line: time, level, logger, message, and the metadata under
/// their own names.
struct JSONLogHandler: LogHandler {
  let label: String
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  init(label: String) {
    self.label = label
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var object = metadata.merging(event.metadata ?? [:]) { _, new in new }
      .mapValues(\.description)
    object["time"] = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
    object["level"] = event.level.rawValue
    object["logger"] = label
    object["message"] = event.message.description
    let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
      return
    }
    FileHandle.standardError.write(data + [0x0a])
  }
}
