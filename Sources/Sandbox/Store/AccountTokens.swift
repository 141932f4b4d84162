import Foundation
import Kubernetes

/// What a token of a service account stands for.
struct AccountToken: Sendable {
  var key: ObjectKey
  /// An account that was made anew has other tokens.
  var uid: String
  var expiry: Date
}

extension Cluster {
  /// Remembers a token that was just made, and forgets those that expired.
  func noteToken(_ token: String, of account: JSONValue, until expiry: Date) {
    let now = Date()
    tokens = tokens.filter { $0.value.expiry > now }
    tokens[token] = AccountToken(key: ObjectKey(account), uid: account.uid, expiry: expiry)
  }

  /// The service account that a token lets one act as; `nil` once the token
  /// expired or the account is gone.
  func account(showing token: String) -> ActingUser? {
    guard let found = tokens[token], found.expiry > Date(),
      let account = store[.serviceAccount, found.key], account.uid == found.uid
    else { return nil }
    let namespace = account.namespace
    return ActingUser(
      name: "system:serviceaccount:\(namespace):\(account.name)",
      groups: [
        "system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated",
      ])
  }
}
