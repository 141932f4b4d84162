public import Foundation

/// What the operator decides about alerts.
public struct AlertConfiguration: Sendable, Equatable {
  /// The SHA-256 of the token that `--alertmanager-token-file` holds, in
  /// hexadecimal; nil without one.
  var tokenHash: String?
  /// Where Alertmanager's API is, to tell it of silences; nil when it isn't to know.
  public var alertmanager: URL?
  /// What BabyHelm evaluates itself where there is no Alertmanager.
  var rules: [AlertRule]
  /// How many days alerts that are over are kept.
  public var daysKept: Int
  /// How often BabyHelm evaluates, in seconds.
  public var interval: Double

  /// - Parameter token: what Alertmanager sends; nil for one made on a page.
  public init(
    token: String? = nil, alertmanager: URL? = nil, rules: AlertRules = AlertRules(),
    daysKept: Int = 30, interval: Double = 60
  ) {
    tokenHash = token.map(Accounts.hash)
    self.alertmanager = alertmanager
    self.rules = rules.all
    self.daysKept = daysKept
    self.interval = interval
  }
}
