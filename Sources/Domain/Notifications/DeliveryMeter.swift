internal import CoreMetrics

/// Counts attempts to send notifications, by channel and by how they went.
struct DeliveryMeter: Sendable {
  enum Channel: String {
    case webhook, email
  }

  let factory: any MetricsFactory

  /// An attempt that somebody else ended, the program's end for example, is none.
  func count(_ channel: Channel, isDelivered: Bool) {
    Counter(
      label: "babyhelm_deliveries_total",
      dimensions: [
        ("channel", channel.rawValue), ("outcome", isDelivered ? "delivered" : "failed"),
      ],
      factory: factory
    ).increment()
  }
}
