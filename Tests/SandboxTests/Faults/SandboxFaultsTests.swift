import Sandbox
import Testing

/// How faults are written.
struct SandboxFaultsTests {
  @Test func `a list of faults is read as it is written`() throws {
    let faults = try SandboxFaults(
      "latency=200ms, drop=1%,error=2.5%,stall=1%,cut=5%,expire=100%,bookmarks-only,silent")

    var wanted = SandboxFaults()
    wanted.latency = .milliseconds(200)
    wanted.drop = 0.01
    wanted.error = 0.025
    wanted.stall = 0.01
    wanted.cut = 0.05
    wanted.expire = 1
    wanted.bookmarksOnly = true
    wanted.silent = true
    #expect(faults == wanted)
    let slow = try SandboxFaults("latency=1.5s")
    #expect(slow.latency == .milliseconds(1500))
    let none = try SandboxFaults("")
    #expect(none == SandboxFaults())
  }

  @Test(arguments: [
    ("drop", "drop takes a percentage, such as drop=5%."),
    ("drop=1", "drop takes a percentage, such as drop=5%."),
    ("cut=101%", "cut takes a percentage, such as cut=5%."),
    ("expire=-1%", "expire takes a percentage, such as expire=5%."),
    ("error=nan%", "error takes a percentage, such as error=5%."),
    ("latency", "latency takes a time up to 60s, such as latency=200ms."),
    ("latency=200", "latency takes a time up to 60s, such as latency=200ms."),
    ("latency=61s", "latency takes a time up to 60s, such as latency=200ms."),
    ("silent=1", "silent takes no value."),
    (
      "drop=1%,loss=1%",
      "\"loss\" is no fault; there are latency, drop, error, stall, cut, expire, bookmarks-only, "
        + "silent."
    ),
  ])
  func `what is no fault is told in one sentence`(text: String, sentence: String) {
    #expect(throws: SandboxFaults.Mistake.self) { try SandboxFaults(text) }
    do {
      _ = try SandboxFaults(text)
    } catch {
      #expect(error.description == sentence)
    }
  }

  @Test func `the help names every fault`() {
    for name in SandboxFaults.names { #expect(SandboxFaults.help.contains(name)) }
  }
}
