"""Alerts from a real Prometheus through a real Alertmanager to the page, and without either."""

import http.server
import json
import threading
import time
import urllib.error
import urllib.request

import pytest

from person import Person
from program import PASSWORD, make_admin, samples, wait_until
from prometheus import Alertmanager, Prometheus
from server import Server

TOKEN = "a-token-of-the-test-0123456789"
SCRAPER = "a-token-of-the-scraper"

RULES = {"groups": [{"name": "test", "interval": "1s", "rules": [
    {"alert": "TooHot", "expr": "test_heat > 50", "labels": {"severity": "critical"},
     "annotations": {"summary": "{{ $labels.application }} is too hot: {{ $value | humanize }}",
                     "description": "Let it <b>cool</b>."}}]}]}


class Exporter:
    """Tells how hot something is, as the test says."""

    def __init__(self):
        self.heat = 10
        exporter = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = f'test_heat{{namespace="shop",application="web"}} {exporter.heat}\n'
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def exporter():
    running = Exporter()
    yield running
    running.stop()


def admin(server: Server) -> Person:
    person = Person(server.url)
    person.open("/login")
    person.submit("password", email="ada@example.com", password=PASSWORD)
    return person


def owner_with_application(server: Server) -> Person:
    ada = admin(server)
    ada.open("/projects/new")
    ada.submit("cpu", name="shop")
    ada.deploy("shop", "web")
    return ada


def send(server: Server, body: bytes, token: str | None = TOKEN) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    request = urllib.request.Request(
        f"{server.url}/hooks/alertmanager", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def message(**labels: str) -> bytes:
    return json.dumps({"version": "4", "alerts": [{
        "status": "firing", "labels": labels, "annotations": {"summary": labels.get("summary", "")},
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": labels.get("alertname", "x")}]}).encode()


def test_from_prometheus_through_alertmanager_to_the_page_and_back(tmp_path, exporter, database):
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    rules = tmp_path / "rules.yml"
    rules.write_text(json.dumps(RULES))
    alertmanager = Alertmanager(tmp_path, {"route": {"receiver": "none"},
                                           "receivers": [{"name": "none"}]})
    alertmanager.start()
    server = Server(tmp_path, database_url=database, arguments=(
        "--alertmanager-token-file", str(token), "--alertmanager-url", alertmanager.url,
        "--alert-interval", "1"))
    try:
        make_admin(tmp_path, server.database_url)
        server.start()
        alertmanager.configure({
            "route": {"receiver": "babyhelm", "group_by": ["..."], "group_wait": "0s",
                      "group_interval": "1s", "repeat_interval": "1h"},
            "receivers": [{"name": "babyhelm", "webhook_configs": [{
                "url": f"{server.url}/hooks/alertmanager", "send_resolved": True,
                "http_config": {"authorization": {"credentials_file": str(token)}}}]}]})
        ada = owner_with_application(server)
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "test", "honor_labels": True,
                                "static_configs": [{"targets": [exporter.target]}]}],
            "alerting": {"alertmanagers": [{"static_configs": [
                {"targets": [alertmanager.url.removeprefix("http://")]}]}]}}
        with Prometheus(tmp_path, config):
            exporter.heat = 75
            page = wait_until(
                "the page shows it", lambda: (
                    ada.page if "web is too hot: 75" in ada.open("/projects/shop/apps/web")
                    else None))
            assert "Let it &lt;b&gt;cool&lt;/b&gt;." in page
            assert "release #1" in page, "the release that came before is named"
            assert "1 alert" in ada.open("/projects")

            link = ada.open("/projects/shop/alerts").split('href="/projects/shop/alerts/')[1]
            ada.open("/projects/shop/alerts/" + link.split('"')[0])
            ada.submit("scope", scope="name", duration="1h", comment="known")
            assert "silenced by Ada" in ada.page and "known" in ada.page
            assert "1 alert" not in ada.open("/projects")
            silence, = json.loads(alertmanager.get("/api/v2/silences"))
            assert {(each["name"], each["value"], each["isRegex"]) for each in silence["matchers"]} \
                == {("alertname", "TooHot", False), ("namespace", "shop", False)}
            assert silence["status"]["state"] == "active"
            ada.open("/projects/shop/alerts")
            ada.submit("_token", to="/end")
            assert "1 alert" in ada.open("/projects")
            assert json.loads(alertmanager.get("/api/v2/silences"))[0]["status"]["state"] \
                == "expired"

            exporter.heat = 20
            wait_until("it is over", lambda: "web is too hot" not in ada.open("/projects/shop"))
            assert "Over" in ada.open("/projects/shop/alerts?state=over")
        assert "It was last heard" in ada.open("/admin/alerts")
    finally:
        server.stop()
        alertmanager.stop()


def test_the_hook_takes_nothing_without_its_token_and_stays_whole_with_it(tmp_path):
    server = Server(tmp_path)
    make_admin(tmp_path, server.database_url)
    server.start()
    try:
        ada = owner_with_application(server)
        good = message(alertname="Good", namespace="shop", severity="warning")
        assert send(server, good, "") == (401, b"")
        ada.open("/admin/alerts")
        ada.submit("_token", to="/token")
        secret = ada.page.split("babyhelm_alerts_")[1].split("<")[0]
        secret = "babyhelm_alerts_" + secret.split("\n")[0].strip()
        for wrong in (None, "", "babyhelm_alerts_", secret[:-1], secret + "x", secret.upper(),
                      "x" * 8000):
            assert send(server, good, wrong) == (401, b"")
        assert "Good" not in ada.open("/admin/alerts")
        assert secret not in ada.page, "it is shown once"

        hostile = {"alertname": "<script>alert(1)</script>", "namespace": "shop",
                   "summary": '"><img src=x onerror=alert(2)>\n\u202e', "severity": "warning\n",
                   "big": "x" * 900_000}
        assert send(server, message(**hostile), secret)[0] == 204
        assert send(server, b"x" * (1 << 20), secret)[0] == 422
        assert send(server, b" " * ((1 << 20) + 1), secret)[0] == 413
        assert send(server, b'{"version":"4"}', secret)[0] == 422
        assert send(server, message(alertname="Elsewhere", namespace="kube-system"),
                    secret)[0] == 204
        for page in ("/projects/shop", "/projects/shop/alerts", "/admin/alerts"):
            text = ada.open(page)
            assert "&lt;script&gt;" in text and "<script>alert" not in text
            assert "<img src=x" not in text
        assert "Elsewhere" in ada.open("/admin/alerts")
        assert "Elsewhere" not in ada.open("/projects/shop/alerts")

        bob = Person(server.url)
        bob.open("/register")
        bob.submit("password", email="bob@example.com", name="Bob", password=PASSWORD)
        for path in ("/projects/shop/alerts", "/admin/alerts"):
            status, content = bob.request("GET", path)
            assert status in (403, 404) and b"script" not in content.split(b"</head>")[1].replace(
                b"<script", b"")
        ada.open("/admin/alerts")
        ada.submit("_token", to="/token/revoke")
        ada.submit("confirmed")
        assert send(server, good, secret) == (401, b"")
    finally:
        server.stop()


def test_without_prometheus_and_alertmanager_a_crash_is_alerted_of(tmp_path, sandbox):
    cluster = ("--kubeconfig", str(sandbox.kubeconfig))
    server = Server(tmp_path, cluster=cluster, arguments=(
        "--alert-interval", "1", "--metrics-token-file", str(tmp_path / "scraper")))
    (tmp_path / "scraper").write_text(SCRAPER)
    make_admin(tmp_path, server.database_url)
    server.start()
    try:
        ada = admin(server)
        ada.open("/projects/new")
        ada.submit("cpu", name="shop")
        ada.open("/projects/shop/apps/new")
        ada.submit("image", name="web", image="oom:1", port="80", replicas="1")
        ada.submit("plan")
        wait_until("it is alerted of", lambda: (
            "web was killed because its memory ran out" in ada.open("/projects/shop")))
        assert "Raise the memory limit" in ada.page
        status, content = ada.request("GET", "/api/v1/projects/shop/alerts")
        alert = json.loads(content)["items"][0]
        assert status == 200 and alert["source"] == "cluster"
        assert (alert["name"], alert["application"]) == ("OutOfMemory", "web")
        firing = f'babyhelm_alerts{{severity="{alert["severity"]}"}}'
        wait_until("the metrics tell it too", lambda: samples(server, SCRAPER)[firing] >= 1)
    finally:
        server.stop()


def test_without_alertmanager_one_replica_asks_prometheus_the_rules(tmp_path, exporter, sandbox,
                                                                    database):
    if database.startswith("sqlite"):
        pytest.skip("replicas share a PostgreSQL database")
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "test.yml").write_text(json.dumps(RULES))
    config = {"global": {"scrape_interval": "1s"},
              "scrape_configs": [{"job_name": "test", "honor_labels": True,
                                  "static_configs": [{"targets": [exporter.target]}]}]}
    with Prometheus(tmp_path, config) as prometheus:
        prometheus.wait_for("test_heat")
        make_admin(tmp_path, database)
        replicas = []
        try:
            for name in ("one", "other"):
                folder = tmp_path / name
                folder.mkdir()
                replicas.append(Server(
                    folder, database_url=database, cluster=("--kubeconfig", str(sandbox.kubeconfig)),
                    arguments=("--prometheus-url", prometheus.url, "--alert-rules", str(rules),
                               "--alert-interval", "2")).start())
            ada = owner_with_application(replicas[0])
            exporter.heat = 60
            wait_until("it is alerted of", lambda: (
                "web is too hot: 60" in ada.open("/projects/shop/apps/web")))
            assert "BabyHelm asks it 1 alert rule." in ada.open("/admin/alerts")

            before = questions(prometheus)
            time.sleep(8)
            asked = questions(prometheus) - before
            assert 2 <= asked <= 5, f"{asked} questions in 8 s; each of two alone asks 4 times"

            exporter.heat = 10
            wait_until("it is over", lambda: "too hot" not in ada.open("/projects/shop/apps/web"))
            alerts = json.loads(ada.request("GET", "/api/v1/projects/shop/alerts")[1])["items"]
            assert [(alert["source"], alert["state"]) for alert in alerts] \
                == [("rules", "resolved")]
        finally:
            for replica in replicas:
                replica.stop()


def questions(prometheus: Prometheus) -> int:
    """How many instant queries Prometheus has answered."""
    metrics = prometheus.get("/metrics").decode()
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in metrics.splitlines()
               if line.startswith("prometheus_http_requests_total{")
               and 'handler="/api/v1/query"' in line)
