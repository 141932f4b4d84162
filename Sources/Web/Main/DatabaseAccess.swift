import Domain
import Logging

/// Opens the configured database for some work and closes it after it.
func openingDatabase(
  _ configuration: AppConfiguration, logger: Logger? = nil,
  _ work: (any Database) async throws -> Void
) async throws {
  let database = try await DatabaseURL(configuration.databaseURL)
    .open(logger: logger ?? commandLogger(configuration))
  do {
    try await work(database)
  } catch {
    await database.close()
    throw error
  }
  await database.close()
}

/// Commands say what they did themselves; the log adds only what went wrong.
private func commandLogger(_ configuration: AppConfiguration) -> Logger {
  var logger = Logger(label: "babyhelm")
  logger.logLevel = max(configuration.logLevel, .warning)
  return logger
}
