"""Each alert rule fires when it should, for whom it should, and is explained in docs/alerts.md."""

import collections
import json
import re
import subprocess
import time

import pytest
import yaml

from program import wait_until
from prometheus import Prometheus
from rules import FILES, TESTS, Told, alerts, groups, rules, series_names
from server import ROOT

MINUTE, HOUR, DAY = 60, 3600, 86400
MANAGED = 'kube_namespace_labels{label_app_kubernetes_io_managed_by="babyhelm"}'
ALERTS = alerts()


def named(alert: dict) -> str:
    return "-".join(filter(None, (alert["alert"], alert["labels"].get("direction"))))


def promtool(*arguments) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_finds_no_mistake_in_the_rules():
    promtool("check", "rules", "--lint-fatal", *FILES)


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_promtool_runs_the_rules_tests(file):
    promtool("test", "rules", file)


def test_each_alert_has_a_test_that_fires_and_one_that_does_not():
    fires, stays_quiet = set(), set()
    for file in TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for question in test["promql_expr_test"]:
                asked = re.match(r'ALERTS\{alertname="(\w+)"(?:.*direction="(\w+)")?',
                                 question["expr"])
                if asked:
                    name = "-".join(filter(None, asked.groups()))
                    (fires if question["exp_samples"] else stays_quiet).add(name)
    names = {named(alert) for alert in ALERTS}
    directionless = {name.removesuffix("-high") for name in names}  # where there is one only
    assert directionless == {name.removesuffix("-high") for name in fires}
    assert directionless == {name.removesuffix("-high") for name in stays_quiet}


@pytest.mark.parametrize("alert", ALERTS, ids=named)
def test_an_alert_tells_how_bad_it_is_what_happened_and_what_to_do(alert):
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    summary, description = (alert["annotations"][key] for key in ("summary", "description"))
    assert len(summary) < 100 and not summary.endswith(".")
    assert description.endswith(".") and description.count(". ") >= 1, "two sentences at least"
    # What BabyHelm's own evaluation can fill in, and nothing else.
    for action in re.findall(r"\{\{(.*?)\}\}", summary + description):
        assert re.fullmatch(r" (\$labels\.\w+|\$value( \| humanize(1024|Percentage|Duration)?)?) ",
                            action), action
    if alert["alert"].startswith("Anomaly"):
        assert {"kind", "direction"} <= alert["labels"].keys()
        assert {"seen", "usual"} <= alert["annotations"].keys()


def test_pods_are_told_apart_by_their_owners_in_the_same_words_everywhere():
    blocks = collections.Counter()
    for rule in rules():
        words = " ".join(rule["expr"].split())
        for start in re.finditer(r"max by \(namespace, pod, application\) \(", words):
            depth, end = 1, start.end()
            while depth:
                depth += {"(": 1, ")": -1}.get(words[end], 0)
                end += 1
            blocks[words[start.start():end]] += 1
    assert len(blocks) == 1, blocks
    assert MANAGED in next(iter(blocks)) and blocks.total() >= 8


def test_alerts_need_recorded_series_only_in_the_file_that_says_so():
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert all(name.startswith("babyhelm:") for name in recorded)
    for alert in ALERTS:
        used = {name for name in series_names(alert["expr"]) if ":" in name}
        assert used <= recorded
        assert bool(used) == alert["alert"].startswith("Anomaly"), alert["alert"]


def test_the_document_has_a_section_for_each_alert_and_no_other():
    text = (ROOT / "docs" / "alerts.md").read_text()
    sections = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert sorted(sections) == sorted({alert["alert"] for alert in ALERTS})
    for alert in ALERTS:
        section = re.search(rf"^### {alert['alert']}$(.*?)(?=^##|\Z)", text,
                            re.MULTILINE | re.DOTALL)[1]
        assert f"`{alert['labels']['severity']}`" in section, alert["alert"]
        assert f"`for: {alert['for']}`" in section if "for" in alert else "at once" in section, \
            f"{alert['alert']}: how long it must last"


class Trouble:
    """Everything that an alert is about, in three namespaces: `shop`, a project in every trouble;
    `legacy`, in the same, but nobody's project; `calm`, a project without any."""

    def __init__(self, now: int):
        self.now = now
        self.told = Told(range(now - 7 * HOUR, now + 1, 30))
        for namespace, manager in (("shop", "babyhelm"), ("calm", "babyhelm"), ("legacy", "me")):
            self.told.add("kube_namespace_labels", 1, namespace=namespace,
                          label_app_kubernetes_io_managed_by=manager)
            self.namespace, self.bad = namespace, namespace != "calm"
            self.deployments()
            self.pods()
            self.volumes()
            self.requests()
            self.anomalies()
        self.cluster()
        self.babyhelm()

    def add(self, name: str, good: object, bad: object, /, **labels: object) -> None:
        self.told.add(name, bad if self.bad else good, namespace=self.namespace, **labels)

    def deployments(self) -> None:
        for name, numbers in {
                "gone": {"status_replicas_available": (3, 0)},
                "web": {"status_replicas_available": (3, 2), "status_replicas_updated": (3, 1)},
                "unmeasured": {}}.items():
            normal = {"spec_replicas": (3, 3), "status_replicas_available": (3, 3),
                      "status_replicas_updated": (3, 3), "metadata_generation": (4, 4),
                      "status_observed_generation": (4, 4), "spec_paused": (0, 0)}
            for metric, (good, bad) in {**normal, **numbers}.items():
                self.add(f"kube_deployment_{metric}", good, bad, deployment=name)
            self.add("kube_deployment_status_condition", 0, 1, deployment=name,
                     condition="Progressing", status="false", reason="ProgressDeadlineExceeded")
        for metric, good, bad in (("spec_max_replicas", 6, 6), ("spec_min_replicas", 2, 2),
                                  ("status_current_replicas", 3, 6)):
            self.add(f"kube_horizontalpodautoscaler_{metric}", good, bad,
                     horizontalpodautoscaler="web")
        self.add("kube_horizontalpodautoscaler_status_condition", 0, 1,
                 horizontalpodautoscaler="web", condition="ScalingLimited", status="true")
        for kind, good, bad in (("used", 5, 9.9), ("hard", 10, 10)):
            self.add("kube_resourcequota", good, bad, resourcequota="project", resource="pods",
                     type=kind)

    def pods(self) -> None:
        for application in ("gone", "web", "unmeasured"):
            replica_set = f"{application}-6b8c9d5f7"
            pod = {"pod": f"{replica_set}-aaaa1"}
            container = {**pod, "container": "app"}
            self.add("kube_replicaset_owner", 1, 1, replicaset=replica_set,
                     owner_kind="Deployment", owner_name=application, owner_is_controller="true")
            self.add("kube_pod_owner", 1, 1, **pod, owner_kind="ReplicaSet",
                     owner_name=replica_set, owner_is_controller="true", uid=application)
            self.add("kube_pod_spec_volumes_persistentvolumeclaims_info", 1, 1, **pod,
                     volume="data", persistentvolumeclaim=f"{application}-data")
            self.add("kube_pod_container_resource_limits", 100, 100, **container,
                     resource="memory", unit="byte")
            self.add("kube_pod_container_status_restarts_total", 0, lambda at: at // 300,
                     **container)
            self.add("kube_pod_container_status_waiting_reason", lambda at: None, 1, **container,
                     reason="CrashLoopBackOff")
            self.add("kube_pod_container_status_last_terminated_reason", lambda at: None, 1,
                     **container, reason="OOMKilled")
            if application != "unmeasured" or not self.bad:
                self.add("container_memory_working_set_bytes", 50, 95, **container)
                self.add("container_cpu_usage_seconds_total", lambda at: at, lambda at: at,
                         **container)
                self.add("container_cpu_cfs_periods_total", lambda at: at * 10,
                         lambda at: at * 10, **container)
                self.add("container_cpu_cfs_throttled_periods_total", 0, lambda at: at * 5,
                         **container)

    def volumes(self) -> None:
        for name, available, inodes in (
                ("web-data", 4, 95),
                ("gone-data", lambda at: 40 - (at - self.now) / HOUR, 10),
                ("unmeasured-data", 90, 10)):
            claim = {"persistentvolumeclaim": name}
            self.add("kubelet_volume_stats_capacity_bytes", 100, 100, **claim)
            self.add("kubelet_volume_stats_available_bytes", 60, available, **claim)
            self.add("kubelet_volume_stats_inodes", 100, 100, **claim)
            self.add("kubelet_volume_stats_inodes_used", 10, inodes, **claim)

    def requests(self) -> None:
        host = f"{self.namespace}.example.com"
        for status, good, bad in (("200", 10, 10), ("500", 0, 2)):
            self.told.add("nginx_ingress_controller_requests",
                          lambda at, rate=bad if self.bad else good: rate * at,
                          exported_namespace=self.namespace, namespace="ingress-nginx",
                          ingress="web", status=status, host=host)
        self.add("kube_ingress_tls", 1, 1, ingress="web", tls_host=host, secret="web-tls")
        self.told.add("nginx_ingress_controller_ssl_expire_time_seconds",
                      self.now + (1 if self.bad else 60) * DAY, host=host,
                      namespace="ingress-nginx")
        self.told.add("certmanager_certificate_expiration_timestamp_seconds",
                      self.now + (1 if self.bad else 60) * DAY, name="web-tls",
                      exported_namespace=self.namespace, namespace="cert-manager")

    def anomalies(self) -> None:
        """As recording.yml would have made them; in a namespace that is nobody's it makes none."""
        if self.namespace == "legacy":
            return
        mebibytes = 2 ** 20
        for application, high in (("web", True), ("gone", False)):
            for kind, usual, unit in (("cpu", 1, 1), ("requests", 10, 1), ("errors", 0.01, 1),
                                      ("memory", 100, mebibytes)):
                labels = {"application": application, "kind": kind}
                seen = usual * (30 if kind == "errors" else 3) if high else usual / 5
                for name, good, bad in (
                        ("avg5m", usual, seen), ("usual", usual, usual), ("days", 7, 7),
                        ("deviation", usual / 10, usual / 10), ("highest", usual, usual),
                        ("lowest", usual, usual)):
                    scale = 1 if name == "days" else unit
                    self.add(f"babyhelm:application_level:{name}", good * scale, bad * scale,
                             **labels)

    def cluster(self) -> None:
        add = self.told.add
        for node, bad in (("node-a", 1), ("node-b", 0)):
            add("kube_node_status_condition", 1 - bad, node=node, condition="Ready", status="true")
            add("kube_node_status_condition", bad, node=node, condition="DiskPressure",
                status="true")
            where = {"instance": node, "node": node}
            for mount, free in (("/", 5 if bad else 70), ("/data", (
                    lambda at: 20 - (at - self.now) / HOUR) if bad else 70)):
                disk = {**where, "mountpoint": mount, "fstype": "ext4", "device": mount}
                add("node_filesystem_size_bytes", 100, **disk)
                add("node_filesystem_avail_bytes", free, **disk)
            add("node_memory_MemTotal_bytes", 100, **where)
            add("node_memory_MemAvailable_bytes", 2 if bad else 60, **where)
            add("up", 1 - bad, job="node-exporter", instance=node)
        add("prometheus_rule_evaluation_failures_total", lambda at: at, rule_group="some")
        add("alertmanager_notifications_failed_total", lambda at: at, integration="webhook")

    def babyhelm(self) -> None:
        add = self.told.add
        one = {"instance": "a:8080"}
        add("up", lambda at: 1 if at < self.now - HOUR else 0, job="babyhelm", **one)
        add("up", lambda at: 1 if at < self.now - HOUR / 2 else 0, job="babyhelm",
            instance="b:8080")
        for status, rate in (("2xx", 9), ("5xx", 1)):
            add("babyhelm_http_requests_total", lambda at, rate=rate: rate * at, route="/",
                method="GET", status=status, **one)
        for bound, rate in (("1", 5), ("5", 10), ("+Inf", 10)):
            add("babyhelm_http_request_duration_seconds_bucket",
                lambda at, rate=rate: rate * at, le=bound, **one)
        add("babyhelm_http_request_duration_seconds_count", lambda at: 10 * at, **one)
        for name, value in (
                ("database_transactions_waiting", 3), ("database_connections_in_use", 8),
                ("database_connections_max", 8), ("cluster_stale", 1), ("clock_skew_seconds", -90),
                ("operation_oldest_seconds", 2 * HOUR)):
            add(f"babyhelm_{name}", value, **one)
        add("babyhelm_database_transaction_failures_total", lambda at: at, kind="write", **one)
        add("babyhelm_reflector_lag_seconds", 900, kind="pods", **one)
        add("babyhelm_deliveries_total", lambda at: at, channel="email", outcome="failed", **one)
        add("process_open_fds", 95, job="babyhelm", **one)
        add("process_max_fds", 100, job="babyhelm", **one)


# What the data above can't have at the same time, and the moment or the change that shows it.
WITHOUT = {
    "KubeStateMetricsGone": "kube_deployment_spec_replicas",
    "ContainerMetricsGone": "container_cpu_usage_seconds_total",
    "ProjectsNotRecognised": "kube_namespace_labels",
}


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("troubled")
    now = int(time.time()) // 60 * 60
    trouble = Trouble(now)
    trouble.told.add("babyhelm_projects", 2, instance="a:8080")
    trouble.told.backfill(folder, folder / "prometheus-data")
    for file in FILES:
        if file.stem != "recording":  # what it would record is told above
            quick = re.sub(r"interval: \w+", "interval: 1s", file.read_text())
            (folder / file.name).write_text(quick)
    with Prometheus(folder, {"rule_files": [f"{folder}/*.yml"]}) as prometheus:
        yield prometheus, now


@pytest.mark.parametrize("alert", ALERTS, ids=named)
def test_the_expression_finds_the_project_in_trouble_and_no_other(troubled, alert):
    prometheus, now = troubled
    expression = alert["expr"]
    if gone := WITHOUT.get(alert["alert"]):
        assert not ask(prometheus, expression, now), "it is there"
        expression = expression.replace(gone, "nothing_of_it")
    at = now - 2400 if alert["alert"] == "BabyHelmReplicaDown" else now

    found = ask(prometheus, expression, at)

    assert found
    assert {one["metric"].get("namespace", "shop") for one in found} == {"shop"}
    about = {label for one in found for label in one["metric"]} - {"__name__"}
    if about & {"application"}:
        assert {one["metric"]["application"] for one in found} <= {"web", "gone", "unmeasured"}
    # A label for each pod, or for each scrape, would make another alert of the same trouble.
    assert not about & {"pod", "uid", "endpoint", "service"}, about
    for one in found:
        assert one["value"][1] not in {"NaN", "+Inf", "-Inf"}


def test_what_people_read_is_whole(troubled):
    """Every template is filled in, for pending alerts, too."""
    prometheus, _ = troubled
    shown = {named(alert) for alert in ALERTS} - set(WITHOUT) - {"BabyHelmReplicaDown"}

    def told():
        found = prometheus.alerts()
        return found if shown <= {named_as_told(alert) for alert in found} else None
    for alert in wait_until("all alerts are pending or fire", told, 30):
        for text in alert["annotations"].values():
            assert not re.search(r"<error|<no value>|%!|\{\{|\}\}|NaN|  ", text), text
            assert text.strip() == text and text
        assert alert["labels"]["severity"] and alert["labels"].get("namespace") != "legacy"
    by_name = {alert["labels"]["alertname"]: alert["annotations"] for alert in told()}
    assert "used 95% of its memory limit" in by_name["NearMemoryLimit"]["description"]
    assert "for another 23h 5" in by_name["CertificateEndsSoon"]["description"]
    assert by_name["AnomalyMemory"]["seen"] == "300MiB"
    assert by_name["AnomalyMemory"]["usual"] == "100MiB"
    assert by_name["AnomalyErrors"]["usual"] == "1%"


def named_as_told(alert: dict) -> str:
    labels = alert["labels"]
    return "-".join(filter(None, (labels["alertname"], labels.get("direction"))))


def ask(prometheus: Prometheus, expression: str, at: int) -> list[dict]:
    import json
    answer = json.loads(prometheus.get("/api/v1/query", query=expression, time=str(at)))
    assert not answer.get("warnings"), answer
    return answer["data"]["result"]


def test_no_group_is_slower_than_its_interval_allows():
    """Two minutes is the longest distance of samples that an offset still finds (five is the
    look-back, less a late evaluation)."""
    for group in groups():
        interval = group["interval"]
        assert interval in {"30s", "1m", "2m", "5m"}
        if any("record" in rule for rule in group["rules"]):
            assert interval in {"1m", "2m"}, group["name"]
