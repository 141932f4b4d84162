"""docs/operations.md: each of its commands, run in its order on a machine of its own.

Real are the program, its Debian package, PostgreSQL, nginx and kubectl on the sandbox's cluster.
systemctl and journalctl, docker, helm, tailscale, swift and what apt-get would fetch are stand-ins
(Tests/Program/standins): they start what units say, render and apply the chart, and refuse files,
services, values and options that aren't there. A command in no list here is not found, and fails."""

import dataclasses
import http.client
import json
import re
import shutil
import ssl
import sys

import pytest

from machine import PATH, Debian
from person import Person
from program import PASSWORD, wait_until
from server import BINARY, ROOT

DOCUMENT = ROOT / "docs" / "operations.md"

REAL = set("""
    babyhelm babyhelm-server base64 bash cat chmod cp createdb createuser curl date df dirname dropdb env find
    grep head install ln ls mkdir nginx openssl psql pg_dump pg_restore rm runuser sed sh tail
    tar tr useradd id true
""".split())
STAND_INS = {"systemctl", "journalctl"}
PYTHON_STAND_INS = {"apt-get", "docker", "helm", "kubectl", "swift", "tailscale"}
# The section that starts on a machine without the package.
ANEW = "From source"
# The section before which people have used it.
IN_USE = "Backup"
ADDRESS = "https://babyhelm.example.net"


@dataclasses.dataclass
class Block:
    heading: str
    line: int
    script: str


def blocks() -> list[Block]:
    found, heading, lines, start = [], "", None, 0
    for number, line in enumerate(DOCUMENT.read_text().splitlines(), 1):
        if lines is None and line.startswith("#"):
            heading = line.lstrip("# ")
        elif lines is None and line.startswith("```"):
            assert line == "```sh", f"line {number}: what isn't run has no place here"
            lines, start = [], number
        elif line == "```":
            found.append(Block(heading, start, "\n".join(lines)))
            lines = None
        elif lines is not None:
            lines.append(line)
    assert lines is None
    return found


BLOCKS = blocks()


class Host(Debian):
    """A machine with this repository, PostgreSQL, nginx and a way to a cluster, and on whose PATH
    there is nothing but what is declared above."""

    def __init__(self, folder, renderer, package):
        super().__init__(folder, archive="", more=f"""
mkdir -p "{folder}/layer/upper2" "{folder}/layer/work2" "$ROOT{ROOT}"
mount -t overlay none -o lowerdir="{ROOT}",upperdir="{folder}/layer/upper2",workdir="{folder}/layer/work2" "$ROOT{ROOT}"
""")
        state = self.path("/run/standin")
        state.mkdir()
        for name in PYTHON_STAND_INS:
            self.program(f"/known/{name}", f'exec {sys.executable} '
                         f'{ROOT}/Tests/Program/standins/commands.py {name} "$@"')
        for name in REAL | STAND_INS:
            self.program(f"/known/{name}", f'PATH=/known:{PATH} exec "$(PATH={PATH} command -v {name})" "$@"')
        shutil.copy(renderer, state / "render")
        (state / "settings.json").write_text(json.dumps(
            {"renderer": "/run/standin/render", "binary": str(BINARY), "kubectl": shutil.which("kubectl")}))
        # Making the package is another test's; here it is made already.
        self.program(f"{ROOT}/scripts/package", "exec ls .build-tools/packages/")
        shutil.rmtree(self.path(f"{ROOT}/.build-tools/packages"), ignore_errors=True)
        self.put(package, f"{ROOT}/.build-tools/packages/{package.name}")
        with open(self.path("/etc/hosts"), "a") as hosts:
            hosts.write("127.0.0.1 babyhelm.example.net\n")
        self.set_up()

    def program(self, path: str, script: str) -> None:
        target = self.path(path)
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(f"#!/bin/sh\n{script}\n")
        target.chmod(0o755)

    def set_up(self) -> None:
        """What every operator has before they begin: a cluster, a certificate, a clean machine."""
        done = self.run("bash", "-ec", f"""
cd {ROOT}
rm -rf deploy/secrets deploy/.env /etc/nginx/conf.d/* /etc/nginx/sites-enabled/*
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=babyhelm.example.net \
  -addext subjectAltName=DNS:babyhelm.example.net,DNS:grafana.example.net,IP:127.0.0.1 \
  -keyout babyhelm.key -out babyhelm.crt 2> /dev/null
for cluster in $(pg_lsclusters -h | cut -d ' ' -f 2); do pg_dropcluster --stop 15 "$cluster"; done
pg_createcluster --locale C.UTF-8 15 main -- --no-sync > /dev/null
echo 'fsync = off' >> /etc/postgresql/15/main/postgresql.conf
mkdir -p /root/.kube /etc/cron.daily
{BINARY} sandbox --port 6443 --speed 20 --write-kubeconfig /root/.kube/config > /run/standin/sandbox 2>&1 &
""")
        assert done.returncode == 0, done.stderr
        wait_until("the cluster is there", self.path("/root/.kube/config").exists)
        # What deploy/prometheus/rbac.yaml looks into.
        self.shell("for name in ingress-nginx cert-manager; do kubectl create namespace $name; done")

    def deploy(self) -> None:
        """What people do there: a project and an application, through nginx."""
        trust = ssl.create_default_context(cafile=str(self.path(f"{ROOT}/babyhelm.crt")))
        person = Person(ADDRESS)
        person.connection = http.client.HTTPSConnection("127.0.0.1", timeout=60, context=trust)
        with self.network():
            person.open("/login")
            person.submit("password", email="ada@example.com", password=PASSWORD)
            person.open("/projects/new")
            person.submit("cpu", name="shop")
            person.deploy("shop", "web")

    def block(self, block: Block):
        script = f"set -euo pipefail\ncd {ROOT}\n{block.script}\n"
        return self.run("/bin/bash", "-c", script, PATH="/known", CURL_CA_BUNDLE=f"{ROOT}/babyhelm.crt",
                        DPKG_FORCE="unsafe-io")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory, renderer, debian_package):
    """The machine that a section's commands run on."""
    made: dict[bool, Host] = {}
    refused: dict[bool, BaseException] = {}
    seen: set[str] = set()

    def host(heading: str) -> Host:
        is_anew = heading == ANEW
        if heading == IN_USE and heading not in seen:
            seen.add(heading)
            host("").deploy()
        if is_anew not in made:
            # Tried once: what keeps it from being made keeps all that follows from being run.
            if is_anew in refused:
                raise refused[is_anew]
            folder = tmp_path_factory.mktemp("anew" if is_anew else "host")
            try:
                made[is_anew] = Host(folder, renderer, debian_package)
            except (Exception, pytest.skip.Exception) as error:
                refused[is_anew] = error
                raise
        return made[is_anew]
    yield host
    for one in made.values():
        one.close()


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"line {block.line}: {block.heading}")
def test_every_command_does_what_it_is_there_for(hosts, block):
    done = hosts(block.heading).block(block)
    assert done.returncode == 0, f"{block.script}\n\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def test_an_unknown_command_fails(hosts):
    for script in ["kubeclt get pods", "docker compose -f deploy/compose.yml ps", "systemctl restrat babyhelm",
                   "docker compose -f deploy/compose.yaml restart grafanna", "tailscale up --advertise-tags=tag:x",
                   "helm upgrade babyhelm deploy/helm/babyhelm -n nowhere", "apt-get install -y nginxx",
                   "helm upgrade --install x deploy/helm/babyhelm -n helm --set replica=3"]:
        assert hosts("Install").block(Block("", 0, script)).returncode != 0, script


def test_every_link_leads_to_something():
    text = DOCUMENT.read_text()
    anchors = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
               for line in text.splitlines() if line.startswith("#")}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        if not path:
            assert anchor in anchors, target
        elif not path.startswith("https://"):
            assert (DOCUMENT.parent / path).exists(), target


def test_it_is_what_others_point_to():
    for name in ["README.md", "docs/design.md", "deploy/README.md"]:
        assert "operations.md" in (ROOT / name).read_text(), name
