/// Texts that break whatever pastes instead of quoting.
public enum HostileText {
  public static let all: [String] = [
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
