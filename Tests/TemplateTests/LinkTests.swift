import Templates
import Testing

struct LinkTests {
  @Test(arguments: [
    ("/projects/shop?page=2#top", "/projects/shop?page=2#top"),
    ("projects", "/projects"),
    ("", "/"),
    ("//evil.example", "/evil.example"),
    ("/\\evil.example", "/%5Cevil.example"),
    ("/\t/evil.example", "/%09/evil.example"),
    ("javascript:alert(1)", "/javascript:alert(1)"),
    ("/a b\"<>'é\n", "/a%20b%22%3C%3E%27%C3%A9%0A"),
    ("/a%2Fb%zz%", "/a%2Fb%25zz%25"),
  ])
  func `a path stays on this site whatever it is made from`(path: String, expected: String) {
    #expect(Link(path: path).text == expected)
  }

  @Test func `segments and query values are data`() {
    let link = Link(segments: ["projects", "a/b?c"], query: ["q": "x&y=z", "page": "2"])

    #expect(link.text == "/projects/a%2Fb%3Fc?q=x%26y%3Dz&page=2")
    #expect(Link(segments: []).text == "/")
    #expect(Link(segments: ["", "evil.example"]).text == "/evil.example")
    #expect(Link(fragment: "e mail").text == "#e%20mail")
  }

  @Test(arguments: [
    "https://grafana.example/d/x?y=1", "HTTP://localhost:3000", "/projects", "/", "/a//b",
    "https://[::1]:8443/",
  ])
  func `web addresses and absolute paths are links`(url: String) {
    #expect(Link(url: url)?.text == url)
  }

  @Test(arguments: [
    "", "javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
    "//evil.example", "/\\evil.example", "\\\\evil.example", "/\u{9}/evil.example", "projects",
    "http://", "https:///x", "http:/x", "https://:80/", "https://babyhelm@evil.example/",
    "https://exa mple", "vbscript:x", "/\u{E9}", "/\u{0}",
  ])
  func `nothing else is a link`(url: String) {
    #expect(Link(url: url) == nil)
  }
}
