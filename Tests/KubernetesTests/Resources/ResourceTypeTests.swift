import Kubernetes
import Testing

struct ResourceTypeTests {
  @Test func `paths follow group, namespace, name and subresource`() {
    #expect(ResourceType.pod.path() == "/api/v1/pods")
    #expect(ResourceType.pod.path(namespace: "shop") == "/api/v1/namespaces/shop/pods")
    #expect(
      ResourceType.deployment.path(namespace: "shop", name: "web", subresource: "scale")
        == "/apis/apps/v1/namespaces/shop/deployments/web/scale")
    #expect(ResourceType.namespace.path(name: "shop") == "/api/v1/namespaces/shop")
    #expect(
      ResourceType.namespace.path(namespace: "ignored", name: "shop")
        == "/api/v1/namespaces/shop")
  }

  @Test(arguments: [
    ("../secrets", "..%2Fsecrets"), ("..", "%2E%2E"),
    (".", "%2E"), ("a/b", "a%2Fb"), ("a?watch=true", "a%3Fwatch%3Dtrue"), ("a b", "a%20b"),
    ("é", "%C3%A9"), ("system:x", "system%3Ax"),
  ])
  func `a name can't leave its place in the path`(name: String, encoded: String) {
    #expect(
      ResourceType.pod.path(namespace: name, name: name)
        == "/api/v1/namespaces/\(encoded)/pods/\(encoded)")
  }

  @Test func `known kinds are found by what objects carry`() {
    #expect(ResourceType.known(apiVersion: "apps/v1", kind: "Deployment") == .deployment)
    #expect(ResourceType.known(apiVersion: "v1", kind: "Pod") == .pod)
    #expect(ResourceType.known(apiVersion: "apps/v1", kind: "Pod") == nil)
    #expect(Set(ResourceType.known).count == ResourceType.known.count)
  }

  @Test func `a type is described as messages name it`() {
    #expect(ResourceType.deployment.description == "deployments.apps")
    #expect(ResourceType.pod.description == "pods")
  }
}
