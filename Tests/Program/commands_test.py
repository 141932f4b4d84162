"""The commands beside `serve`: what they print, and what they refuse."""

import subprocess

import yaml

from program import PASSWORD, run
from server import BINARY


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
    assert migrate("status").splitlines()[-1].endswith("not applied")
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
