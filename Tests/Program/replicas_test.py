"""Three replicas on one PostgreSQL behind nginx, with people deploying while replicas are killed and
the database restarts.

BABYHELM_TEST_REPLICAS says for how many seconds (25 by default; `scripts/test --replicas` takes
300), BABYHELM_TEST_PEOPLE how many people (12; 50).
"""

import collections
import dataclasses
import http.client
import os
import pathlib
import random
import re
import subprocess
import threading
import time
import urllib.parse

import pytest

from nginx import Nginx
from person import Forms
from postgres import Postgres
from program import Sandbox, make_admin, wait_until
from server import Server, free_port

SECONDS = int(os.environ.get("BABYHELM_TEST_REPLICAS", "25"))
PEOPLE = int(os.environ.get("BABYHELM_TEST_PEOPLE", "12"))
PASSWORD = "correct horse battery staple"
ANSWERS = (200, 302, 303, 409)


@dataclasses.dataclass
class Book:
    """What people did, and what they met."""

    deployed: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    retried: int = 0
    answered: int = 0
    failures: list = dataclasses.field(default_factory=list)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)


class Deployer:
    """Somebody with a project and an application, who reloads once when something fails."""

    def __init__(self, number: int, proxy: Nginx, book: Book):
        self.number, self.proxy, self.book = number, proxy, book
        self.source = f"127.0.1.{number + 1}"
        self.project = f"team-{number}"
        self.person = proxy.person(self.source)
        self.send_once = self.person.request
        self.person.request = self.request
        self.random = random.Random(number)

    def request(self, method: str, path: str, body: str = "", **headers: str):
        """One exchange; what failed is sent again, once, after the time a person takes."""
        for attempt in (1, 2):
            try:
                status, content = self.send_once(method, path, body, **headers)
            except (OSError, http.client.HTTPException) as error:
                status, content = 0, repr(error).encode()
                self.person.connection.close()
                self.person.connection = self.proxy.connection(source=self.source)
            with self.book.lock:
                self.book.answered += 1
                if status in ANSWERS:
                    return status, content
                if attempt == 2:
                    self.book.failures.append(
                        f"{self.project}: {method} {path}: {status} {self.words(content)}")
                    return status, content
                self.book.retried += 1
            time.sleep(3)
        raise AssertionError("unreachable")

    @staticmethod
    def words(content: bytes) -> str:
        text = re.sub(r"<[^>]*>|\s+", " ", content.decode(errors="replace"))
        return " ".join(text.split())[:300]

    def begin(self) -> None:
        person = self.person
        person.open("/register")
        person.submit("password", email=f"{self.project}@example.com", name=self.project,
                      password=PASSWORD)
        person.open("/projects/new")
        person.submit("cpu", name=self.project)
        person.open(f"/projects/{self.project}/apps/new")
        person.submit("image", name="web", image=self.image(1), port="80", replicas="1")
        self.confirm(1)

    def image(self, round: int) -> str:
        return f"nginx:1.27-{round}"

    def confirm(self, round: int) -> None:
        """Presses Deploy. When something moved meanwhile, the page shows the plan anew (409)."""
        person = self.person
        for _ in range(5):
            form = next((form for form in Forms(person.page).forms
                         if any(name == "plan" for name, _ in form.fields)), None)
            assert form, f"no plan to confirm: {self.words(person.page.encode())}"
            path = urllib.parse.urljoin(person.path, form.action)
            status, content = person.request(
                "POST", path, urllib.parse.urlencode(form.fields),
                **{"Content-Type": "application/x-www-form-urlencoded"})
            if status == 303:
                self.book.deployed[self.project].append(self.image(round))
                person.open(person.location)
                return
            assert status == 409, status
            person.path, person.page = path, content.decode()
        raise AssertionError("the plan never held still")

    def go_on(self, until: float) -> None:
        round = 1
        while time.monotonic() < until:
            time.sleep(self.random.uniform(0.5, 3))
            person, round = self.person, round + 1
            person.open("/projects")
            person.open(f"/projects/{self.project}")
            person.open(f"/projects/{self.project}/apps/web/edit")
            person.submit("image", image=self.image(round))
            self.confirm(round)

    def run(self, until: float) -> None:
        try:
            self.go_on(until)
        except Exception as error:  # told by the test, not by a thread
            with self.book.lock:
                self.book.failures.append(f"{self.project}: {error!r}"[:600])


class Replicas:
    """Three servers at fixed ports; one after the other is killed and started again."""

    def __init__(self, folder: pathlib.Path, database: str, kubeconfig: pathlib.Path, origin: str):
        self.servers = []
        for index in range(3):
            own = folder / f"replica-{index}"
            own.mkdir()
            self.servers.append(Server(
                own, cluster=("--kubeconfig", str(kubeconfig)), database_url=database,
                port=free_port(),
                arguments=("--public-url", origin, "--trusted-proxy", "127.0.0.1")))
        # All at once, on an empty database.
        for server in self.servers:
            server.launch()
        for server in self.servers:
            wait_until("a replica listens", lambda server=server: "is listening on" in server.log)
        self.kills = 0

    def kill_one(self) -> None:
        server = self.servers[self.kills % len(self.servers)]
        self.kills += 1
        server.kill()
        time.sleep(1)
        server.start()


@pytest.fixture
def house(tmp_path):
    postgres_folder = pathlib.Path(f"/tmp/babyhelm-replicas-{os.getpid()}")
    postgres = Postgres(postgres_folder)
    sandbox = Sandbox(tmp_path, 20)
    port = free_port()
    replicas = Replicas(tmp_path, postgres.url, sandbox.kubeconfig, f"https://127.0.0.1:{port}")
    make_admin(tmp_path, postgres.url)
    proxy = Nginx(tmp_path, [f"127.0.0.1:{server.port}" for server in replicas.servers], port)
    yield postgres, replicas, proxy
    proxy.stop()
    for server in replicas.servers:
        server.stop()
    sandbox.stop()
    postgres.remove()


def releases(postgres: Postgres) -> dict[str, list[tuple[int, str]]]:
    """Number and image of each release that there is, by project."""
    rows = subprocess.run(
        ["psql", "-qXAt", "-F", " ", "-d", postgres.url, "-c", """
           SELECT p.name, r.number, r.specification FROM releases r
           JOIN applications a ON a.id = r.application_id JOIN projects p ON p.id = a.project_id
           ORDER BY p.name, r.number"""],
        check=True, capture_output=True, text=True, timeout=60).stdout
    found = collections.defaultdict(list)
    for row in rows.splitlines():
        project, number, specification = row.split(" ", 2)
        found[project].append((int(number), re.search(r"nginx:1\.27-\d+", specification).group(0)))
    return found


def test_replicas_die_and_the_database_restarts_while_people_deploy(house):
    postgres, replicas, proxy = house
    book = Book()
    people = [Deployer(number, proxy, book) for number in range(PEOPLE)]
    for person in people:
        person.begin()
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=person.run, args=(until,)) for person in people]
    for thread in threads:
        thread.start()
    began, restarts = time.monotonic(), 0
    while time.monotonic() < until:
        time.sleep(10 if SECONDS > 60 else 5)
        replicas.kill_one()
        if time.monotonic() - began > SECONDS / 3 * (restarts + 1) and restarts < 2:
            restarts += 1
            postgres.restart()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    print(f"{book.answered} answers, {book.retried} sent again, {replicas.kills} kills, "
          f"{restarts} restarts of the database, "
          f"{sum(map(len, book.deployed.values()))} releases")
    assert not book.failures, "\n".join(book.failures)
    assert restarts == 2 and replicas.kills >= 3

    for person in people:
        wait_until(f"{person.project} is through", lambda person=person: not re.search(
            r"badge[^>]*>(?:<[^>]*>)*\s*(Queued|Applying|Rolling out)",
            person.person.open(f"/projects/{person.project}/apps/web/releases")))
        # Each was confirmed once and is there once, in order, without a gap. Fifty are kept, once
        # all are through: none goes before.
        wanted = list(enumerate(book.deployed[person.project], start=1))
        wait_until(f"{person.project} has what was confirmed",
                   lambda: releases(postgres)[person.project] == wanted[-50:], 15)
        # And the newest is what runs.
        page = person.person.open(f"/projects/{person.project}/apps/web")
        assert wanted[-1][1] in page
    assert book.failures == []
