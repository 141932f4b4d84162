// Containers that can't be made, or whose program ends.
extension DiagnosisRule {
  static let ofContainer: [DiagnosisRule] = [
    DiagnosisRule(
      "runs-as-root", "The image runs as root, which this project forbids.",
      advice: "Give a user id in the form, or use an image that runs as another user, by number.",
      field: .userID
    ) { examination in
      examination.firstFailing { pod, reason in
        let text = pod.evidence(reason)
        return text.contains("runAsNonRoot") ? text : nil
      }
    },
    DiagnosisRule(
      "configuration-missing",
      { finding in
        "The container can't be made: "
          + (finding.text.mentions("configmap")
            ? "a ConfigMap that it needs is missing."
            : finding.text.mentions("couldn't find key")
              ? "a Secret that it needs has no such key."
              : "a Secret that it needs is missing.")
      },
      advice: { _ in
        "The message names it. Put it back, or change what the application takes from it."
      },
      field: { missingField($0.text) }, find: missingConfiguration),
    DiagnosisRule(
      "configuration-wrong", "The container can't be made: its configuration isn't right.",
      advice: "The message names what the node doesn't accept."
    ) { examination in
      examination.firstFailing { pod, reason in
        reason == "CreateContainerConfigError" ? pod.evidence(reason) : nil
      }
    },
    DiagnosisRule(
      "program-architecture",
      { "The image “\($0.image)” isn't made for the processors of this cluster." },
      advice: { _ in otherArchitecture }, field: { _ in .image }
    ) { examination in
      examination.firstFailing { pod, reason in
        let texts =
          [pod.message, pod.lastMessage] + (pod.hasLastWords ? examination.lastLines : [])
        return texts.first { $0.mentions("exec format error") }
      }
    },
    DiagnosisRule(
      "command-not-found", "The program that the container shall run can't be started.",
      advice: "Check the command, word by word, and that the image has it; often it is best empty.",
      field: .command, find: unstartableCommand),
    DiagnosisRule(
      "out-of-memory", "The program used more memory than its limit and was ended.",
      advice: "Raise the memory limit, or make the program use less.", field: .memoryLimit
    ) { examination in
      examination.firstFailing { pod, reason in
        reason == "OOMKilled" || pod.lastExitReason == "OOMKilled" ? pod.evidence(reason) : nil
      }
    },
    DiagnosisRule(
      "probe-restarts",
      { _ in "The program fails its health check, so it is ended and started again." },
      advice: { _ in
        "Give it more time to start, or check what the health check asks: it must succeed."
      },
      field: { $0.text.hasPrefix("Startup") ? .startSeconds : .restartsUnhealthy },
      find: endedByProbe),
    DiagnosisRule(
      "program-ends", "The program in the container ends by itself, without an error.",
      advice: "A container must keep running: start a server that stays in the foreground.",
      field: .command
    ) { examination in
      examination.firstFailing { pod, reason in
        endings.contains(reason) && pod.lastExitCode == 0 ? pod.evidence(reason) : nil
      }
    },
    DiagnosisRule(
      "crash-loop",
      { finding in
        let code = finding.pod?.lastExitCode.map { " with exit code \($0)" } ?? ""
        return "The program in the container starts and ends again\(code)."
      },
      advice: { _ in
        "Its last lines say why: often a missing variable, a wrong command or a taken port."
      },
      field: { _ in .environment }
    ) { examination in
      examination.firstFailing { pod, reason in
        endings.contains(reason) ? pod.evidence(reason) : nil
      }
    },
  ]

  private static let endings: Set<String> = ["CrashLoopBackOff", "Error", "Completed"]

  /// A Secret or ConfigMap, or a key of it, that isn't there: told at the
  /// container for variables, by an event for files.
  private static let missingConfiguration: @Sendable (Examination) -> Finding? = { examination in
    func tells(_ text: String) -> Bool {
      (text.mentions("not found") && text.mentions("secret \"", "configmap \""))
        || text.mentions("couldn't find key", "references non-existent")
    }
    let atContainer = examination.firstFailing { pod, reason in
      let text = pod.evidence(reason)
      return reason == "CreateContainerConfigError" && tells(text) ? text : nil
    }
    return atContainer
      ?? examination.first { pod in
        guard pod.stage == .starting,
          let text = examination.warning("FailedMount", about: pod), tells(text)
        else { return nil }
        return text
      }
  }

  private static func missingField(_ text: String) -> Diagnosis.Field {
    if text.mentions("configmap") { return .files }
    // Our own volume of secret files (deployment.yaml.hbs).
    return text.contains("volume \"secrets\"") ? .secretValues : .secrets
  }

  private static let unstartableCommand: @Sendable (Examination) -> Finding? = { examination in
    examination.firstFailing { pod, reason in
      let text = [pod.message, pod.lastMessage].first { text in
        text.mentions(
          "executable file not found", "no such file or directory", "permission denied",
          "no command specified", "is a directory")
      }
      guard let text else { return nil }
      let isAtStart =
        ["RunContainerError", "CreateContainerError", "StartError", "ContainerCannotRun"]
        .contains(reason)
        || ["StartError", "ContainerCannotRun"].contains(pod.lastExitReason)
      return isAtStart ? text : nil
    }
  }

  private static let endedByProbe: @Sendable (Examination) -> Finding? = { examination in
    examination.firstFailing { pod, reason in
      guard endings.contains(reason) else { return nil }
      return examination.warning("Unhealthy", about: pod, with: "Liveness probe")
        ?? examination.warning("Unhealthy", about: pod, with: "Startup probe")
    }
  }
}
