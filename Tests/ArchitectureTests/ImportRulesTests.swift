import Testing

/// Who may know whom (docs/design.md §2).
struct ImportRules {
  /// Which of our own modules each of them may import.
  static let mayImport: [String: Set<String>] = [
    "Kubernetes": [],
    "Sandbox": ["Kubernetes"],
    "Templates": [],
    "TemplateCompiler": ["Templates"],
    "CLibPQ": [],
    "CArgon2": [],
    "Domain": ["Kubernetes", "Templates", "CLibPQ", "CArgon2"],
    "CommandLine": [],
    "Web": ["CommandLine", "Domain", "Kubernetes", "Sandbox", "Templates"],
  ]

  /// Modules that only certain files may import: module, beginnings of paths, reason.
  static let onlyIn: [(module: String, paths: [String], reason: String)] = [
    (
      "GRDB", ["Sources/Domain/Storage/SQLite", "Sources/Domain/Storage/Backup/SQLite"],
      "SQLite is the SQLite driver's affair"
    ),
    ("CLibPQ", ["Sources/Domain/Storage/"], "libpq is the PostgreSQL driver's affair"),
    ("CArgon2", ["Sources/Domain/Accounts/"], "passwords are hashed in one place"),
    (
      "Kubernetes",
      // Its JSON parser serves the API as well.
      ["Sources/Domain/", "Sources/Sandbox/", "Sources/Web/Main/", "Sources/Web/API/JSON.swift"],
      "a page asks a Domain service"
    ),
    ("Sandbox", ["Sources/Web/Main/"], "only the command line starts the sandbox"),
    ("CommandLine", ["Sources/Web/Main/"], "only the program itself lists its commands"),
    (
      "Subprocess", ["Sources/Kubernetes/", "Sources/Domain/Storage/Backup/Postgres"],
      "only kubeconfig plugins and PostgreSQL's own tools are programs that we start"
    ),
  ]

  /// What Domain never speaks, by the beginning of a module's name.
  static let foreignToDomain = ["Hummingbird", "HTTPTypes", "NIOHTTP", "ArgumentParser"]

  /// What is against the rules, as "path:line: message".
  static func findings(_ files: [SourceFile]) -> [String] {
    files.flatMap { file in
      file.imports.flatMap { line, module in
        reasons(against: module, in: file).map { "\(file.path):\(line): \(module): \($0)" }
      }
    }
  }

  private static func reasons(against module: String, in file: SourceFile) -> [String] {
    var reasons: [String] = []
    if mayImport.keys.contains(module), mayImport[file.module]?.contains(module) != true {
      reasons.append("\(file.module) may not know \(module)")
    }
    for rule in onlyIn where rule.module == module {
      if !rule.paths.contains(where: file.path.hasPrefix) { reasons.append(rule.reason) }
    }
    // The types of an HTTP client's headers are there too.
    let isClient = module == "NIOHTTP1" && file.path.hasSuffix("Transport.swift")
    if file.module == "Domain", !isClient, foreignToDomain.contains(where: module.hasPrefix) {
      reasons.append("Domain knows no HTTP server and no command line")
    }
    if file.module == "Kubernetes", module.hasPrefix("Hummingbird") {
      reasons.append("the Kubernetes client is no server")
    }
    return reasons
  }
}

struct ImportRulesTests {
  @Test func `every module imports only what it may know`() {
    let findings = ImportRules.findings(SourceTree.sources)

    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))")
  }

  @Test func `every module below Sources has a rule`() {
    let modules = Set(SourceTree.sources.map(\.module))

    #expect(modules.count > 5)
    #expect(modules.subtracting(ImportRules.mayImport.keys).isEmpty)
  }

  @Test(arguments: [
    ("Sources/Kubernetes/KubernetesClient.swift", "import Domain"),
    ("Sources/Kubernetes/KubernetesClient.swift", "public import Hummingbird"),
    ("Sources/Sandbox/SandboxServer.swift", "@testable import Web"),
    ("Sources/Domain/Accounts/Accounts.swift", "import HTTPTypes"),
    ("Sources/Domain/Accounts/AccountStore.swift", "internal import GRDB"),
    ("Sources/Domain/Projects/Projects.swift", "import struct CLibPQ.PGconn"),
    ("Sources/Web/Projects/ProjectPages.swift", "package import Kubernetes"),
    ("Sources/Web/HTTP/Site.swift", "  import Sandbox"),
    ("Sources/CommandLine/ClientCommands.swift", "import Domain"),
    ("Sources/Web/Projects/ProjectPages.swift", "import CommandLine"),
  ])
  func `a forbidden import is found`(path: String, line: String) {
    let file = SourceFile(path: path, text: "// what it is for\n\(line)\n")

    let findings = ImportRules.findings([file])

    #expect(findings.count == 1)
    #expect(findings.allSatisfy { $0.hasPrefix("\(path):2: ") })
  }

  @Test(arguments: [
    ("Sources/Domain/Storage/SQLiteDatabase.swift", "import GRDB"),
    ("Sources/Web/Main/ServeCommand.swift", "import Sandbox"),
    ("Sources/Web/Projects/ProjectPages.swift", "import Domain"),
    ("Sources/Web/Projects/ProjectPages.swift", "// import Kubernetes"),
  ])
  func `an allowed import is not found`(path: String, line: String) {
    #expect(ImportRules.findings([SourceFile(path: path, text: line)]).isEmpty)
  }
}
