"""Two replicas on one PostgreSQL: what is done through one shows on open pages of the other."""

import http.client
import os
import re
import threading
import time
import urllib.parse
import urllib.request

import pytest

from alerts_test import message
from crash_test import sign_in
from person import Person
from program import PASSWORD, PostgresDatabase, make_admin, wait_until
from server import Server

TOKEN = "bha_two-replicas-token-of-a-test"


class Stream:
    """An open page of a replica: keeps what is sent to it, and when it ended."""

    def __init__(self, person: Person, path: str):
        address = urllib.parse.urlsplit(person.url).netloc
        self.connection = http.client.HTTPConnection(address, timeout=120)
        self.connection.request("GET", path, headers={
            "Cookie": person.cookie_header, "Sec-Fetch-Site": "same-origin"})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        self.text, self.ended = "", False
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self) -> None:
        try:
            while chunk := self.answer.read1(65536):
                self.text += chunk.decode()
        except (OSError, http.client.HTTPException):
            pass
        self.ended = True


@pytest.fixture
def house(tmp_path, sandbox):
    server = os.environ.get("BABYHELM_TEST_POSTGRES")
    if not server:
        pytest.skip("PostgreSQL tests are skipped: BABYHELM_TEST_POSTGRES is not set")
    database = PostgresDatabase(server)
    make_admin(tmp_path, database.url)
    token = tmp_path / "token"
    token.write_text(TOKEN)
    replicas = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        replicas.append(Server(
            folder, cluster=("--kubeconfig", str(sandbox.kubeconfig)), database_url=database.url,
            arguments=("--alertmanager-token-file", str(token))).start())
    yield replicas
    for replica in replicas:
        replica.stop()
    database.remove()


def elsewhere(person: Person, server: Server) -> Person:
    """The same browser at another replica: no replica keeps anything of its own."""
    other = Person(server.url)
    other.cookies = person.cookies
    return other


def test_what_is_done_at_one_replica_shows_at_the_other(house):
    one, two = house
    ada = sign_in(one)
    ada.open("/projects/new")
    ada.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="50")
    ada.open("/projects/shop/apps/new")
    ada.submit("image", name="web", image="nginx:1.27", port="80", replicas="1")
    # The plan is confirmed at the other replica.
    there = elsewhere(ada, two)
    there.path, there.page = ada.path, ada.page
    there.submit("plan")
    wait_until("it runs", lambda: "1/1" in ada.open("/projects/shop/apps/web"))

    live = Stream(there, "/projects/shop/live")
    wait_until("the page stands", lambda: "web" in live.text)
    request = urllib.request.Request(
        f"{one.url}/hooks/alertmanager", method="POST",
        data=message(alertname="TooHot", namespace="shop", severity="warning"),
        headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 204
    began = time.monotonic()
    # Sooner than open pages are renewed by themselves, every twenty seconds.
    wait_until("the alert is on the open page", lambda: "TooHot" in live.text, 12)
    print(f"an alert taken by one replica was on a page of the other after "
          f"{time.monotonic() - began:.2f} s")

    # Settings and membership count at once, wherever they are asked.
    make_bob(one)
    ada.open("/projects/shop/members")
    ada.submit("email", email="bob@example.com", role="editor")
    bob = Person(two.url)
    bob.open("/login")
    bob.submit("password", email="bob@example.com", password=PASSWORD)
    assert "shop" in bob.open("/projects")
    page = Stream(bob, "/projects/shop/live")
    wait_until("bob sees it", lambda: "web" in page.text)
    ada.open("/projects/shop/members")
    link = re.search(r'href="(/projects/shop/members/[^"]+)"[^>]*>Remove', ada.page)
    ada.open(link.group(1))
    ada.submit("_token", to=link.group(1).rsplit("/", 1)[1])
    assert bob.request("GET", "/projects/shop")[0] == 404
    wait_until("his page ends", lambda: page.ended, 30)

    # A session that ends at one replica ends at the other, its open pages too.
    ada.open("/account")
    ada.submit("_token", to="/logout")
    assert there.request("GET", "/projects")[0] in (302, 303)
    wait_until("her page ends", lambda: live.ended, 30)


def make_bob(server: Server) -> None:
    bob = Person(server.url)
    bob.open("/register")
    bob.submit("password", email="bob@example.com", name="Bob", password=PASSWORD)
