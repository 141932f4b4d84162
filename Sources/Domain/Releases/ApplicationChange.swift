internal import Foundation

/// A change of an application that needs no form.
public enum ApplicationChange: Sendable, Hashable {
  /// Back to what a release was, with the image that its pods ran.
  case rollback(to: Int)
  /// Another number of replicas, as it was typed.
  case scale(replicas: String)
  /// New pods of the same specification.
  case restart
  /// Nothing runs until it is started again.
  case stop
  /// What ran before it was stopped runs again.
  case start
  /// What somebody changed by hand becomes again what the release says.
  case putBack
  /// Another tag or digest of the same repository, with what the release says
  /// about itself.
  case image(ImageReference, note: String)

  /// What the release says about itself when nobody typed a message.
  var message: String {
    switch self {
    case .rollback(let number): "Back to release #\(number)"
    case .scale(let replicas): "Scaled to \(replicas.trimmingSpaces())"
    case .restart: "Restarted"
    case .stop: "Stopped"
    case .start: "Started again"
    case .putBack: "Put back what was changed by hand"
    case .image(_, let note): note
    }
  }

  /// The specification after a change that needs nothing but the one before.
  ///
  /// - Throws: `invalid` for a wrong number of replicas, `conflict` when the
  ///   change makes no sense now.
  func applied(to spec: ApplicationSpec, at time: Date) throws(DomainError) -> ApplicationSpec {
    var spec = spec
    switch self {
    case .rollback, .putBack: break
    case .scale(let replicas):
      guard case .fixed = spec.scaling else {
        throw DomainError(
          .conflict, "An autoscaler sets the number of replicas of “\(spec.name)”.",
          advice: "Change its least and greatest number instead.")
      }
      var errors: [FieldError] = []
      let ceiling = spec.volumes.isEmpty ? ApplicationDraft.replicaCeiling : 1
      let count = ApplicationDraft.number(
        replicas, in: 0...ceiling, field: "replicas", what: "The number of replicas",
        errors: &errors)
      guard let count else { throw DomainError.invalid(errors) }
      spec.scaling = .fixed(replicas: count)
      spec.isStopped = false
    case .restart:
      guard !spec.isStopped else {
        throw DomainError(
          .conflict, "“\(spec.name)” is stopped, so there is nothing to restart.",
          advice: "Start it.")
      }
      spec.restartedAt = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
    case .stop: spec.isStopped = true
    case .start: spec.isStopped = false
    case .image(let image, _): spec.image = image
    }
    return spec
  }
}
