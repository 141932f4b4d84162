import Kubernetes
import Testing

struct YAMLTests {
  @Test func `mappings, sequences and scalars are read as Kubernetes does`() throws {
    let text = """
      a: 1
      b: [yes, "yes", on, off, ~, null, "null", '']
      c:
        - x: 1.5
          y: -3
        - 0x1F
        - 0644
        - "0644"
        - 1e3
        - 1_000
      d: |
        two
        lines
      e: 2026-01-01
      f: 1.2.3
      g: .
      h: 12345678901234567890
      i: !!str 5
      8080: port
      """

    let value = try JSONValue(yaml: text)

    #expect(
      value == [
        "a": 1, "b": [true, "yes", true, false, nil, nil, "null", ""],
        "c": [["x": 1.5, "y": -3], 31, 420, "0644", 1000.0, 1000], "d": "two\nlines\n",
        "e": "2026-01-01", "f": "1.2.3", "g": ".", "h": 12_345_678_901_234_567_890.0, "i": "5",
        "8080": "port",
      ])
  }

  @Test func `anchors and merge keys work`() throws {
    let text = """
      base: &base {a: 1, b: 2}
      own: {<<: *base, b: 3}
      same: *base
      """

    let value = try JSONValue(yaml: text)

    #expect(value["own"] == ["a": 1, "b": 3])
    #expect(value["same"] == ["a": 1, "b": 2])
  }

  @Test func `several documents are read one by one`() throws {
    let documents = try JSONValue.yamlDocuments("a: 1\n---\nb: 2\n---\n")

    #expect(documents.prefix(2) == [["a": 1], ["b": 2]])
    #expect(throws: YAMLError.self) { try JSONValue(yaml: "a: 1\n---\nb: 2\n") }
    #expect(try JSONValue(yaml: "") == .null)
  }

  @Test func `a mistake is told with its place`() {
    let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: "a: 1\nb: [1, 2\nc: 3\n") }

    #expect(error?.line == 3)
  }

  @Test func `a key that is there twice is a mistake`() {
    let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: "a: 1\na: 2\n") }

    #expect(error?.problem == "the key a is there twice")
  }

  @Test func `aliases of aliases can't fill the memory`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      let list = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(list)]\n"
    }

    let error = #expect(throws: YAMLError.self) { try JSONValue(yaml: text) }

    #expect(error?.problem == "there are too many values")
  }
}
