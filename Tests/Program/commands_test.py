"""The commands beside `serve`: what they print, and what they refuse."""

import subprocess

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
