"""The program as a client of itself: a server with the sandbox, and the commands against it."""

import json
import re
import subprocess
import time

import pytest
import yaml

from person import Person
from program import PASSWORD, environment, make_admin, run, wait_until
from server import BINARY, Server, die_with_parent


class Client:
    """Commands of one person against one server."""

    def __init__(self, server: Server, folder):
        self.folder, self.url = folder, server.url
        self.ada = Person(server.url)
        self.ada.open("/login")
        self.ada.submit("password", email="ada@example.com", password=PASSWORD)
        self.ada.open("/projects/new")
        self.ada.submit("cpu", name="shop")
        self.token = self.new_token("deploy")

    def new_token(self, scope: str) -> str:
        self.ada.open("/account")
        page = self.ada.submit("scope", name=f"CI {scope}", scope=scope)
        return re.search(r"babyhelm_[A-Za-z0-9_-]+", page)[0]

    def __call__(self, *arguments: str, given: str = "", code: int = 0, token: str = ""):
        ended = run(*arguments, folder=self.folder, given=given, BABYHELM_SERVER=self.url,
                    BABYHELM_TOKEN=token or self.token, XDG_CONFIG_HOME=str(self.folder))
        assert ended.returncode == code, f"{arguments}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended

    def json(self, *arguments: str, **more):
        return json.loads(self(*arguments, "--json", **more).stdout)


WEB = """\
name: web
project: shop
image: nginx:1.27
ports: [80]
replicas: 2
environment:
  VERSION: 1.10
  MODE: yes
files:
  /etc/app.conf: |
    key = value
    more = 010
"""


@pytest.fixture
def client(tmp_path):
    make_admin(tmp_path, f"sqlite:{tmp_path / 'babyhelm.sqlite'}")
    with Server(tmp_path) as server:
        yield Client(server, tmp_path)


def write(folder, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def test_a_file_is_deployed_changed_and_pulled_back(client, tmp_path):
    assert client("whoami").stdout == f"Ada <ada@example.com> (admin) on {client.url}\n"
    assert [each["name"] for each in client.json("projects")] == ["shop"]
    file = write(tmp_path, "web.yaml", WEB)

    before = client("diff", "--file", file, code=1)
    assert "+ Deployment web" in before.stdout
    made = client("deploy", "--file", file, "--wait", "--message", "The first")
    assert "shop/web release 1 serves." in made.stdout
    assert "nothing to change" in client("diff", "--file", file).stdout
    again = client("deploy", "--file", file)
    assert "nothing to change" in again.stdout and "on its way" not in again.stdout

    changed = client("deploy", "shop/web", "--image", "nginx:1.28", "--set", "MODE=slow",
                     "--unset", "VERSION", "--wait")
    assert "shop/web release 2 serves." in changed.stdout
    status = client.json("status", "shop/web")
    assert status["specification"]["environment"] == {"MODE": "slow"}
    assert status["image"] == "nginx:1.28" and status["replicas"] == {"ready": 2, "wanted": 2}
    assert "nginx:1.28 → nginx:1.27" in client("diff", "-f", file, code=1).stdout

    pulled = client("pull", "shop/web").stdout
    assert yaml.safe_load(pulled)["environment"] == {"MODE": "slow"}
    assert "nothing to change" in client("diff", "--file", "-", given=pulled).stdout
    assert "kind: Deployment" in client("render", "-", given=pulled).stdout

    back = client.json("rollback", "shop/web", "1", "--wait")
    assert (back["release"], back["state"]) == (3, "succeeded")
    # It runs the very image that ran then, which a file of what runs says as well.
    assert "nginx:1.27@sha256:" in client("diff", "--file", file, code=1).stdout
    pulled = client("pull", "shop/web").stdout
    assert "nothing to change" in client("diff", "--file", "-", given=pulled).stdout
    releases = client("releases", "shop/web").stdout
    assert "The first" in releases and releases.splitlines()[1].startswith("3")


def test_actions_secrets_and_addresses(client, tmp_path):
    client("deploy", "--file", write(tmp_path, "web.yaml", WEB), "--wait", "--quiet")
    assert "release 2 serves" in client("scale", "shop/web", "3", "--wait").stdout
    assert "3 replicas already" in client("scale", "shop/web", "3").stdout
    assert "release 3" in client("restart", "shop/web", "--wait").stdout
    client("stop", "shop/web", "--wait")
    assert "stopped already" in client("stop", "shop/web").stdout
    client("start", "shop/web", "--wait")
    assert "3/3" in client("apps", "shop").stdout

    canary = "s3cret canary"
    set_ = client("secrets", "set", "shop/web", "PASSWORD", "--wait", given=canary + "\n")
    listed = client("secrets", "list", "shop/web")
    assert listed.stdout == "PASSWORD\n"
    # A file says nothing of it, and it stays.
    client("deploy", "--file", str(tmp_path / "web.yaml"), "--wait")
    assert client.json("secrets", "list", "shop/web") == ["PASSWORD"]
    shown = [set_, listed, client("status", "shop/web", "--json"), client("pull", "shop/web")]
    assert not [each for each in shown if canary in each.stdout + each.stderr]
    client("secrets", "unset", "shop/web", "PASSWORD", "--wait")
    assert client.json("secrets", "list", "shop/web") == []

    assert client("open", "shop/web").stdout == f"{client.url}/projects/shop/apps/web\n"
    assert client("open", "shop/web", "--site").stdout.startswith("http://web.shop")
    assert client.ada.open("/projects/shop/apps/web")


def test_what_keeps_a_release_from_serving_is_explained_meanwhile(client, tmp_path):
    ended = client("deploy", "--file", "-", "--wait", "--timeout", "20s", code=4,
                   given="name: web\nproject: shop\nimage: example.com/crash:1\n")
    assert "What to do:" in ended.stdout and "babyhelm status shop/web" in ended.stderr
    assert "What to do:" in client("status", "shop/web").stdout


def test_refusals_have_code_3_and_say_what_to_do(client, tmp_path):
    assert "nope" in client("status", "shop/nope", code=3).stderr
    assert "nope" in client("apps", "nope", code=3).stderr
    wrong = client("deploy", "-f", "-", code=3, given="name: web\nproject: shop\nimage: No Image\n")
    assert "image" in wrong.stderr and wrong.stderr.count("\n") == 1
    unknown = client("deploy", "-f", "-", code=3,
                     given="name: web\nproject: shop\nimage: nginx\nimge: x\n")
    assert "imge" in unknown.stderr
    reader = client.new_token("read")
    refused = client("deploy", "-f", "-", code=3, token=reader,
                     given="name: web\nproject: shop\nimage: nginx\n")
    assert refused.stderr
    assert "babyhelm login" in client("whoami", code=3, token="babyhelm_wrong").stderr


def test_a_folder_deletes_only_what_it_made(client, tmp_path):
    def service(name: str) -> str:
        return f"name: {name}\nimage: nginx:1.27\nports: [80]\n"

    client("deploy", "-f", "-", given="project: shop\n" + service("foreign"))
    folder = tmp_path / "deploy"
    for name in ("a", "b"):
        write(folder, f"{name}.yaml", service(name))
    deploy = ("deploy", "--file", str(folder), "--project", "shop")
    made = client.json(*deploy, "--wait")
    assert [each["application"] for each in made["releases"]] == ["a", "b"]
    lock = json.loads((folder / ".babyhelm-lock.json").read_text())
    assert lock == {"server": client.url, "project": "shop", "applications": ["a", "b"]}

    (folder / "b.yaml").unlink()
    assert client.json(*deploy)["deleted"] == []
    asked = client(*deploy, "--prune", code=2)
    assert "--yes" in asked.stderr
    pruned = client(*deploy, "--prune", "--yes", token=client.new_token("admin"))
    assert "shop/b: to be deleted" in pruned.stdout and "restored" in pruned.stdout
    assert [each["name"] for each in client.json("apps", "shop")] == ["a", "foreign"]
    assert json.loads((folder / ".babyhelm-lock.json").read_text())["applications"] == ["a"]

    # One file that the server refuses, and nothing of the folder is deployed.
    write(folder, "a.yaml", service("a").replace("1.27", "1.28"))
    write(folder, "c.yaml", "name: c\nimage: No Image\n")
    assert "c.yaml" in client(*deploy, code=3).stderr
    assert client.json("status", "shop/a")["image"] == "nginx:1.27"

    out = tmp_path / "pulled"
    client("pull", "shop", "--output", str(out))
    assert sorted(each.name for each in out.iterdir()) == ["a.yaml", "foreign.yaml"]
    client("diff", "--file", str(out))
    assert "is there already" in client("pull", "shop", "--output", str(out), code=2).stderr


def test_logs_are_printed_and_followed(client, tmp_path):
    client("deploy", "--file", write(tmp_path, "web.yaml", WEB), "--wait")
    wait_until("there are lines", lambda: client("logs", "shop/web", "--tail", "10").stdout)
    line = json.loads(client("logs", "shop/web", "--json").stdout.splitlines()[0])
    assert line["line"]

    process = subprocess.Popen(
        [BINARY, "logs", "shop/web", "--follow"], stdout=subprocess.PIPE, cwd=tmp_path,
        env=environment(BABYHELM_SERVER=client.url, BABYHELM_TOKEN=client.token),
        preexec_fn=die_with_parent)
    try:
        deadline = time.monotonic() + 30
        lines = [process.stdout.readline() for _ in range(3)]
        assert all(line.startswith(b"web-") for line in lines), lines
        assert time.monotonic() < deadline
    finally:
        process.kill()
        process.wait()


def test_the_schema_is_for_everybody(client, tmp_path):
    status, content = Person(client.url).request("GET", "/schema/application.json")
    schema = json.loads(content)
    assert status == 200 and schema["required"] == ["name", "image"]
    assert set(yaml.safe_load(WEB)) <= set(schema["properties"])
