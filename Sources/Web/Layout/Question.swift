import Domain
import Hummingbird
import Templates

/// What is asked before something is done that can't simply be taken back, on a
/// page of its own: it needs no script, and names what it is about.
struct Question: Sendable {
  /// "Revoke the token “CI”?"
  let title: String
  /// What happens then.
  let consequence: String
  /// The button that does it.
  let button: String
  /// The page to go back to.
  let cancel: Link
  var section = PageChrome.Section.none

  /// The field that says that the question was answered.
  static let field = "confirmed"
}

/// The page of a ``Question``: the form as it was sent, once more.
struct QuestionPage: Sendable {
  let chrome: PageChrome
  let question: Question
  let action: Link
  let fields: [HiddenField]

  init(_ question: Question, _ request: Request, _ context: SignedInContext) {
    var chrome = context.chrome("Are you sure?", section: question.section)
    chrome.canBeAskedAgain = false
    self.chrome = chrome
    self.question = question
    action = Link(path: request.uri.path)
    fields =
      context.form.fields.filter { ![FormToken.field, Question.field].contains($0.name) }
      .map { HiddenField(name: $0.name, value: $0.value) }
      + [HiddenField(name: Question.field, value: "yes")]
  }
}

extension SignedInContext {
  /// Whether the person answered the ``Question`` that this form leads to.
  var isConfirmed: Bool { form.string(Question.field) == "yes" }

  /// The question's page.
  func ask(_ question: Question, _ request: Request) -> Page {
    Page(Template.Layouts.question(QuestionPage(question, request, self)))
  }
}
