"""Each reason for not starting is one plain sentence, on standard error, with exit code 1."""

import http.client
import os
import socket
import sqlite3
import stat
import subprocess
import time
import urllib.parse

import pytest

from person import Person
from program import PASSWORD, environment, make_admin, run, wait_until
from server import BINARY, Server, die_with_parent


def refusal(folder, *arguments: str, **variables: str) -> str:
    ended = run("serve", *arguments, folder=folder, **variables)
    assert ended.returncode == 1, ended
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert "Error" not in lines[0] and "swift" not in lines[0].lower(), lines[0]
    return lines[0]


def test_a_port_that_is_taken_is_named_with_another(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = refusal(tmp_path, "--sandbox", "--port", str(port))
    assert f"Port {port} on 127.0.0.1 is taken" in told and f"--port {port + 1}" in told


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "var").write_text("a file, where a folder should be")
    told = refusal(tmp_path, "--sandbox", "--port", "0", "--database-url",
                   "sqlite:var/babyhelm.sqlite")
    assert "var/babyhelm.sqlite" in told and "choose another path" in told


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_named(tmp_path):
    (tmp_path / "var").mkdir(mode=0o500)
    told = refusal(tmp_path, "--sandbox", "--port", "0")
    assert "var" in told


def test_a_locked_database_is_told_instead_of_waited_for_forever(tmp_path):
    path = tmp_path / "babyhelm.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE t (a)")
    other.execute("BEGIN EXCLUSIVE")
    told = refusal(tmp_path, "--sandbox", "--port", "0", "--database-url", f"sqlite:{path}")
    other.close()
    assert "locked" in told


def test_a_database_that_is_none_is_told(tmp_path):
    path = tmp_path / "babyhelm.sqlite"
    path.write_bytes(b"this is a letter, not a database" * 100)
    told = refusal(tmp_path, "--sandbox", "--port", "0", "--database-url", f"sqlite:{path}")
    assert str(path) in told
    assert path.read_bytes().startswith(b"this is a letter"), "nothing of it was touched"


def test_a_postgres_server_that_is_not_there_is_told(tmp_path):
    ended = run("serve", "--sandbox", "--port", "0", "--database-url",
                "postgres://babyhelm:secret@127.0.0.1:1/babyhelm", folder=tmp_path)
    assert ended.returncode == 1
    # It tries for a few seconds, and says so, since both may start at once.
    told = ended.stderr.strip().splitlines()[-1]
    assert told.startswith("PostgreSQL can't be reached") and "127.0.0.1" in told
    assert "\t" not in told and "secret" not in ended.stderr


def test_without_a_cluster_it_says_how_to_name_one(tmp_path):
    told = refusal(tmp_path, "--port", "0")
    assert "--kubeconfig" in told and "--sandbox" in told


def test_a_kubeconfig_that_is_missing_or_broken_is_named(tmp_path):
    path = tmp_path / "kubeconfig"
    assert str(path) in refusal(tmp_path, "--port", "0", "--kubeconfig", str(path))
    path.write_text("clusters: [")
    assert str(path) in refusal(tmp_path, "--port", "0", "--kubeconfig", str(path))


def test_a_setting_with_a_typing_mistake_is_named(tmp_path):
    told = refusal(tmp_path, "--sandbox", "--port", "0", BABYHELM_DATABSE_URL="sqlite:x")
    assert "BABYHELM_DATABSE_URL" in told and "BABYHELM_DATABASE_URL" in told


def test_with_an_unreachable_cluster_it_serves_and_says_so(tmp_path):
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("""\
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: a, user: {}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
current-context: a
""")
    database = f"sqlite:{tmp_path / 'babyhelm.sqlite'}"
    make_admin(tmp_path, database)
    with Server(tmp_path, cluster=("--kubeconfig", str(kubeconfig)),
                database_url=database) as server:
        person = Person(server.url)
        assert person.request("GET", "/healthz")[0] == 200
        assert person.request("GET", "/readyz")[0] == 503
        person.open("/login")
        person.submit("password", email="ada@example.com", password=PASSWORD)
        person.open("/projects/new")
        form = urllib.parse.urlencode(
            {"name": "shop", "cpu": "4", "memory": "8Gi", "pods": "7", "_token": token(person)})
        status, page = person.request(
            "POST", "/projects/new", form, **{"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 503
        assert b'value="shop"' in page and b'value="7"' in page, "what was typed is still there"
        assert b"cluster" in page
        assert "shop" not in person.open("/projects")


def test_the_first_admin_comes_by_the_setup_code_that_was_printed(tmp_path, sandbox):
    with Server(tmp_path, cluster=("--kubeconfig", str(sandbox.kubeconfig)),
                database_url=f"sqlite:{tmp_path / 'babyhelm.sqlite'}") as server:
        line = wait_until("the code is printed", lambda: next(
            (line for line in server.log.splitlines() if line.startswith("setup code: ")), None))
        person = Person(server.url)
        person.open("/register")
        person.submit("password", email="ada@example.com", name="Ada", password=PASSWORD,
                      setupCode=line.removeprefix("setup code: "))
        assert "Ada" in person.open("/admin/users")


def test_ten_mebibytes_are_refused_and_hurt_nobody(tmp_path):
    with Server(tmp_path) as server:
        person = Person(server.url)
        person.register()
        person.open("/projects/new")
        address = urllib.parse.urlsplit(server.url)
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        body = b"name=" + b"x" * (10 << 20)
        try:
            connection.request("POST", "/projects/new", body, {
                "Cookie": person.cookie_header, "Origin": server.url,
                "Content-Type": "application/x-www-form-urlencoded"})
            assert connection.getresponse().status == 413
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was read, which is as good
        assert person.request("GET", "/healthz")[0] == 200
        person.open("/projects")


def test_a_signal_ends_open_streams_and_the_program_in_time(tmp_path):
    server = Server(tmp_path).start()
    person = Person(server.url)
    person.register()
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    stream = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=30)
    stream.request("GET", "/projects/shop/live", headers={"Cookie": person.cookie_header})
    answer = stream.getresponse()
    assert answer.status == 200 and answer.getheader("Content-Type") == "text/event-stream"
    assert answer.readline()

    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 10


def test_the_kubeconfig_of_the_sandbox_is_for_its_owner_alone(sandbox):
    assert stat.S_IMODE(sandbox.kubeconfig.stat().st_mode) == 0o600


def test_the_sandbox_alone_prints_its_kubeconfig(tmp_path):
    process = subprocess.Popen(
        [BINARY, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(), preexec_fn=die_with_parent)
    lines = list(iter(process.stdout.readline, "\n"))
    process.terminate()
    _, complaints = process.communicate(timeout=15)
    assert lines[0] == "apiVersion: v1\n" and "current-context: sandbox\n" in lines
    assert (process.returncode, complaints) == (0, "")


def token(person: Person) -> str:
    return person.page.split('name="_token" value="', 1)[1].split('"', 1)[0]
