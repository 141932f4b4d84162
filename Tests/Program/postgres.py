"""PostgreSQL servers of a test's own: restarted, with TLS, with a standby."""

import os
import pathlib
import shutil
import subprocess
import urllib.parse

from server import ROOT


class Postgres:
    """A server in a folder, which the postgres user must be able to enter (below /tmp)."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.url = self.scripts("start")

    def scripts(self, action: str) -> str:
        return subprocess.run(
            [ROOT / "scripts" / "postgres", action, self.folder], check=True, text=True,
            capture_output=True, timeout=120).stdout.strip()

    @property
    def port(self) -> int:
        return urllib.parse.urlsplit(self.url).port

    @property
    def data(self) -> pathlib.Path:
        return self.folder / "data"

    def run(self, program: str, *arguments: str) -> None:
        """Runs one of PostgreSQL's programs as the server's owner."""
        found = subprocess.run(
            "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1", shell=True, text=True,
            capture_output=True, check=True).stdout.strip()
        self.as_owner(f"{found}/{program}", *arguments)

    def as_owner(self, *command: str) -> None:
        if os.geteuid() == 0:
            command = ("runuser", "-u", "postgres", "--", *command)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.folder)
        assert done.returncode == 0, done.stderr + done.stdout

    def control(self, action: str, *arguments: str) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.folder / "server.log"), "-w",
                 *arguments, action)

    def restart(self) -> None:
        """As an administrator does: connections are cut, the address stays."""
        self.control("restart", "-m", "fast")

    def stop(self) -> None:
        self.control("stop", "-m", "fast")

    def psql(self, statement: str) -> str:
        done = subprocess.run(
            ["psql", "-qXAt", "-d", self.url, "-c", statement], capture_output=True, text=True,
            timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def standby(self, folder: pathlib.Path) -> "Postgres":
        """A copy that follows this server by streaming, and takes no changes."""
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self.run("pg_basebackup", "-d", self.url, "-D", str(folder / "data"), "-R", "-c", "fast")
        return Postgres(folder)

    def remove(self) -> None:
        self.scripts("stop")
        shutil.rmtree(self.folder, ignore_errors=True)
