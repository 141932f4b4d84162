"""A member's kubeconfig, downloaded and used with kubectl; and what it is worth afterwards."""

import subprocess
import time

import pytest

from kubectls import KUBECTLS, Kubectl, name
from person import Person
from program import PASSWORD, make_admin, wait_until
from server import Server


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path)
    make_admin(tmp_path, running.database_url)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def ada(server) -> Person:
    person = Person(server.url)
    person.open("/login")
    person.submit("password", email="ada@example.com", password=PASSWORD)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    person.deploy("shop", "web")
    return person


@pytest.fixture
def bob(server) -> Person:
    person = Person(server.url)
    person.open("/register")
    person.submit("password", email="bob@example.com", name="Bob", password=PASSWORD)
    return person


@pytest.fixture(params=KUBECTLS or [None], ids=lambda path: name(path) if path else "none")
def kubectl(request, tmp_path):
    if request.param is None:
        pytest.skip("kubectl tests are skipped: there is no kubectl on PATH")
    return Kubectl(request.param, tmp_path / "shop.kubeconfig", tmp_path)


def add(ada: Person, role: str) -> None:
    ada.open("/projects/shop/members")
    ada.submit("email", email="bob@example.com", role=role)


def download(person: Person, kubectl: Kubectl) -> None:
    person.open("/projects/shop/members")
    person.submit("hours", hours="1")
    (kubectl.folder / "shop.kubeconfig").write_text(person.page)


def answer(kubectl: Kubectl, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run([kubectl.path, *arguments], capture_output=True, text=True, timeout=60,
                           cwd=kubectl.folder, env=kubectl.variables)
    return ended.returncode, ended.stdout + ended.stderr


def refusal(kubectl: Kubectl, *arguments: str) -> str:
    status, text = answer(kubectl, *arguments)
    assert status != 0, text
    return text


def test_a_viewers_kubeconfig_reads_this_project_and_nothing_else(kubectl, ada, bob):
    add(ada, "viewer")
    download(bob, kubectl)

    wait_until("the pod is listed", lambda: "web-" in kubectl.run("get", "pods"))
    assert "web" in kubectl.run("get", "deployments", "-o", "name")
    for arguments in [
        ("get", "secrets"), ("delete", "deployment", "web"), ("scale", "deployment/web",
         "--replicas=5"), ("create", "configmap", "mine"), ("get", "pods", "-n", "kube-system"),
        ("get", "pods", "--all-namespaces"), ("get", "namespaces"),
        ("create", "rolebinding", "mine", "--clusterrole=admin", "--user=bob@example.com"),
    ]:
        assert "orbidden" in refusal(kubectl, *arguments), arguments


def test_an_editors_kubeconfig_changes_what_runs_but_not_who_may(kubectl, ada, bob):
    add(ada, "editor")
    download(bob, kubectl)

    kubectl.run("scale", "deployment/web", "--replicas=2")
    wait_until("there are two pods", lambda: kubectl.run("get", "pods").count("Running") == 2)
    for arguments in [
        ("create", "rolebinding", "mine", "--clusterrole=view", "--user=bob@example.com"),
        ("delete", "resourcequota", "project"), ("delete", "limitrange", "project"),
        ("label", "namespace", "shop", "a=b"),
    ]:
        assert "orbidden" in refusal(kubectl, *arguments), arguments


def test_a_kubeconfig_ends_with_the_membership_and_says_when_it_expires(kubectl, ada, bob):
    add(ada, "editor")
    download(bob, kubectl)
    text = (kubectl.folder / "shop.kubeconfig").read_text()
    assert time.strftime("expires at %Y-%m-%dT", time.gmtime(time.time() + 3600)) in text
    kubectl.run("get", "pods")

    ada.open("/projects/shop/members")
    row = ada.page[ada.page.index("bob@example.com"):]
    ada.open(next(link for link in row.split('"') if link.endswith("/remove")))
    ada.submit("_token", to="/remove")

    def is_refused() -> bool:
        status, text = answer(kubectl, "get", "pods")
        return status != 0 and ("nauthorized" in text or "logged in" in text)

    wait_until("the token is worth nothing", is_refused)
