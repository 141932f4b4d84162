import Domain
import HTTPTypes

/// Who may use a route: a row of ``RouteTable``.
struct RouteRule: Sendable, Equatable {
  /// What somebody needs to use a route.
  enum Need: Sendable, Equatable {
    /// Nothing.
    case anyone
    /// Nothing; who is signed in is led on to where they were going.
    case signedOut
    /// An account.
    case signedIn
    /// A browser's session: an API token doesn't do.
    case session
    /// A bearer token that is no person's; the route itself knows it.
    case ownToken
    /// What ``AccessTable`` says about a permission.
    case permission(Permission)
    /// The same, and the thing doesn't exist for who lacks it, whoever they are.
    case secretly(Permission)
  }

  /// What becomes of a request, as far as the right to make it goes.
  enum Verdict: Sendable, Equatable {
    case allowed
    /// To the login page.
    case login
    /// 403 with the reason, a whole sentence.
    case denied(because: String)
    /// 404, as for what doesn't exist.
    case hidden
    /// 401, whoever asks: no person's right counts.
    case challenged
  }

  let method: HTTPRequest.Method
  /// As in `projects/:project/apps/new`.
  let path: String
  let need: Need

  static func get(_ path: String, _ need: Need) -> RouteRule {
    RouteRule(method: .get, path: path, need: need)
  }

  static func post(_ path: String, _ need: Need) -> RouteRule {
    RouteRule(method: .post, path: path, need: need)
  }

  /// Whether somebody may make this request.
  ///
  /// - Parameters:
  ///   - principal: nil for who isn't signed in.
  ///   - projectRole: their role in the project that the path names.
  func verdict(for principal: Principal?, projectRole: ProjectRole? = nil) -> Verdict {
    if [.anyone, .signedOut].contains(need) { return .allowed }
    if need == .ownToken { return .challenged }
    guard let principal else { return .login }
    switch need {
    case .anyone, .signedOut, .signedIn, .ownToken: return .allowed
    case .session:
      if case .token = principal.credential {
        return .denied(because: "An API token can't change the account that it belongs to.")
      }
      return .allowed
    case .permission(let permission):
      switch AccessTable.decide(permission, of: principal, projectRole: projectRole) {
      case .allowed: return .allowed
      case .denied(let because): return .denied(because: because)
      case .hidden: return .hidden
      }
    case .secretly(let permission):
      let decision = AccessTable.decide(permission, of: principal, projectRole: projectRole)
      return decision.isAllowed ? .allowed : .hidden
    }
  }

  /// What tells one row from every other: the method and the path.
  var key: String { Self.key(method, path) }

  /// The same of a route of the router, which writes `{project}` or `:project`
  /// with or without a slash in front.
  static func key(_ method: HTTPRequest.Method, _ path: String) -> String {
    let parts = path.split(separator: "/").map { part in
      part.hasPrefix("{") && part.hasSuffix("}") ? ":\(part.dropFirst().dropLast())" : "\(part)"
    }
    // A HEAD is a GET without its body.
    return "\(method == .head ? "GET" : method.rawValue) /\(parts.joined(separator: "/"))"
  }
}
