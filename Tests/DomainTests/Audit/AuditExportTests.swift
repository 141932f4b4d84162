import Foundation
import Testing

@testable import Domain

struct AuditExportTests {
  private func event(_ name: String) -> AuditEvent {
    AuditEvent(
      number: 7, at: Date(timeIntervalSince1970: 0), actorID: nil, actorEmail: "ann@example.com",
      via: "browser", address: "", requestID: "r", action: "member.add",
      target: AuditTarget(kind: "user", name: name, project: nil), outcome: .done, reason: "",
      changes: "[]", occurrences: 1, hash: "h")
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), (" =1", "' =1"), ("＝1", "'＝1"), ("\u{A0}@a", "'\u{A0}@a"),
    ("\n=1", "\"'\n=1\""), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"), ("\rx", "\"'\rx\""), ("a\"b", "\"a\"\"b\""), ("a,b", "\"a,b\""),
    ("a\r\nb", "\"a\r\nb\""), ("=\u{301}1", "'=\u{301}1"), ("\"\u{301}", "\"\"\"\u{301}\""),
    ("plain", "plain"),
  ])
  func `a spreadsheet computes nothing of a CSV field, and no field breaks out`(
    name: String, field: String
  ) {
    let line = AuditExport.csv.line(event(name))
    // Bytes, because \r\n is one Character.
    #expect(
      Array(line.utf8)
        == Array("7,1970-01-01T00:00:00.000Z,ann@example.com,,browser,,r,member.add,user,".utf8)
        + Array("\(field),,done,,1,[],h\r\n".utf8))
  }

  @Test func `a line of JSON is one line, whatever is in it`() throws {
    let line = AuditExport.jsonl.line(event("a\nb\"\u{2028}"))
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]

    #expect(line.utf8.filter { $0 == 10 }.count == 1)
    #expect(object?["target"] as? String == "a\nb\"\u{2028}")
    #expect(object?["time"] as? String == "1970-01-01T00:00:00.000Z")
  }
}
