import Foundation
import Templates
import Testing

@testable import TemplateCompiler

/// Pages in other languages: what of a template is text, and how sentences find
/// their translation.
struct TranslationTests {
  // MARK: What is text

  @Test func `what people read is text, and everything else is markup`() {
    #expect(
      texts(
        """
        <p class="note" title="Why?">Started {{when}} on
          <strong>{{node}}</strong>, and runs.</p>
        <code>kubectl get pods</code><pre>let it be</pre>
        <a href="{{link}}" aria-label="Delete {{name}}">×</a>
        <input name="replicas" placeholder="2 or more" value="two">
        <!-- a note -->
        """) == [
          "Why?", "Started {when} on", ", and runs.", "Delete {name}", "2 or more",
        ])
  }

  @Test func `a block ends a text, and begins others`() {
    #expect(
      texts("<p>Ends {{#if soon}}in a minute{{else}}{{when}}{{/if}} by itself</p>") == [
        "Ends", "in a minute", "by itself",
      ])
  }

  @Test func `a title is text, and so is what stands after verbatim text`() {
    #expect(
      texts("<title>{{name}} in short</title><p><code>x</code> is a name &nbsp;</p>") == [
        "{name} in short", "is a name &nbsp;",
      ])
  }

  // MARK: Catalogues of templates

  @Test func `the own folder's translation goes before everybody's`() throws {
    let translations = Translations(
      language: "russian",
      files: [("alerts", ["Open": "Открыт"]), ("common", ["Open": "Открыть", "Close": "Закрыть"])])
    #expect(translations.text("Open", in: "alerts") == MessagePattern("Открыт"))
    #expect(translations.text("Open", in: "projects") == MessagePattern("Открыть"))
    #expect(translations.text("Close", in: "alerts") == MessagePattern("Закрыть"))
    #expect(translations.text("Shut", in: "alerts") == nil)
    #expect(translations.merged["Open"] == "Открыть")
  }

  @Test func `the program's own sentences are no page's texts`() {
    let translations = Translations(
      language: "russian",
      files: [
        ("common", ["Open": "Открыть", "by {name}": "({name})"]),
        ("program-web", ["Open": "Открыто", "{count} pods": "{count} подов"]),
      ])
    #expect(translations.sentences == ["Open": "Открыто", "{count} pods": "{count} подов"])
    #expect(translations.text("Open", in: "projects") == MessagePattern("Открыть"))
  }

  @Test func `a translation has the values of its text, and no markup`() {
    let mistakes = mistakes(
      "<p>{{count}} pods</p><p>Ready</p><p>{{a}} of {{b}}</p>",
      [
        "{count} pods": "{count} {count, plural, one {под} few {пода} many {подов}}",
        "Ready": "<b>Готов</b>", "{a} of {b}": "{b}",
      ])
    #expect(mistakes.count == 2)
    #expect(mistakes.contains { $0.contains("may not hold '<'") })
    #expect(mistakes.contains { $0.contains("has other values: a") })
  }

  @Test func `no page has a text without a translation`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../")
    let resources = root.appending(path: "Resources").standardizedFileURL.path()

    #expect(try TemplateCompiler.untranslated(resources: resources) == [])
  }

  @Test func `generated code holds both languages`() throws {
    let code = try TemplateCompiler.compile(
      [page("<p> Started {{when}} </p><p>Untold</p>")], assets: nil,
      translations: Translations(
        language: "russian", files: [("common", ["Started {when}": "Начат {when}"])]))
    #expect(code.contains("if _w.language == .russian {"))
    #expect(code.contains("_w.literal(\" Начат \")"))
    #expect(code.contains("Untold"))
  }

  @Test func `a sentence is asked for by t, and only where text may stand`() {
    #expect(mistakes("<p title=\"{{t why}}\">{{t what}}</p>", [:]).isEmpty)
    #expect(mistakes("<a href=\"{{t link}}\">x</a>", [:]).contains { $0.contains("no language") })
    #expect(!mistakes("<p>{{t a b}}</p>", [:]).isEmpty)
  }

  // MARK: Sentences

  static let russian = MessageCatalogue(
    language: .russian,
    texts: [
      "Failed": "Сбой", "Ready": "Готов",
      "Release #{number} of “{name}” succeeded":
        "Релиз №{number} приложения «{name}» выкачен",
      "{count} pods": "{count} {count, plural, one {под} few {пода} many {подов}}",
      "“{name}” is taken.": "Имя «{name}» занято.", "Choose another name.": "Выберите другое имя.",
      "It failed: {t:reason}": "Не вышло: {t:reason}",
      "Something changed while {doing}.": "Что-то изменилось: {doing}.",
      "{who} deployed {what}": "{who} выкатил {what}",
      "in {count} minutes": "через {count} {count, plural, one {минуту} few {минуты} many {минут}}",
    ])

  @Test(arguments: [
    ("Failed", "Сбой"),
    ("Release #12 of “a of b” succeeded", "Релиз №12 приложения «a of b» выкачен"),
    ("1 pods", "1 под"), ("22 pods", "22 пода"), ("1,011 pods", "1,011 подов"),
    ("2.5 pods", "2.5 пода"),
    ("“web” is taken. Choose another name.", "Имя «web» занято. Выберите другое имя."),
    ("It failed: “web” is taken.", "Не вышло: Имя «web» занято."),
    ("It failed: nobody knows", "Не вышло: nobody knows"),
    // The last words are the end, wherever else they stand.
    ("Something changed while x. y.", "Что-то изменилось: x. y."),
    ("Ann deployed web deployed twice", "Ann выкатил web deployed twice"),
    ("in 3 minutes", "через 3 минуты"), ("Nobody wrote this.", "Nobody wrote this."), ("", ""),
    ("Ready or not", "Ready or not"), ("failed", "failed"),
    (
      "Something changed while web. Choose another name.",
      "Что-то изменилось: web. Выберите другое имя."
    ),
    ("Something changed while J. Smith wrote.", "Что-то изменилось: J. Smith wrote."),
    // Half of it is better than nothing.
    ("Nobody wrote this. Choose another name.", "Nobody wrote this. Выберите другое имя."),
  ])
  func `a sentence is translated, and what stands in it stays`(english: String, russian: String) {
    #expect(Self.russian.translate(english) == russian)
  }

  @Test func `a value isn't a sentence unless the catalogue says so`() {
    #expect(Self.russian.translate("Release #1 of “Failed” succeeded").contains("«Failed»"))
  }

  @Test func `a text that fits nearly, many times over, is read at once`() {
    let catalogue = MessageCatalogue(
      language: .russian,
      texts: [
        "Moved {a} to {b} to {c} to {d} to {e} to {f} to {g} now.": "{a}{b}{c}{d}{e}{f}{g}",
        "{a} of {b} of {c} of {d} of {e} failed": "{a}{b}{c}{d}{e}",
        "Failed: {t:why} as {t:what}": "Сбой: {t:why}, {t:what}",
      ])
    let clock = ContinuousClock()
    let begin = clock.now
    for pattern in [" to x", " of x", "Failed: x as ", "x. ", "a"] {
      for length in [2_000, 64_000] {
        let hostile = "Moved " + String(repeating: pattern, count: length / pattern.utf8.count)
        #expect(!catalogue.translate(hostile).isEmpty)
        #expect(!catalogue.translate(String(hostile.dropFirst("Moved ".count))).isEmpty)
      }
    }
    // It is milliseconds; where every place is tried, more than a lifetime.
    #expect(clock.now - begin < .seconds(20))
  }

  @Test func `what is longer than any sentence stays as it is`() {
    let name = String(repeating: "a", count: 2_100)
    #expect(Self.russian.translate("“\(name)” is taken.") == "“\(name)” is taken.")
    #expect(Self.russian.translate("“\(name.prefix(1_900))” is taken.").hasPrefix("Имя «aaa"))
  }

  @Test func `of patterns that say as much, always the same one is taken`() {
    let texts = Dictionary(
      uniqueKeysWithValues: "abcdefghij".map { ("Hello {\($0)} there", "\($0)") })
    for _ in 0..<20 {
      let catalogue = MessageCatalogue(language: .russian, texts: texts)
      #expect(catalogue.translate("Hello you there") == "a")
    }
  }

  @Test func `a page shows sentences in its reader's language, escaped`() {
    func page() -> String {
      var writer = TemplateWriter(reserving: 100)
      writer.sentence("It failed: <b>")
      writer.plural(21, "под", "пода", "подов")
      return String(decoding: writer.html().bytes, as: UTF8.self)
    }
    let russian = MessageCatalogue.$current.withValue(Self.russian) { page() }
    #expect(russian == "Не вышло: &lt;b&gt;под")
    #expect(page() == "It failed: &lt;b&gt;под")
  }

  @Test(arguments: [
    (0, "many"), (1, "one"), (2, "few"), (4, "few"), (5, "many"), (11, "many"), (14, "many"),
    (21, "one"), (22, "few"), (111, "many"), (121, "one"), (1_002, "few"),
  ])
  func `the form of a word fits its number`(number: Int, form: String) {
    let forms = MessagePattern.PluralForms(one: "one", few: "few", many: "many")
    #expect(forms.form(of: "\(number)") == form)
  }

  @Test(arguments: [
    ("", "en"), ("ru", "ru"), ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
    ("en-US,en;q=0.9,ru;q=0.8", "en"), ("de,ru;q=0.5", "ru"), ("de", "en"), ("*", "en"),
    ("ru;q=0, en", "en"), ("RU", "ru"), ("rue", "en"), (";;;,,q=,ru;q=x", "en"),
  ])
  func `the browser's wish decides`(header: String, code: String) {
    #expect(Language.preferred(by: header).rawValue == code)
  }

  // MARK: Given

  private func page(_ body: String) -> SourceText {
    SourceText(
      name: "pages/page", path: "page", bytes: Array(("{{@view V}}\n" + body).utf8), format: .html)
  }

  private func texts(_ body: String) -> [String] {
    let set = TemplateSet([page(body)])
    #expect(set.diagnostics.map(\.message) == [])
    return set.untranslated.map { String($0.dropFirst("pages/page: ".count)) }
  }

  private func mistakes(_ body: String, _ texts: [String: String]) -> [String] {
    let set = TemplateSet(
      [page(body)], translations: Translations(language: "russian", files: [("common", texts)]))
    return set.diagnostics.map(\.message)
  }
}
