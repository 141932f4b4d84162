internal import Kubernetes

/// What a specification file may say, as JSON Schema (2020-12), for editors that
/// complete and check while somebody types. ``SpecificationFile`` reads the file
/// and the draft's own validation decides; this knows keys, types and bounds.
public enum SpecificationFileSchema {
  /// The schema as JSON.
  public static let bytes: [UInt8] = schema.serialized(pretty: true)

  private static let schema: JSONValue = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "BabyHelm application",
    "description": "A specification, as docs/specification.md describes it.",
    "type": "object",
    "required": ["name", "image"],
    "additionalProperties": false,
    "properties": .object(properties),
    // An autoscaler decides about replicas.
    "not": ["required": ["replicas", "autoscaling"]],
  ]

  private static var properties: [String: JSONValue] {
    program.merging(scale) { first, _ in first }.merging(surroundings) { first, _ in first }
  }

  private static let program: [String: JSONValue] = [
    "name": about(
      ["type": "string", "pattern": "^[a-z]([a-z0-9-]*[a-z0-9])?$", "maxLength": 63],
      "A DNS label that starts with a letter."),
    "project": about(
      ["type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 63],
      "The project, whose name is also its namespace's."),
    "podSecurity": about(
      ["enum": ["baseline", "restricted"]],
      "The Pod Security Standard to render for; a project on a server has its own."),
    "image": about(["type": "string", "minLength": 1], "A container image, such as nginx:1.27."),
    "ports": about(
      [
        "type": "array",
        "items": [
          "anyOf": [
            ["type": "integer", "minimum": 1, "maximum": 65_535],
            ["type": "string", "pattern": "^[0-9]{1,5}(/([Tt][Cc][Pp]|[Uu][Dd][Pp]))?$"],
          ]
        ],
      ], "80 or 53/UDP; the first one is the main one, if it speaks TCP."),
    "command": about(words, "In place of the image's entry point."),
    "arguments": about(words, "In place of the image's arguments."),
    "userID": about(count(1, Int64(Int32.max)), "The user that the program runs as."),
    "pullSecret": about(["type": "string"], "A Secret with the registry's login."),
  ]

  private static let scale: [String: JSONValue] = [
    "replicas": about(count(0, 100), "How many pods run."),
    "autoscaling": about(
      object([
        "minimum": about(count(1, 100), "Pods at least."),
        "maximum": about(count(1, 100), "Pods at most."),
        "targetCPU": about(count(1, 100), "Percent of the CPU request to aim at."),
      ]), "How many pods run, by how busy they are; instead of replicas."),
    "resources": about(
      object([
        "cpuRequest": about(quantity, "CPUs that are kept for a pod."),
        "cpuLimit": about(quantity, "CPUs that it gets at most; no limit when left out."),
        "memoryRequest": about(quantity, "Memory that is kept for a pod."),
        "memoryLimit": about(quantity, "Memory that it gets at most."),
      ]), "What a pod asks for and may use, as Kubernetes quantities."),
    "update": about(
      object([
        "surge": about(share, "Pods more than wanted meanwhile, or percent."),
        "unavailable": about(share, "Pods fewer than wanted meanwhile, or percent."),
      ]), "How new pods take the place of old ones."),
  ]

  private static let surroundings: [String: JSONValue] = [
    "environment": about(map(of: scalar), "Variables."),
    "secrets": about(
      map(of: ["type": "string", "pattern": "^[^/]+/[^/]+$"]),
      "Variables from Secrets: SECRET/KEY."),
    "files": about(
      map(of: scalar, names: "^/"), "Texts by the absolute path that the program finds them at."),
    "volumes": about(map(of: quantity, names: "^/"), "Sizes by absolute path."),
    "healthCheck": about(
      [
        "anyOf": [
          ["enum": ["connect", "none"]],
          object([
            "http": about(["type": "string", "pattern": "^/"], "A path that is asked for."),
            "command": about(words, "A command that ends with 0."),
            "restarts": about(["type": "boolean"], "Whether it also restarts a pod."),
            "startSeconds": about(count(0, 3_600), "The time that a pod has to start."),
          ]),
        ]
      ], "How it is known that a pod serves."),
    "exposure": about(
      [
        "anyOf": [
          ["enum": ["cluster"]],
          object([
            "ingress": about(["type": "string"], "The host name of an Ingress."),
            "encrypted": about(["type": "boolean"], "Whether it takes HTTPS."),
            "tailnet": about(["type": "string"], "The machine's name in the tailnet."),
          ]),
        ]
      ], "From where it is reached."),
  ]

  // MARK: Pieces

  /// What YAML leaves as a text, or makes a number or a truth value of.
  private static let scalar: JSONValue = ["type": ["string", "number", "boolean"]]
  private static let words: JSONValue = ["type": "array", "items": scalar]
  private static let quantity: JSONValue = ["type": ["string", "number"]]
  private static let share: JSONValue = [
    "anyOf": [
      ["type": "integer", "minimum": 0],
      ["type": "string", "pattern": "^[0-9]+%?$"],
    ]
  ]

  private static func count(_ minimum: Int64, _ maximum: Int64) -> JSONValue {
    ["type": "integer", "minimum": .integer(minimum), "maximum": .integer(maximum)]
  }

  private static func map(of value: JSONValue, names: String? = nil) -> JSONValue {
    var map: JSONValue = ["type": "object", "additionalProperties": value]
    if let names { map["propertyNames"] = ["pattern": .string(names)] }
    return map
  }

  private static func object(_ properties: [String: JSONValue]) -> JSONValue {
    ["type": "object", "additionalProperties": false, "properties": .object(properties)]
  }

  private static func about(_ schema: JSONValue, _ words: String) -> JSONValue {
    var schema = schema
    schema["description"] = .string(words)
    return schema
  }
}
