import Testing

@testable import Web

@Suite struct FormBodyTests {
  private func form(_ text: String) throws -> FormBody {
    try FormBody(parsing: Array(text.utf8))
  }

  @Test func `fields are decoded and keep their order`() throws {
    let form = try form("name=+Ada%20L.+&env=b%3D1&env=&env=%C3%A9&flag=on&empty")

    #expect(form.string("name") == "Ada L.")
    #expect(form.raw("name") == " Ada L. ")
    #expect(form.strings("env") == ["b=1", "", "é"])
    #expect(form.isOn("flag"))
    #expect(!form.isOn("empty"))
    #expect(form.string("absent") == "")
    #expect(form.names == ["name", "env", "env", "env", "flag", "empty"])
  }

  @Test func `of a repeated field the first counts`() throws {
    #expect(try form("role=member&role=admin").string("role") == "member")
  }

  @Test func `line ends are the same from every browser`() throws {
    #expect(try form("t=a%0D%0Ab%0Ac%0Dd").raw("t") == "a\nb\nc\rd")
  }

  @Test func `rows go together by position`() throws {
    let form = try form("k=A&v=1&k=B&v=2&k=C")
    #expect(form.rows("k", "v") == [["A", "1"], ["B", "2"], ["C", ""]])
  }

  @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%ff=1", "a=%c3"])
  func `what is no text is refused`(text: String) {
    #expect(throws: FormBody.ParseError.malformed) { try form(text) }
  }

  @Test func `the number of fields is bounded`() throws {
    let many = Array(repeating: "a=1", count: FormBody.maximumFields).joined(separator: "&")
    #expect(try form(many).names.count == FormBody.maximumFields)
    #expect(throws: FormBody.ParseError.tooManyFields) { try form(many + "&a=1") }
  }
}
