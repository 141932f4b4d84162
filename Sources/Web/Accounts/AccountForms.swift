import Domain

/// What the login page sends.
struct SignInForm: Sendable {
  var email: String
  let password: String
  /// Where to go after it; nil for the project list, or when the address is
  /// not one of ours.
  let next: LocalPath?
  /// What connects the account with somebody whom another party vouched for;
  /// "" for a plain login.
  var link: String

  init(_ form: FormBody) {
    email = form.string("email")
    password = form.raw("password")
    next = LocalPath(form.string("next"))
    link = form.string("link")
  }

  /// An empty form.
  init(next: LocalPath?) {
    email = ""
    password = ""
    self.next = next
    link = ""
  }
}

/// What the registration page sends.
struct RegistrationForm: Sendable {
  var name = ""
  var email = ""
  var password = ""
  var setupCode = ""

  init() {}

  init(_ form: FormBody) {
    name = form.string("name")
    email = form.string("email")
    password = form.raw("password")
    setupCode = form.string("setupCode")
  }

  var registration: Registration {
    Registration(email: email, name: name, password: password, setupCode: setupCode)
  }
}
