/// Why the schema was left as it is, and what to do. Its description is for
/// the operator who starts BabyHelm.
public enum MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// This program's own chain lacks a number.
  case gap(missing: Int)
  /// Two migrations of this program have the same number.
  case duplicate(number: Int, names: [String])
  /// The database has a migration that this program doesn't know and can't
  /// serve with.
  case newer(step: Int, name: String, database: Int, program: Int)
  /// The last migration is a newer program's, which alone knows the way back.
  case unknownWayBack(number: Int, name: String)
  /// A migration was applied although one before it wasn't.
  case skipped(number: Int)
  /// A migration was edited after it was applied.
  case changed(number: Int, name: String)
  /// `down` to a number that is not in the chain.
  case noSuchTarget(Int)
  /// The database refused, or could not be reached.
  case storage(StorageError)

  public var description: String {
    switch self {
    case .gap(let missing):
      """
      This build of BabyHelm has no migration \(missing), but later ones. \
      Nothing was changed. Use a released build; this one was put together wrongly.
      """
    case .duplicate(let number, let names):
      """
      This build of BabyHelm has \(names.count) migrations with the number \(number) \
      (\(names.joined(separator: ", "))). Nothing was changed. Give one of them the next \
      free number, and build again.
      """
    case .newer(let step, let name, let database, let program):
      """
      The database is newer than this program: its schema is at migration \(database), \
      this program knows \(program) and can't serve with migration \(step) (\(name)). Nothing \
      was changed. Start the newer BabyHelm, or go back with it first, which deletes what the \
      newer migrations store: babyhelm migrate down --to \(program).
      """
    case .unknownWayBack(let number, let name):
      """
      The database's last migration, \(number) (\(name)), is a newer program's, and only that \
      one knows how to undo it. Nothing was changed. Run babyhelm migrate down with the newer \
      BabyHelm; to serve, this program needs no way back.
      """
    case .skipped(let number):
      """
      The database lacks migration \(number), but has later ones. Nothing was changed. \
      Restore a backup, or ask for help with the output of: babyhelm migrate status.
      """
    case .changed(let number, let name):
      """
      Migration \(number) (\(name)) is not the one this database was made with: its checksum \
      differs. Nothing was changed. Start the build that made the database, or undo the edit \
      of that migration and add a new one instead.
      """
    case .noSuchTarget(let number):
      "There is no migration \(number) to go down to. See: babyhelm migrate status."
    case .storage(let error):
      "The schema could not be read or changed: \(error)"
    }
  }
}
