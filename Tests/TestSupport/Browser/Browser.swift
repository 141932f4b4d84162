import Foundation
public import HTTPTypes
public import Hummingbird
public import HummingbirdTesting
import Testing

/// A browser as far as a server sees it: it keeps cookies, tells where a form
/// comes from, and sends the form token of the page it is on.
public final class Browser {
  public let client: any TestClientProtocol
  public private(set) var cookies: [String: String] = [:]
  /// The header by which browsers tell where a request comes from.
  public static let fetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin

  /// The form token of the last page.
  public private(set) var token = ""
  /// What every request carries besides cookies.
  public var headers: HTTPFields = [.accept: "text/html"]

  public init(_ client: any TestClientProtocol) {
    self.client = client
  }

  @discardableResult
  public func get(_ path: String) async throws -> TestResponse {
    try await send(path, .get)
  }

  /// Sends a form. A field called `_token` in `fields` takes the place of the
  /// page's own.
  @discardableResult
  public func post(
    _ path: String, _ fields: KeyValuePairs<String, String>, headers extra: HTTPFields? = nil
  ) async throws -> TestResponse {
    try await post(path, fields: fields.map { ($0.key, $0.value) }, headers: extra)
  }

  /// The same with fields that may repeat.
  @discardableResult
  public func post(
    _ path: String, fields: [(String, String)], headers extra: HTTPFields? = nil
  ) async throws -> TestResponse {
    var pairs = fields
    if !pairs.contains(where: { $0.0 == "_token" }) { pairs.append(("_token", token)) }
    let body = pairs.map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }.joined(separator: "&")
    var headers: HTTPFields = [
      .contentType: "application/x-www-form-urlencoded", Self.fetchSite: "same-origin",
    ]
    if let extra { headers = extra }
    return try await send(path, .post, headers, ByteBuffer(string: body))
  }

  @discardableResult
  public func send(
    _ path: String, _ method: HTTPRequest.Method, _ extra: HTTPFields = [:],
    _ body: ByteBuffer? = nil
  ) async throws -> TestResponse {
    var headers = headers
    headers.append(contentsOf: extra)
    if !cookies.isEmpty {
      headers[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
    }
    let response = try await client.executeRequest(
      uri: path, method: method, headers: headers, body: body)
    keep(response)
    return response
  }

  public func forget(_ cookie: String) {
    cookies[cookie] = nil
  }

  /// Registers and is signed in.
  public func register(name: String, email: String, password: String = "correct horse") async throws
  {
    try await get("/register")
    let response = try await post(
      "/register", ["name": name, "email": email, "password": password])
    try #require(response.status == .seeOther)
    // A page of its own to take the session's form token from.
    try await get("/nowhere-for-a-token")
  }

  private func keep(_ response: TestResponse) {
    for cookie in response.headers[values: .setCookie] {
      let pair = cookie.split(separator: ";")[0].split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let isRemoved = cookie.contains("Max-Age=0")
      cookies[String(pair[0])] = isRemoved ? nil : String(pair[1])
    }
    let marker = #"name="_token" value=""#
    if let start = response.text.range(of: marker)?.upperBound {
      token = String(response.text[start...].prefix { $0 != "\"" })
    }
  }

  private static func encode(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}

extension Browser {
  /// Presses the plan page's button: sends its hidden fields to its action.
  @discardableResult
  public func confirm(_ plan: TestResponse) async throws -> TestResponse {
    let action = try #require(
      plan.text.firstMatch(of: #/action="(/projects/[^"]+/deploys)"/#)?.1)
    let start = try #require(plan.text.range(of: "/deploys\"")).upperBound
    let form = plan.text[start...]
    let pairs = form.matches(of: #/<input type="hidden" name="([^"]+)" value="([^"]*)">/#).map {
      (Self.plain($0.1), Self.plain($0.2))
    }
    return try await post(String(action), fields: pairs)
  }

  public static func plain(_ html: Substring) -> String {
    String(html).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(
      "&quot;", with: "\""
    )
    .replacing("&#39;", with: "'").replacing("&#34;", with: "\"").replacing("&amp;", with: "&")
  }
}

extension TestResponse {
  public var text: String { String(buffer: body) }

  /// The `Set-Cookie` line of a cookie.
  public func cookie(_ name: String) -> String? {
    headers[values: .setCookie].first { $0.hasPrefix("\(name)=") }
  }
}
