import Foundation
import PackagePlugin

/// Compiles `Resources/templates` (and embeds `Resources/static`) into one Swift
/// file for a target: the YAML manifests for `Domain`, everything else for any
/// other target that asks.
///
/// SwiftPM plans a build anew when the folders of targets change, and these are
/// not among them: a file added here would go unnoticed and a removed one would
/// be missed. So the compiler lists the folders itself and runs with every
/// build: its one input is a file that it changes whenever it runs. That takes
/// milliseconds, and it leaves the Swift file alone when nothing changed.
@main
struct CompileTemplates: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let resources = context.package.directoryURL.appending(path: "Resources")
      .resolvingSymlinksInPath()
    let output = context.pluginWorkDirectoryURL.appending(path: "Templates+Generated.swift")
    let lastRun = context.pluginWorkDirectoryURL.appending(path: "last-run")
    try Data().write(to: lastRun)
    return [
      .buildCommand(
        displayName: "Compiling templates for \(target.name)",
        executable: try context.tool(named: "TemplateCompiler").url,
        arguments: [
          target.name == "Domain" ? "manifests" : "pages", resources.path, output.path,
          lastRun.path,
        ],
        inputFiles: [lastRun], outputFiles: [output])
    ]
  }
}
