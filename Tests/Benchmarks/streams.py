"""What open streams cost in memory: 2,000 of live updates, and 200 of logs that pods fill at 10 MB/s.

The limits are those of everybody: 20 streams a person and 20 logs a person, 200 logs together. So
there are as many people as it takes, and all of them look at one project that is shown as a demo. The
cluster is a process of its own; what is measured is the server's resident memory alone."""

import asyncio
import contextlib
import os
import pathlib
import re
import resource
import subprocess
import time
import urllib.parse

from person import Forms, Person
from server import BINARY, Server, die_with_parent

EVENT_STREAMS = 2_000
LOG_STREAMS = 200
EACH = 20  # streams of one person (EventStreams.limit, LogLimits.perPerson)
SECONDS = 20
REGISTERING = 100  # from one address, before the limit on attempts asks to wait
PASSWORD = "correct horse battery staple"


class Somebody(Person):
    """One of many, with an address of their own."""

    def __init__(self, url: str, number: int):
        super().__init__(url)
        self.name, self.email = f"Person {number}", f"person-{number}@example.com"

    def register(self) -> None:
        self.open("/register")
        self.submit("password", email=self.email, name=self.name, password=PASSWORD)


class Reader:
    """Holds a stream open and reads all that comes."""

    def __init__(self, person: Person, path: str):
        self.person, self.path = person, path
        self.bytes, self.status = 0, ""

    async def run(self) -> None:
        address = urllib.parse.urlsplit(self.person.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write((f"GET {self.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
                      f"Cookie: {self.person.cookie_header}\r\nSec-Fetch-Site: same-origin\r\n"
                      "Accept: text/event-stream\r\n\r\n").encode())
        try:
            self.status = (await reader.readline()).decode().strip()
            while piece := await reader.read(65_536):
                self.bytes += len(piece)
        finally:
            writer.close()


async def began_all(readers: list[Reader], tasks: list[asyncio.Task]) -> None:
    """Waits until each stream was answered."""
    deadline = time.monotonic() + 60
    while missing := [reader for reader in readers if not reader.status]:
        failed = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        if failed or time.monotonic() > deadline:
            raise RuntimeError(f"{len(missing)} of {len(readers)} streams don't stand: {failed[:1]}")
        await asyncio.sleep(0.02)


async def hold(readers: list[Reader], process: subprocess.Popen) -> tuple[float, float]:
    """Opens all, waits, and tells the greatest resident memory meanwhile, and what was read."""
    tasks, greatest = [], 0.0
    for reader in readers:
        tasks.append(asyncio.create_task(reader.run()))
        if len(tasks) % 50 == 0:
            await began_all(readers[:len(tasks)], tasks)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        greatest = max(greatest, resident(process))
        await asyncio.sleep(0.25)
    bad = [reader.status for reader in readers if " 200 " not in reader.status + " "]
    ended = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    if bad or ended:
        raise RuntimeError(f"{len(bad)} streams were refused ({bad[:1]}), {len(ended)} ended early")
    return greatest, sum(reader.bytes for reader in readers)


def resident(process: subprocess.Popen) -> float:
    """Megabytes (10⁶ bytes)."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def start_sandbox(folder: pathlib.Path) -> tuple[subprocess.Popen, pathlib.Path]:
    kubeconfig = folder / "kubeconfig"
    process = subprocess.Popen(
        [BINARY, "sandbox", "--write-kubeconfig", kubeconfig, "--speed", "10"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if not k.startswith("BABYHELM_")},
        preexec_fn=die_with_parent)
    deadline = time.monotonic() + 30
    while not kubeconfig.exists():
        if time.monotonic() > deadline:
            raise TimeoutError("the sandbox did not start")
        time.sleep(0.05)
    return process, kubeconfig


def make_account(folder: pathlib.Path, email: str, name: str, *options: str) -> None:
    made = subprocess.run(
        [BINARY, "user", "create", "--email", email, "--name", name, *options,
         "--password-stdin", "--database-url", f"sqlite:{folder / 'babyhelm.sqlite'}"],
        input=PASSWORD + "\n", text=True, capture_output=True, timeout=60,
        env={k: v for k, v in os.environ.items() if not k.startswith("BABYHELM_")})
    if made.returncode != 0:
        raise RuntimeError(made.stderr)


def deploy(admin: Person, name: str, image: str) -> None:
    admin.open("/projects/demo/apps/new")
    admin.submit("image", name=name, image=image, port="", replicas="1", healthCheck="none")
    admin.submit("plan")
    deadline = time.monotonic() + 60
    while "All replicas serve" not in admin.open(f"/projects/demo/apps/{name}"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did not come up:\n{admin.page[:500]}")
        time.sleep(0.25)


def show_to_everybody(admin: Person) -> None:
    """Ticks the box, which a form that isn't ticked doesn't send."""
    form = next(form for form in Forms(admin.page).forms if form.action.endswith("/demo"))
    status, content = admin.request(
        "POST", form.action, urllib.parse.urlencode([*form.fields, ("isDemo", "on")]),
        **{"Content-Type": "application/x-www-form-urlencoded"})
    if status != 303:
        raise RuntimeError(f"the project isn't shown to everybody: {status}\n{content[:500]}")


def measure(folder: pathlib.Path) -> dict[str, float]:
    """Resident memory in MB with all event streams, then with all log streams, then with both;
    MB/s of logs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 16_384), most))
    sandbox, kubeconfig = start_sandbox(folder)
    try:
        make_account(folder, "ada@example.com", "Ada", "--admin")
        with Server(folder, cluster=("--kubeconfig", str(kubeconfig))) as server:
            admin = Person(server.url)
            admin.open("/login")
            admin.submit("password", email="ada@example.com", password=PASSWORD)
            admin.open("/projects/new")
            admin.submit("cpu", name="demo")
            deploy(admin, "web", "nginx:1.27")
            deploy(admin, "loud", "registry.example.com/chatty:1")
            admin.open("/projects/demo/settings")
            show_to_everybody(admin)
            people = [Somebody(server.url, number)
                      for number in range((EVENT_STREAMS + LOG_STREAMS) // EACH)]
            for person in people[:REGISTERING]:
                person.register()
            for person in people[REGISTERING:]:
                make_account(folder, person.email, person.name)
                person.open("/login")
                person.submit("password", email=person.email, password=PASSWORD)
            found = {"before": resident(server.process)}
            listeners, followers = people[:EVENT_STREAMS // EACH], people[EVENT_STREAMS // EACH:]

            def readers(some: list[Somebody], path: str) -> list[Reader]:
                return [Reader(person, path) for person in some for _ in range(EACH)]

            changes, log = "/projects/demo/live", "/projects/demo/apps/loud/logs/live"
            found["events"], _ = asyncio.run(hold(readers(listeners, changes), server.process))
            time.sleep(3)
            found["logs"], size = asyncio.run(hold(readers(followers, log), server.process))
            found["log rate"] = size / SECONDS / 1e6
            time.sleep(3)
            found["together"], _ = asyncio.run(hold(
                readers(listeners, changes) + readers(followers, log), server.process))
            return found
    finally:
        sandbox.terminate()
        sandbox.wait(15)
