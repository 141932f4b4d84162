"""`babyhelm sandbox` as an operator meets it: faults, a state that is kept, reasons for not starting."""

import json
import signal
import stat
import time
import urllib.error
import urllib.request

import pytest
import yaml

from program import Sandbox, run, wait_until
from server import ROOT


class Cluster:
    """Plain requests to a sandbox, whose address carries the token."""

    def __init__(self, sandbox: Sandbox):
        lines = sandbox.kubeconfig.read_text().splitlines()
        self.url = next(line.split()[1] for line in lines if line.strip().startswith("server:"))

    def request(self, method: str, path: str, body=None, limit: float = 10):
        request = urllib.request.Request(
            self.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=limit) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def create(self, name: str) -> int:
        status, made = self.request("POST", "/api/v1/namespaces/default/configmaps",
                                    {"metadata": {"name": name}, "data": {"a": "1"}})
        assert status == 201, made
        return int(made["metadata"]["resourceVersion"])

    def names(self) -> list[str]:
        _, answer = self.request("GET", "/api/v1/namespaces/default/configmaps")
        return [item["metadata"]["name"] for item in answer["items"]]


@pytest.fixture
def start(tmp_path):
    """Starts sandboxes, one after the other."""
    running = []

    def begin(*arguments: str) -> Sandbox:
        (tmp_path / "kubeconfig").unlink(missing_ok=True)
        running.append(Sandbox(tmp_path, 4, *arguments))
        return running[-1]

    yield begin
    for sandbox in running:
        if sandbox.process.poll() is None:
            sandbox.stop()


def test_what_is_kept_comes_again(tmp_path, start):
    path = tmp_path / "state"
    first = start("--state", str(path))
    version = Cluster(first).create("one")
    first.stop()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    second = Cluster(start("--state", str(path)))
    assert "one" in second.names()
    assert second.create("two") > version
    status, told = second.request(
        "GET", "/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=1"
        f"&resourceVersion={version}")
    assert told["object"]["code"] == 410


def test_a_crash_loses_a_second_at_most(tmp_path, start):
    path = tmp_path / "state"
    first = start("--state", str(path))
    version = Cluster(first).create("one")
    wait_until("it is written", lambda: path.exists() and '"name":"one"' in path.read_text(), 2)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()

    second = Cluster(start("--state", str(path)))
    assert "one" in second.names()
    assert second.create("two") > version, "no version is given twice"


def test_a_state_belongs_to_one_sandbox_at_a_time(tmp_path, start):
    path = tmp_path / "state"
    first = start("--state", str(path))
    Cluster(first).create("one")
    wait_until("it is written", path.exists, 5)

    ended = run("sandbox", "--state", str(path), folder=tmp_path)
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.splitlines() == [
        f"The state of the sandbox in {path} is used by another sandbox. "
        "Stop that one, or choose another file."]
    assert "one" in Cluster(first).names(), "the first one goes on"

    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    assert Cluster(start("--state", str(path))).request("GET", "/version")[0] == 200


def test_without_a_file_everything_is_thrown_away(start):
    first = start()
    Cluster(first).create("one")
    first.stop()
    assert "one" not in Cluster(start()).names()


def test_a_state_that_cannot_be_used_is_told_in_one_line(tmp_path):
    path = tmp_path / "state"
    for content, words in [("a letter", "doesn't begin like one"),
                           ('{"babyhelm-sandbox":99}', "newer BabyHelm")]:
        path.write_text(content)
        ended = run("sandbox", "--state", str(path), folder=tmp_path)
        assert ended.returncode == 1 and ended.stdout == ""
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        assert str(path) in ended.stderr and words in ended.stderr
        assert path.read_text() == content
    ended = run("sandbox", "--state", str(tmp_path / "none" / "state"), folder=tmp_path)
    assert ended.returncode == 1 and "can't be written" in ended.stderr


def test_a_role_limits_what_clients_may_do(tmp_path, start):
    role = ROOT / "deploy/rbac.yaml"
    cluster = Cluster(start("--role", str(role)))
    assert cluster.request("GET", "/api/v1/namespaces")[0] == 200
    status, refusal = cluster.request("GET", "/api/v1/persistentvolumes")
    assert status == 403 and refusal["reason"] == "Forbidden"
    assert refusal["message"] == (
        'persistentvolumes is forbidden: User "system:serviceaccount:babyhelm:babyhelm" cannot list '
        'resource "persistentvolumes" in API group "" at the cluster scope')

    # Whoever runs it may look at everything.
    config = yaml.safe_load((tmp_path / "kubeconfig").read_text())
    assert config["current-context"] == "sandbox"
    context = next(entry for entry in config["contexts"] if entry["name"] == "sandbox-admin")
    address = next(entry["cluster"]["server"] for entry in config["clusters"]
                   if entry["name"] == context["context"]["cluster"])
    cluster.url = address
    assert cluster.request("GET", "/api/v1/persistentvolumes")[0] == 200


def test_a_role_that_cannot_be_used_is_told_in_one_line(tmp_path):
    path = tmp_path / "role.yaml"
    for content, words in [("kind: Role", "holds no ClusterRole"), ("a: [", "is no YAML"),
                           ("kind: ClusterRole\nrules:\n- verbs: [get]\n", "rule 1 needs")]:
        path.write_text(content)
        ended = run("sandbox", "--role", str(path), folder=tmp_path)
        assert ended.returncode == 1 and ended.stdout == ""
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        assert str(path) in ended.stderr and words in ended.stderr
    ended = run("sandbox", "--role", str(tmp_path / "none"), folder=tmp_path)
    assert ended.returncode == 1 and "can't be read" in ended.stderr


def test_faults_are_switched_on(start):
    slow = Cluster(start("--fault", "latency=300ms"))
    begun = time.monotonic()
    assert slow.request("GET", "/version")[0] == 200
    assert time.monotonic() - begun >= 0.3
    refusing = Cluster(start("--fault", "error=100%"))
    assert refusing.request("GET", "/version")[0] in (429, 500, 503)
    silent = Cluster(start("--fault", "silent"))
    with pytest.raises(TimeoutError):
        silent.request("GET", "/version", limit=0.5)


def test_what_is_no_fault_is_told(tmp_path):
    ended = run("sandbox", "--fault", "drop=1", folder=tmp_path)
    assert ended.returncode == 64  # EX_USAGE (sysexits.h)
    assert "drop takes a percentage, such as drop=5%." in ended.stderr
    assert "bookmarks-only" in run("sandbox", "--help", folder=tmp_path).stdout
