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

/// Texts that break whatever pastes instead of quoting.
enum HostileText {
  static let all: [String] = [
    "", " ", "  both ends  ", "\"", "\"\"", "'", "\\", "\\\"", "\\n", "a\\", "\"\nkey: value",
    "line\nbreak", "carriage\rreturn", "both\r\n", "\n", "\t", "tab\there", "{{", "}}",
    "{{name}}", "{{{body}}}", "{% x %}", "a: b", ": ", ":", "- ", "-", "- a\n- b", "---", "...",
    "# comment", "a # b", "#", "&anchor", "*alias", "!!binary aGk=", "!tag", "|", ">", "%YAML 1.2",
    "@at", "`tick`", "{a: 1}", "[1, 2]", "[]", "{}", "null", "Null", "~", "yes", "no", "on", "off",
    "y", "true", "True", "false", "0", "-0", "010", "0o10", "0x10", "0b1", "1e3", "1_000", "1.5",
    ".5", ".inf", ".nan", "12:30:45", "2026-11-23", "<<", "=", "?", "? a", ",", "<script>", "&amp;",
    "\u{0}", "\u{1}", "\u{7}", "\u{1B}[31m", "\u{7F}", "\u{80}", "\u{85}", "\u{A0}", "\u{AD}",
    "\u{200B}", "\u{2028}", "\u{2029}", "a\u{2028}b: c", "a\u{FEFF}b", "\u{FFFD}", "\u{FFFE}",
    "\u{FFFF}", "é", "e\u{301}", "\"\u{301}", "\\\u{301}", "日本語", "مرحبا", "😀", "👩‍👩‍👧", "\u{10FFFF}",
    "$(HOME)", "$HOME", "`id`", "'; DROP TABLE users; --", #"{"json":"yes\n"}"#,
    "-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n",
    String(repeating: "x", count: 64 * 1024),
    String(repeating: "\"\n😀", count: 10_000),
  ]
}
