import HTTPTypes
import HummingbirdTesting
import Kubernetes
import TestSupport
import Testing

@testable import Web

struct AdoptionPagesTests {
  @Test func `a foreign Deployment is shown, fills in the form, and is removed by its name`()
    async throws
  {
    try await withProject { ann, site in
      let empty = try await ann.get("/projects/shop/adopt")
      #expect(empty.text.contains("Nothing to adopt"))
      let foreign: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "old"],
        "spec": [
          "selector": ["matchLabels": ["app": "old"]],
          "template": [
            "metadata": ["labels": ["app": "old"]],
            "spec": [
              "hostNetwork": false, "nodeSelector": ["disk": "fast"],
              "containers": [
                [
                  "name": "old", "image": "nginx:1.25",
                  "env": [["name": "DB_PASSWORD", "value": "canary-5521"]],
                ]
              ],
            ],
          ],
        ],
      ]
      _ = try await site.kubernetes.create(foreign, .deployment, namespace: "shop")

      let list = try await ann.get("/projects/shop/adopt")
      #expect(list.text.contains(#"href="/projects/shop/apps/new?adopt=old""#))
      let form = try await ann.get("/projects/shop/apps/new?adopt=old")
      #expect(form.text.contains("Filled in from the Deployment old."))
      #expect(
        form.text.contains("nodeSelector of its pods isn&#39;t taken over.")
          || form.text.contains("nodeSelector of its pods isn't taken over."))
      #expect(form.fields().contains { $0 == ("image", "nginx:1.25") })
      #expect(!form.text.contains("canary-5521"))

      try await ann.get("/projects/shop/adopt")
      let wrong = try await ann.post(
        "/projects/shop/adopt/old/remove", ["confirmation-old": "odl"])
      #expect(wrong.status == .unprocessableContent)
      #expect(wrong.text.contains("Type “old” to confirm that you mean this Deployment."))
      let gone = try await ann.post(
        "/projects/shop/adopt/old/remove", ["confirmation-old": "old"])
      #expect(gone.status == .seeOther)
    }
  }
}
