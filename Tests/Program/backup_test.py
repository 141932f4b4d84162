"""Backups, a restore drill, and the move from SQLite to PostgreSQL."""

import os
import re
import sqlite3
import stat

import pytest

from crash_test import confirm, is_through, serve, sign_in
from program import PASSWORD, PostgresDatabase, Sandbox, make_admin, run, wait_until
from person import Person


@pytest.fixture
def empty(tmp_path, database):
    """A second, empty database of the same kind."""
    if database.startswith("sqlite"):
        yield f"sqlite:{tmp_path / 'second' / 'babyhelm.sqlite'}"
        return
    other = PostgresDatabase(os.environ["BABYHELM_TEST_POSTGRES"])
    yield other.url
    other.remove()


def fill(tmp_path, database: str, sandbox: Sandbox, name: str = "web"):
    """Runs a server with an admin, a project and an application that is through."""
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="50")
    confirm(person, name)
    wait_until(f"{name} is through", lambda: is_through(person, name))
    return server, person


def test_a_backup_taken_while_a_server_runs_brings_everything_back(
        tmp_path, database, empty, sandbox):
    server, person = fill(tmp_path, database, sandbox)
    backup = tmp_path / "backup"
    made = run("backup", str(backup), "--database-url", database, folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.partial"))
    again = run("backup", str(backup), "--database-url", database, folder=tmp_path)
    assert again.returncode == 1 and "exists already" in again.stderr
    server.stop()

    # The drill: another database, another server, the same cluster.
    restored = run("restore", str(backup), "--database-url", empty, folder=tmp_path)
    assert restored.returncode == 0, restored.stderr
    server = serve(tmp_path, empty, sandbox)
    person = sign_in(server)
    assert "web" in person.open("/projects/shop")
    confirm(person, "api")
    wait_until("api is through", lambda: is_through(person, "api"))
    server.stop()
    verified = run("audit", "verify", "--database-url", empty, folder=tmp_path)
    assert verified.returncode == 0, verified.stderr


def test_a_database_in_use_or_with_data_is_not_replaced_by_mistake(
        tmp_path, database, sandbox):
    server, person = fill(tmp_path, database, sandbox)
    backup = tmp_path / "backup"
    assert run("backup", str(backup), "--database-url", database, folder=tmp_path).returncode == 0
    confirm(person, "later")
    wait_until("later is through", lambda: is_through(person, "later"))

    refused = run("restore", str(backup), "--database-url", database, folder=tmp_path)
    assert refused.returncode == 1 and "holds data already" in refused.stderr
    if database.startswith("sqlite"):
        used = run("restore", str(backup), "--replace", "--database-url", database, folder=tmp_path)
        assert used.returncode == 1 and "Stop it first" in used.stderr
    assert "later" in person.open("/projects/shop")
    server.stop()

    replaced = run("restore", str(backup), "--replace", "--database-url", database, folder=tmp_path)
    assert replaced.returncode == 0, replaced.stderr
    if database.startswith("sqlite"):
        kept = re.search(r"kept in (\S+)\.$", replaced.stdout, re.M).group(1)
        with sqlite3.connect(kept) as former:
            assert former.execute("SELECT COUNT(*) FROM applications").fetchone() == (2,)
    server = serve(tmp_path, database, sandbox)
    page = sign_in(server).open("/projects/shop")
    assert "/apps/web" in page and 'href="/projects/shop/apps/later"' not in page
    server.stop()


def test_what_is_no_backup_is_refused_and_changes_nothing(tmp_path, database, sandbox):
    make_admin(tmp_path, database)
    for content in [b"", b"hello", b"SQLite format 3\0" + b"x" * 4096]:
        wrong = tmp_path / "wrong"
        wrong.write_bytes(content)
        refused = run("restore", str(wrong), "--replace", "--database-url", database, folder=tmp_path)
        assert refused.returncode == 1 and refused.stderr.count("\n") == 1, refused.stderr
    missing = run("restore", str(tmp_path / "none"), "--database-url", database, folder=tmp_path)
    assert missing.returncode == 1 and "can't be read" in missing.stderr
    server = serve(tmp_path, database, sandbox)
    sign_in(server)
    server.stop()


def test_a_password_in_the_address_is_not_among_a_program_s_arguments(tmp_path):
    server = os.environ.get("BABYHELM_TEST_POSTGRES")
    if not server:
        pytest.skip("PostgreSQL tests are skipped: BABYHELM_TEST_POSTGRES is not set")
    tools = tmp_path / "bin"
    tools.mkdir()
    tool = tools / "pg_dump"
    tool.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@" > "$SEEN"\nexit 3\n')
    tool.chmod(0o755)
    seen = tmp_path / "seen"
    answer = run("backup", str(tmp_path / "backup"), folder=tmp_path,
                 BABYHELM_DATABASE_URL="postgres://helm:open-sesame@127.0.0.1:1/helm",
                 PATH=f"{tools}:{os.environ['PATH']}", SEEN=str(seen))
    assert answer.returncode == 1 and "pg_dump failed" in answer.stderr
    assert "open-sesame" not in seen.read_text() + answer.stderr
    assert not (tmp_path / "backup").exists()


def test_everything_moves_from_sqlite_to_postgresql_and_back(tmp_path, sandbox):
    server = os.environ.get("BABYHELM_TEST_POSTGRES")
    if not server:
        pytest.skip("PostgreSQL tests are skipped: BABYHELM_TEST_POSTGRES is not set")
    target = PostgresDatabase(server)
    source = f"sqlite:{tmp_path / 'babyhelm.sqlite'}"
    running, person = fill(tmp_path, source, sandbox)
    running.stop()
    moved = run("migrate-data", "--to", target.url, "--database-url", source, folder=tmp_path)
    assert moved.returncode == 0, moved.stderr
    assert re.search(r"^1  users$", moved.stdout, re.M)
    assert "both databases hold the same" in moved.stdout

    # Sessions and keys moved, too: nobody has to log in again.
    cookies = person.cookies
    running = serve(tmp_path, target.url, sandbox)
    person = Person(running.url)
    person.cookies = cookies
    assert "web" in person.open("/projects/shop")
    confirm(person, "api")
    wait_until("api is through", lambda: is_through(person, "api"))
    running.stop()
    assert run("audit", "verify", "--database-url", target.url, folder=tmp_path).returncode == 0

    twice = run("migrate-data", "--to", target.url, "--database-url", source, folder=tmp_path)
    assert twice.returncode == 1 and "holds data already" in twice.stderr
    back = f"sqlite:{tmp_path / 'back.sqlite'}"
    returned = run("migrate-data", "--to", back, "--database-url", target.url, folder=tmp_path)
    assert returned.returncode == 0, returned.stderr
    running = serve(tmp_path, back, sandbox)
    assert "api" in sign_in(running).open("/projects/shop")
    running.stop()
    target.remove()
    assert PASSWORD not in moved.stdout
