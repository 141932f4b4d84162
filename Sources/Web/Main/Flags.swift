import ArgumentParser
import Foundation

/// The settings that every command that opens the database takes.
struct DatabaseFlags: ParsableArguments {
  @Option(
    name: .customLong("database-url"),
    help: "sqlite:PATH or postgres://USER@HOST/NAME (BABYHELM_DATABASE_URL).")
  var databaseURL: String?

  @Option(help: "A JSON file of settings, under the names of these flags.")
  var config: String?

  @Option(name: .customLong("log-level"), help: "trace, debug, info, notice, warning or error.")
  var logLevel: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.databaseURL] = databaseURL
    values[.logLevel] = logLevel
    return values
  }

  func configuration() throws -> AppConfiguration {
    try configuration(adding: [:])
  }

  func configuration(adding more: [AppConfiguration.Key: String]) throws -> AppConfiguration {
    try AppConfiguration(
      flags: values.merging(more) { _, new in new },
      environment: ProcessInfo.processInfo.environment, file: config)
  }
}

/// The settings of the server.
struct ServerFlags: ParsableArguments {
  @Option(help: "The address to listen on (default: 127.0.0.1).")
  var host: String?

  @Option(help: "The port to listen on; 0 lets the system choose (default: 8080).")
  var port: String?

  @Option(help: "The kubeconfig file of the cluster.")
  var kubeconfig: String?

  @Option(help: "The kubeconfig's context to use, instead of its current one.")
  var context: String?

  @Flag(help: "Run a simulated cluster in this process. Nothing real runs.")
  var sandbox = false

  @Option(
    name: .customLong("sandbox-fault"),
    help: "What goes wrong with the simulated cluster, as in latency=200ms,drop=1%.")
  var sandboxFault: String?

  @Option(
    name: .customLong("public-url"),
    help: "The address people use, like https://babyhelm.example.net.")
  var publicURL: String?

  @Option(
    name: .customLong("trusted-proxy"),
    help: "Addresses of proxies whose X-Forwarded headers are believed, with commas between.")
  var trustedProxy: String?

  @Option(name: .customLong("log-format"), help: "text or json.")
  var logFormat: String?

  @OptionGroup(title: "Manifests")
  var manifests: ManifestFlags

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.host] = host
    values[.port] = port
    values[.kubeconfig] = kubeconfig
    values[.context] = context
    if sandbox { values[.sandbox] = "true" }
    values[.sandboxFault] = sandboxFault
    values[.publicURL] = publicURL
    values[.trustedProxy] = trustedProxy
    values[.logFormat] = logFormat
    return values.merging(manifests.values) { _, new in new }
  }
}

/// What an operator decides about the manifests of all projects.
struct ManifestFlags: ParsableArguments {
  @Option(
    name: .customLong("admitted-namespaces"),
    help: "Namespaces whose pods reach every project, with commas between.")
  var admittedNamespaces: String?

  @Option(
    name: .customLong("ingress-class"), help: "The IngressClass, instead of the default one.")
  var ingressClass: String?

  @Option(
    name: .customLong("storage-class"), help: "The StorageClass, instead of the default one.")
  var storageClass: String?

  @Option(
    name: .customLong("extra-labels"), help: "Labels of every object, like team=shop,zone=a.")
  var extraLabels: String?

  @Option(name: .customLong("extra-annotations"), help: "Annotations of every object.")
  var extraAnnotations: String?

  @Option(name: .customLong("node-selector"), help: "Labels of the nodes that run pods.")
  var nodeSelector: String?

  @Option(help: "Taints that pods tolerate, like dedicated=apps:NoSchedule,spot.")
  var tolerations: String?

  var values: [AppConfiguration.Key: String] {
    var values: [AppConfiguration.Key: String] = [:]
    values[.admittedNamespaces] = admittedNamespaces
    values[.ingressClass] = ingressClass
    values[.storageClass] = storageClass
    values[.extraLabels] = extraLabels
    values[.extraAnnotations] = extraAnnotations
    values[.nodeSelector] = nodeSelector
    values[.tolerations] = tolerations
    return values
  }
}
