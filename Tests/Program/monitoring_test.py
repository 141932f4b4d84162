"""Prometheus' own configuration and rights, kube-state-metrics and node-exporter: valid, small,
and enough."""

import json
import re
import subprocess

import pytest
import yaml

import schemas
from alert_delivery_test import Listener
from kubectls import KUBECTLS, Kubectl
from program import wait_until
from prometheus import Prometheus
from rules import DEPLOY, FILES, groups, rules, series_names
from server import ROOT

CONFIG = DEPLOY / "prometheus" / "prometheus.yml"
STATE_METRICS = DEPLOY / "kube-state-metrics" / "kube-state-metrics.yaml"
NODE_EXPORTER = DEPLOY / "node-exporter" / "node-exporter.yaml"
RIGHTS = DEPLOY / "prometheus" / "rbac.yaml"
TOKENS = {"babyhelm.token": "token-of-babyhelm", "cluster.token": "token-of-the-cluster"}


def objects(path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text()))


def one(path, kind: str) -> dict:
    found, = (item for item in objects(path) if item["kind"] == kind)
    return found


# Manifests


@pytest.mark.skipif(not schemas.available(), reason="the OpenAPI documents aren't here")
@pytest.mark.parametrize("path", [STATE_METRICS, NODE_EXPORTER, RIGHTS], ids=lambda path: path.stem)
def test_manifests_are_valid(path):
    for item in objects(path):
        assert schemas.is_known(item), item["kind"]
        assert schemas.mistakes(item) == []


def beyond_restricted(pod: dict) -> set[str]:
    """What the Pod Security level `restricted` refuses of a pod
    (kubernetes.io/docs/concepts/security/pod-security-standards)."""
    found = {key for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key)}
    general = pod.get("securityContext", {})
    allowed = {"name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
               "persistentVolumeClaim", "projected", "secret"}
    for volume in pod.get("volumes", []):
        found |= volume.keys() - allowed
    for container in pod["containers"] + pod.get("initContainers", []):
        own = container.get("securityContext", {})
        found |= {"hostPort" for port in container.get("ports", []) if port.get("hostPort")}
        if own.get("privileged"):
            found.add("privileged")
        if own.get("allowPrivilegeEscalation") is not False:
            found.add("allowPrivilegeEscalation")
        if "ALL" not in own.get("capabilities", {}).get("drop", []) \
                or set(own["capabilities"].get("add", [])) - {"NET_BIND_SERVICE"}:
            found.add("capabilities")
        if not own.get("runAsNonRoot", general.get("runAsNonRoot")):
            found.add("runAsNonRoot")
        if own.get("runAsUser", general.get("runAsUser")) == 0:
            found.add("runAsUser")
        profile = own.get("seccompProfile", general.get("seccompProfile", {})).get("type")
        if profile not in {"RuntimeDefault", "Localhost"}:
            found.add("seccompProfile")
    return found


def test_kube_state_metrics_fits_the_level_that_its_namespace_enforces():
    level = "pod-security.kubernetes.io/enforce"
    assert one(STATE_METRICS, "Namespace")["metadata"]["labels"][level] == "restricted"
    assert beyond_restricted(one(STATE_METRICS, "Deployment")["spec"]["template"]["spec"]) == set()


def test_node_exporter_goes_beyond_it_in_what_it_says_and_in_nothing_else():
    pod = one(NODE_EXPORTER, "DaemonSet")["spec"]["template"]["spec"]
    assert beyond_restricted(pod) == {"hostNetwork", "hostPath", "hostPort"}
    assert all(mount["readOnly"] for container in pod["containers"]
               for mount in container["volumeMounts"])
    text = NODE_EXPORTER.read_text()
    assert "hostPath" in text.split("apiVersion")[0] and "network" in text.split("apiVersion")[0]


@pytest.mark.parametrize("path, kind", [(STATE_METRICS, "Deployment"),
                                        (NODE_EXPORTER, "DaemonSet")])
def test_containers_are_bounded_probed_and_write_nothing(path, kind):
    for container in one(path, kind)["spec"]["template"]["spec"]["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
        assert container["livenessProbe"] and container["readinessProbe"]
        assert re.fullmatch(r"[\w./-]+:v\d+\.\d+\.\d+", container["image"])


def state_metrics_arguments() -> dict[str, str]:
    container, = one(STATE_METRICS, "Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(argument.removeprefix("--").split("=", 1) for argument in container["args"])


def test_kube_state_metrics_may_list_and_watch_what_it_tells_of_and_nothing_else():
    granted = {}
    for rule in one(STATE_METRICS, "ClusterRole")["rules"]:
        assert rule["verbs"] == ["list", "watch"]
        granted |= {resource: rule["apiGroups"] for resource in rule["resources"]}
    assert set(state_metrics_arguments()["resources"].split(",")) == granted.keys()
    assert not granted.keys() & {"secrets", "configmaps"}


def test_kube_state_metrics_tells_what_the_rules_ask_for():
    kinds = {"namespace": "namespaces", "resourcequota": "resourcequotas", "node": "nodes",
             "replicaset": "replicasets", "ingress": "ingresses", "deployment": "deployments",
             "pod": "pods", "horizontalpodautoscaler": "horizontalpodautoscalers",
             "persistentvolumeclaim": "persistentvolumeclaims"}
    asked = {kinds[name.split("_")[1]] for name in names_used() if name.startswith("kube_")}
    assert asked <= set(state_metrics_arguments()["resources"].split(","))
    assert "namespaces=[app.kubernetes.io/managed-by]" \
        in state_metrics_arguments()["metric-labels-allowlist"]


def test_prometheus_may_read_measurements_and_nothing_else():
    allowed = {("nodes", "list"), ("nodes", "watch"), ("nodes/metrics", "get"),
               ("pods", "list"), ("pods", "watch"), ("pods/proxy", "get"),
               ("services/proxy", "get")}
    for item in objects(RIGHTS):
        for rule in item.get("rules", []):
            granted = {(resource, verb) for resource in rule["resources"]
                       for verb in rule["verbs"]}
            assert granted <= allowed
            if item["kind"] == "ClusterRole":
                assert not any(resource.startswith(("pods", "services", "nodes/proxy"))
                               for resource, _ in granted)


@pytest.mark.skipif(not KUBECTLS, reason="no kubectl")
def test_the_sandbox_takes_what_it_knows_of_them(sandbox, tmp_path):
    kubectl = Kubectl(KUBECTLS[0], sandbox.kubeconfig, tmp_path)
    known = set(kubectl.run("api-resources", "--no-headers").split())
    for path in (STATE_METRICS, NODE_EXPORTER):
        for item in objects(path):
            if item["kind"] in known:
                kubectl.apply(yaml.safe_dump(item), "--server-side")

    def running():
        status = kubectl.json("get", "deployment", "kube-state-metrics", "-n", "monitoring")["status"]
        return status.get("availableReplicas") == 1
    wait_until("kube-state-metrics runs under the level `restricted`", running)


def test_the_operators_object_is_written_from_the_rules():
    subprocess.run([ROOT / "scripts" / "prometheus-rule", "--check"], check=True, timeout=60)
    written = yaml.safe_load((DEPLOY / "prometheus" / "prometheusrule.yaml").read_text())
    assert written["kind"] == "PrometheusRule"
    assert written["spec"]["groups"] == groups(FILES)


# Prometheus' configuration


def configuration() -> dict:
    return yaml.safe_load(CONFIG.read_text())


def names_used() -> set[str]:
    """Of raw series from the cluster: in rules, in BabyHelm's own queries, in dashboards."""
    found = {name for rule in rules() for name in series_names(rule["expr"])}
    for folder in (ROOT / "Sources" / "Domain" / "Monitoring", DEPLOY / "grafana" / "dashboards"):
        for path in (*folder.rglob("*.swift"), *folder.rglob("*.json")):
            found |= set(re.findall(
                r"\b(?:kube|container|kubelet_volume|nginx_ingress_controller|node|certmanager)"
                r"_[a-zA-Z]+_[a-zA-Z_]+[a-z]\b(?![_(])", path.read_text()))
    cluster = ("kube_", "container_", "kubelet_", "nginx_ingress_controller_", "node_",
               "certmanager_")
    return {name for name in found if name.startswith(cluster)}


def test_prometheus_keeps_every_series_that_somebody_asks_for():
    kept = [re.compile(rule["regex"]) for job in configuration()["scrape_configs"]
            for rule in job.get("metric_relabel_configs", []) if rule.get("action") == "keep"]

    def is_kept(name: str) -> bool:
        # A histogram is named by its stem where code puts the rest behind.
        return any(pattern.fullmatch(name + end) for pattern in kept
                   for end in ("", "_bucket", "_bytes_total"))
    assert sorted(name for name in names_used() if not is_kept(name)) == []


NODE = """
kubelet_volume_stats_available_bytes{namespace="shop",persistentvolumeclaim="data"} 5
kubelet_http_requests_total{path="/"} 5
"""
CADVISOR = """
container_cpu_usage_seconds_total{container="app",cpu="total",id="/kubepods/x",image="i",name="n",namespace="shop",pod="web-1"} 5
container_cpu_usage_seconds_total{container="",cpu="total",id="/kubepods",image="",name="",namespace="shop",pod="web-1"} 6
container_memory_working_set_bytes{container="POD",id="/kubepods/y",image="i",name="n",namespace="shop",pod="web-1"} 7
container_network_receive_bytes_total{container="",id="/kubepods",image="i",interface="eth0",name="n",namespace="shop",pod="web-1"} 8
container_tasks_state{container="app",id="/kubepods/x",namespace="shop",pod="web-1",state="running"} 1
"""
STATE = """
kube_deployment_spec_replicas{namespace="shop",deployment="web"} 2
kube_pod_owner{namespace="shop",pod="web-1",uid="u",owner_kind="ReplicaSet",owner_name="web-x",owner_is_controller="true"} 1
kube_secret_info{namespace="shop",secret="s"} 1
"""
INGRESS = """
nginx_ingress_controller_requests{namespace="shop",ingress="web",status="200",host="web.example.com",controller_pod="c"} 5
nginx_ingress_controller_ssl_expire_time_seconds{namespace="ingress-nginx",host="web.example.com",class="k8s.io/ingress-nginx"} 5
nginx_ingress_controller_config_hash{controller_namespace="ingress-nginx"} 5
"""
CERTIFICATES = """
certmanager_certificate_expiration_timestamp_seconds{namespace="shop",name="web-tls"} 5
certmanager_clock_time_seconds 5
"""
EXPORTER = """
node_memory_MemAvailable_bytes 5
node_scrape_collector_success{collector="cpu"} 1
"""


class Server(Listener):
    """Answers some paths to who brings the token, and everybody else with 401."""

    def __init__(self, token: str | None, pages: dict[str, str]):
        super().__init__()
        self.token, self.pages = token, pages

    def get(self, path, headers):
        if self.token and headers["Authorization"] != f"Bearer {self.token}":
            return 401, ""
        return (200, self.pages[path].lstrip()) if path in self.pages else (404, "")


def discovered(job: dict, folder, node: str) -> list[dict]:
    """What discovery finds in a cluster with one node and these pods, with the labels that it
    gives (Debian's Prometheus is built without the discovery itself)."""
    role = job["kubernetes_sd_configs"][0]["role"]
    if role == "node":
        found = [{"targets": [node], "labels": {"__meta_kubernetes_node_name": "node-a"}}]
    else:
        namespace, = job["kubernetes_sd_configs"][0]["namespaces"]["names"]
        found = [{"targets": [f"10.0.0.9:{number}"], "labels": {
            "__meta_kubernetes_namespace": namespace,
            "__meta_kubernetes_pod_name": pod,
            "__meta_kubernetes_pod_phase": "Running",
            "__meta_kubernetes_pod_label_app_kubernetes_io_component": component,
            "__meta_kubernetes_pod_container_port_name": port,
            "__meta_kubernetes_pod_container_port_number": str(number)}}
            for pod, component, port, number in (
                ("c-1", "controller", "metrics", 10254), ("c-1", "controller", "https", 443),
                ("c-1", "controller", "http-metrics", 9402), ("w-1", "webhook", "metrics", 1))]
    path = folder / f"{job['job_name']}.json"
    path.write_text(json.dumps(found))
    return [{"files": [str(path)]}]


def for_test(folder, babyhelm: str, node: str, exporter: str, cluster: str) -> dict:
    """The configuration as it is, with the test's addresses, files and haste."""
    for file in FILES:
        quick = re.sub(r"interval: \w+", "interval: 1s", file.read_text())
        (folder / "rules" / file.name).write_text(quick)
    text = CONFIG.read_text()
    for name, token in TOKENS.items():
        (folder / name).write_text(token)
    text = (text.replace("/etc/prometheus/", f"{folder}/").replace("babyhelm:8080", babyhelm)
            .replace("kubernetes.example.net:6443", cluster)
            .replace("$1:9100", f"$1:{exporter.split(':')[1]}"))
    config = yaml.safe_load(text)
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s",
                        "evaluation_interval": "1s"}
    del config["alerting"]
    wanted = []
    for job in config["scrape_configs"]:
        if job["job_name"] in {"prometheus", "alertmanager"}:
            continue
        job.pop("scheme", None)
        job.pop("tls_config", None)
        if "kubernetes_sd_configs" in job:
            job["file_sd_configs"] = discovered(job, folder, node)
            del job["kubernetes_sd_configs"]
        wanted.append(job)
    config["scrape_configs"] = wanted
    return config


def test_a_prometheus_so_configured_reads_all_of_the_cluster_and_keeps_little(tmp_path):
    (tmp_path / "rules").mkdir()
    proxy = "/api/v1/namespaces/{}/proxy/metrics"
    with Server(TOKENS["babyhelm.token"], {"/metrics": "babyhelm_projects 2\n"}) as babyhelm, \
            Server(TOKENS["cluster.token"],
                   {"/metrics": NODE, "/metrics/cadvisor": CADVISOR}) as node, \
            Server(None, {"/metrics": EXPORTER}) as exporter, \
            Server(TOKENS["cluster.token"], {
                proxy.format("monitoring/services/kube-state-metrics:http"): STATE,
                proxy.format("ingress-nginx/pods/c-1:10254"): INGRESS,
                proxy.format("cert-manager/pods/c-1:9402"): CERTIFICATES}) as cluster:
        config = for_test(tmp_path, babyhelm.address, node.address, exporter.address,
                          cluster.address)
        with Prometheus(tmp_path, config) as prometheus:
            def all_up():
                health = {target["labels"]["job"]: target["health"]
                          for target in prometheus.targets()}
                return set(health.values()) == {"up"} and health
            assert wait_until("all targets are up", all_up, 30).keys() == {
                "babyhelm", "kubelet", "cadvisor", "node-exporter", "kube-state-metrics",
                "ingress-nginx", "cert-manager"}
            assert len(prometheus.targets()) == 7

            stored = {series["metric"]["__name__"]
                      for series in prometheus.query('{__name__=~".+", job!=""}')}
            assert {name for name in stored if not name.startswith(("up", "scrape_"))} == {
                "babyhelm_projects", "kubelet_volume_stats_available_bytes",
                "container_cpu_usage_seconds_total", "container_network_receive_bytes_total",
                "kube_deployment_spec_replicas", "kube_pod_owner",
                "nginx_ingress_controller_requests",
                "nginx_ingress_controller_ssl_expire_time_seconds",
                "certmanager_certificate_expiration_timestamp_seconds",
                "node_memory_MemAvailable_bytes"}

            def labels(name: str) -> dict:
                found, = prometheus.query(name)
                return {key: value for key, value in found["metric"].items()
                        if key not in {"__name__", "instance", "job"}}
            assert labels("container_cpu_usage_seconds_total") == {
                "namespace": "shop", "pod": "web-1", "container": "app", "node": "node-a"}
            assert labels("kube_deployment_spec_replicas") == {
                "namespace": "shop", "deployment": "web"}
            assert "uid" not in labels("kube_pod_owner")
            assert labels("nginx_ingress_controller_requests")["namespace"] == "shop"
            assert labels("certmanager_certificate_expiration_timestamp_seconds") == {
                "namespace": "shop", "name": "web-tls"}
            assert labels("node_memory_MemAvailable_bytes") == {"node": "node-a"}

            # Every rule can be evaluated on what such a Prometheus has.
            def evaluated():
                answer = json.loads(prometheus.get("/api/v1/rules"))["data"]["groups"]
                found = [rule for group in answer for rule in group["rules"]]
                ran = found and all(rule["health"] != "unknown" for rule in found)
                return found if ran else None
            broken = [(rule["name"], rule.get("lastError"))
                      for rule in wait_until("rules ran", evaluated, 30)
                      if rule["health"] != "ok"]
            assert broken == []


def test_every_request_to_the_cluster_is_encrypted_and_verified():
    for job in configuration()["scrape_configs"]:
        if job.get("authorization", {}).get("credentials_file", "").endswith("cluster.token"):
            assert job["scheme"] == "https"
            assert not job["tls_config"].get("insecure_skip_verify")
            assert job["tls_config"]["ca_file"]


def test_only_what_speaks_of_other_namespaces_may_say_which():
    trusted = {job["job_name"] for job in configuration()["scrape_configs"]
               if job.get("honor_labels")}
    assert trusted == {"kube-state-metrics", "ingress-nginx", "cert-manager"}


def test_promtool_finds_no_mistake_but_the_discovery_that_debian_left_out():
    done = subprocess.run(["promtool", "check", "config", "--syntax-only", CONFIG],
                          capture_output=True, text=True, timeout=60)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "line" in line]
    assert all("kubernetes_sd_configs not found" in line for line in lines), lines
