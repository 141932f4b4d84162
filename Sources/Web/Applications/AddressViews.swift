import Domain
import Templates

/// One way to reach an application, ready to show.
struct AddressLine: Sendable {
  /// Names the text on the page, for the copy button.
  let id: String
  let text: String
  /// nil for what a browser can't open from here.
  let link: Link?
  let note: String
  /// For the check's form.
  let reach: String
  /// Whether it can be checked: it may speak HTTP.
  let isCheckable: Bool
  let checkLabel: String

  static func lines(of detail: ApplicationDetail) -> [AddressLine] {
    let lines = detail.addresses.map { address in
      AddressLine(
        id: "address-\(address.reach.rawValue)", text: address.text,
        link: address.reach == .cluster || !address.isTCP ? nil : Link(url: address.text),
        note: note(address, detail.status.clusterIP), reach: address.reach.rawValue,
        isCheckable: address.isTCP, checkLabel: "Check the address \(address.text)")
    }
    guard case .tailnet = detail.application.spec.exposure, detail.status.outside.isEmpty,
      !lines.isEmpty
    else { return lines }
    return lines + [waiting]
  }

  /// The tailnet's operator hasn't given the Service its name yet.
  private static let waiting = AddressLine(
    id: "address-tailnet", text: "on its way", link: nil,
    note: "in the tailnet, as soon as its operator has made the machine", reach: "tailnet",
    isCheckable: false, checkLabel: "")

  private static func note(_ address: ApplicationAddress, _ clusterIP: String?) -> String {
    switch address.reach {
    case .cluster: "inside the cluster\(clusterIP.map { ", \($0)" } ?? "")"
    case .ingress: "through the ingress controller"
    case .tailnet: "in the tailnet"
    }
  }
}
