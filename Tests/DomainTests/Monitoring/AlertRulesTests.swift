import Foundation
import TestSupport
import Testing

@testable import Domain

/// Rule files and the templates in their annotations.
struct AlertRulesTests {
  @Test func `every rule that BabyHelm brings is read, and its texts are filled in`() throws {
    let folder = URL(filePath: #filePath).appending(path: "../../../../deploy/prometheus/rules")
      .standardized
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let files = try names.filter { $0.hasSuffix(".yml") }.map {
      ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
    let rules = try AlertRules(files.map { (name: $0.0, text: $0.1) })

    #expect(rules.count >= 40)
    for rule in rules.all {
      let template = AlertTemplate(
        labels: ["application": "web", "namespace": "shop"], value: 0.25)
      #expect(rule.labels["severity"] != nil, "\(rule.name)")
      for key in ["summary", "description", "seen"] {
        guard let text = rule.annotations[key] else {
          #expect(key == "seen", "\(rule.name) has no \(key)")
          continue
        }
        let filled = template.render(text)
        #expect(filled != nil && filled?.contains("{{") == false, "\(rule.name) \(key)")
      }
    }
    // What the live picture alerts of has the names of rules.
    let live = [
      "ApplicationNotAvailable", "ReplicasMissing", "OutOfMemory", "CrashLoop", "DeployFailed",
    ]
    #expect(Set(live).isSubset(of: rules.all.map(\.name)))
  }

  /// As Prometheus' own tests have them (template/template_test.go).
  @Test(arguments: [
    ("humanize", 0.0, "0"), ("humanize", 1_234_567, "1.235M"), ("humanize", 0.00123, "1.23m"),
    ("humanize", -1_200, "-1.2k"), ("humanize", 12, "12"), ("humanize1024", 0, "0"),
    ("humanize1024", 1_048_576, "1Mi"), ("humanize1024", 12, "12"),
    ("humanizePercentage", 0.1234567, "12.35%"), ("humanizePercentage", -0.22, "-22%"),
    ("humanizeDuration", 0, "0s"), ("humanizeDuration", 1, "1s"), ("humanizeDuration", 60, "1m 0s"),
    ("humanizeDuration", 3_600, "1h 0m 0s"), ("humanizeDuration", 899.99, "14m 59s"),
    ("humanizeDuration", -86_401, "-1d 0h 0m 1s"), ("humanizeDuration", 0.1, "100ms"),
    ("humanizeDuration", 0.0001, "100us"),
  ])
  func `numbers are written as Prometheus writes them`(
    function: String, value: Double, text: String
  ) {
    #expect(AlertTemplate.write(value, as: function) == text)
  }

  @Test(arguments: [
    ("plain", "plain"), ("{{ $value }}", "3"), ("{{$labels.a}}-{{ $labels.none }}.", "x-."),
    ("{{ humanize $value }}", "3"), ("a {{ $value | humanize }}B", "a 3B"),
    ("{{ if true }}x{{ end }}", nil), ("{{ $value | unknown }}", nil), ("{{ $value", nil),
    ("{{ .Labels.a }}", nil), ("{{ $labels.a | humanize }}", nil), ("}} {", "}} {"),
  ])
  func `templates are filled in, or the text is left out`(text: String, result: String?) {
    #expect(AlertTemplate(labels: ["a": "x"], value: 3).render(text) == result)
  }

  @Test(arguments: [
    ("5m", 300.0), ("1h30m", 5_400), ("30s", 30), ("1d", 86_400), ("0", 0), ("100ms", 0.1),
    ("", nil), ("5", nil), ("m", nil), ("5x", nil), ("-5m", nil), ("99999999999s", nil),
  ])
  func `times are read as Prometheus reads them`(text: String, seconds: Double?) {
    #expect(AlertRules.seconds(text) == seconds)
  }

  @Test(arguments: [
    ("x: [", "can't be read"), ("a: 1", "groups"),
    ("groups: [{rules: [{alert: A}]}]", "expr"),
    ("groups: [{rules: [{alert: '', expr: up}]}]", "name"),
    ("groups: [{rules: [{alert: A, expr: up, for: soon}]}]", "“for”"),
  ])
  func `what is wrong with a file is told with its name`(text: String, word: String) {
    var sentence = ""
    do { _ = try AlertRules([(name: "mine.yml", text: text)]) } catch { sentence = error.sentence }
    #expect(sentence.contains("mine.yml") && sentence.contains(word), "\(sentence)")
  }

  @Test func `what is usual is asked for, only of names that are names`() async throws {
    let rule = AlertRule(
      name: "AnomalyCPU", expression: "x", delay: 0, keep: 0, labels: [:],
      annotations: [
        "usual":
          "{{ with printf `level:usual{kind=\"cpu\",namespace=\"%s\",application=\"%s\"}` $labels.namespace $labels.application | query }}{{ . | first | value | humanize }}{{ end }} cores"
      ])
    for (namespace, expected) in [("shop", "0.4 cores" as String?), ("a\"} or up{a=\"", nil)] {
      let prometheus = AnsweringPrometheus { question throws(DomainError) in
        if question == "x" {
          return [RuleSample(labels: ["namespace": namespace, "application": "web"], value: 1)]
        }
        #expect(question == #"level:usual{kind="cpu",namespace="shop",application="web"}"#)
        return [RuleSample(labels: [:], value: 0.4)]
      }
      let result = await RuleEvaluation(rules: [rule], prometheus: prometheus).run()
      // 0.4 is written with a prefix, as Prometheus does.
      let usual = result.sightings.first?.annotations["usual"]
      #expect(usual == expected.map { _ in "400m cores" })
    }
  }

  @Test func `one evaluation asks what is usual only so often, and not when its time is over`()
    async throws
  {
    let rule = AlertRule(
      name: "AnomalyCPU", expression: "x", delay: 0, keep: 0, labels: [:],
      annotations: [
        "usual":
          "{{ with printf `usual{namespace=\"%s\",application=\"%s\"}` $labels.namespace $labels.application | query }}{{ . | first | value | humanize }}{{ end }} cores"
      ])
    let samples = (0..<(2 * RuleEvaluation.mostUsual)).map { index in
      RuleSample(labels: ["namespace": "shop", "application": "web\(index)"], value: 1)
    }
    let quick = AnsweringPrometheus { question in
      question == "x" ? samples : [RuleSample(labels: [:], value: 2)]
    }
    let counted = await RuleEvaluation(rules: [rule], prometheus: quick).run()
    #expect(counted.sightings.count == samples.count && counted.failed.isEmpty)
    #expect(
      counted.sightings.count { $0.annotations["usual"] == "2 cores" } == RuleEvaluation.mostUsual)
    #expect(quick.questions.count == 1 + RuleEvaluation.mostUsual)

    let slow = AnsweringPrometheus { question in
      // Longer than the whole evaluation may take.
      Thread.sleep(forTimeInterval: 0.3)
      return question == "x" ? samples : []
    }
    var evaluation = RuleEvaluation(rules: [rule, rule], prometheus: slow)
    evaluation.patience = .milliseconds(200)
    let late = await evaluation.run()
    #expect(late.sightings.count == samples.count)
    #expect(slow.questions == ["x"])
    #expect(late.failed == ["AnomalyCPU"] && late.problems.count == 1)
  }

  @Test func `changes of a specification are told in a few words`() throws {
    let old = try DeployingFixture.draft("web").validated()
    var new = old
    #expect(SpecificationChange.words(from: old, to: new) == "nothing but new pods")
    new.resources.memoryLimit = "1Gi"
    new.environment = [.init(name: "A", value: "1")]
    #expect(SpecificationChange.words(from: old, to: new) == "environment and memory")
    #expect(SpecificationChange.words(from: nil, to: new) == "the first release, nginx:1.27")
  }
}
