import Kubernetes
import Testing

struct JSONParserTests {
  private func parsed(_ text: String) throws -> JSONValue { try JSONValue(parsing: text.utf8) }

  private static let values: [(String, JSONValue)] = [
    ("null", JSONValue.null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("42", 42),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("-9223372036854775809", .number(-9_223_372_036_854_775_808)),
    ("1.5", 1.5), ("-1.5e3", -1500.0), ("1E+2", 100.0), ("1e-2", 0.01), ("1.0", 1.0),
    (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"),
    (#""\u00e9\u20AC""#, "é€"), (#""\ud83d\ude00""#, "😀"), (#""é€😀""#, "é€😀"),
    (#""\u0000""#, "\0"), ("[]", []), ("{}", [:]), (" [ 1 , 2 ] ", [1, 2]),
    (#"{"a":{"b":[{"c":null}]}}"#, ["a": ["b": [["c": nil]]]]),
    (#"{"a":1,"a":2}"#, ["a": 2]), ("\t\r\n1\n", 1),
  ]

  @Test(arguments: values)
  func `every kind of value is read`(text: String, expected: JSONValue) throws {
    #expect(try parsed(text) == expected)
  }

  private static let refusals: [(String, JSONError.Reason)] = [
    ("", JSONError.Reason.unexpectedEnd), (" ", .unexpectedEnd), ("[", .unexpectedEnd),
    ("[1", .unexpectedEnd), ("[1,", .unexpectedEnd), ("{", .unexpectedEnd),
    (#"{"a""#, .unexpectedEnd), (#"{"a":"#, .unexpectedEnd), (#"{"a":1"#, .unexpectedEnd),
    (#"""#, .unexpectedEnd), (#""\"#, .unexpectedEnd), (#""\u12"#, .unexpectedEnd),
    (#""\ud800"#, .unexpectedEnd), ("-", .unexpectedEnd), ("1.", .unexpectedEnd),
    ("1e", .unexpectedEnd), ("tru", .unexpectedEnd), ("nul", .unexpectedEnd),
    ("[1,]", .unexpectedByte), ("[,1]", .unexpectedByte), (#"{"a":1,}"#, .unexpectedByte),
    ("{a:1}", .unexpectedByte), ("{1:1}", .unexpectedByte), (#"{"a" 1}"#, .unexpectedByte),
    ("'a'", .unexpectedByte), ("truE", .unexpectedByte), ("[1}", .unexpectedByte),
    ("+1", .unexpectedByte), (".5", .unexpectedByte), ("NaN", .unexpectedByte),
    ("01", .invalidNumber), ("-01", .invalidNumber), ("1.x", .invalidNumber),
    ("1ex", .invalidNumber), ("-a", .invalidNumber), ("1e999", .numberOutOfRange),
    (#""\x""#, .invalidEscape), (#""\u00g0""#, .invalidEscape), (#""\ud800""#, .invalidUnicode),
    (#""\ud800\n""#, .invalidUnicode), (#""\ud800\u0041""#, .invalidUnicode),
    (#""\udc00""#, .invalidUnicode), ("\"a\u{1}\"", .controlCharacter),
    ("\"a\nb\"", .controlCharacter), ("1 2", .trailingBytes), ("{}x", .trailingBytes),
    ("\u{FEFF}1", .unexpectedByte),
  ]

  @Test(arguments: refusals)
  func `everything else is refused with its reason`(text: String, reason: JSONError.Reason) {
    let error = #expect(throws: JSONError.self) { try parsed(text) }

    #expect(error?.reason == reason)
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22],
      [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
    ] as [[UInt8]])
  func `strings must be UTF-8`(bytes: [UInt8]) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }

    #expect(error?.reason == .invalidUnicode)
  }

  @Test func `nesting is limited`() throws {
    let deepest = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
    #expect(throws: Never.self) { try parsed(deepest) }

    let bomb = String(repeating: #"{"a":["#, count: 500_000)
    let error = #expect(throws: JSONError.self) { try parsed(bomb) }
    #expect(error?.reason == .tooDeep)
  }

  @Test func `an error says at which byte`() {
    let error = #expect(throws: JSONError.self) { try parsed(#"{"a": tru}"#) }

    #expect(error == JSONError(.unexpectedByte, offset: 9))
    #expect(
      error?.description == "Not JSON: there is a byte that can't stand here (byte 9).")
  }

  @Test func `lists of a given key are left out, other members of that name stay`() throws {
    let text = #"""
      {"metadata":{"managedFields":[{"a":{"b":["\"]}",1,true,null]}}],"name":"x"},
       "data":{"managedFields":"kept"},"managedFields" : [ ] }
      """#

    let value = try JSONValue(parsing: text.utf8, skippingLists: "managedFields")

    #expect(value == ["metadata": ["name": "x"], "data": ["managedFields": "kept"]])
  }

  @Test(arguments: [
    #"{"managedFields":[}"#, #"{"managedFields":[{"a"}]}"#, #"{"managedFields":["\x"]}"#,
    #"{"managedFields":[1 2]}"#, #"{"managedFields":[{"a":1,}]}"#, #"{"managedFields":["#,
    #"{"managedFields":["a"#, #"{"managedFields":[01]}"#,
  ])
  func `what is left out must be JSON, too`(text: String) {
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: text.utf8, skippingLists: "managedFields")
    }
  }

  @Test func `what is left out counts for the depth`() {
    let bomb = #"{"managedFields":"# + String(repeating: "[", count: 200)

    let error = #expect(throws: JSONError.self) {
      try JSONValue(parsing: bomb.utf8, skippingLists: "managedFields")
    }

    #expect(error?.reason == .tooDeep)
  }

  @Test func `random values survive writing and reading`() throws {
    var random = SeededRandom(seed: 20_260)
    for _ in 0..<500 {
      let value = JSONValue.random(depth: 4, using: &random)

      #expect(try JSONValue(parsing: value.serialized()) == value)
      #expect(try JSONValue(parsing: value.serialized(pretty: true)) == value)
    }
  }

  @Test func `no beginning of a text is taken for the whole, and none crashes`() throws {
    var random = SeededRandom(seed: 7)
    for _ in 0..<30 {
      let value = JSONValue.object(["a": .random(depth: 3, using: &random)])
      let bytes = value.serialized()
      for count in 0..<bytes.count {
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes.prefix(count)) }
      }
    }
  }

  @Test func `bytes changed at random never crash the parser`() {
    var random = SeededRandom(seed: 99)
    for _ in 0..<2_000 {
      var bytes = JSONValue.random(depth: 3, using: &random).serialized()
      for _ in 0..<3 {
        let index = Int.random(in: bytes.indices, using: &random)
        bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
      _ = try? JSONValue(parsing: bytes)
      _ = try? JSONValue(parsing: bytes, skippingLists: "a")
    }
  }

  @Test func `a collection without contiguous storage is read, too`() throws {
    let bytes = [Array("[1,".utf8), Array("2]".utf8)]

    #expect(try JSONValue(parsing: bytes.joined().lazy.map { $0 }.reversed().reversed()) == [1, 2])
  }
}
