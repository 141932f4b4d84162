import Kubernetes
import Testing

struct KubernetesRequestTests {
  @Test func `a dry apply asks for exactly that`() {
    let request = KubernetesRequest.apply(
      ["kind": "Deployment"], .deployment, name: "web", namespace: "shop",
      ApplyOptions(fieldManager: "me", isDryRun: true))

    #expect(request.method == .patch)
    #expect(
      request.target == "/apis/apps/v1/namespaces/shop/deployments/web"
        + "?fieldManager=me&dryRun=All&fieldValidation=Strict")
    #expect(request.contentType == .apply)
    #expect(request.isRepeatable)
  }

  @Test func `a delete with a precondition has everything in its body`() {
    let request = KubernetesRequest.delete(
      .deployment, name: "web", namespace: "shop",
      DeleteOptions(
        propagation: .foreground, uid: "u-1", resourceVersion: "7", gracePeriodSeconds: 0,
        isDryRun: true))

    #expect(request.target == "/apis/apps/v1/namespaces/shop/deployments/web")
    #expect(
      request.body == [
        "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground",
        "gracePeriodSeconds": 0, "dryRun": ["All"],
        "preconditions": ["uid": "u-1", "resourceVersion": "7"],
      ])
    #expect(!request.isRepeatable)
  }

  @Test func `values of the query can't add parameters`() {
    let request = KubernetesRequest.list(
      .pod, namespace: "shop", ListOptions(labelSelector: "a=b&limit=1", fieldSelector: "x#y z"))

    #expect(
      request.target
        == "/api/v1/namespaces/shop/pods?labelSelector=a%3Db%26limit%3D1&fieldSelector=x%23y%20z")
  }

  @Test func `only what can be sent twice may be repeated`() {
    #expect(KubernetesRequest.get(.pod, name: "a", namespace: "b").isRepeatable)
    #expect(!KubernetesRequest.create([:], .pod, namespace: "b").isRepeatable)
    #expect(
      KubernetesRequest.create([:], .pod, namespace: "b", WriteOptions(isDryRun: true))
        .isRepeatable)
    #expect(!KubernetesRequest.mergePatch([:], .pod, name: "a").isRepeatable)
    #expect(!KubernetesRequest.delete(.pod, name: "a").isRepeatable)
  }

  @Test func `a review asks for an act and leaves out what doesn't matter`() {
    let request = KubernetesRequest.selfSubjectAccessReview(
      .init(verb: "create", type: .deployment, namespace: "shop"))

    #expect(request.target == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
    #expect(
      request.body == [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": [
          "resourceAttributes": [
            "namespace": "shop", "verb": "create", "group": "apps", "resource": "deployments",
          ]
        ],
      ])
  }

  @Test func `a token is asked for with its lifetime and audience`() {
    let request = KubernetesRequest.token(
      serviceAccount: "project", namespace: "shop", expirationSeconds: 600, audiences: ["x"])

    #expect(request.target == "/api/v1/namespaces/shop/serviceaccounts/project/token")
    #expect(request.body?["spec"] == ["expirationSeconds": 600, "audiences": ["x"]])
  }

  @Test func `a log is asked for with all its options`() {
    let request = KubernetesRequest.log(
      pod: "p", namespace: "shop", isFollowing: true,
      LogOptions(
        container: "c", tailLines: 5, sinceSeconds: 60, isPrevious: true, hasTimestamps: true,
        limitBytes: 100))

    #expect(
      request.target == "/api/v1/namespaces/shop/pods/p/log?container=c&follow=true"
        + "&previous=true&sinceSeconds=60&tailLines=5&limitBytes=100&timestamps=true")
  }
}
