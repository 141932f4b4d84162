"""The command line as people of every role: what it may do is what the one table says."""

import json
import re
import urllib.request

import pytest

from person import Person
from program import PASSWORD, make_admin, run, wait_until
from server import Server

ALLOWED, REFUSED, HIDDEN = "allowed", "refused", "hidden"
# Project role, or what somebody is without one. A visitor changes nothing, whatever their row says.
READ = {"stranger": HIDDEN, "visitor": ALLOWED, "viewer": ALLOWED, "editor": ALLOWED,
        "owner": ALLOWED, "admin": ALLOWED}
DEPLOY = {**READ, "visitor": REFUSED, "viewer": REFUSED}

# Each command with the permission that it takes. What deploys comes last, in an order in which
# each of them changes something.
COMMANDS = [
    (("apps", "shop"), READ),
    (("status", "shop/web"), READ),
    (("releases", "shop/web"), READ),
    (("logs", "shop/web"), READ),
    (("pull", "shop/web"), READ),
    (("secrets", "list", "shop/web"), READ),
    (("diff", "--file", "web.yaml"), DEPLOY),
    (("deploy", "shop/web", "--image", "nginx:1.28", "--yes"), DEPLOY),
    (("deploy", "--file", "web.yaml", "--yes"), DEPLOY),
    (("scale", "shop/web", "2"), DEPLOY),
    (("restart", "shop/web"), DEPLOY),
    (("secrets", "set", "shop/web", "TOKEN"), DEPLOY),
    (("secrets", "unset", "shop/web", "TOKEN"), DEPLOY),
    (("rollback", "shop/web", "1"), DEPLOY),
    (("stop", "shop/web"), DEPLOY),
    (("start", "shop/web"), DEPLOY),
]


class Site:
    """A server with a project, an application in it, and somebody of each role."""

    def __init__(self, server: Server, folder, database: str):
        self.url, self.folder = server.url, folder
        (folder / "web.yaml").write_text(
            "name: web\nproject: shop\nimage: nginx:1.27\nports: [80]\nreplicas: 1\n")
        self.tokens = {"admin": self.token("ada@example.com")}
        self.call("POST", "/projects", {"name": "shop"})
        for name in READ:
            if name == "admin":
                continue
            role = "visitor" if name == "visitor" else "member"
            made = run("user", "create", "--email", f"{name}@example.com", "--name", name,
                       "--role", role, "--password-stdin", "--database-url", database,
                       folder=folder, given=PASSWORD + "\n")
            assert made.returncode == 0, made.stderr
            if name != "stranger":
                member = "viewer" if name == "visitor" else name
                self.call("POST", "/projects/shop/members",
                          {"email": f"{name}@example.com", "role": member})
            self.tokens[name] = self.token(f"{name}@example.com")
        deployed = self.run("admin", "deploy", "--file", "web.yaml", "--yes", "--wait")
        assert deployed.returncode == 0, deployed.stderr

    def token(self, email: str) -> str:
        person = Person(self.url)
        person.open("/login")
        person.submit("password", email=email, password=PASSWORD)
        person.open("/account")
        page = person.submit("scope", name="all", scope="admin")
        return re.search(r"babyhelm_[A-Za-z0-9_-]+", page)[0]

    def call(self, method: str, path: str, body: dict) -> None:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", json.dumps(body).encode(), method=method,
            headers={"Content-Type": "application/json",
                     "Authorization": f"Bearer {self.tokens['admin']}"})
        urllib.request.urlopen(request, timeout=30).close()

    def newest(self) -> int:
        told = json.loads(self.run("admin", "releases", "shop/web", "--json").stdout)
        return max(release["number"] for release in told)

    def run(self, name: str, *arguments: str):
        return run(*arguments, folder=self.folder, given="a secret value\n",
                   BABYHELM_SERVER=self.url, BABYHELM_TOKEN=self.tokens[name],
                   XDG_CONFIG_HOME=str(self.folder))


@pytest.fixture
def site(tmp_path):
    database = f"sqlite:{tmp_path / 'babyhelm.sqlite'}"
    make_admin(tmp_path, database)
    with Server(tmp_path) as server:
        yield Site(server, tmp_path, database)


def run_settled(site, name, arguments):
    """What was done before may still be going on: then one asks again."""
    def attempt():
        ended = site.run(name, *arguments)
        return None if "moved since the plan" in ended.stderr else ended
    return wait_until(f"nothing moves under {arguments}", attempt)


def test_every_command_does_for_everybody_what_the_table_says(site):
    wrong = []
    for arguments, expected in COMMANDS:
        for name, outcome in expected.items():
            if outcome == ALLOWED:
                continue
            before = site.newest()
            ended = site.run(name, *arguments)
            words = "that you may see" if outcome == HIDDEN else "may"
            if ended.returncode != 3 or words not in ended.stderr or "Traceback" in ended.stderr:
                wrong.append(f"{name}: {arguments}: {ended.returncode}: {ended.stderr}")
            if len(ended.stderr.strip().splitlines()) > 2 or ended.stdout:
                wrong.append(f"{name}: {arguments} says too much: {ended.stdout}{ended.stderr}")
            if site.newest() != before:
                wrong.append(f"{name}: {arguments} deployed")
    for name in (name for name, outcome in DEPLOY.items() if outcome == ALLOWED):
        for arguments, _ in COMMANDS:
            ended = run_settled(site, name, arguments)
            # A diff tells by its code whether something would change.
            if ended.returncode not in ((0, 1) if arguments[0] == "diff" else (0,)):
                wrong.append(f"{name}: {arguments}: {ended.returncode}: {ended.stderr}")
    assert not wrong, "\n".join(wrong)


def test_a_token_narrows_what_its_owner_may_do(site):
    person = Person(site.url)
    person.open("/login")
    person.submit("password", email="owner@example.com", password=PASSWORD)
    person.open("/account")
    page = person.submit("scope", name="look", scope="read")
    site.tokens["reader"] = re.search(r"babyhelm_[A-Za-z0-9_-]+", page)[0]
    assert site.run("reader", "status", "shop/web").returncode == 0
    refused = site.run("reader", "restart", "shop/web")
    assert refused.returncode == 3 and "scope" in refused.stderr
