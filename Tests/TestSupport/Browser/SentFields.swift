import Foundation
public import HummingbirdTesting

extension TestResponse {
  /// What a browser would send of the page's largest form, without the token:
  /// its inputs, texts and choices as they are in the page.
  public func fields() -> [(String, String)] {
    let forms = text.components(separatedBy: "<form").dropFirst().map {
      String($0.components(separatedBy: "</form>")[0])
    }
    return forms.map(Self.fields).max { $0.count < $1.count } ?? []
  }

  private static func fields(of form: String) -> [(String, String)] {
    // Templates of rows aren't sent.
    let sent = form.replacing(#/(?s)<template>.*?<\/template>/#, with: "")
    let pattern =
      #/(?s)<input([^>]*)>|<textarea([^>]*)>\n?(.*?)<\/textarea>|<select([^>]*)>(.*?)<\/select>/#
    return sent.matches(of: pattern).compactMap { match in
      if let input = match.1 { return self.input(String(input)) }
      if let area = match.2, let content = match.3 {
        return attribute("name", String(area)).map { ($0, Browser.plain(content)) }
      }
      guard let select = match.4, let options = match.5,
        let name = attribute("name", String(select))
      else { return nil }
      let all = String(options).matches(of: #/<option([^>]*)>([^<]*)/#)
      guard let chosen = all.first(where: { $0.1.contains("selected") }) ?? all.first else {
        return nil
      }
      return (name, attribute("value", String(chosen.1)) ?? Browser.plain(chosen.2))
    }
  }

  private static func input(_ attributes: String) -> (String, String)? {
    guard let name = attribute("name", attributes), name != "_token" else { return nil }
    let isBox = attribute("type", attributes) == "checkbox"
    if isBox, !attributes.contains(" checked") { return nil }
    return (name, attribute("value", attributes) ?? (isBox ? "on" : ""))
  }

  private static func attribute(_ name: String, _ attributes: String) -> String? {
    guard let start = attributes.range(of: " \(name)=\"")?.upperBound else { return nil }
    return Browser.plain(attributes[start...].prefix { $0 != "\"" })
  }
}
