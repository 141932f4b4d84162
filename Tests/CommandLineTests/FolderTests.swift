import Foundation
import Testing

@testable import CommandLine

struct FolderTests {
  private func inFolder(_ files: [String: String], _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "babyhelm-folder-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try body(folder)
  }

  @Test func `a folder has its files in order, and nothing hidden`() throws {
    let files = [
      "b.yaml": "name: b\nimage: y\n", "a.yml": "name: a\nimage: x\n", ".c.yaml": "name: c\n",
      "README.md": "# name: d\n",
    ]
    try inFolder(files) { folder in
      let source = try SpecificationSource.read(folder.path, project: "shop")

      #expect(source.documents.map(\.name.application) == ["a", "b"])
      #expect(source.folder?.path == folder.path)
    }
  }

  @Test func `one application in two files is refused`() throws {
    try inFolder(["a.yaml": "name: a\n", "b.yaml": "name: a\n"]) { folder in
      let error = #expect(throws: ClientError.self) {
        try SpecificationSource.read(folder.path, project: "shop")
      }

      #expect(error?.line.contains("shop/a is there twice") == true)
    }
  }

  @Test func `an empty folder and no folder are refused`() throws {
    try inFolder(["a.txt": ""]) { folder in
      #expect(throws: ClientError.self) {
        try SpecificationSource.read(folder.path, project: "shop")
      }
      #expect(throws: ClientError.self) {
        try SpecificationSource.read(folder.path + "/nothing", project: "shop")
      }
    }
  }

  @Test func `only what the folder deployed and is still there is a leftover`() {
    let lock = LockFile(
      server: "https://a", project: "shop", applications: ["kept", "gone", "left"])

    #expect(lock.leftovers(wanted: ["kept"], existing: ["kept", "left", "foreign"]) == ["left"])
  }

  @Test func `a lock file of another server or project prunes nothing`() throws {
    try inFolder([:]) { folder in
      #expect(try LockFile.read(folder, server: "https://a", project: "shop") == nil)
      let lock = LockFile(server: "https://a", project: "shop", applications: ["web"])
      try lock.write(folder)

      #expect(try LockFile.read(folder, server: "https://a", project: "shop") == lock)
      #expect(throws: ClientError.self) {
        try LockFile.read(folder, server: "https://b", project: "shop")
      }
      #expect(throws: ClientError.self) {
        try LockFile.read(folder, server: "https://a", project: "blog")
      }
      try Data("{}".utf8).write(to: folder.appending(path: LockFile.name))
      #expect(throws: ClientError.self) {
        try LockFile.read(folder, server: "https://a", project: "shop")
      }
    }
  }
}
