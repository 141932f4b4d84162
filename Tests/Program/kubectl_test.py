"""The real kubectl on `babyhelm sandbox`: what a person does by hand on a cluster."""

import subprocess

import pytest

from kubectls import KUBECTLS, Kubectl, name
from program import wait_until

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: %(replicas)s
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: %(image)s
        ports: [{containerPort: 8080}]
"""
OTHERS = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {greeting: hello}
---
apiVersion: v1
kind: Secret
metadata: {name: password}
stringData: {password: hunter2}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
  - host: web.example.com
    http:
      paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: robot, namespace: default}]
"""
KINDS = ["service/web", "configmap/settings", "secret/password", "persistentvolumeclaim/data",
         "serviceaccount/robot", "poddisruptionbudget/web", "ingress/web", "role/reader",
         "rolebinding/readers"]


def deployment(replicas: int = 2, image: str = "nginx:1.27") -> str:
    return DEPLOYMENT % {"replicas": replicas, "image": image}


@pytest.fixture(params=KUBECTLS or [None], ids=lambda path: name(path) if path else "none")
def kubectl(request, sandbox, tmp_path):
    if request.param is None:
        pytest.skip("kubectl tests are skipped: there is no kubectl on PATH")
    return Kubectl(request.param, sandbox.kubeconfig, tmp_path)


def test_apply_get_describe_and_delete(kubectl):
    assert kubectl.apply(deployment()) == "deployment.apps/web created\n"
    assert kubectl.apply(deployment()) == "deployment.apps/web unchanged\n"
    assert kubectl.apply(deployment(image="nginx:1.28")) == "deployment.apps/web configured\n"
    kubectl.run("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
    # Available it is as soon as the new pods serve; the old ones may still be going.
    kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")

    listed = kubectl.run("get", "deployments").splitlines()
    assert listed[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert listed[1].split()[:2] == ["web", "2/2"]
    assert "nginx:1.28" in kubectl.run("get", "deployments", "-o", "wide")
    assert kubectl.json("get", "deployment", "web")["status"]["readyReplicas"] == 2
    assert "deployment.apps/web" in kubectl.run("get", "all", "-o", "name")
    assert kubectl.run("get", "pods", "-l", "app=nothing", "-o", "name") == ""
    described = kubectl.run("describe", "deployment", "web")
    assert "2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in described
    assert "ScalingReplicaSet" in described, "its events are shown"
    assert "nginx:1.28" in kubectl.run("describe", "pods")

    # Newer ones also say from which namespace.
    assert kubectl.run("delete", "deployment", "web").startswith('deployment.apps "web" deleted')
    wait_until("its pods are gone", lambda: not kubectl.run("get", "pods", "-o", "name"))
    kubectl.run("get", "deployment", "web", status=1)


def test_every_kind_of_a_project_is_applied_shown_and_deleted(kubectl):
    kubectl.apply(OTHERS)
    again = kubectl.apply(OTHERS).splitlines()
    # kubectl itself can't tell for a Secret's stringData and a budget's selector.
    unclear = ("secret/", "poddisruptionbudget")
    assert all(line.endswith(" unchanged") for line in again if not line.startswith(unclear)), again
    for kind in KINDS:
        row = kubectl.run("get", kind).splitlines()[1].split()
        assert row[0] == kind.split("/")[1]
        # policy/v1 came with 1.21; no server has what older ones ask for.
        if kubectl.minor >= 21 or not kind.startswith("poddisruptionbudget"):
            assert kind.split("/")[1] in kubectl.run("describe", kind)
    wait_until("the claim is bound", lambda: "Bound" in kubectl.run("get", "pvc", "data"))
    volumes = kubectl.run("get", "pv")
    assert "default/data" in volumes and "RWO" in volumes and "Delete" in volumes, volumes
    wait_until("the ingress has its address",
               lambda: "192.168.49.2" in kubectl.run("get", "ingress", "web"))
    assert kubectl.run("get", "secret", "password", "-o", "jsonpath={.data.password}") == (
        "aHVudGVyMg==")
    kubectl.run("delete", "--wait=false", *KINDS)
    wait_until("all are gone", lambda: not kubectl.run(
        "get", "--ignore-not-found", "-o", "name", *KINDS))


def test_server_side_apply_tells_conflicts(kubectl):
    assert kubectl.apply(deployment(), "--server-side") == (
        "deployment.apps/web serverside-applied\n")
    kubectl.apply(deployment(), "--server-side")
    ended = subprocess.run(
        [kubectl.path, "apply", "--server-side", "--field-manager=other", "-f", "-"],
        input=deployment(image="nginx:1.28"), capture_output=True, text=True, timeout=60,
        env=kubectl.variables)
    assert ended.returncode == 1
    assert 'conflict with "kubectl"' in ended.stderr, ended.stderr
    kubectl.apply(deployment(image="nginx:1.28"), "--server-side", "--field-manager=other",
                  "--force-conflicts")
    assert kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"][0][
        "image"] == "nginx:1.28"


def test_diff_shows_what_would_change(kubectl):
    kubectl.apply(deployment())
    assert kubectl.run("diff", "-f", "-", given=deployment()) == ""
    shown = kubectl.run("diff", "-f", "-", given=deployment(image="nginx:1.28"), status=1)
    changed = {line[0]: line[1:].split()[-1] for line in shown.splitlines() if "image:" in line}
    assert changed == {"-": "nginx:1.27", "+": "nginx:1.28"}, shown
    assert kubectl.json("get", "deployment", "web")["metadata"]["generation"] == 1


def test_a_field_that_does_not_exist_is_refused(kubectl):
    wrong = deployment().replace("replicas:", "replica:")
    ended = subprocess.run([kubectl.path, "apply", "-f", "-"], input=wrong, capture_output=True,
                           text=True, timeout=60, env=kubectl.variables)
    assert ended.returncode == 1
    assert "unknown field" in ended.stderr and "replica" in ended.stderr, ended.stderr


def test_scale_and_wait(kubectl):
    kubectl.apply(deployment(replicas=1))
    assert kubectl.run("scale", "deployment/web", "--replicas=4") == (
        "deployment.apps/web scaled\n")
    kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")
    assert len(kubectl.run("get", "pods", "-o", "name").splitlines()) == 4
    kubectl.run("wait", "--for=condition=Ready", "pods", "--all", "--timeout=60s")
    kubectl.run("scale", "deployment/web", "--replicas=2", "--current-replicas=9", status=1)


def test_rollout_status_history_undo_and_restart(kubectl):
    kubectl.apply(deployment())
    kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")
    kubectl.apply(deployment(image="nginx:1.28"))
    followed = kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")
    assert followed.endswith('deployment "web" successfully rolled out\n')
    history = kubectl.run("rollout", "history", "deployment/web").splitlines()
    assert [line.split()[0] for line in history if line[:1].isdigit()] == ["1", "2"]

    assert kubectl.run("rollout", "undo", "deployment/web").startswith("deployment.apps/web")
    kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")
    image = "jsonpath={.spec.template.spec.containers[0].image}"
    assert kubectl.run("get", "deployment", "web", "-o", image) == "nginx:1.27"
    kubectl.run("rollout", "restart", "deployment/web")
    kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")

    kubectl.apply(deployment(image="broken:1"))
    stuck = kubectl.run("rollout", "status", "deployment/web", "--timeout=2s", status=1)
    assert "Waiting for deployment" in stuck
    wait_until("it can't be pulled", lambda: "ImagePullBackOff" in kubectl.run("get", "pods"))


def test_logs_are_followed(kubectl):
    kubectl.apply(deployment(replicas=1))
    kubectl.run("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
    pod = kubectl.run("get", "pods", "-o", "name").strip()
    assert "start worker processes" in kubectl.run("logs", pod)
    assert len(kubectl.run("logs", pod, "--tail=1").splitlines()) == 1
    follower = kubectl.start("logs", "-f", pod)
    lines = [follower.stdout.readline() for _ in range(4)]
    assert all("HTTP/1.1" in line for line in lines[2:]), lines
    kubectl.run("delete", pod, "--wait=false")
    follower.communicate(timeout=30)
    assert follower.returncode == 0, "the log ends with its pod"


def test_a_watch_shows_changes_as_they_come(kubectl):
    watcher = kubectl.start("get", "configmaps", "--watch", "-o", "name")
    assert watcher.stdout.readline() == "configmap/kube-root-ca.crt\n"
    kubectl.run("create", "configmap", "one", "--from-literal=a=1")
    assert watcher.stdout.readline() == "configmap/one\n"
    watcher.kill()
    watcher.wait()


def test_api_resources_and_versions_are_complete(kubectl):
    names = kubectl.run("api-resources", "-o", "name").split()
    for wanted in ["pods", "deployments.apps", "ingresses.networking.k8s.io",
                   "poddisruptionbudgets.policy", "roles.rbac.authorization.k8s.io",
                   "horizontalpodautoscalers.autoscaling"]:
        assert wanted in names
    rows = [line.split() for line in kubectl.run("api-resources").splitlines()[1:]]
    assert next(row for row in rows if row[0] == "deployments")[1] == "deploy"
    assert "apps/v1" in kubectl.run("api-versions").split()
    assert kubectl.json("version")["serverVersion"]["gitVersion"].startswith("v1.36")


def test_explain_tells_the_fields_of_a_kind(kubectl):
    deployment = kubectl.run("explain", "deployment.spec.strategy")
    assert "rollingUpdate" in deployment and "type" in deployment, deployment
    pod = kubectl.run("explain", "pod.spec.containers.resources", "--recursive")
    assert "limits" in pod and "requests" in pod, pod
    assert "volumeMode" in kubectl.run("explain", "pv.spec")


def test_objects_are_created_from_the_command_line(kubectl):
    kubectl.run("create", "deployment", "web", "--image=nginx:1.27", "--replicas=2")
    kubectl.run("expose", "deployment", "web", "--port=80", "--target-port=8080")
    kubectl.run("create", "service", "nodeport", "other", "--tcp=80:8080")
    kubectl.run("create", "secret", "generic", "password", "--from-literal=a=hunter2")
    kubectl.run("create", "configmap", "settings", "--from-literal=a=1")
    kubectl.run("create", "serviceaccount", "robot")
    kubectl.run("create", "role", "reader", "--verb=get,list", "--resource=pods,deployments.apps")
    kubectl.run("create", "rolebinding", "readers", "--role=reader",
                "--serviceaccount=default:robot")
    kubectl.run("create", "quota", "limits", "--hard=pods=10,requests.cpu=2")
    kubectl.run("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")

    spec = kubectl.json("get", "deployment", "web")["spec"]
    assert spec["replicas"] == 2 and spec["selector"] == {"matchLabels": {"app": "web"}}
    port = kubectl.json("get", "service", "web")["spec"]["ports"][0]
    assert (port["port"], port["targetPort"]) == (80, 8080)
    assert kubectl.json("get", "service", "other")["spec"]["ports"][0]["nodePort"] >= 30000
    assert kubectl.json("get", "secret", "password")["data"] == {"a": "aHVudGVyMg=="}
    assert kubectl.json("get", "configmap", "settings")["data"] == {"a": "1"}
    rules = kubectl.json("get", "role", "reader")["rules"]
    assert {group for rule in rules for group in rule["apiGroups"]} == {"", "apps"}
    assert all(rule["verbs"] == ["get", "list"] for rule in rules)
    subject = kubectl.json("get", "rolebinding", "readers")["subjects"][0]
    assert (subject["kind"], subject["name"], subject["namespace"]) == (
        "ServiceAccount", "robot", "default")
    assert kubectl.json("get", "quota", "limits")["spec"]["hard"] == {
        "pods": "10", "requests.cpu": "2"}
    assert kubectl.run("auth", "can-i", "create", "pods") == "yes\n"


def test_a_namespace_goes_with_all_that_is_in_it(kubectl):
    kubectl.run("create", "namespace", "shop")
    kubectl.run("-n", "shop", "create", "configmap", "one", "--from-literal=a=1")
    kubectl.run("label", "namespace", "shop", "team=a")
    kubectl.run("annotate", "-n", "shop", "configmap", "one", "note=b")
    kubectl.run("-n", "shop", "patch", "configmap", "one", "-p", '{"data":{"a":"2"}}')
    assert kubectl.json("-n", "shop", "get", "cm", "one")["data"] == {"a": "2"}
    kubectl.run("delete", "namespace", "shop", "--timeout=60s")
    kubectl.run("get", "namespace", "shop", status=1)


def test_what_pods_and_nodes_use_is_told(kubectl):
    kubectl.apply(deployment())
    kubectl.run("rollout", "status", "deployment/web", "--timeout=60s")

    pods = kubectl.run("top", "pods").splitlines()
    nodes = kubectl.run("top", "nodes").splitlines()

    assert len(pods) == 3 and all(line.startswith("web-") and "Mi" in line for line in pods[1:])
    assert len(nodes) == 4 and all("%" in line for line in nodes[1:])
