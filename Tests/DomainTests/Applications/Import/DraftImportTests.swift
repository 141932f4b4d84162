import TestSupport
import Testing

@testable import Domain

/// What people have already, as a filled-in draft.
@Suite struct DraftImportTests {
  private static func secrets(_ filled: DraftImport) -> [String: String] {
    Dictionary(uniqueKeysWithValues: filled.draft.secretValues.map { ($0.target, $0.value) })
  }

  private static func variables(_ filled: DraftImport) -> [String: String] {
    Dictionary(uniqueKeysWithValues: filled.draft.environment.map { ($0.name, $0.value) })
  }

  @Test func `a simple run line gives a draft that is valid`() throws {
    let filled = try DraftImport("$ sudo docker run -d --rm -p 8080:80 --name web nginx:1.27")
    let spec = try filled.draft.validated()

    #expect(filled.kind == .run)
    #expect(spec.name == "web")
    #expect(spec.image.text == "nginx:1.27")
    #expect(spec.ports == [.init(number: 80)])
    #expect(filled.left.isEmpty)
  }

  @Test func `a database with a password and a volume keeps the password apart`() throws {
    let line = """
      docker run --name some-postgres \\\r
        -e POSTGRES_PASSWORD='my $ecret "word"' -e POSTGRES_DB=shop -e PGDATA \\\r
        -v pgdata:/var/lib/postgresql/data/ -v "$PWD/init":/docker-entrypoint-initdb.d:ro \\\r
        --memory=1g --cpus .5 --user 999:999 --restart unless-stopped --network back \\\r
        --health-cmd 'pg_isready -U "$USER"' --health-start-period 1m30s --health-interval 5s \\\r
        -p 127.0.0.1:5432:5432/tcp -p 53:53/udp postgres:16 -c 'max_connections=200'\r
      """
    let filled = try DraftImport(line)
    let spec = try filled.draft.validated()

    #expect(Self.secrets(filled) == ["POSTGRES_PASSWORD": "my $ecret \"word\""])
    #expect(Self.variables(filled) == ["POSTGRES_DB": "shop", "PGDATA": ""])
    #expect(spec.volumes.map(\.path) == ["/var/lib/postgresql/data"])
    #expect(spec.resources.memoryLimit == "1Gi")
    #expect(spec.resources.cpuLimit == "500m")
    #expect(spec.userID == 999)
    #expect(spec.ports == [.init(number: 5432), .init(number: 53, transport: .udp)])
    #expect(spec.arguments == ["-c", "max_connections=200"])
    #expect(spec.healthCheck.probe == .command(["sh", "-c", "pg_isready -U \"$USER\""]))
    #expect(spec.healthCheck.startSeconds == 90)
    let left = filled.left.joined(separator: "\n")
    for word in [
      "-v: a directory", "--restart", "--network", "--health-interval", "group", "$PWD", "PGDATA",
    ] {
      #expect(left.contains(word), "\(word) in \(left)")
    }
    #expect(!(filled.taken + filled.left).joined().contains("ecret \"word"))
  }

  @Test(arguments: [
    ("docker run -itp8080:80 -eA=b nginx", "nginx", "A=b", "80", ""),
    (
      "podman container run --env=A='x y' --expose 9000 a/b:1 -- --flag", "a/b:1", "A=x y", "9000",
      "--\n--flag"
    ),
    (
      "nerdctl run -e 'A=it'\\''s' r:5/x@sha256:00 sh -c \"echo \\\"hi\\\"\"", "r:5/x@sha256:00",
      "A=it's", "", "sh\n-c\necho \"hi\""
    ),
    ("# first\ndocker run -e A=\"\" x # no more\necho next", "x", "A=", "", ""),
    ("docker run -e A=$(id -u a) x", "x", "A=$(id -u a)", "", ""),
    ("docker run -e A=b -- x y", "x", "A=b", "", "y"),
    ("docker run -e A=b x > /dev/null", "x", "A=b", "", ""),
  ])
  func `words are those of a shell`(
    line: String, image: String, variable: String, port: String, arguments: String
  ) throws {
    let draft = try DraftImport(line).draft

    #expect(draft.image == image)
    #expect(
      draft.environment.map { "\($0.name)=\($0.value)" } == (variable.isEmpty ? [] : [variable]))
    #expect(draft.port == port)
    #expect(draft.arguments == arguments)
  }

  @Test(arguments: [
    ("docker run -e A='b nginx", "never closed"), ("docker run --who knows nginx", "--who"),
    ("docker run -d", "no image"), ("docker build .", "runs a container"),
    ("docker run -e", "needs a value"), ("docker run $(id", "has no end"), ("  \n", "Paste"),
    ("just words", "no variable"), ("# only\n", "only comments"),
    ("services:\n  a: [", "can't be read"), ("services: {}", "no service"),
    (String(repeating: "A=b\n", count: 70_000), "256 KiB"),
  ])
  func `a text that can't be read says why at the text`(text: String, sentence: String) {
    let error = #expect(throws: DomainError.self) { try DraftImport(text) }

    #expect(error?.fields.first?.field == DraftImport.textField)
    #expect(error?.fields.first?.message.contains(sentence) == true, "\(String(describing: error))")
  }

  static let compose = """
    x-common: &common
      LOG_LEVEL: ${LEVEL:-info}
    services:
      web:
        image: "ghcr.io/acme/shop:${TAG:-2.1}"
        build: .
        command: bundle exec "rails server"
        environment:
          <<: *common
          WORKERS: 4
          DATABASE_URL: postgres://u:hunter2@db/shop
          PRICE: $$5
        env_file: .env
        ports:
          - "8080:3000"
          - target: 9100
            protocol: udp
        volumes:
          - uploads:/app/uploads
          - ./config:/app/config
          - {type: volume, source: cache, target: /cache}
        healthcheck: {test: [CMD, curl, -f, "http://localhost:3000/up"], start_period: 20s}
        deploy:
          replicas: 1
          resources:
            limits: {cpus: "0.75", memory: 512M}
            reservations: {memory: 64m}
        depends_on: [db]
      db: {image: "postgres:16"}
    volumes: {uploads: {}, cache: {}}
    """

  @Test func `one service of a Compose file becomes a specification`() throws {
    let filled = try DraftImport(Self.compose, service: "web")
    let spec = try filled.draft.validated()

    #expect(filled.kind == .compose)
    #expect(spec.name == "web")
    #expect(spec.image.text == "ghcr.io/acme/shop:2.1")
    #expect(spec.arguments == ["bundle", "exec", "rails server"])
    #expect(Self.variables(filled) == ["LOG_LEVEL": "info", "WORKERS": "4", "PRICE": "$5"])
    #expect(Self.secrets(filled) == ["DATABASE_URL": "postgres://u:hunter2@db/shop"])
    #expect(spec.ports == [.init(number: 3000), .init(number: 9100, transport: .udp)])
    #expect(spec.volumes.map(\.path) == ["/app/uploads", "/cache"])
    #expect(
      spec.healthCheck.probe == .command(["curl", "-f", "http://localhost:3000/up"]))
    #expect(spec.healthCheck.startSeconds == 20)
    #expect(spec.resources.cpuLimit == "750m")
    #expect(spec.resources.memoryLimit == "512Mi")
    #expect(spec.resources.memoryRequest == "64Mi")
    let left = filled.left.joined(separator: "\n")
    for word in ["env_file", "depends_on", "volumes.1", "default"] { #expect(left.contains(word)) }
    #expect(!(filled.taken + filled.left).joined().contains("hunter2"))
  }

  @Test func `several services ask which one is meant`() {
    let unsaid = #expect(throws: DomainError.self) { try DraftImport(Self.compose) }
    let wrong = #expect(throws: DomainError.self) { try DraftImport(Self.compose, service: "x") }

    for error in [unsaid, wrong] {
      #expect(error?.fields.first?.field == DraftImport.serviceField)
      #expect(error?.fields.first?.message.contains("db, web") == true)
    }
  }

  @Test func `an env file only adds variables`() throws {
    var draft = ApplicationDraft()
    (draft.name, draft.image, draft.port) = ("web", "nginx:1", "80")
    draft.environment = [.init(name: "KEPT", value: "1"), .init(name: "SET", value: "old")]
    draft.secretValues = [.init(target: "HIDDEN", sealed: "x")]
    let filled = try DraftImport("SET=new\nHIDDEN=y\nAPI_KEY=z\nKEYBOARD=us\n", over: draft)

    #expect(filled.kind == .environment)
    #expect(Self.variables(filled) == ["KEPT": "1", "SET": "new", "KEYBOARD": "us"])
    #expect(Self.secrets(filled) == ["HIDDEN": "y", "API_KEY": "z"])
    var rest = filled.draft
    (rest.environment, rest.secretValues) = (draft.environment, draft.secretValues)
    #expect(rest == draft)
  }

  @Test func `an application that is there keeps its name`() throws {
    var draft = ApplicationDraft()
    draft.name = "web"
    let filled = try DraftImport("docker run --name other x:1", over: draft, keepingName: true)

    #expect(filled.draft.name == "web")
    #expect(filled.left.joined().contains("keeps its name"))
  }

  @Test(arguments: [
    ("512m", "512Mi"), ("1g", "1Gi"), ("1.5G", "1536Mi"), ("1048576", "1Mi"), ("1000b", "1000"),
    ("2kb", "2Ki"), ("0", nil), ("-1", nil), ("1e3", nil), ("many", nil), ("", nil),
    ("99999999999g", nil),
  ])
  func `amounts of memory mean the same bytes`(text: String, quantity: String?) {
    #expect(DockerAmounts.memory(text) == quantity)
  }

  @Test func `no mutation of a text crashes or gives what the form can't check`() {
    let seeds =
      [Self.compose, "docker run -e A='b' -p 1-3:1-3 -v a:/b --mount type=volume,dst=/x x:1 y"]
      + ["A=1\nexport B=\"x\\n\"\nC='y'\n", "services:\n  a:\n    image: b\n"]
    let words =
      ["'", "\"", "$(", "${", "`", "\\", "\n", "\r\n", ":", "-", "=", "\u{301}", "{", "]"]
      + ["docker run ", "--mount", "services:", "99999999999999999999", "- ", "#", "&a", "*a", "/"]
    var numbers = SeededNumbers(seed: 42)
    var read = 0
    for _ in 0..<10_000 {
      var text = Array(seeds[numbers.below(seeds.count)].unicodeScalars)
      for _ in 0...numbers.below(4) {
        let place = numbers.below(text.count + 1)
        let end = min(text.count, place + numbers.below(6))
        text.replaceSubrange(place..<end, with: words[numbers.below(words.count)].unicodeScalars)
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: text)
      do throws(DomainError) {
        let draft = try DraftImport(String(view)).draft
        read += 1
        _ = try draft.validated()
      } catch {
        #expect(!error.fields.isEmpty)
      }
    }
    #expect(read > 1_000)
  }

  @Test(arguments: [
    "A='", "A=\"\\\n", "docker run $(", "docker run `", "A=\"b\nc", "\"", "a: [", "[", "- ",
  ])
  func `a long hostile text is read in bounded time`(piece: String) {
    let count = DraftImport.byteCeiling / piece.utf8.count
    let prefix = piece.hasPrefix("docker") || piece.contains("=") ? "" : "services:\n"
    let text = prefix + String(repeating: piece, count: count - 16)
    let start = ContinuousClock.now
    do throws(DomainError) { _ = try DraftImport(text) } catch { #expect(!error.fields.isEmpty) }
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
