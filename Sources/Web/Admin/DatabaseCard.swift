import Domain

/// The database, on the cluster's page.
struct DatabaseCard: Sendable {
  let version: String
  let meters: [Meter]
  /// What the meters leave open; nil for SQLite.
  let note: String?

  init(_ report: DatabaseReport, _ traffic: DatabaseTraffic) {
    version = report.version
    var meters = [
      Meter(
        label: "Connections of this replica in use", used: "\(traffic.inUse)",
        hard: "\(traffic.connectionLimit)",
        percent: traffic.inUse * 100 / max(1, traffic.connectionLimit))
    ]
    if let connections = report.connections {
      meters.append(
        Meter(
          label: "Connections of the database server", used: "\(connections.used)",
          hard: "\(connections.limit)",
          percent: connections.used * 100 / max(1, connections.limit)))
    }
    self.meters = meters
    note = report.connections.map { connections in
      let waiting = traffic.waiting == 1 ? "1 request waits" : "\(traffic.waiting) requests wait"
      let room =
        report.hasRoom == true
        ? ""
        : " The server has no room for one more replica: raise max_connections or lower pool_size."
      return
        "\(connections.ours) of the server’s connections are BabyHelm’s; here \(waiting) for one. "
        + "A replica opens at most \(report.poolSize) and one more to hear of the others.\(room)"
    }
  }
}
