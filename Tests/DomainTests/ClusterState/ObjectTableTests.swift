import TestSupport
import Testing

@testable import Domain

struct ObjectTableTests {
  private func key(_ name: String, in namespace: String = "shop") -> ObjectKey {
    ObjectKey(namespace: namespace, name: name)
  }

  @Test func `a record is found by name and by application`() {
    var table = ObjectTable<String>()

    #expect(table.set("one", application: "web", at: key("a")) == true)
    #expect(table.set("two", application: "web", at: key("b")) == true)
    #expect(table.set("three", application: "api", at: key("c")) == true)
    #expect(table.set("four", application: "web", at: key("a", in: "other")) == true)

    #expect(table["shop", "a"] == "one")
    #expect(table["other", "a"] == "four")
    #expect(table["shop", "d"] == nil)
    #expect(Set(table.records(of: "web", in: "shop").map(\.name)) == ["a", "b"])
    #expect(table.records(of: "web", in: "other").map(\.record) == ["four"])
    #expect(table.records(of: "none", in: "shop").isEmpty)
    #expect(table.names(in: "shop") == ["a", "b", "c"])
    #expect(table.names(in: "none").isEmpty)
    #expect(table.keys == [key("a"), key("b"), key("c"), key("a", in: "other")])
  }

  @Test func `setting the same again changes nothing`() {
    var table = ObjectTable<String>()
    _ = table.set("one", application: "web", at: key("a"))

    #expect(table.set("one", application: "web", at: key("a")) == false)
    #expect(table.set("two", application: "web", at: key("a")) == true)
    #expect(table["shop", "a"] == "two")
    #expect(table.records(of: "web", in: "shop").map(\.record) == ["two"])
  }

  @Test func `a record that moves to another application leaves the old one`() {
    var table = ObjectTable<String>()
    _ = table.set("one", application: "web", at: key("a"))

    #expect(table.set("one", application: "api", at: key("a")) == true)

    #expect(table.records(of: "web", in: "shop").isEmpty)
    #expect(table.records(of: "api", in: "shop").map(\.name) == ["a"])
    #expect(table["shop", "a"] == "one")
  }

  @Test func `what is removed is gone everywhere`() {
    var table = ObjectTable<String>()
    _ = table.set("one", application: "web", at: key("a"))
    _ = table.set("two", application: "web", at: key("b"))

    #expect(table.remove(key("a")) == true)
    #expect(table.remove(key("a")) == false)

    #expect(table["shop", "a"] == nil)
    #expect(table.records(of: "web", in: "shop").map(\.name) == ["b"])
    #expect(table.names(in: "shop") == ["b"])
    #expect(table.keys == [key("b")])
    #expect(table.remove(key("b")) == true)
    #expect(table.names(in: "shop").isEmpty)
  }

  @Test func `many changes leave it as a plain dictionary would be`() {
    var random = SeededNumbers(seed: 5)
    var table = ObjectTable<Int>()
    var plain: [ObjectKey: (application: String, record: Int)] = [:]
    for _ in 0..<5_000 {
      let key = key("n\(random.below(12))", in: "s\(random.below(3))")
      if random.below(4) == 0 {
        #expect(table.remove(key) == (plain.removeValue(forKey: key) != nil))
      } else {
        let application = "a\(random.below(4))"
        let record = random.below(3)
        let isSame = plain[key].map { $0 == (application, record) } ?? false
        #expect(table.set(record, application: application, at: key) == !isSame)
        plain[key] = (application, record)
      }
    }

    #expect(table.keys == Set(plain.keys))
    for space in ["s0", "s1", "s2"] {
      let here = plain.filter { $0.key.namespace == space }
      #expect(table.names(in: space) == Set(here.keys.map(\.name)))
      for application in ["a0", "a1", "a2", "a3"] {
        let names = Set(here.filter { $0.value.application == application }.keys.map(\.name))
        #expect(Set(table.records(of: application, in: space).map(\.name)) == names)
      }
    }
  }
}
