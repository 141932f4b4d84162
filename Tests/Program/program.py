"""The program as an operator runs it: commands, a cluster in a process of its own, databases."""

import os
import pathlib
import subprocess
import time
import urllib.request
import uuid

from server import BINARY, START_LIMIT, die_with_parent

PASSWORD = "correct horse battery staple"


def environment(**more: str) -> dict[str, str]:
    """Nothing that this machine's operator may have set for BabyHelm or Kubernetes."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("BABYHELM_", "KUBE"))}
    return {**kept, **more}


def run(*arguments: str, folder: pathlib.Path, given: str = "", **variables: str):
    """Runs a command to its end."""
    return subprocess.run(
        [BINARY, *arguments], input=given, capture_output=True, text=True, cwd=folder,
        env=environment(**variables), timeout=60, preexec_fn=die_with_parent)


def make_admin(folder: pathlib.Path, database: str) -> None:
    made = run("user", "create", "--email", "ada@example.com", "--name", "Ada", "--admin",
               "--password-stdin", "--database-url", database, folder=folder, given=PASSWORD + "\n")
    assert made.returncode == 0, made.stderr


def samples(server, token: str) -> dict[str, float]:
    """What a server with `--metrics-token-file` tells of itself, by series."""
    request = urllib.request.Request(
        server.url + "/metrics", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    rows = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in rows}


def wait_until(what: str, condition, limit: float = 60):
    """Asks until there is an answer that counts."""
    deadline = time.monotonic() + limit
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {limit} s: {what}"
        time.sleep(0.05)


class Sandbox:
    """`babyhelm sandbox`: outlives the servers that work on it."""

    def __init__(self, folder: pathlib.Path, speed: float = 4, *arguments: str):
        self.kubeconfig = folder / "kubeconfig"
        self.process = subprocess.Popen(
            [BINARY, "sandbox", "--write-kubeconfig", self.kubeconfig, "--speed", str(speed),
             *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment(), preexec_fn=die_with_parent)
        wait_until("the sandbox listens", self.kubeconfig.exists, START_LIMIT)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(15) == 0


class PostgresDatabase:
    """A database of its own on the server that BABYHELM_TEST_POSTGRES names."""

    def __init__(self, server: str):
        self.server = server
        self.name = "program_" + uuid.uuid4().hex[:12]
        self.url = server.rsplit("/", 1)[0] + "/" + self.name
        self.psql(f'CREATE DATABASE "{self.name}"')

    def psql(self, statement: str) -> None:
        subprocess.run(["psql", "-qX", "-d", self.server, "-c", statement], check=True,
                       capture_output=True, timeout=60)

    def remove(self) -> None:
        self.psql(f'DROP DATABASE "{self.name}" WITH (FORCE)')
