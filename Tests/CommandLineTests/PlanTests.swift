import Testing

@testable import CommandLine

struct PlanTests {
  private let name = ApplicationName(project: "shop", application: "web")

  @Test func `a plan is a difference to read`() throws {
    let plan = try #require(
      PlanAnswer([
        "hash": "abc", "release": 5, "isEmpty": false,
        "items": [
          ["kind": "Service", "name": "web", "action": "nothing", "changes": []],
          ["kind": "ConfigMap", "name": "web-files", "action": "create", "changes": []],
          [
            "kind": "Deployment", "name": "web", "action": "change",
            "changes": [
              ["path": "spec.replicas", "old": 2, "new": 3],
              ["path": "image", "old": "nginx:1.26", "new": "nginx:1.27"],
              ["path": "MODE", "old": nil, "new": "fast"],
              ["path": "OLD", "old": "x", "new": nil],
            ],
          ],
          ["kind": "Ingress", "name": "web", "action": "delete"],
        ],
        "warnings": ["The tag latest moves."],
        "quota": [
          ["fits": true, "detail": "Enough."], ["fits": false, "detail": "CPU: 3 of 2."],
        ],
      ]))

    #expect(
      plan.lines(for: name) == [
        "shop/web, release 5:",
        "  + ConfigMap web-files",
        "  ~ Deployment web",
        "      spec.replicas: 2 → 3",
        "      image: nginx:1.26 → nginx:1.27",
        "      MODE: fast",
        "      OLD: x is taken away",
        "  - Ingress web",
        "  1 to create, 1 to change, 1 to delete, 1 unchanged",
        "  Warning: The tag latest moves.",
        "  Quota: CPU: 3 of 2.",
      ])
  }

  @Test func `of texts with many lines only those that differ are shown`() throws {
    let plan = try #require(
      PlanAnswer([
        "hash": "abc", "release": 5,
        "items": [
          [
            "kind": "ConfigMap", "name": "c", "action": "change",
            "changes": [
              [
                "path": "data", "old": "one\ntwo\nthree\nfour\n",
                "new": "one\n2\nthree\nfour\nfive\n",
              ]
            ],
          ]
        ],
      ]))

    #expect(
      plan.lines(for: name).dropFirst(2).dropLast() == [
        "      data:", "        - two", "        + 2", "        + five",
      ])
  }

  @Test func `an empty plan says so`() throws {
    let plan = try #require(PlanAnswer(["hash": "abc", "release": 5, "items": []]))

    #expect(plan.isEmpty)
    #expect(plan.lines(for: name) == ["shop/web: nothing to change"])
  }

  @Test func `what is no plan is not understood`() {
    #expect(PlanAnswer(["release": 5]) == nil)
  }

  private static let merges: [(value: JSON, patch: JSON, result: JSON)] = [
    // The examples of RFC 7396, appendix A, that concern objects.
    (["a": "b"], ["a": "c"], ["a": "c"]),
    (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
    (["a": "b"], ["a": nil], [:]),
    (["a": ["b"]], ["a": "c"], ["a": "c"]),
    (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
    (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]),
    ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
  ]

  @Test(arguments: merges)
  func `a patch is merged as the server does`(value: JSON, patch: JSON, result: JSON) {
    #expect(value.merged(with: patch) == result)
  }
}
