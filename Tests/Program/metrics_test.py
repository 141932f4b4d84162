"""BabyHelm's own metrics and its log, as the operator's Prometheus and log collector meet them."""

import json
import shutil
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from person import Person
from program import run, wait_until
from server import Server, die_with_parent, free_port

TOKEN = "operator-token-0123456789abcdef"


def fetch(url: str, **headers: str) -> tuple[int, str, dict]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as it:
            return it.status, it.read().decode(), dict(it.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


@pytest.fixture
def served(tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    port = free_port()
    arguments = ("--metrics-token-file", str(token), "--metrics-address", f"127.0.0.1:{port}",
                 "--log-format", "json")
    with Server(tmp_path, arguments) as server:
        wait_until("the metrics listener", lambda: f"http://127.0.0.1:{port}/metrics" in server.log)
        yield server, f"http://127.0.0.1:{port}/metrics"


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_the_metrics_are_clean_by_promtool(served):
    server, url = served
    fetch(server.url + "/projects")
    status, text, headers = fetch(url, Authorization=f"Bearer {TOKEN}")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                             capture_output=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout + checked.stderr == ""


def test_strangers_get_no_metrics_on_either_port(served):
    server, url = served
    for address in (server.url + "/metrics", url):
        status, text, _ = fetch(address)
        assert status == 401 and "babyhelm_" not in text
        status, text, _ = fetch(address, Authorization="Bearer " + TOKEN[:-1])
        assert status == 401 and "babyhelm_" not in text
        status, text, _ = fetch(address, Authorization=f"Bearer {TOKEN}")
        assert status == 200 and "babyhelm_build_info{" in text
    # The other listener has nothing but them.
    for path in ("/", "/healthz", "/login", "/api/v1/projects", "/metrics/x"):
        assert fetch(url.removesuffix("/metrics") + path)[0] == 404


@pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed")
def test_a_real_prometheus_scrapes_them(served, tmp_path):
    server, url = served
    address = urllib.parse.urlsplit(url).netloc
    (tmp_path / "prometheus.yml").write_text(f"""
global: {{ scrape_interval: 1s }}
scrape_configs:
  - job_name: babyhelm
    authorization: {{ credentials: {TOKEN} }}
    static_configs: [{{ targets: ["{address}"] }}]
""")
    port = free_port()
    with open(tmp_path / "prometheus.log", "wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={tmp_path / 'prometheus.yml'}",
             f"--storage.tsdb.path={tmp_path / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"],
            stdout=log, stderr=log, preexec_fn=die_with_parent)
    try:
        def ask(query: str) -> list:
            address = f"http://127.0.0.1:{port}/api/v1/query?query=" + urllib.parse.quote(query)
            try:
                status, text, _ = fetch(address)
            except (urllib.error.URLError, ConnectionError):
                return []
            return json.loads(text)["data"]["result"] if status == 200 else []

        fetch(server.url + "/healthz")
        found = wait_until("a scrape", lambda: ask(
            'babyhelm_http_requests_total{route="/healthz"}'))
        assert float(found[0]["value"][1]) >= 1
        assert ask("up")[0]["value"][1] == "1", (tmp_path / "prometheus.log").read_text()
        assert ask("babyhelm_reflector_relists_total"), "the reflectors are told"
        assert ask("process_resident_memory_bytes")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_a_deploy_is_told_in_the_metrics_and_the_log(served):
    server, url = served
    person = Person(server.url)
    person.register()
    person.open("/projects/new")
    person.submit("name", name="shop")
    person.deploy("shop", "web")
    wait_until("the rollout", lambda: 'babyhelm_rollout_duration_seconds_count'
               '{outcome="succeeded"} 1' in fetch(url, Authorization=f"Bearer {TOKEN}")[1])
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    ended = [line for line in lines if line["message"] == "a release ended"]
    assert ended and ended[0]["project"] == "shop" and ended[0]["application"] == "web"
    assert ended[0]["release"] == 1 and ended[0]["outcome"] == "succeeded"
    assert {"operation", "duration_ms"} <= set(ended[0])
    requests = [line for line in lines if line["message"] == "request"]
    assert all({"method", "path", "route", "status", "duration_ms", "bytes", "address",
                "request_id"} <= set(line) for line in requests)


def test_what_cannot_be_is_refused_at_the_start(tmp_path):
    (tmp_path / "short").write_text("secret\n")
    for arguments, words in (
        (("--metrics-token-file", str(tmp_path / "none")), "openssl rand"),
        (("--metrics-token-file", str(tmp_path / "short")), "16 characters"),
        (("--metrics-address", "9091"), "127.0.0.1:9091"),
    ):
        ended = run("serve", "--sandbox", "--port", "0", *arguments, folder=tmp_path)
        assert ended.returncode == 1 and words in ended.stderr, ended
