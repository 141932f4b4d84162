/// What a demo shows to people who aren't in the project: everything but who.
extension Release {
  func withoutPeople() -> Release {
    Release(
      id: id, applicationID: applicationID, number: number, spec: spec,
      manifests: manifests.map { $0.withoutPeople() }, planHash: planHash,
      authorID: User.ID(rawValue: ""), authorName: "", message: message, imageDigest: imageDigest,
      state: state, outcome: outcome, createdAt: createdAt, finishedAt: finishedAt)
  }
}

extension ReleaseSummary {
  func withoutPeople() -> ReleaseSummary {
    ReleaseSummary(
      number: number, state: state, image: image, authorName: "", message: message,
      outcome: outcome, createdAt: createdAt, finishedAt: finishedAt)
  }
}

extension ReleaseManifest {
  func withoutPeople() -> ReleaseManifest {
    let key = "\(ManifestBuilder.authorAnnotation):"
    let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let indent = line.prefix { $0 == " " }
      return line.dropFirst(indent.count).hasPrefix(key) ? indent + key + " \"\"" : String(line)
    }
    return ReleaseManifest(kind: kind, name: name, yaml: lines.joined(separator: "\n"))
  }
}
