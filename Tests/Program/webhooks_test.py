"""Webhooks as a receiver sees them: signatures, crashes, replicas."""

import json
import re
import shutil
import subprocess

import pytest
from playwright._impl._driver import compute_driver_executable
from standardwebhooks import Webhook

from person import Person
from program import PASSWORD, make_admin, samples, wait_until
from receiver import Receiver
from server import ROOT, Server, free_port

DOCUMENT = (ROOT / "docs/webhooks.md").read_text()
SCRAPER = "a-token-of-the-scraper"
# The example for Node is asked about what came, and about the same with one more blank.
JUDGE = """
const { secret, headers, body } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(isGenuine(secret, headers, body), isGenuine(secret, headers, body + " "));
"""
ALLOWED = ("--webhook-allowed-networks", "127.0.0.0/8")


def block(language: str) -> str:
    """The example in a language as it stands in the documentation."""
    return re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.S)[1]


def serve(tmp_path, database: str, sandbox, *more: str) -> Server:
    return Server(
        tmp_path, (*ALLOWED, *more), cluster=("--kubeconfig", str(sandbox.kubeconfig)),
        database_url=database).start()


def sign_in(server: Server) -> Person:
    person = Person(server.url)
    person.open("/login")
    person.submit("password", email="ada@example.com", password=PASSWORD)
    return person


def make_webhook(person: Person, url: str, name: str = "robot") -> str:
    """Its secret."""
    person.open("/projects/shop/notifications")
    person.submit("url", name=name, url=url)
    return re.search(r"whsec_[A-Za-z0-9+/=]+", person.page)[0]


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.stop()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_attempts_to_deliver_are_counted(tmp_path, database, sandbox, receiver):
    (tmp_path / "scraper").write_text(SCRAPER)
    make_admin(tmp_path, database)
    server = serve(
        tmp_path, database, sandbox, "--metrics-token-file", str(tmp_path / "scraper"))
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    make_webhook(person, receiver.url)
    person.deploy("shop", "web")
    attempts = 'babyhelm_deliveries_total{channel="webhook",outcome="%s"}'
    wait_until("what arrived is counted", lambda: samples(server, SCRAPER).get(
        attempts % "delivered", 0) >= 2)
    assert samples(server, SCRAPER).get(attempts % "failed", 0) == 0

    receiver.status = 500
    person.deploy("shop", "api")
    wait_until("what didn't is counted and waits", lambda: (
        samples(server, SCRAPER).get(attempts % "failed", 0) >= 1
        and samples(server, SCRAPER)["babyhelm_deliveries_waiting"] >= 1))
    server.stop()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_release_is_told_with_a_signature_that_others_check(
        tmp_path, database, sandbox, receiver):
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    secret = make_webhook(person, receiver.url)
    person.deploy("shop", "web")
    wait_until("the success is told", lambda: "release.succeeded" in [
        event["type"] for event in receiver.events])

    headers, body = receiver.hooks[0]
    assert Webhook(secret).verify(body.decode(), headers) == json.loads(body)
    example: dict = {}
    exec(block("python"), example)
    assert example["is_genuine"](secret, headers, body)
    assert not example["is_genuine"](secret, headers, body + b" ")
    assert not example["is_genuine"](secret, headers, body, now=1)
    assert "application/json" in headers["content-type"]
    link = receiver.events[0]["data"]["link"]
    assert "/projects/shop/apps/web/releases/1" in link and link.startswith(server.url)

    node = subprocess.run(
        [str(compute_driver_executable()[0]), "-e", block("js") + JUDGE], input=json.dumps({
            "secret": secret, "headers": headers, "body": body.decode()}),
        capture_output=True, text=True, check=True, timeout=60)
    assert node.stdout.split() == ["true", "false"]

    if shutil.which("openssl"):
        (tmp_path / "body").write_bytes(body)
        shell = subprocess.run(
            ["sh", "-c", block("sh")], cwd=tmp_path, capture_output=True, text=True, check=True,
            env={"PATH": "/usr/bin:/bin", "SECRET": secret, "WEBHOOK_ID": headers["webhook-id"],
                 "WEBHOOK_TIMESTAMP": headers["webhook-timestamp"]})
        assert shell.stdout.strip() == headers["webhook-signature"]
    assert secret not in server.log and secret.removeprefix("whsec_") not in server.log
    server.stop()


def test_every_example_is_what_is_sent():
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", DOCUMENT, re.S)]
    kinds = {example["type"] for example in examples}
    assert kinds >= {"release.started", "release.succeeded", "release.failed",
                     "release.rolled_back", "release.cancelled", "application.deleted",
                     "application.restored", "alert.began", "alert.ended", "webhook.test"}
    for example in examples:
        assert example.keys() == {"type", "timestamp", "sequence", "data"}
        assert {"project", "severity", "title", "text"} <= example["data"].keys()


def test_nothing_is_lost_or_doubled_when_the_server_is_killed(tmp_path, database, sandbox):
    """Killed after the commit and before sending: the receiver isn't there yet."""
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="50")
    port = free_port()
    make_webhook(person, f"http://127.0.0.1:{port}/hook")
    person.open("/projects/shop/apps/new")
    person.submit("image", name="web", image="nginx:1.27", port="80", replicas="1")
    person.submit("plan")
    server.kill()

    receiver = Receiver(port)
    server = serve(tmp_path, database, sandbox)
    # What was tried while nobody listened waits for its next attempt.
    wait_until("all is told", lambda: {"release.started", "release.succeeded"} <= {
        event["type"] for event in receiver.events}, 90)
    ids = {headers["webhook-id"] for headers, _ in receiver.hooks}
    assert len(ids) == 2
    server.stop()
    receiver.stop()


def test_two_replicas_send_each_message_once(tmp_path, database, sandbox, receiver):
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="50")
    make_webhook(person, receiver.url)
    (tmp_path / "other").mkdir()
    other = serve(tmp_path / "other", database, sandbox)
    for number in range(3):
        person.deploy("shop", f"app-{number}")
    wait_until("all is told", lambda: len(receiver.hooks) >= 6)
    other.stop()
    server.stop()
    ids = [headers["webhook-id"] for headers, _ in receiver.hooks]
    assert len(ids) == len(set(ids)) == 6
    assert sorted(event["sequence"] for event in receiver.events) == list(range(1, 7))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_test_tells_how_it_went_and_nothing_near_is_reached(tmp_path, database, sandbox):
    make_admin(tmp_path, database)
    server = Server(
        tmp_path, cluster=("--kubeconfig", str(sandbox.kubeconfig)), database_url=database).start()
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    person.open("/projects/shop/notifications")
    with pytest.raises(RuntimeError, match="422"):
        person.submit("url", name="near", url="http://127.0.0.1/")
    make_webhook(person, "https://127.0.0.1:1/")
    person.submit("_token", to="/test")
    assert "wasn’t taken" in person.page and "connects to nothing" in person.page
    server.stop()
