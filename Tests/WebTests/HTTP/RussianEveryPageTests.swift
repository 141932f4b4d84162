import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

/// No page says half of it in English to who reads Russian.
@Suite(.timeLimit(.minutes(10))) struct RussianEveryPageTests {
  /// What isn't translated: names of products and protocols, of what Kubernetes
  /// knows, and of what the test made.
  private static let names: Set<String> = Set(
    """
    BabyHelm Kubernetes Prometheus Grafana Alertmanager Docker Hub GitHub GitLab Tailscale Helm
    PostgreSQL SQLite OpenID Connect HTTP HTTPS TCP UDP TLS API JSON YAML CSV CPU RAM URL DNS IP UTC
    SSD UID PEM DSN MiB GiB KiB Mi Gi Ki GB USD EUR Pod Security baseline restricted privileged
    English nginx web shop gone old admin spare viewer editor owner visitor stranger example net
    com localhost svc cluster local node default Deployment Service Ingress ConfigMap Secret
    Standard Webhooks Argon Chromium Firefox Linux Compose docker run compose kubectl babyhelm
    namespace Namespace ResourceQuota LimitRange NetworkPolicy RoleBinding ServiceAccount
    PersistentVolumeClaim PodDisruptionBudget HorizontalPodAutoscaler ReplicaSet latest
    CrashLoop PASSWORD lines Deleted ready read deploy
    storefront kubeconfig tailnet GET root env https days member message release role scope
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  @Test func `every page is Russian to who reads Russian`() async throws {
    try await withEveryRole { everybody in
      var findings: [String: Set<String>] = [:]
      for name in ["admin", "viewer", "anonymous"] {
        let browser = try everybody.actor(name).browser
        browser.headers[.acceptLanguage] = "ru"
        defer { browser.headers[.acceptLanguage] = nil }
        for path in EveryPageTests.pages(everybody.spare)
        where !Self.isForeign(path) {
          let page = try await browser.get(path)
          guard page.headers[.contentType]?.hasPrefix("text/html") == true else { continue }
          #expect(page.text.contains("<html lang=\"ru\""), "\(path)")
          for text in Self.texts(in: page.text) where Self.isEnglish(text) {
            findings[text, default: []].insert(path)
          }
        }
      }
      let list = findings.sorted { $0.key < $1.key }.map { text, paths in
        "“\(text)” on \(paths.sorted().prefix(2).joined(separator: ", "))"
      }
      #expect(list.isEmpty, "\(list.count) texts:\n\(list.joined(separator: "\n"))")
    }
  }

  /// Pages that quote programs and the cluster, the reference of the API, and the
  /// one for developers.
  private static func isForeign(_ path: String) -> Bool {
    ["/live", "/logs", "/events", "/docs", "/styleguide"].contains { path.hasSuffix($0) }
  }

  /// What a reader reads or hears: text between tags, and the attributes that
  /// hold words; not what is code.
  private static func texts(in html: String) -> [String] {
    let code = #/(?s)<(script|style|code|pre|kbd|samp|textarea|option|time)[ >].*?<\/\1>/#
    let page = html.replacing(code, with: "\n")
    let attributes = page.matches(of: #/ (?:title|aria-label|placeholder|alt)="([^"]*)"/#)
      .map { String($0.output.1) }
    let words = page.replacing(#/<[^>]*>/#, with: "\n").split(separator: "\n").map(String.init)
    return (attributes + words)
      .map { Browser.plain(Substring($0)).trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  /// Whether a word in it is neither Russian nor a name. What has a digit, a
  /// slash or the like within it is no word.
  private static func isEnglish(_ text: String) -> Bool {
    text.split(whereSeparator: \.isWhitespace).contains { piece in
      let word = piece.trimmingCharacters(in: .punctuationCharacters)
      return word.count > 2 && word.allSatisfy { $0.isASCII && $0.isLetter }
        && !names.contains(word) && !piece.contains("/")
    }
  }
}
