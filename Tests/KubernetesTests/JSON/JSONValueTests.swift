import Foundation
import Kubernetes
import Testing

struct JSONValueTests {
  @Test func `keys are written in order, strings escaped`() {
    let value: JSONValue = ["b": [1, nil, true], "a": "x\"\\\n\u{1}é", "c": 1.5]

    #expect(value.description == #"{"a":"x\"\\\n\u0001é","b":[1,null,true],"c":1.5}"#)
  }

  @Test func `pretty output has a line for each member`() {
    let value: JSONValue = ["a": [1, 2], "b": [:], "c": []]

    let text = String(decoding: value.serialized(pretty: true), as: UTF8.self)

    let expected = """
      {
        "a": [
          1,
          2
        ],
        "b": {},
        "c": []
      }
      """
    #expect(text == expected)
  }

  @Test func `members and elements are found`() {
    let value: JSONValue = ["a": ["b": [1, "x", 2.0, true]]]

    #expect(value.at("a", "b")?[0]?.int == 1)
    #expect(value["a"]?["b"]?[1]?.string == "x")
    #expect(value.at("a", "b")?[2]?.int == 2)
    #expect(value.at("a", "b")?[2]?.double == 2)
    #expect(value.at("a", "b")?[3]?.bool == true)
    #expect(value.at("a", "b")?[4] == nil)
    #expect(value.at("a", "b")?[-1] == nil)
    #expect(value.at("a", "x", "y") == nil)
    #expect(value["a"]?["b"]?.array?.count == 4)
    #expect(value["a"]?.object?.count == 1)
    #expect(JSONValue.number(1.5).int == nil)
    #expect(JSONValue.number(1e300).int == nil)
  }

  @Test func `members are set and removed`() {
    var value: JSONValue = ["a": 1]

    value["b"] = 2
    value["a"] = nil
    value["c"]?["d"] = 3
    #expect(value == ["b": 2])

    value["b"]?["inner"] = "x"
    #expect(value == ["b": ["inner": "x"]])
  }

  @Test func `numbers that JSON has no words for become null`() {
    #expect(JSONValue.number(.infinity).description == "null")
    #expect(JSONValue.number(.nan).description == "null")
  }

  @Test func `it passes through Foundation's coders`() throws {
    let value: JSONValue = ["a": [1, 2.5, "x", nil, true, ["b": []]]]

    let data = try JSONEncoder().encode(value)

    #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
  }
}
