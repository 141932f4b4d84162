"""A random history of deploys, rollbacks, deletions and more, with `kill -9` at random moments.

BABYHELM_TEST_KILLS says how often (6 by default; `scripts/test --kills` takes 100),
BABYHELM_TEST_SEED which history.
"""

import os
import random
import re
import threading
import time
import urllib.parse

import pytest
from kubernetes import client, config

from crash_test import serve, sign_in
from person import Forms, Person
from program import Sandbox, make_admin, wait_until

KILLS = int(os.environ.get("BABYHELM_TEST_KILLS", "6"))
SEED = int(os.environ.get("BABYHELM_TEST_SEED", "1"))
NAMES = ["web", "api", "job"]
OURS = "app.kubernetes.io/managed-by=babyhelm"


@pytest.fixture
def quick_sandbox(tmp_path):
    running = Sandbox(tmp_path, speed=20)
    yield running
    running.stop()


@pytest.fixture
def cluster(quick_sandbox):
    with config.new_client_from_config(str(quick_sandbox.kubeconfig)) as connection:
        yield connection


def press(person: Person, action: str, **values: str) -> bool:
    """Sends the page's form with this action, and doesn't wait for what comes of it."""
    for form in Forms(person.page).forms:
        path = urllib.parse.urljoin(person.path, form.action or person.path)
        if form.method != "post" or not path.endswith(action):
            continue
        names = {name for name, _ in form.fields}
        fields = [(name, values.get(name, value)) for name, value in form.fields]
        fields += [(name, value) for name, value in values.items() if name not in names]

        def send() -> None:
            try:
                person.request("POST", path, urllib.parse.urlencode(fields),
                               **{"Content-Type": "application/x-www-form-urlencoded"})
            except OSError:
                pass  # the server was killed
            except Exception as error:  # half an answer
                if "http" not in type(error).__module__:
                    raise

        threading.Thread(target=send).start()
        return True
    return False


class History:
    """What one person does to one project, and what must be true after each restart."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.done: list[str] = []

    def act(self, person: Person) -> None:
        """Begins something that makes sense for the application as it is."""
        name = self.random.choice(NAMES)
        project = person.open("/projects/shop")
        if f'href="/projects/shop/apps/{name}"' in project:
            self.change(person, name)
        elif f"/apps/{name}/restore" in project:
            self.note(person, name, "restore")
        elif "deleted-line" in project and f">{name}<" in project:
            self.done.append(f"{name} waits for its removal")
        else:
            person.open("/projects/shop/apps/new")
            person.submit("image", name=name, image="nginx:1.27", port="80", replicas="1")
            self.note(person, name, "deploys")

    def change(self, person: Person, name: str) -> None:
        own = f"/projects/shop/apps/{name}"
        what = self.random.choice(["edit", "edit", "rollback", "scale", "restart", "stop", "delete"])
        if what == "edit":
            person.open(f"{own}/edit")
            image = f"nginx:1.{self.random.randrange(20, 29)}"
            person.submit("image", image=image, replicas=str(self.random.randrange(1, 4)))
            self.note(person, name, "deploys")
        elif what == "rollback":
            listed = person.open(f"{own}/releases")
            offered = re.findall(rf'href="({own}/releases/\d+/rollback)"', listed)
            if offered:
                person.open(self.random.choice(offered))
                self.note(person, name, "rollback")
        elif what == "delete":
            person.open(f"{own}/settings")
            self.note(person, name, "delete", confirmation=name)
        else:
            person.open(own)
            if not press(person, f"/{what}", replicas=str(self.random.randrange(1, 4))):
                what = "start"
                press(person, "/start")
            self.done.append(f"{name} {what}")

    def note(self, person: Person, name: str, action: str, **values: str) -> None:
        assert press(person, f"/{name}/{action}" if action != "rollback" else "/rollback",
                     **values), f"no form “{action}” on {person.path}"
        self.done.append(f"{name} {action}")


def settle(person: Person) -> None:
    """Waits until no release is on its way, and looks at what each application came to."""
    project = person.open("/projects/shop")
    names = [name for name in NAMES if f'href="/projects/shop/apps/{name}"' in project]
    for name in names:
        own = f"/projects/shop/apps/{name}"

        def through(own: str = own) -> bool:
            text = person.open(f"{own}/releases")
            return not re.search(r"badge[^>]*>(?:<[^>]*>)*\s*(Queued|Applying|Rolling out)", text)

        wait_until(f"no release of {name} is on its way", through)
        numbers = sorted({int(number) for number in re.findall(
            rf'href="{own}/releases/(\d+)"', person.open(f"{own}/releases"))})
        assert numbers == list(range(numbers[0], numbers[-1] + 1)), f"{name}: {numbers}"
        wait_until(f"{name} is on the cluster as its newest release says", lambda own=own: (
            "Everything on the cluster is as release" in person.open(f"{own}/drift")))


def strays(person: Person, connection) -> list[str]:
    """What bears our label and belongs to no application that there is."""
    project = person.open("/projects/shop")
    live = {name for name in NAMES if f'href="/projects/shop/apps/{name}"' in project}
    core, apps = client.CoreV1Api(connection), client.AppsV1Api(connection)
    found = []
    for listed in (apps.list_namespaced_deployment, core.list_namespaced_service,
                   core.list_namespaced_secret, core.list_namespaced_config_map):
        for item in listed("shop", label_selector=OURS).items:
            owner = (item.metadata.labels or {}).get("app.kubernetes.io/name")
            if owner in NAMES and owner not in live and f">{owner}<" not in project:
                found.append(f"{type(item).__name__} {item.metadata.name}")
            replicas = getattr(item.spec, "replicas", 0) if hasattr(item, "spec") else 0
            if owner in NAMES and owner not in live and replicas:
                found.append(f"{item.metadata.name} runs although it is deleted")
    return found


def test_random_histories_survive_kills(tmp_path, database, quick_sandbox, cluster):
    history = History(SEED)
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, quick_sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="100")

    for _ in range(KILLS):
        history.act(person)
        time.sleep(history.random.choice([0, 0.02, 0.05, 0.1, 0.3, 0.8]))
        server.kill()
        if history.random.random() < 0.2:
            # Once more while it picks up what was left.
            server.launch()
            time.sleep(history.random.random() * 1.5)
            server.kill()
        server = serve(tmp_path, database, quick_sandbox)
        person = sign_in(server)
        settle(person)
        wait_until(f"nothing is left over after {history.done[-3:]}",
                   lambda: not strays(person, cluster))

    person.open("/projects/shop/settings")
    press(person, "/delete", confirmation="shop", includesApplications="on", removesVolumes="on")
    time.sleep(history.random.random())
    server.kill()
    server = serve(tmp_path, database, quick_sandbox)
    person = sign_in(server)
    if "/projects/shop/deleted" not in person.open("/projects"):
        person.open("/projects/shop/settings")
        person.submit("confirmation", confirmation="shop", includesApplications="on",
                      removesVolumes="on")
    person.open("/projects/shop/deleted")
    press(person, "/remove", confirmation="shop")
    time.sleep(history.random.random())
    server.kill()
    server = serve(tmp_path, database, quick_sandbox)
    person = sign_in(server)
    if "Remove for good" in person.open("/projects/shop/deleted"):
        person.submit("confirmation", confirmation="shop")
    wait_until("the project is gone", lambda: "shop" not in person.open("/projects"))
    namespaces = client.CoreV1Api(cluster).list_namespace().items
    assert "shop" not in [namespace.metadata.name for namespace in namespaces]
    server.stop()
