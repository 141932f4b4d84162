"""The commands beside `serve`: what they print, and what they refuse."""

import json
import sqlite3
import subprocess

import yaml

from person import Person
from program import PASSWORD, make_admin, run
from server import BINARY, Server


def test_version_is_one_line(tmp_path):
    ended = run("version", folder=tmp_path)
    assert ended.returncode == 0
    assert ended.stdout.startswith("BabyHelm ") and ended.stdout.count("\n") == 1
    assert run("--version", folder=tmp_path).stdout == ended.stdout


def test_migrations_go_up_and_down_one_by_one(tmp_path, database):
    def migrate(*arguments: str) -> str:
        ended = run("migrate", *arguments, "--database-url", database, folder=tmp_path)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    names = [line.split()[:2] for line in migrate("status").splitlines()]
    assert len(names) >= 3 and migrate("status").count("not applied") == len(names)
    assert migrate("up") == f"Applied {', '.join(number for number, _ in names)}.\n"
    assert "not applied" not in migrate("status")
    assert migrate("up") == "Nothing to do.\n"

    last = len(names)
    assert migrate("down", "--to", str(last - 1)) == f"Undone {last}.\n"
    assert "  not applied" in migrate("status").splitlines()[-1]
    assert migrate("down", "--to", "0").startswith("Undone ")
    assert migrate("up") == f"Applied {', '.join(number for number, _ in names)}.\n"


def test_an_account_is_made_once(tmp_path, database):
    def create(*arguments: str, given: str = PASSWORD + "\n"):
        return run("user", "create", "--email", "ada@example.com", "--name", "Ada",
                   "--password-stdin", "--database-url", database, *arguments,
                   folder=tmp_path, given=given)

    assert create(given="short\n").returncode == 1
    assert create("--role", "captain").returncode == 1
    made = create("--admin")
    assert (made.returncode, made.stderr) == (0, ""), made.stderr
    assert "ada@example.com (admin)" in made.stdout
    again = create()
    assert again.returncode == 1
    assert again.stderr.startswith("email: ") and again.stderr.count("already") == 1
    assert PASSWORD not in made.stdout + made.stderr + again.stdout + again.stderr


def test_a_command_that_does_not_exist_is_told(tmp_path):
    ended = run("sevre", folder=tmp_path)
    assert ended.returncode == 64  # EX_USAGE (sysexits.h)
    assert "sevre" in ended.stderr


def test_the_program_prints_no_password_it_was_given(tmp_path):
    listed = subprocess.run([BINARY, "user", "create", "--help"], capture_output=True, text=True,
                            check=True, timeout=30)
    assert "--password-stdin" in listed.stdout and "--password " not in listed.stdout


SPECIFICATION = """\
name: web
project: shop
image: nginx:1.27
ports: [80]
replicas: 2
"""


def test_manifests_are_rendered_without_a_cluster(tmp_path):
    ended = run("render", "-", folder=tmp_path, given=SPECIFICATION)
    assert ended.returncode == 0, ended.stderr
    objects = list(yaml.safe_load_all(ended.stdout))
    assert [each["kind"] for each in objects] == ["Service", "Deployment", "PodDisruptionBudget"]
    assert {each["metadata"]["namespace"] for each in objects} == {"shop"}

    labelled = run("render", "-", "--extra-labels", "team=a", folder=tmp_path, given=SPECIFICATION)
    for each in yaml.safe_load_all(labelled.stdout):
        assert each["metadata"]["labels"]["team"] == "a"

    wrong = run("render", "-", folder=tmp_path, given="name: web\nimge: nginx\n")
    assert wrong.returncode == 1 and "imge: There is no such key" in wrong.stderr


def test_a_chart_is_made_once(tmp_path):
    arguments = ("render", "-", "--format", "helm", "--output", str(tmp_path / "charts"))
    made = run(*arguments, folder=tmp_path, given=SPECIFICATION)
    assert made.returncode == 0, made.stderr
    chart = yaml.safe_load((tmp_path / "charts/web/Chart.yaml").read_text())
    assert chart["name"] == "web" and chart["apiVersion"] == "v2"
    again = run(*arguments, folder=tmp_path, given=SPECIFICATION)
    assert again.returncode == 1 and "is there already" in again.stderr


def test_an_unknown_project_has_nothing_to_export(tmp_path, database):
    run("migrate", "up", "--database-url", database, folder=tmp_path)
    ended = run("export", "shop", "--database-url", database, folder=tmp_path)
    assert ended.returncode == 1 and "There is no project “shop”" in ended.stderr


def test_the_doctor_says_what_is_wrong(tmp_path):
    def doctor(*arguments: str):
        return run("doctor", "--database-url", f"sqlite:{tmp_path}/db.sqlite", *arguments,
                   folder=tmp_path)

    well = doctor("--sandbox")
    assert well.returncode == 0 and "WRONG" not in well.stdout

    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(yaml.safe_dump({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
        "users": [{"name": "c", "user": {}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
    }))
    ill = doctor("--kubeconfig", str(kubeconfig))
    assert ill.returncode == 1
    assert "Cluster    WRONG  Can't reach the API server at http://127.0.0.1:9" in ill.stdout
    assert "Check the server's address" in ill.stdout


def test_the_doctor_asks_for_every_right(tmp_path, sandbox):
    ended = run("doctor", "--database-url", f"sqlite:{tmp_path}/db.sqlite",
                "--kubeconfig", str(sandbox.kubeconfig), folder=tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert "Rights     ok" in ended.stdout and "Kubernetes v1.36" in ended.stdout


def test_a_row_of_the_audit_log_that_somebody_changed_is_named(tmp_path):
    database = f"sqlite:{tmp_path / 'babyhelm.sqlite'}"
    make_admin(tmp_path, database)
    for number in range(3):
        made = run("user", "create", "--email", f"user{number}@example.com", "--name", "User",
                   "--password-stdin", "--database-url", database, folder=tmp_path,
                   given=PASSWORD + "\n")
        assert made.returncode == 0, made.stderr
    whole = run("audit", "verify", "--database-url", database, folder=tmp_path)
    assert whole.returncode == 0 and "All 4 rows" in whole.stdout
    lines = run("audit", "export", "--format", "jsonl", "--database-url", database,
                folder=tmp_path).stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4]
    assert PASSWORD not in "".join(lines)

    with sqlite3.connect(tmp_path / "babyhelm.sqlite") as connection:
        connection.execute("UPDATE audit_events SET target_name = 'eve' WHERE number = 3")
    changed = run("audit", "verify", "--database-url", database, folder=tmp_path)
    assert changed.returncode == 1 and "Row 3 isn't as it was written" in changed.stderr
    with sqlite3.connect(tmp_path / "babyhelm.sqlite") as connection:
        connection.execute("DELETE FROM audit_events WHERE number = 2")
    removed = run("audit", "verify", "--database-url", database, folder=tmp_path)
    assert removed.returncode == 1 and "Row 2 is missing" in removed.stderr



def test_renewed_keys_log_nobody_out_and_lost_ones_say_so(tmp_path):
    make_admin(tmp_path, f"sqlite:{tmp_path / 'babyhelm.sqlite'}")
    with Server(tmp_path) as server:
        ada = Person(server.url)
        ada.open("/login")
        ada.submit("password", email="ada@example.com", password=PASSWORD)

        def keys(command: str) -> str:
            ended = run("keys", command, "--database-url", server.database_url, folder=tmp_path)
            assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
            return ended.stdout

        assert keys("list").count("signs") == 1
        assert "nobody was logged out" in keys("rotate")
        assert keys("list").count("signs") == 1 and keys("list").count("verifies until") == 1
        assert "Log out" in ada.open("/projects")
        log = run("audit", "export", "--format", "jsonl", "--database-url", server.database_url,
                  folder=tmp_path).stdout
        row = json.loads(log.splitlines()[-1])
        assert row["action"] == "keys.rotate" and row["via"].startswith("command line of ")

        server.stop()
        with sqlite3.connect(server.database) as database:
            database.execute("DELETE FROM signing_keys")
        server.start()
        ada = with_cookies(ada, server.url)
        assert "Your session has ended" in ada.open("/projects")


def with_cookies(person: Person, url: str) -> Person:
    """The same browser, at another port."""
    again = Person(url)
    again.cookies = dict(person.cookies)
    return again


def test_the_settings_are_shown_with_who_said_so_and_without_secrets(tmp_path):
    file = tmp_path / "babyhelm.json"
    file.write_text(json.dumps({"releases-kept": 20, "port": 9000, "log-format": "json"}))
    given = dict(
        BABYHELM_DATABASE_URL="postgres://helm:open-sesame@db.example.net/x?sslpassword=open-sesame",
        BABYHELM_OIDC_ISSUER="https://id.example.net", BABYHELM_OIDC_CLIENT_ID="helm",
        BABYHELM_OIDC_CLIENT_SECRET="open-sesame", BABYHELM_PUBLIC_URL="https://helm.example.net",
        BABYHELM_PORT="9100")
    shown = run("config", "--config", str(file), "--port", "9200", folder=tmp_path, **given)
    assert shown.returncode == 0, shown.stderr
    lines = {line.split()[0]: line.split(None, 1)[1] for line in shown.stdout.splitlines()}
    assert lines["port"] == "9200  (--port)"
    assert lines["releases-kept"] == f"20  ({file})"
    assert lines["database-url"] == (
        "postgres://helm:********@db.example.net/x?sslpassword=********  (BABYHELM_DATABASE_URL)")
    assert lines["oidc-client-secret"].startswith("********")
    assert "open-sesame" not in shown.stdout

    # What it prints as JSON, serve reads again.
    as_json = run("config", "--config", str(file), "--json", folder=tmp_path, **given)
    assert "open-sesame" not in as_json.stdout
    again = tmp_path / "again.json"
    again.write_text(as_json.stdout)
    assert run("config", "--config", str(again), folder=tmp_path).returncode == 0

    wrong = run("config", folder=tmp_path, BABYHELM_PROT="9000")
    assert wrong.returncode == 1 and "BABYHELM_PORT" in wrong.stderr
