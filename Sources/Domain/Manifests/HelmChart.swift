internal import Kubernetes

/// A Helm chart (Helm documentation, Charts, `apiVersion: v2`) that renders to
/// the manifests it was made of.
///
/// Its templates use `.Values`, `.Release.Namespace`, `index`, `quote` and
/// `toJson`, and nothing else.
public struct HelmChart: Sendable, Hashable {
  /// One file, by its path within the chart's folder.
  public struct File: Sendable, Hashable {
    public let path: String
    public let text: String
  }

  /// One application of a chart.
  struct Part {
    let name: String
    let manifests: [Manifest]
  }

  /// The chart's name and its folder's.
  public let name: String
  /// The chart's version (Semantic Versioning 2.0.0).
  public let version: String
  /// `Chart.yaml`, `values.yaml`, `README.md`, then the templates in apply order.
  public let files: [File]

  /// The chart of one application.
  ///
  /// - Parameters:
  ///   - release: becomes the chart's version, `1.0.<release>`.
  ///   - appVersion: the image's tag or digest.
  init(of part: Part, release: Int, appVersion: String) {
    let values = ChartValues(of: part.manifests, at: [])
    self.init(
      name: part.name, description: "The application \(part.name), as BabyHelm deploys it.",
      version: "1.0.\(release)", appVersion: appVersion, values: values.values,
      manifests: part.manifests, templates: Self.templates(part, values))
  }

  /// The chart of a project: its guards, and all of its applications.
  ///
  /// - Parameter release: the sum of all release numbers, which rises with each.
  init(project: String, guards: [Manifest], parts: [Part], release: Int) {
    var values: JSONValue = ["applications": [:]]
    let plain = Part(name: project, manifests: guards)
    var templates = Self.templates(plain, ChartValues(of: guards, at: []))
    for part in parts {
      let own = ChartValues(of: part.manifests, at: ["applications", part.name])
      values = ChartValues.setting(own.root[...], to: own.values, in: values)
      templates += Self.templates(part, own)
    }
    self.init(
      name: project, description: "The project \(project), as BabyHelm deploys it.",
      version: "1.0.\(release)", appVersion: nil, values: values,
      manifests: parts.flatMap(\.manifests), templates: templates)
  }

  init(name: String, version: String, files: [File]) {
    self.name = name
    self.version = version
    self.files = files
  }

  private init(
    name: String, description: String, version: String, appVersion: String?, values: JSONValue,
    manifests: [Manifest], templates: [File]
  ) {
    self.name = name
    self.version = version
    var chart: JSONValue = [
      "apiVersion": "v2", "name": .string(name), "description": .string(description),
      "type": "application", "version": .string(version),
    ]
    if let appVersion { chart["appVersion"] = .string(appVersion) }
    files =
      [
        File(path: "Chart.yaml", text: YAMLText.of(chart)),
        File(path: "values.yaml", text: YAMLText.of(values)),
        File(
          path: "README.md",
          text: ChartReadme(name: name, description: description, manifests: manifests).text),
      ] + templates
  }

  private static func templates(_ part: Part, _ values: ChartValues) -> [File] {
    part.manifests.map { manifest in
      File(
        path: "templates/\(manifest.name)-\(manifest.kind.lowercased()).yaml",
        text: YAMLText.of(manifest.object, scalar: literal) {
          values.reference($0, of: manifest)
        })
    }
  }

  /// A scalar that Helm leaves as it is: braces that would begin an action are
  /// written by one.
  private static func literal(_ value: JSONValue) -> String {
    YAMLText.scalar(value).replacing("{{", with: #"{{ "{{" }}"#)
  }
}
