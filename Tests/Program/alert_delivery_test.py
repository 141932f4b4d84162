"""Alerts travel: a scrape, a rule, a real Prometheus, a real Alertmanager, a webhook."""

import http.server
import json
import subprocess
import threading

import pytest
import yaml

from program import wait_until
from prometheus import Alertmanager, Prometheus
from rules import DEPLOY, FOLDER, alerts

CONFIG = DEPLOY / "alertmanager" / "alertmanager.yml"
TOKEN = "a-token-of-the-test"


class Listener:
    """An HTTP server of the test's own, on loopback."""

    def __init__(self):
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.respond(*listener.get(self.path, self.headers))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.respond(*listener.post(self.path, self.headers, json.loads(body)))

            def respond(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path, headers) -> tuple[int, str]:
        return 404, ""

    def post(self, path, headers, body) -> tuple[int, str]:
        return 404, ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Cluster(Listener):
    """What kube-state-metrics tells of two projects' application `web` and of somebody else's."""

    available = {"shop": 1, "blog": 1, "legacy": 0}

    def get(self, path, headers):
        lines = []
        for namespace, available in self.available.items():
            manager = "me" if namespace == "legacy" else "babyhelm"
            where = f'namespace="{namespace}",deployment="web"'
            lines += [
                f'kube_namespace_labels{{namespace="{namespace}",'
                f'label_app_kubernetes_io_managed_by="{manager}"}} 1',
                f"kube_deployment_spec_replicas{{{where}}} 2",
                f"kube_deployment_status_replicas_updated{{{where}}} 2",
                f"kube_deployment_status_replicas_available{{{where}}} {available}"]
        return 200, "\n".join(lines) + "\n"


class BabyHelm(Listener):
    """Takes what Alertmanager sends, as BabyHelm does."""

    def __init__(self):
        super().__init__()
        self.messages: list[dict] = []
        self.refused = 0

    def post(self, path, headers, body):
        if path != "/hooks/alertmanager" or headers["Authorization"] != f"Bearer {TOKEN}":
            self.refused += 1
            return 401, ""
        self.messages.append(body)
        return 200, ""

    def told(self, name: str, status: str) -> list[dict]:
        return [alert for message in list(self.messages) for alert in message["alerts"]
                if alert["labels"]["alertname"] == name and alert["status"] == status]


def for_test(url: str, folder) -> dict:
    """Alertmanager's configuration as it is, but quicker, and with the test's address."""
    config = yaml.safe_load(CONFIG.read_text())
    token = folder / "token"
    token.write_text(TOKEN)
    webhook = config["receivers"][0]["webhook_configs"][0]
    webhook["url"] = webhook["url"].replace("http://babyhelm:8080", url)
    webhook["http_config"]["authorization"]["credentials_file"] = str(token)
    for route in (config["route"], *config["route"]["routes"]):
        route.update(group_wait="1s", group_interval="1s")
    return config


def quick_rules(folder) -> str:
    """The rules as they are, but without patience."""
    document = yaml.safe_load((FOLDER / "applications.yml").read_text())
    for group in document["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule["for"] = "1s"
    path = folder / "rules.yml"
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_an_alert_arrives_is_not_drowned_by_its_consequences_and_is_taken_back(tmp_path):
    with Cluster() as cluster, BabyHelm() as babyhelm, \
            Alertmanager(tmp_path, for_test(f"http://{babyhelm.address}", tmp_path)) as manager:
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [quick_rules(tmp_path)],
            "alerting": {"alertmanagers": [{"static_configs": [
                {"targets": [manager.url.removeprefix("http://")]}]}]},
            "scrape_configs": [{"job_name": "kube-state-metrics", "honor_labels": True,
                                "static_configs": [{"targets": [cluster.address]}]}]}
        with Prometheus(tmp_path, config):
            # One of two pods is missing in shop and in blog.
            wait_until("missing pods are told of",
                       lambda: len(babyhelm.told("ReplicasMissing", "firing")) >= 2, 30)
            assert not babyhelm.told("ApplicationNotAvailable", "firing")

            cluster.available = {"shop": 0, "blog": 1, "legacy": 0}
            alert = wait_until("shop's web is told to be away",
                               lambda: babyhelm.told("ApplicationNotAvailable", "firing"), 30)[0]
            assert alert["labels"] == {
                "alertname": "ApplicationNotAvailable", "severity": "critical",
                "namespace": "shop", "application": "web"}
            assert alert["annotations"]["summary"] == "web is not available"
            assert "None of the 2 pods" in alert["annotations"]["description"]
            # It has no measurements either, and that isn't another message.
            missing = {alert["labels"]["namespace"]
                       for alert in babyhelm.told("ApplicationWithoutData", "firing")}
            assert "legacy" not in missing
            wait_until("blog's lack of data arrives", lambda: any(
                alert["labels"]["namespace"] == "blog"
                for alert in babyhelm.told("ApplicationWithoutData", "firing")), 30)

            cluster.available = {"shop": 2, "blog": 2, "legacy": 0}
            wait_until("all is well again", lambda: babyhelm.told(
                "ApplicationNotAvailable", "resolved"), 30)
            wait_until("blog has its pods", lambda: any(
                alert["labels"]["namespace"] == "blog"
                for alert in babyhelm.told("ReplicasMissing", "resolved")), 30)
    assert babyhelm.refused == 0
    namespaces = {alert["labels"].get("namespace") for message in babyhelm.messages
                  for alert in message["alerts"]}
    assert namespaces == {"shop", "blog"}
    # A message is about one application.
    assert all(message["groupLabels"]["application"] == "web" for message in babyhelm.messages)


def test_consequences_are_silenced_for_the_same_application_only(tmp_path):
    with BabyHelm() as babyhelm, \
            Alertmanager(tmp_path, for_test(f"http://{babyhelm.address}", tmp_path)) as manager:
        def alert(name, severity, application):
            return {"labels": {"alertname": name, "severity": severity, "namespace": "shop",
                               "application": application}, "annotations": {}}
        manager.send([alert("ApplicationNotAvailable", "critical", "web")])
        wait_until("it is there", lambda: babyhelm.told("ApplicationNotAvailable", "firing"), 30)
        manager.send([alert("ManyErrors", "critical", "web"),
                      alert("AnomalyRequests", "warning", "web"),
                      alert("QuotaNearlyUsed", "warning", "web"),
                      alert("ManyErrors", "critical", "web-api")])

        wait_until("others arrive", lambda: babyhelm.told("QuotaNearlyUsed", "firing")
                   and babyhelm.told("ManyErrors", "firing"), 30)

        assert {one["labels"]["application"] for one in babyhelm.told("ManyErrors", "firing")} \
            == {"web-api"}
        assert not babyhelm.told("AnomalyRequests", "firing")
        state = {(one["labels"]["alertname"], one["labels"]["application"]):
                 one["status"]["state"] for one in manager.alerts()}
        assert state["ManyErrors", "web"] == state["AnomalyRequests", "web"] == "suppressed"


def test_without_the_token_nothing_is_taken(tmp_path):
    with BabyHelm() as babyhelm:
        config = for_test(f"http://{babyhelm.address}", tmp_path)
        (tmp_path / "token").write_text("another")
        with Alertmanager(tmp_path, config) as manager:
            manager.send([{"labels": {"alertname": "ManyErrors", "severity": "critical"}}])
            wait_until("it was refused", lambda: babyhelm.refused, 30)
    assert not babyhelm.messages


def amtool(*arguments) -> str:
    done = subprocess.run(["amtool", *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_amtool_finds_no_mistake_in_the_configuration():
    assert "SUCCESS" in amtool("check-config", CONFIG)


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_every_alert_is_routed_to_babyhelm(alert):
    labels = {**alert["labels"], "alertname": alert["alert"], "namespace": "shop"}
    amtool("config", "routes", "test", f"--config.file={CONFIG}", "--verify.receivers=babyhelm",
           *(f"{key}={value}" for key, value in labels.items()))


def test_an_alert_is_told_anew_before_babyhelm_forgets_it_and_sooner_if_it_is_critical():
    config = yaml.safe_load(CONFIG.read_text())["route"]
    usual = int(config["repeat_interval"].removesuffix("h"))
    hours = {route["matchers"][0]: int(route.get("repeat_interval", f"{usual}h").removesuffix("h"))
             for route in config["routes"]}
    assert hours['severity="critical"'] < usual
    assert max(usual, *hours.values()) < 5  # hours until it expires in BabyHelm


def test_inhibitions_name_alerts_that_exist_and_labels_that_they_have():
    known = {alert["alert"]: alert for alert in alerts()}
    for rule in yaml.safe_load(CONFIG.read_text())["inhibit_rules"]:
        sources, targets = (set(rule[side][0].split('"')[1].split("|"))
                            for side in ("source_matchers", "target_matchers"))
        assert sources <= known.keys() and targets <= known.keys()
        assert not sources & targets, "an alert that silences itself"
        for label in rule.get("equal", []):
            # Labels that neither has are equal, and everything would silence everything.
            for name in sources:
                assert label in known[name]["expr"], (name, label)
