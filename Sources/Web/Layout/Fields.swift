import Domain
import Templates

/// What is wrong with a form, for its summary and its fields.
struct FormErrors: Sendable {
  /// One line of the summary, leading to its field.
  struct Item: Sendable {
    let message: String
    /// The field on the same page; nil for a mistake of the whole form.
    let link: Link?
  }

  /// One sentence over the list.
  let title: String
  /// What to do about it; "" when the items say it.
  let advice: String
  let items: [Item]
  private let fields: [FieldError]

  /// - Parameter known: the names of the form's fields: a mistake in another
  ///   one is shown in the summary without a link.
  init(_ error: DomainError, fields known: [String]? = nil) {
    title = error.message
    advice = error.advice
    fields = error.fields
    // A title that is the one mistake already needs no list.
    items = error.fields.filter { $0.message != error.message }.map { mistake in
      let isShown = known?.contains(mistake.field) ?? true
      return Item(
        message: mistake.message,
        link: isShown ? Link(fragment: Field.id(of: mistake.field)) : nil)
    }
  }

  var hasAdvice: Bool { !advice.isEmpty }
  var hasItems: Bool { !items.isEmpty }

  /// What is wrong with a field; nil when it is fine.
  subscript(name: String) -> String? {
    fields.first { $0.field == name }?.message
  }
}

/// A field that is sent along unseen.
struct HiddenField: Sendable {
  let name: String
  let value: String
}

/// A one-line input with its label, hint and error.
struct Field: Sendable {
  let name: String
  let label: String
  let value: String
  let type: String
  let hint: String?
  let error: String?
  let isRequired: Bool
  let autocomplete: String?
  let inputMode: String?
  let placeholder: String?
  let maximumLength: Int?
  /// Of the element; another one where two forms of a page have the same field.
  let id: String

  /// - Parameters:
  ///   - type: the input's type; "password" never shows `value`.
  ///   - autocomplete: the token of HTML §4.10.18.7, "username" for example.
  ///   - inputMode: which keyboard a phone shows, "numeric" for example.
  init(
    _ name: String, label: String, value: String = "", type: String = "text",
    hint: String? = nil, error: String? = nil, isRequired: Bool = true,
    autocomplete: String? = nil, inputMode: String? = nil, placeholder: String? = nil,
    maximumLength: Int? = nil, id: String? = nil
  ) {
    self.id = id ?? Self.id(of: name)
    self.name = name
    self.label = label
    self.value = type == "password" ? "" : value
    self.type = type
    self.hint = hint
    self.error = error
    self.isRequired = isRequired
    self.autocomplete = autocomplete
    self.inputMode = inputMode
    self.placeholder = placeholder
    self.maximumLength = maximumLength
  }

  var isOptional: Bool { !isRequired }
  var isBad: Bool { error != nil }
  /// Whether a phone should leave the text as it is typed: all but names of
  /// people and things written as prose.
  var isVerbatim: Bool { type == "email" || autocomplete == "off" }
  /// The ids of hint and error, for `aria-describedby`.
  var describedBy: String? { Self.description(id: id, hint: hint, error: error) }

  static func id(of name: String) -> String { "field-\(name)" }

  static func description(id: String, hint: String?, error: String?) -> String? {
    let ids = [hint.map { _ in "\(id)-hint" }, error.map { _ in "\(id)-error" }]
      .compactMap { $0 }
    return ids.isEmpty ? nil : ids.joined(separator: " ")
  }
}

/// An input of several lines.
struct TextareaField: Sendable {
  let name: String
  let label: String
  let value: String
  let rows: Int
  let hint: String?
  let error: String?
  let isRequired: Bool
  let placeholder: String?

  init(
    _ name: String, label: String, value: String = "", rows: Int = 4, hint: String? = nil,
    error: String? = nil, isRequired: Bool = false, placeholder: String? = nil
  ) {
    self.name = name
    self.label = label
    self.value = value
    self.rows = rows
    self.hint = hint
    self.error = error
    self.isRequired = isRequired
    self.placeholder = placeholder
  }

  var id: String { Field.id(of: name) }
  var isOptional: Bool { !isRequired }
  var isBad: Bool { error != nil }
  var describedBy: String? { Field.description(id: id, hint: hint, error: error) }
}

/// One of several choices.
struct SelectField: Sendable {
  struct Option: Sendable {
    let value: String
    let text: String
    let isSelected: Bool
  }

  let name: String
  let label: String
  let options: [Option]
  let hint: String?
  let error: String?

  /// - Parameters:
  ///   - options: values and what people read, in order.
  ///   - selected: the value that is chosen.
  init(
    _ name: String, label: String, options: KeyValuePairs<String, String>, selected: String,
    hint: String? = nil, error: String? = nil
  ) {
    self.name = name
    self.label = label
    self.options = options.map {
      Option(value: $0.key, text: $0.value, isSelected: $0.key == selected)
    }
    self.hint = hint
    self.error = error
  }

  /// Choices that are only known when the page is made: values and what
  /// people read, in order.
  init(_ name: String, label: String, choices: [(String, String)], selected: String) {
    self.name = name
    self.label = label
    options = choices.map { Option(value: $0.0, text: $0.1, isSelected: $0.0 == selected) }
    hint = nil
    error = nil
  }

  var id: String { Field.id(of: name) }
  var isBad: Bool { error != nil }
  var describedBy: String? { Field.description(id: id, hint: hint, error: error) }
}

/// A yes or no.
struct CheckboxField: Sendable {
  let name: String
  let label: String
  let isOn: Bool
  let hint: String?
  let error: String?

  init(
    _ name: String, label: String, isOn: Bool, hint: String? = nil, error: String? = nil
  ) {
    self.name = name
    self.label = label
    self.isOn = isOn
    self.hint = hint
    self.error = error
  }

  var id: String { Field.id(of: name) }
  var isBad: Bool { error != nil }
  var describedBy: String? { Field.description(id: id, hint: hint, error: error) }
}
