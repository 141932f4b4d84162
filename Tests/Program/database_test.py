"""Addresses of PostgreSQL as operators write them: TLS, several servers, a standby."""

import os
import pathlib
import shutil
import subprocess
import urllib.parse
import uuid

import pytest

from crash_test import serve, sign_in
from person import Person
from postgres import Postgres
from program import make_admin, run, wait_until

pytestmark = pytest.mark.skipif(
    not os.environ.get("BABYHELM_TEST_POSTGRES"),
    reason="PostgreSQL tests are skipped: BABYHELM_TEST_POSTGRES is not set")


@pytest.fixture
def folder():
    """The user postgres can't enter pytest's own."""
    path = pathlib.Path("/tmp") / f"babyhelm-database-{uuid.uuid4().hex[:8]}"
    path.mkdir(mode=0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def postgres(folder):
    server = Postgres(folder / "one")
    yield server
    server.remove()


def status(tmp_path, url: str):
    return run("migrate", "status", "--database-url", url, folder=tmp_path)


def refusal(tmp_path, url: str) -> str:
    ended = status(tmp_path, url)
    assert ended.returncode == 1, ended
    return ended.stderr.strip().splitlines()[-1]


def openssl(folder: pathlib.Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True,
                   timeout=60)


def certificates(folder: pathlib.Path) -> None:
    """An authority, a stranger, and a certificate of the first for localhost."""
    key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for name in ("ca", "stranger"):
        openssl(folder, f"req -x509 {key} -keyout {name}.key -out {name}.pem -subj /CN={name} -days 2")
    openssl(folder, f"req {key} -keyout server.key -out server.csr -subj /CN=localhost "
                    "-addext subjectAltName=DNS:localhost")
    openssl(folder, "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
                    "-copy_extensions copyall -days 1 -out server.pem")


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
def test_tls_is_checked_as_the_address_says_and_each_mistake_is_told(tmp_path, folder, postgres):
    certificates(folder)
    port = postgres.port

    def url(host: str = "localhost", authority: str = "ca", more: str = "") -> str:
        return (f"postgres://babyhelm@{host}:{port}/postgres?sslmode=verify-full&hostaddr=127.0.0.1"
                f"&sslrootcert={folder / authority}.pem{more}")

    assert "does not support SSL" in (told := refusal(tmp_path, url())), told
    assert "ssl = on" in told

    for name in ("server.key", "server.pem"):
        target = shutil.copy(folder / name, postgres.data / name)
        os.chmod(target, 0o600)
        if os.geteuid() == 0:
            shutil.chown(target, "postgres")
    with open(postgres.data / "postgresql.conf", "a") as settings:
        settings.write("ssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n")
    postgres.restart()

    trusted = status(tmp_path, url())
    assert trusted.returncode == 0, trusted.stderr
    told = refusal(tmp_path, url(host="127.0.0.1"))
    assert "does not match host name" in told and "certificate is for another name" in told
    told = refusal(tmp_path, url(authority="stranger"))
    assert "certificate verify failed" in told and "sslrootcert=FILE" in told
    told = refusal(tmp_path, url(authority="missing"))
    assert "missing.pem" in told and "sslrootcert=FILE" in told
    assert "sslmood" in refusal(tmp_path, url(more="&sslmood=x"))


def test_a_standby_is_refused_and_the_primary_found_before_and_after_a_failover(
        tmp_path, folder, postgres, sandbox):
    make_admin(tmp_path, postgres.url)
    standby = postgres.standby(folder / "two")
    try:
        told = refusal(tmp_path, standby.url)
        assert told.startswith("PostgreSQL can't be used") and "standby" in told
        assert "ONE:5432,TWO:5432" in told
        ended = run("serve", "--sandbox", "--port", "0", "--database-url", standby.url,
                    folder=tmp_path)
        assert ended.returncode == 1 and "needs the primary" in ended.stderr

        both = (f"postgres://babyhelm@127.0.0.1:{standby.port},127.0.0.1:{postgres.port}/postgres"
                "?connect_timeout=3")
        server = serve(tmp_path, both, sandbox)
        person = sign_in(server)
        person.open("/projects/new")
        person.submit("cpu", name="shop")
        # What the primary has, the standby has before it goes.
        wait_until("the standby follows", lambda: standby.psql(
            "SELECT COUNT(*) FROM projects WHERE state = 'ready'") == "1")

        # The primary takes no changes for a while, as before a planned switch.
        postgres.psql("ALTER SYSTEM SET default_transaction_read_only = on")
        postgres.psql("SELECT pg_reload_conf()")
        person.open("/projects/new")
        form = {"cpu": "4", "memory": "8Gi", "pods": "7", "_token": token(person)}
        names = []

        def post() -> tuple[int, str]:
            """Each time another project: a try may succeed before the setting counts."""
            names.append(f"team-{len(names)}")
            status, page = person.request(
                "POST", "/projects/new", urllib.parse.urlencode({**form, "name": names[-1]}),
                **{"Content-Type": "application/x-www-form-urlencoded"})
            return status, page.decode()

        answer = wait_until("a change is refused", lambda: (
            (found := post()) and found[0] == 503 and found))
        assert "takes no changes right now" in answer[1] and f'value="{names[-1]}"' in answer[1]
        assert "shop" in person.open("/projects"), "reading goes on"

        postgres.stop()
        standby.control("promote")
        wait_until("the standby took over", lambda: post()[0] == 303)
        assert f"/projects/{names[-1]}" in person.open("/projects")
        server.stop()

        backup = tmp_path / "backup"
        made = run("backup", str(backup), "--database-url", both, folder=tmp_path)
        assert made.returncode == 0 and backup.stat().st_size > 0, made.stderr
        told = run("doctor", "--sandbox", "--database-url", both + "&pool_size=7", folder=tmp_path)
        assert "connections used" in told.stdout and "a replica opens up to 8" in told.stdout
    finally:
        standby.remove()


def token(person: Person) -> str:
    return person.page.split('name="_token" value="', 1)[1].split('"', 1)[0]
