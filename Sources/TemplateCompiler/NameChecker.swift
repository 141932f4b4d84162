/// Checks the names in one template: variables, partials and their arguments.
/// Properties of views are left to the Swift compiler, which knows them.
struct NameChecker {
  private let template: ParsedTemplate
  private let all: [String: ParsedTemplate]
  private var diagnostics: Diagnostics
  private var variables: [String]

  static func check(
    _ template: ParsedTemplate, among all: [String: ParsedTemplate],
    into diagnostics: inout Diagnostics
  ) {
    var checker = NameChecker(template: template, all: all, diagnostics: diagnostics)
    for parameter in template.signature.parameters { checker.declare(parameter.name, at: 0) }
    checker.check(template.nodes)
    diagnostics = checker.diagnostics
  }

  private init(
    template: ParsedTemplate, all: [String: ParsedTemplate], diagnostics: Diagnostics
  ) {
    self.template = template
    self.all = all
    self.diagnostics = diagnostics
    variables = template.signature.parameters.map(\.name)
  }

  private mutating func check(_ nodes: [Node]) {
    for node in nodes {
      switch node {
      case .text, .block: break
      case .value(let path, _, _): check(path)
      case .conditional(let path, _, let branches):
        check(path)
        check(branches.body)
        check(branches.otherwise ?? [])
      case .each(let path, let name, let branches), .with(let path, let name, let branches):
        check(path)
        declare(name, at: branches.tag)
        variables.append(name)
        check(branches.body)
        variables.removeLast()
        check(branches.otherwise ?? [])
      case .partial(let call): check(call)
      }
    }
  }

  private mutating func declare(_ name: String, at offset: Int) {
    if !SwiftNames.canBeVariable(name) {
      diagnostics.report("'\(name)' is a word of Swift; choose another name", at: offset)
    }
  }

  private mutating func check(_ path: Path) {
    guard case .parameters = template.signature.kind, !path.isGlobal,
      !variables.contains(path.components[0])
    else { return }
    let known = variables.isEmpty ? "it takes nothing" : "there is \(list(variables))"
    diagnostics.report(
      "unknown name '\(path.components[0])'; \(known) (add it to @params on the first line)",
      at: path.offset)
  }

  private mutating func check(_ call: PartialCall) {
    for argument in call.arguments {
      if case .path(let path) = argument.value { check(path) }
    }
    defer { if let block = call.block { check(block) } }
    guard let partial = all[call.name] else {
      diagnostics.report(
        "there is no template '\(call.name)'; expected the file "
          + "\(call.name)\(template.source.format.ending)", at: call.nameOffset)
      return
    }
    if partial.source.format != template.source.format {
      diagnostics.report("'\(call.name)' is of another format", at: call.nameOffset)
    }
    if partial.signature.hasBlock, call.block == nil {
      diagnostics.report(
        "'\(call.name)' is a layout; use {{#> \(call.name)}}…{{/\(call.name)}}",
        at: call.nameOffset)
    } else if !partial.signature.hasBlock, call.block != nil {
      diagnostics.report(
        "'\(call.name)' takes no content; use {{> \(call.name)}} or put "
          + "{{> @partial-block}} into it", at: call.nameOffset)
    }
    checkArguments(of: call, for: partial.signature)
    if let cycle = cycle(from: call.name) {
      diagnostics.report(
        "templates may not show themselves: \(cycle.joined(separator: " → "))",
        at: call.nameOffset)
    }
  }

  private mutating func checkArguments(of call: PartialCall, for signature: Signature) {
    guard case .parameters = signature.kind else {
      if call.arguments.count != 1 || call.arguments[0].name != nil {
        diagnostics.report(
          "'\(call.name)' takes one value, its view: {{> \(call.name) row}}", at: call.nameOffset)
      }
      return
    }
    let names = signature.parameters.map(\.name)
    for argument in call.arguments where !names.contains(argument.name ?? "") {
      let known = names.isEmpty ? "it takes none" : "it takes \(list(names))"
      diagnostics.report(
        argument.name.map { "'\(call.name)' has no parameter '\($0)'; \(known)" }
          ?? "an argument of '\(call.name)' needs a name, such as \(names.first ?? "x")=…; \(known)",
        at: argument.offset)
    }
    let missing = signature.parameters.filter { parameter in
      parameter.defaultValue == nil && !call.arguments.contains { $0.name == parameter.name }
    }
    if !missing.isEmpty {
      diagnostics.report(
        "'\(call.name)' also needs \(list(missing.map { "\($0.name) (\($0.type))" }))",
        at: call.nameOffset)
    }
    for argument in call.arguments {
      guard case .string(let text) = argument.value, isLink(argument.name, signature) else {
        continue
      }
      if !PartialCall.isLocalLink(text) {
        diagnostics.report(
          "a Link written in a template must be a path on this site, such as \"/projects\"",
          at: argument.offset)
      }
    }
  }

  private func isLink(_ name: String?, _ signature: Signature) -> Bool {
    signature.parameters.first { $0.name == name }?.isLink ?? false
  }

  /// The way from this template through `name` back to this template.
  private func cycle(from name: String) -> [String]? {
    var visited: Set<String> = []
    func search(_ current: String, _ trail: [String]) -> [String]? {
      if current == template.source.name { return trail + [current] }
      guard visited.insert(current).inserted, let next = all[current] else { return nil }
      for call in next.nodes.partialCalls {
        if let found = search(call.name, trail + [current]) { return found }
      }
      return nil
    }
    return search(name, [template.source.name])
  }

  private func list(_ names: [String]) -> String {
    names.map { "'\($0)'" }.joined(separator: ", ")
  }
}

extension PartialCall {
  /// Whether `text` is a path that can't lead to another site.
  static func isLocalLink(_ text: String) -> Bool {
    text.hasPrefix("/") && !text.hasPrefix("//") && !text.contains("\\")
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}

extension Signature.Parameter {
  var isLink: Bool { type == "Link" || type == "Link?" }
}

extension [Node] {
  /// Every use of another template, at any depth.
  var partialCalls: [PartialCall] {
    flatMap { node -> [PartialCall] in
      switch node {
      case .text, .value, .block: []
      case .conditional(_, _, let branches), .each(_, _, let branches), .with(_, _, let branches):
        branches.body.partialCalls + (branches.otherwise ?? []).partialCalls
      case .partial(let call): [call] + (call.block ?? []).partialCalls
      }
    }
  }
}
