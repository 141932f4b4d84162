"""Starts and stops the program as a person would, on a free port and in a folder of its own."""

import contextlib
import ctypes
import itertools
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("BABYHELM_BINARY", ROOT / ".build/release/babyhelm"))
ARTIFACTS = ROOT / ".build-tools"

START_LIMIT = 30  # seconds
STOP_LIMIT = 12  # seconds; the program promises 10 (docs/design.md §8)


def ports():
    """Ports below those that outgoing connections get, each once. Tests that run side by side
    (pytest-xdist) have ranges of their own; where to begin is up to chance, for other runs."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    first, size = 10_000 + worker * 1_000, 1_000
    start = random.randrange(size)
    for number in itertools.count(start):
        yield first + number % size


PORTS = ports()


def free_port() -> int:
    for port in PORTS:
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("ports never end")


def die_with_parent() -> None:
    """In the child: end when this process ends, however it ends (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Server:
    """`babyhelm serve`, unless told otherwise with the sandbox and a SQLite file in `folder`."""

    def __init__(self, folder: pathlib.Path | None = None, arguments: tuple[str, ...] = (),
                 cluster: tuple[str, ...] = ("--sandbox",), database_url: str = "", port: int = 0):
        self.is_own_folder = folder is None
        self.folder = folder or pathlib.Path(tempfile.mkdtemp(prefix="babyhelm-"))
        self.arguments = arguments
        self.log_path = self.folder / "server.log"
        self.database = self.folder / "babyhelm.sqlite"
        self.cluster = cluster
        self.database_url = database_url or f"sqlite:{self.database}"
        self.process: subprocess.Popen | None = None
        self.is_fixed = port != 0
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def launch(self) -> None:
        """Starts the process and does not wait for it."""
        if not self.is_fixed:
            self.port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BABYHELM_")}
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", *self.cluster, "--host", "127.0.0.1", "--port", str(self.port),
                 "--database-url", self.database_url, *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
                env=environment, preexec_fn=die_with_parent)

    def start(self) -> "Server":
        """Starts the process and waits for the line that tells its address."""
        self.launch()
        deadline = time.monotonic() + START_LIMIT
        address = re.compile(rf"https?://\S+:{self.port}\b")
        while not address.search(self.log):
            if self.process.poll() is not None:
                raise RuntimeError(f"babyhelm ended with {self.process.returncode}:\n{self.log}")
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"no address within {START_LIMIT} s:\n{self.log}")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Ends the process as a service manager does; raises when it does not end well."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"babyhelm ignored SIGTERM for {STOP_LIMIT} s:\n{self.log}")
        if status != 0:
            raise RuntimeError(f"babyhelm ended with {status} on SIGTERM:\n{self.log}")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, kind, error, trace) -> None:
        try:
            self.kill() if kind else self.stop()
        finally:
            if self.is_own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)
