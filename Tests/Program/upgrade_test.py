"""Upgrades and the way back, with data, while the version before serves (docs/upgrades.md)."""

import re
import sqlite3
import subprocess

import pytest

from backup_test import fill
from crash_test import confirm, is_through, serve, sign_in
from program import Sandbox, run, wait_until


@pytest.fixture
def sandbox(tmp_path):
    """Faster than others: what it does isn't what is tested."""
    running = Sandbox(tmp_path, 20)
    yield running
    running.stop()


def execute(database: str, *statements: str) -> None:
    if database.startswith("sqlite:"):
        with sqlite3.connect(database.removeprefix("sqlite:"), timeout=30) as connection:
            for statement in statements:
                connection.execute(statement)
        return
    subprocess.run(["psql", "-qX", "-d", database, "-c", ";".join(statements)], check=True,
                   capture_output=True, timeout=60)


def last_migration(tmp_path, database: str) -> int:
    listed = run("migrate", "status", "--database-url", database, folder=tmp_path)
    assert listed.returncode == 0, listed.stderr
    return int(re.findall(r"^(\d+)  ", listed.stdout, re.M)[-1])


def a_newer_step(number: int, oldest: int) -> tuple[str, str]:
    """What the next version's `babyhelm migrate up` would do."""
    return (f"CREATE TABLE next_{number} (n INTEGER)",
            "INSERT INTO schema_migrations (number, name, checksum, applied_at, oldest_program) "
            f"VALUES ({number}, 'next_{number}', 'x', 1, {oldest})")


def test_the_version_before_serves_on_while_the_next_one_adds_and_stops_when_it_must(
        tmp_path, database, sandbox):
    server, person = fill(tmp_path, database, sandbox)
    own = last_migration(tmp_path, database)

    # The next version's migration runs, and this version goes on; it may even start again.
    execute(database, *a_newer_step(own + 1, own))
    wait_until("it is ready", lambda: person.request("GET", "/readyz")[0] == 200)
    confirm(person, "api")
    wait_until("api is through", lambda: is_through(person, "api"))
    server.stop()
    server = serve(tmp_path, database, sandbox)
    assert "newer program's migration" in server.log
    person = sign_in(server)
    assert "web" in person.open("/projects/shop")
    listed = run("migrate", "status", "--database-url", database, folder=tmp_path)
    assert f"from {own} on programs can serve with it" in listed.stdout
    told = run("doctor", "--sandbox", "--database-url", database, folder=tmp_path)
    assert f"a newer program's: {own + 1} (next_{own + 1})" in told.stdout
    undone = run("migrate", "down", "--to", str(own - 1), "--database-url", database, folder=tmp_path)
    assert undone.returncode == 1 and "only that one knows how to undo it" in undone.stderr

    # A step that this version can't live with: it is taken out of service, and refused.
    execute(database, *a_newer_step(own + 2, own + 2))
    status, told = person.request("GET", "/readyz")
    assert status == 503 and b"database" in told
    server.stop()
    refused = run("serve", "--sandbox", "--port", "0", "--database-url", database, folder=tmp_path)
    assert refused.returncode == 1
    assert f"can't serve with migration {own + 2} (next_{own + 2})" in refused.stderr
    assert "Start the newer BabyHelm" in refused.stderr
    assert f"babyhelm migrate down --to {own}" in refused.stderr

    # The next version's `migrate down` undoes both.
    execute(database, f"DROP TABLE next_{own + 1}", f"DROP TABLE next_{own + 2}",
            f"DELETE FROM schema_migrations WHERE number > {own}")
    server = serve(tmp_path, database, sandbox)
    assert "api" in sign_in(server).open("/projects/shop")
    server.stop()


def test_a_database_of_the_version_before_comes_up_with_its_data(tmp_path, database, sandbox):
    server, person = fill(tmp_path, database, sandbox)
    cookies = person.cookies
    server.stop()
    own = last_migration(tmp_path, database)
    # As the version before left it, which knew no programs either.
    down = run("migrate", "down", "--to", str(own - 1), "--database-url", database, folder=tmp_path)
    assert down.returncode == 0 and f"Undone {own}." in down.stdout, down.stderr
    execute(database, "ALTER TABLE schema_migrations DROP COLUMN oldest_program")
    told = run("doctor", "--sandbox", "--database-url", database, folder=tmp_path)
    assert "1 migrations are applied at the next start" in told.stdout

    up = run("migrate", "up", "--database-url", database, folder=tmp_path)
    assert up.returncode == 0 and f"Applied {own}." in up.stdout, up.stderr
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.cookies = cookies
    assert "web" in person.open("/projects/shop"), "sessions outlive an upgrade"
    confirm(person, "api")
    wait_until("api is through", lambda: is_through(person, "api"))
    server.stop()
    assert run("audit", "verify", "--database-url", database, folder=tmp_path).returncode == 0
