import Testing

@testable import Domain

/// Each selector chooses series of given namespaces alone. `scope_test` asks a
/// real Prometheus with more expressions than anybody writes down.
struct PromQLScopeTests {
  private let shop = PromQLScope(["shop"])

  @Test(arguments: [
    ("up", #"up{namespace="shop"}"#),
    ("up{}", #"up{namespace="shop"}"#),
    ("{}", #"{namespace="shop"}"#),
    (#"up{namespace="bank"}"#, #"up{namespace="shop",namespace="bank"}"#),
    (#"up{namespace=~".*",}"#, #"up{namespace="shop",namespace=~".*"}"#),
    (#"{__name__="up"}"#, #"{namespace="shop",__name__="up"}"#),
    ("job:errors:rate5m", #"job:errors:rate5m{namespace="shop"}"#),
    ("rate(up[5m])", #"rate ( up{namespace="shop"} [5m] )"#),
    ("sum by (pod) (up)", #"sum by ( pod ) ( up{namespace="shop"} )"#),
    ("sum(up) without (on, by)", #"sum ( up{namespace="shop"} ) without ( on , by )"#),
    ("SUM(up)", #"SUM ( up{namespace="shop"} )"#),
    (
      "a + on (pod) group_left (node) b",
      #"a{namespace="shop"} + on ( pod ) group_left ( node ) b{namespace="shop"}"#
    ),
    ("a == bool 1", #"a{namespace="shop"} == bool 1"#),
    (
      "a unless ignoring (x) b",
      #"a{namespace="shop"} unless ignoring ( x ) b{namespace="shop"}"#
    ),
    (
      "max_over_time(rate(a[5m])[1h:5m])",
      #"max_over_time ( rate ( a{namespace="shop"} [5m] ) [1h:5m] )"#
    ),
    ("a offset 5m @ end()", #"a{namespace="shop"} offset 5m @ end ( )"#),
    ("a offset -1h30m", #"a{namespace="shop"} offset - 1h30m"#),
    ("-a ^ 2 - -1e-3", #"- a{namespace="shop"} ^ 2 - - 1e-3"#),
    ("topk(5, a)", #"topk ( 5 , a{namespace="shop"} )"#),
    ("time() - vector(Inf) + NaN + 0x1F", "time ( ) - vector ( Inf ) + NaN + 0x1F"),
    (
      #"label_replace(a, "x", "$1", "pod", "(.+)-[0-9]+")"#,
      #"label_replace ( a{namespace="shop"} , "x" , "$1" , "pod" , "(.+)-[0-9]+" )"#
    ),
    ("a # or b\n/ c", #"a{namespace="shop"} / c{namespace="shop"}"#),
    (#"a{x="}, b{",y='\'"',z=`\`}"#, #"a{namespace="shop",x="}, b{",y='\'"',z=`\`}"#),
    ("a[ 5m ]", #"a{namespace="shop"} [5m]"#),
  ])
  func `a matcher is in every selector, and nothing else changes`(
    text: String, expected: String
  ) throws {
    #expect(try shop.expression(text) == expected)
  }

  @Test(arguments: [
    "", " ", "(", "up{", "up}", "up)", "up up", "up,up", "sum", "sum(up", "by", "on(up)", "bool",
    "up{namespace}", "up{namespace=shop}", "up{a:b=\"x\"}", #"{"up"}"#, #"{"up", namespace="x"}"#,
    "up{a=\"x\" b=\"y\"}", "up{,}", "up[5m:1m:1m]", "up[x]", "up[5m", "rate(up[$__interval])",
    "info(up)", "Rate(up[5m])", "nosuch(up)", "up @ x", "up offset x", "'open", "`open", "\"a\nb\"",
    "up{a=\"\\", "café", "up{a=\"x\"}é", "5mm", "up{a=\"x\"} {b=\"y\"}", "sum by (a:b) (up)",
    "up or", "or up", "group_left(x) up", "sum{a=\"b\"}", "offset 5m", "up\u{0}", "up;down",
    "up == != up", "a => b", "{a!\"b\"}", "up[5m*2]", "start()", "end()",
  ])
  func `what isn't certain is refused`(text: String) {
    #expect(throws: PromQLError.self) { try shop.expression(text) }
  }

  @Test func `nesting and length are bounded`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "up" + String(repeating: ")", count: depth)
    }
    _ = try shop.expression(nested(60))
    #expect(throws: PromQLError.self) { try shop.expression(nested(64)) }
    #expect(throws: PromQLError.self) { try shop.expression(nested(100_000)) }
    #expect(throws: PromQLError.self) {
      try shop.expression(String(repeating: "up+", count: 8_000) + "up")
    }
    #expect(throws: PromQLError.self) { try shop.expression(String(repeating: "-", count: 20_000)) }
  }

  @Test func `a long number is refused before it is looked at`() throws {
    let longest = String(repeating: "1", count: 64)
    #expect(try shop.expression(longest) == longest)
    #expect(try shop.expression("1_000. + .5e+3 + 1.5") == "1_000. + .5e+3 + 1.5")
    let clock = ContinuousClock()
    let begin = clock.now
    for _ in 0..<100 {
      for hostile in [
        String(repeating: "1", count: 16_000) + "x", longest + "1",
        "1" + String(repeating: "_", count: 16_000) + "e",
        "up[\(String(repeating: "1", count: 16_000))]",
        "up[\(String(repeating: "1s", count: 8_000))x]",
      ] {
        #expect(throws: PromQLError.self) { try shop.expression(hostile) }
      }
    }
    // It is some milliseconds; matched in every way, minutes.
    #expect(clock.now - begin < .seconds(20))
  }

  @Test func `several namespaces are one pattern, and none of them match nothing`() throws {
    #expect(
      try PromQLScope(["blog", "shop"]).expression("up") == #"up{namespace=~"blog|shop"}"#)
    #expect(try PromQLScope([]).expression("up") == #"up{namespace="",namespace!=""}"#)
    #expect(PromQLScope([]).everything == [#"{namespace="",namespace!=""}"#])
  }

  @Test func `an ingress is its own namespace's, whoever counts for it`() throws {
    let scope = PromQLScope(["namespace-a"])
    #expect(
      try scope.expression(#"nginx_ingress_controller_requests{exported_namespace="x"}"#)
        == #"nginx_ingress_controller_requests{exported_namespace="namespace-a",exported_namespace="x"}"#
    )
    #expect(
      try scope.expression("nginx_ingress_controller_requests")
        == #"nginx_ingress_controller_requests{namespace="namespace-a"}"#)
    #expect(
      try scope.expression(#"up{exported_namespace="x"}"#)
        == #"up{namespace="namespace-a",exported_namespace="x"}"#)
  }

  // MARK: Labels of an installation

  @Test func `what every series must have is in each selector, and quoted`() throws {
    let labels = try PrometheusLabels(parsing: #"cluster="pr\"o,d\\",tenant="a""#)
    let shop = PromQLScope(["shop"], labels: labels)
    let required = #"cluster="pr\"o,d\\",tenant="a""#
    #expect(
      try shop.expression(#"a{cluster="x"} / b"#)
        == #"a{namespace="shop",\#(required),cluster="x"} / b{namespace="shop",\#(required)}"#)
    #expect(try shop.selector("up") == #"up{namespace="shop",\#(required)}"#)
    #expect(shop.everything == [#"{namespace="shop",\#(required)}"#])
    #expect(
      PromQLScope([], labels: labels).everything == [#"{namespace="",namespace!="",\#(required)}"#])
  }

  @Test func `an admin reads this installation, and no other's`() throws {
    let labels = try PrometheusLabels(parsing: #"cluster="prod""#)
    let admin = PromQLScope(.everything, labels: labels)
    #expect(try admin.expression("sum(up)") == #"sum ( up{cluster="prod"} )"#)
    #expect(try admin.selector("up") == #"up{cluster="prod"}"#)
    #expect(admin.everything == [#"{cluster="prod",__name__!=""}"#])
    let alone = PromQLScope(.everything, labels: PrometheusLabels())
    #expect(try alone.expression("info(up)") == "info(up)")
    #expect(alone.everything.isEmpty)
  }

  @Test func `a namespace has the name that its teller gives it`() throws {
    let labels = try PrometheusLabels(
      parsing: "state-namespace=exported_namespace,ingress-namespace=ns")
    let shop = PromQLScope(["shop"], labels: labels)
    #expect(try shop.expression("kube_pod_info") == #"kube_pod_info{exported_namespace="shop"}"#)
    #expect(try shop.expression("container_x") == #"container_x{namespace="shop"}"#)
    #expect(try shop.expression("up") == #"up{namespace="shop"}"#)
    #expect(
      try shop.expression("nginx_ingress_controller_requests{exported_namespace=\"x\"}")
        == #"nginx_ingress_controller_requests{ns="shop",exported_namespace="x"}"#)
    #expect(
      try shop.expression(#"{__name__="kube_pod_info"}"#)
        == #"{exported_namespace="shop",__name__="kube_pod_info"}"#)
    #expect(
      try shop.expression(#"{__name__=~"kube_.*"}"#)
        == #"{namespace="shop",__name__=~"kube_.*"}"#)
    #expect(
      shop.everything == [
        #"{namespace="shop"}"#, #"{exported_namespace="shop",__name__=~"kube_.*"}"#,
        #"{ns="shop",__name__=~"nginx_ingress_controller_.*"}"#,
      ])
  }

  @Test func `the questions for series and labels are bounded as well`() throws {
    let labels = try PrometheusLabels(parsing: #"cluster="prod""#)
    let scope = PromQLScope(["shop"], labels: labels)
    func asked(
      _ question: MetricsQuestion, _ parameters: [(String, String)]
    ) throws -> [String] {
      try ScopedMetrics.bounded(question, parameters, to: scope).map { "\($0.0) \($0.1)" }
    }
    let own = #"{namespace="shop",cluster="prod"}"#
    #expect(try asked(.labels, []) == ["match[] \(own)"])
    #expect(try asked(.labelValues("pod"), [("x", "y")]) == ["match[] \(own)"])
    #expect(
      try asked(.series, [("match[]", "up"), ("match[]", "{}")]) == [
        "match[] up\(own)", "match[] \(own)",
      ])
    #expect(try asked(.query, [("query", "up"), ("time", "1")]) == ["time 1", "query up\(own)"])
  }

  @Test(arguments: ["up", "{a=\"b\"}", "up{a=\"b\"}"])
  func `a selector alone is taken, and nothing after it`(text: String) throws {
    #expect(try shop.selector(text).contains(#"namespace="shop""#))
    for more in ["[5m]", " offset 5m", " + up", "\nup", ")"] {
      #expect(throws: PromQLError.self) { try shop.selector(text + more) }
    }
  }

  @Test func `rights of two people together are what both have`() {
    let both = NamespaceScope.namespaces(["a", "b"])
    #expect(both.narrowed(to: .everything) == both)
    #expect(NamespaceScope.everything.narrowed(to: both) == both)
    #expect(both.narrowed(to: .namespaces(["b", "c"])) == .namespaces(["b"]))
    #expect(both.narrowed(to: .namespaces([])) == .namespaces([]))
  }
}
