"""The cluster goes away, comes back older, or loses a namespace; nobody restarts BabyHelm.

BABYHELM_TEST_OUTAGE says for how many seconds it is away (15 by default; `scripts/test --outage`
takes 600).
"""

import json
import os
import pathlib
import shutil
import time
import urllib.parse

import pytest

from crash_test import confirm, is_through, serve, sign_in
from program import Sandbox, make_admin, wait_until
from sandbox_test import Cluster
from server import Server, free_port

OUTAGE = int(os.environ.get("BABYHELM_TEST_OUTAGE", "15"))


class House:
    """A server on a sandbox that keeps its state, and comes again at the same address or not."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.state = folder / "state"
        self.database = f"sqlite:{folder / 'babyhelm.sqlite'}"
        make_admin(folder, self.database)
        self.begin()
        self.server = serve(folder, self.database, self.sandbox)
        self.person = sign_in(self.server)
        self.person.open("/projects/new")
        self.person.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="50")

    def begin(self, port: int = 0) -> None:
        kubeconfig = self.folder / "kubeconfig"
        kubeconfig.unlink(missing_ok=True)
        self.sandbox = Sandbox(
            self.folder, 20, "--state", str(self.state), *(["--port", str(port)] if port else []))
        self.port = urllib.parse.urlsplit(Cluster(self.sandbox).url).port

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.sandbox)

    def deploy(self, name: str) -> None:
        """A cluster that came back a moment ago may not be known to answer: then they try again."""
        def is_taken() -> bool:
            try:
                confirm(self.person, name)
            except RuntimeError as refusal:
                assert ": 503" in str(refusal), refusal
                return False
            return True

        wait_until(f"the cluster takes {name}", is_taken)
        wait_until(f"{name} is through", lambda: is_through(self.person, name))

    def project(self) -> str:
        return self.person.open("/projects/shop")

    def end(self) -> None:
        self.server.stop()
        if self.sandbox.process.poll() is None:
            self.sandbox.stop()


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.end()


def deployment(cluster: Cluster, name: str):
    status, found = cluster.request("GET", f"/apis/apps/v1/namespaces/shop/deployments/{name}")
    return found if status == 200 else None


def test_a_cluster_that_is_away_is_told_and_taken_up_at_a_new_address_without_a_restart(house):
    house.deploy("web")
    house.sandbox.stop()

    page = wait_until("the page tells", lambda: "No answer from the cluster" in (
        page := house.project()) and page)
    assert "last heard" in page and "the connection was refused" in page
    assert "/projects/shop/apps/web" in page, "the last picture is still served"
    assert "2/2" in house.person.open("/projects/shop/apps/web")
    assert "Can&#39;t reach" in (cluster := house.person.open("/admin/cluster")) \
        or "Can't reach" in cluster or "nothing listens there" in cluster
    house.person.open("/projects/shop/apps/web/edit")
    form = urllib.parse.urlencode({"image": "nginx:1.28", "name": "web", "port": "80",
                                   "replicas": "2", "_token": token(house)})
    status, answer = house.person.request(
        "POST", "/projects/shop/apps/web/edit", form,
        **{"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 503 and b"The cluster doesn" in answer and b"nginx:1.28" in answer

    # It comes back at another address with other credentials, which the kubeconfig tells.
    before = house.port
    house.begin()
    assert house.port != before
    wait_until("it answers", lambda: "No answer from the cluster" not in house.project(), 90)
    assert "the way to the API server changed" in house.server.log
    house.deploy("api")


def resident(process) -> float:
    """Megabytes (10⁶ bytes)."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def test_a_long_outage_is_waited_out_and_what_was_confirmed_is_carried_on(house):
    port = house.port
    house.deploy("web")
    # This one is confirmed, and its cluster is gone before it is through.
    confirm(house.person, "api")
    house.sandbox.stop()
    wait_until("the page tells", lambda: "No answer from the cluster" in house.project())
    before, end, slowest = resident(house.server.process), time.monotonic() + OUTAGE, 0.0
    while time.monotonic() < end:
        asked = time.monotonic()
        page = house.project()
        slowest = max(slowest, time.monotonic() - asked)
        assert "No answer from the cluster" in page and "last heard" in page
        assert "/projects/shop/apps/web" in page and "/projects/shop/apps/api" in page
        time.sleep(1)
    # Nobody waits for who doesn't answer, and nothing piles up.
    assert slowest < 2
    assert resident(house.server.process) < before + 30

    house.begin(port)
    back = time.monotonic()
    wait_until("it answers", lambda: "No answer from the cluster" not in house.project(), 90)
    print(f"slowest page {slowest:.2f} s, heard again after {time.monotonic() - back:.1f} s")
    wait_until("what was confirmed is through", lambda: is_through(house.person, "api"), 90)
    for name in ("web", "api"):
        assert deployment(house.cluster, name)
        releases = house.person.open(f"/projects/shop/apps/{name}/releases")
        assert "#1" in releases and "#2" not in releases, "nothing was released twice"


def test_a_cluster_that_was_restored_from_a_backup_is_seen_as_it_is(house):
    port = house.port
    house.deploy("web")
    house.sandbox.stop()
    backup = house.folder / "backup"
    shutil.copy(house.state, backup)
    # Versions go on with the next million; the restored one begins with the same.
    house.begin(port)
    wait_until("it answers", lambda: "/apps/web" in house.project())
    house.deploy("api")
    person = house.person
    person.open("/projects/shop/apps/web/edit")
    person.submit("image", image="slow:2")
    person.submit("plan")
    wait_until("the second release is through", lambda: person.open(
        "/projects/shop/apps/web/releases").count("Succeeded") == 2)

    house.sandbox.stop()
    shutil.copy(backup, house.state)
    house.begin(port)

    assert deployment(house.cluster, "api") is None
    wait_until("what vanished is told", lambda: "Removed from the cluster" in person.open(
        "/projects/shop/apps/api/drift"), 90)
    page = person.open("/projects/shop/apps/web/drift")
    assert "slow:1" in page and "slow:2" in page, "it is older than its newest release"
    wait_until("the picture follows", lambda: "2/2" not in person.open("/projects/shop/apps/api"), 90)

    for name in ("api", "web"):
        person.open(f"/projects/shop/apps/{name}/drift")
        person.submit("release", to="put-back")
        wait_until(f"{name} is through", lambda name=name: is_through(person, name))
    wait_until("web is what its newest release says", lambda: "slow:2" in json.dumps(
        deployment(house.cluster, "web")["spec"]))


def test_a_namespace_that_was_deleted_by_hand_is_told_and_made_again_by_its_owner(house):
    house.deploy("web")
    status, old = house.cluster.request("GET", "/api/v1/namespaces/shop")
    assert status == 200
    house.cluster.request("DELETE", "/api/v1/namespaces/shop")

    def is_gone() -> bool:
        return house.cluster.request("GET", "/api/v1/namespaces/shop")[0] == 404

    wait_until("it is gone", is_gone)
    person = house.person
    page = wait_until("the page tells", lambda: "Somebody deleted the namespace" in (
        page := house.project()) and page, 90)
    assert "The namespace is gone" in page and "Make the namespace again" in page
    person.open("/projects/shop/apps/new")
    form = urllib.parse.urlencode({"image": "nginx:1.28", "name": "api", "port": "80",
                                   "replicas": "1", "_token": token(house)})
    status, answer = person.request(
        "POST", "/projects/shop/apps/new", form,
        **{"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 422 and b"is gone from the cluster" in answer
    assert b"An owner can make it again" in answer and b"nginx:1.28" in answer
    assert is_gone(), "nothing brings it back silently"

    house.project()
    page = person.submit("_token", to="/namespace")
    assert "is there again" in page
    status, new = house.cluster.request("GET", "/api/v1/namespaces/shop")
    assert status == 200 and new["metadata"]["uid"] != old["metadata"]["uid"]
    for kind in ("resourcequotas", "limitranges", "serviceaccounts"):
        assert house.cluster.request("GET", f"/api/v1/namespaces/shop/{kind}/project")[0] == 200, kind
    wait_until("its guards are checked", lambda: "All guards in place" in house.project(), 90)
    person.open("/projects/shop/apps/web/drift")
    person.submit("release", to="put-back")
    wait_until("web is through", lambda: is_through(person, "web"))
    # Another click does no harm.
    status, answer = person.request(
        "POST", "/projects/shop/namespace", urllib.parse.urlencode({"_token": token(house)}),
        **{"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 409 and b"is on the cluster" in answer


def token(house: House) -> str:
    return house.person.page.split('name="_token" value="', 1)[1].split('"', 1)[0]
