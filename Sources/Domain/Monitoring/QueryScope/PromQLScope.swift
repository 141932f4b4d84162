/// Writes a PromQL expression anew so that each of its selectors chooses series
/// of given namespaces alone.
///
/// The expression is read by its grammar (Prometheus: “Querying basics”,
/// “Operators”), and what is asked is made of the tokens that were understood,
/// so no reading of Prometheus can find a selector that this one missed. What
/// isn't understood is refused. The matcher is added beside those that are
/// there, and all of them must hold, so none can undo it.
struct PromQLScope: Sendable {
  /// nil for who may read whatever there is of this installation.
  private let namespaces: [String]?
  private let labels: PrometheusLabels
  private static let deepest = 64

  /// - Parameters:
  ///   - namespaces: DNS labels, in which no character means anything to a
  ///     regular expression; nil for all of them.
  ///   - labels: what the labels are called, and what every series must have.
  init(_ namespaces: [String]?, labels: PrometheusLabels = PrometheusLabels()) {
    self.namespaces = namespaces
    self.labels = labels
  }

  init(_ scope: NamespaceScope, labels: PrometheusLabels) {
    switch scope {
    case .everything: self.init(nil, labels: labels)
    case .namespaces(let names): self.init(names, labels: labels)
    }
  }

  /// Whether nothing is added, so that what is asked may be sent as it is.
  private var isBoundless: Bool { namespaces == nil && labels.required.isEmpty }

  /// What a selector gets beside its own matchers, as in `namespace="shop"`.
  ///
  /// - Parameters:
  ///   - metric: its name, as far as it is known.
  ///   - asked: the labels that the selector itself has matchers for.
  func matchers(of metric: String, asked: [String]) -> [String] {
    var matchers = SeriesScope.required(labels).map(\.text)
    if let namespaces {
      let label = namespaceLabel(of: metric, asked: asked)
      matchers.insert(Self.matcher(of: namespaces, on: label), at: 0)
    }
    return matchers
  }

  private static func matcher(of namespaces: [String], on label: String) -> String {
    switch namespaces.count {
    // Nothing is both.
    case 0: #"\#(label)="",\#(label)!="""#
    case 1: #"\#(label)="\#(namespaces[0])""#
    default: #"\#(label)=~"\#(namespaces.joined(separator: "|"))""#
    }
  }

  /// The label by which a selector's series belong to a project.
  ///
  /// Prometheus names an ingress's own namespace `exported_namespace` where it
  /// scrapes ingress-nginx without `honor_labels`; `namespace` is then the
  /// controller's. Unless an operator told which it is, who asks by that label
  /// gets what it says of their ingresses.
  private func namespaceLabel(of metric: String, asked: [String]) -> String {
    let names = labels.namespaces(of: PromQLWords.source(of: metric)).map(\.description)
    if let name = names.first, names.count == 1 || asked.contains(name) { return name }
    return names.last ?? "namespace"
  }

  /// An expression.
  ///
  /// - Throws: ``PromQLError`` for what isn't understood.
  func expression(_ text: String) throws(PromQLError) -> String {
    if isBoundless { return text }
    return try written(text) { (parser: inout PromQLParser) throws(PromQLError) in
      try parser.expression(depth: 0)
    }
  }

  /// A selector alone, as `match[]` takes it.
  ///
  /// - Throws: ``PromQLError`` for what isn't one.
  func selector(_ text: String) throws(PromQLError) -> String {
    if isBoundless { return text }
    return try written(text) { (parser: inout PromQLParser) throws(PromQLError) in
      try parser.selector()
    }
  }

  /// What together chooses all series of the namespaces; empty where nothing
  /// bounds them.
  var everything: [String] {
    if isBoundless { return [] }
    // A selector must name something that isn't empty, which may be required of no label.
    guard namespaces != nil else {
      return [Self.selector(#"__name__!="""#, matchers(of: "", asked: []))]
    }
    let own = matchers(of: "", asked: [])
    var selectors = [Self.selector(nil, own)]
    for (prefix, _) in PromQLWords.sources {
      let others = matchers(of: prefix, asked: [])
      // What its tellers call differently is theirs alone.
      if others != own { selectors.append(Self.selector(#"__name__=~"\#(prefix).*""#, others)) }
    }
    return selectors
  }

  private static func selector(_ name: String?, _ matchers: [String]) -> String {
    "{\((matchers + (name.map { [$0] } ?? [])).joined(separator: ","))}"
  }

  private func written(
    _ text: String, _ read: (inout PromQLParser) throws(PromQLError) -> Void
  ) throws(PromQLError) -> String {
    var parser = PromQLParser(
      tokens: try PromQLLexer.tokens(of: text), scope: self, deepest: Self.deepest)
    try read(&parser)
    try parser.end()
    return parser.written.joined(separator: " ")
  }
}

/// Reads tokens and writes them with the matcher. How strongly operators bind
/// doesn't matter for that: they are written in the order in which they came.
struct PromQLParser {
  private let tokens: [PromQLToken]
  private let scope: PromQLScope
  private let deepest: Int
  private var index = 0
  private(set) var written: [String] = []

  init(tokens: [PromQLToken], scope: PromQLScope, deepest: Int) {
    self.tokens = tokens
    self.scope = scope
    self.deepest = deepest
  }

  func end() throws(PromQLError) {
    if let token { throw unexpected(token) }
  }

  // MARK: Expressions

  mutating func expression(depth: Int) throws(PromQLError) {
    guard depth < deepest else {
      throw PromQLError(message: "The query is nested more than \(deepest) deep.")
    }
    while true {
      while isSymbol("+") || isSymbol("-") { take() }
      try operand(depth)
      try suffixes()
      guard try takeOperator() else { return }
    }
  }

  private mutating func operand(_ depth: Int) throws(PromQLError) {
    switch token {
    case .number, .string: take()
    case .symbol("("):
      take()
      try expression(depth: depth + 1)
      try take(")")
    case .symbol("{"): try selector()
    case .name(let name):
      let word = name.lowercased()
      if PromQLWords.aggregations.contains(word) { return try aggregation(depth) }
      // Numbers that are written with letters.
      if word == "inf" || word == "nan" { return take() }
      guard isSymbol("(", at: 1) else { return try selector() }
      guard PromQLWords.functions.contains(name) else {
        throw PromQLError(message: "“\(name)” is not a function that may be used here.")
      }
      take()
      try arguments(depth)
    case let other?: throw unexpected(other)
    case nil: throw PromQLError(message: "The query ends too early.")
    }
  }

  /// `sum by (pod) (…)` or `sum(…) by (pod)`.
  private mutating func aggregation(_ depth: Int) throws(PromQLError) {
    take()
    let isGrouped = try grouping(["by", "without"])
    try arguments(depth)
    if !isGrouped { _ = try grouping(["by", "without"]) }
  }

  private mutating func arguments(_ depth: Int) throws(PromQLError) {
    try take("(")
    while !isSymbol(")") {
      try expression(depth: depth + 1)
      guard isSymbol(",") else { break }
      take()
    }
    try take(")")
  }

  /// What may stand behind an operand: a range, `offset` and `@`.
  private mutating func suffixes() throws(PromQLError) {
    while true {
      if case .range = token {
        take()
      } else if isWord("offset") {
        take()
        if isSymbol("-") { take() }
        guard case .number = token else { throw expected("a duration") }
        take()
      } else if isSymbol("@") {
        take()
        try moment()
      } else {
        return
      }
    }
  }

  private mutating func moment() throws(PromQLError) {
    if isWord("start") || isWord("end") {
      take()
      try take("(")
      return try take(")")
    }
    if isSymbol("+") || isSymbol("-") { take() }
    guard case .number = token else { throw expected("a time") }
    take()
  }

  /// An operator between two operands, with `bool`, `on (…)`, `group_left (…)`.
  private mutating func takeOperator() throws(PromQLError) -> Bool {
    switch token {
    case .symbol(let text) where PromQLWords.operators.contains(text): take()
    case .name(let name) where PromQLWords.setOperators.contains(name.lowercased()): take()
    default: return false
    }
    if isWord("bool") { take() }
    if try grouping(["on", "ignoring"]), isWord("group_left") || isWord("group_right") {
      take()
      if isSymbol("(") { try labels() }
    }
    return true
  }

  /// A word with labels, if it is there.
  private mutating func grouping(_ words: [String]) throws(PromQLError) -> Bool {
    guard words.contains(where: isWord) else { return false }
    take()
    try labels()
    return true
  }

  private mutating func labels() throws(PromQLError) {
    try take("(")
    while case .name(let name) = token {
      try checkLabel(name)
      take()
      guard isSymbol(",") else { break }
      take()
    }
    try take(")")
  }

  // MARK: Selectors

  /// `name`, `name{…}` or `{…}`, written with the matcher.
  mutating func selector() throws(PromQLError) {
    var name = ""
    if case .name(let metric) = token {
      guard !PromQLWords.reserved.contains(metric.lowercased()) else {
        throw PromQLError(message: "“\(metric)” can't be a metric's name here.")
      }
      name = metric
      index += 1
    } else if !isSymbol("{") {
      throw expected("a selector")
    }
    let found = try isSymbol("{") ? matchers() : []
    let all =
      scope.matchers(
        of: name.isEmpty ? Self.name(in: found) : name, asked: found.map { $0.label })
      + found.map { $0.label + $0.condition }
    written.append("\(name){\(all.joined(separator: ","))}")
  }

  /// The metric of `{__name__="up"}`; empty where it may be any.
  private static func name(in matchers: [(label: String, condition: String)]) -> String {
    let condition = matchers.first { $0.label == "__name__" && $0.condition.hasPrefix("=\"") }
    // What has a backslash could be anything.
    guard let text = condition?.condition.dropFirst(2).dropLast(), !text.contains("\\") else {
      return ""
    }
    return String(text)
  }

  private mutating func matchers() throws(PromQLError) -> [(
    label: String, condition: String
  )] {
    var matchers: [(label: String, condition: String)] = []
    index += 1
    while case .name(let label) = token {
      try checkLabel(label)
      guard case .symbol(let sign) = next(1), ["=", "!=", "=~", "!~"].contains(sign),
        case .string(let value) = next(2)
      else { throw expected("a matcher, like pod=\"web\"") }
      matchers.append((label, sign + value))
      index += 3
      guard isSymbol(",") else { break }
      index += 1
    }
    guard isSymbol("}") else { throw expected("“}”") }
    index += 1
    return matchers
  }

  private func checkLabel(_ name: String) throws(PromQLError) {
    guard !name.contains(":") else {
      throw PromQLError(message: "“\(name)” can't be a label's name.")
    }
  }

  // MARK: Tokens

  private var token: PromQLToken? { next(0) }

  private func next(_ offset: Int) -> PromQLToken? {
    index + offset < tokens.count ? tokens[index + offset] : nil
  }

  private func isSymbol(_ text: String, at offset: Int = 0) -> Bool {
    next(offset) == .symbol(text)
  }

  private func isWord(_ word: String) -> Bool {
    if case .name(let name) = token { name.lowercased() == word } else { false }
  }

  private mutating func take() {
    guard let token else { return }
    written.append(token.text)
    index += 1
  }

  private mutating func take(_ symbol: String) throws(PromQLError) {
    guard isSymbol(symbol) else { throw expected("“\(symbol)”") }
    take()
  }

  private func expected(_ what: String) -> PromQLError {
    PromQLError(
      message: "The query has \(token.map { "“\($0.text)”" } ?? "its end") where \(what) belongs.")
  }

  private func unexpected(_ token: PromQLToken) -> PromQLError {
    PromQLError(message: "“\(token.text)” can't stand where it does in the query.")
  }
}
