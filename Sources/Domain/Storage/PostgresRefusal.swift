/// Why no connection came about, in libpq's words and with what to do.
enum PostgresRefusal {
  /// - Parameter message: libpq's, as one line; of several servers it names each.
  static func error(of message: String) -> StorageError {
    // The words of fe-connect.c and fe-secure-common.c, which this program
    // never has translated: it calls no `setlocale`.
    if message.contains("session is read-only") {
      return .readOnly("PostgreSQL can't be used: \(ended(message)) \(wantsPrimary)")
    }
    let advice = advices.first { message.contains($0.words) }?.advice ?? ""
    let text = "PostgreSQL can't be reached: \(advice.isEmpty ? message : ended(message))"
    return .unavailable(advice.isEmpty ? text : "\(text) \(advice)")
  }

  /// Whether waiting for a moment doesn't help: somebody has to mend it.
  static func isLasting(_ error: StorageError) -> Bool {
    guard case .unavailable(let message) = error else { return false }
    return advices.contains { message.contains($0.words) }
  }

  /// A server that stopped taking changes while it was connected.
  static func readOnly(_ address: String) -> StorageError {
    .readOnly("PostgreSQL at \(address) takes no changes any more. \(wantsPrimary)")
  }

  private static let wantsPrimary = """
    It is a standby, or set to be read only, and BabyHelm needs the primary. Name it, or all \
    servers with a comma between, and the one that takes changes is found: \
    postgres://USER@ONE:5432,TWO:5432/NAME.
    """

  private static let advices: [(words: String, advice: String)] = [
    (
      "certificate verify failed",
      """
      Its certificate isn't signed by an authority that BabyHelm trusts. Name the authority's \
      file in the database URL: sslrootcert=FILE.
      """
    ),
    (
      "does not match host name",
      """
      Its certificate is for another name. Write the name that the certificate has into the \
      database URL (with hostaddr=ADDRESS where that name leads elsewhere), or give the server a \
      certificate for this one.
      """
    ),
    (
      "root certificate file",
      """
      To check the server's certificate, name its authority's file in the database URL: \
      sslrootcert=FILE.
      """
    ),
    (
      "does not support SSL",
      "Turn TLS on at the server (ssl = on), or choose another sslmode in the database URL."
    ),
    (
      "password authentication failed",
      "Compare user and password in the database URL; special characters are written %XX."
    ),
    (
      "no pg_hba.conf entry",
      "Allow this machine, user and database in the server's pg_hba.conf."
    ),
  ]

  private static func ended(_ message: String) -> String {
    message.hasSuffix(".") ? message : message + "."
  }
}
