"""Measures what docs/design.md §9 sets bounds for, and says which bounds hold.

Everything runs on this machine and on loopback; rates are compared only within one run. Writes a
table to standard output and everything to .build-tools/bench.json; `--document` also puts the table
into docs/performance.md.
"""

import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Browser"))

import streams  # noqa: E402
from person import Forms, Person  # noqa: E402
from server import ARTIFACTS, BINARY, ROOT, Server, die_with_parent, free_port  # noqa: E402

ROUNDS = 3
SECONDS = 5  # of wrk, for each address in each round
APPLICATIONS = 50
PROJECTS = 1_000


class Results:
    """The measurements in the order they were made."""

    def __init__(self):
        self.rows: list[dict] = []

    def add(self, name: str, value: float, unit: str, at_least=None, at_most=None) -> None:
        met = None
        if at_least is not None:
            met = value >= at_least
        if at_most is not None:
            met = value <= at_most
        bound = f"≥ {at_least:g}" if at_least is not None else \
            f"≤ {at_most:g}" if at_most is not None else ""
        self.rows.append({"name": name, "value": value, "unit": unit, "bound": bound, "met": met})
        print(f"  {name}: {shown(value)} {unit}", flush=True)

    def skip(self, name: str, reason: str) -> None:
        self.rows.append({"name": name, "value": None, "unit": reason, "bound": "", "met": None})
        print(f"  {name}: not measured: {reason}", flush=True)

    def table(self) -> str:
        lines = ["| what | measured | bound | |", "| --- | ---: | --- | --- |"]
        for row in self.rows:
            value = "–" if row["value"] is None else shown(row["value"])
            verdict = {True: "holds", False: "**missed**", None: ""}[row["met"]]
            lines.append(f"| {row['name']} | {value} {row['unit']} | {row['bound']} | {verdict} |")
        return "\n".join(lines)


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


# Load

def wrk(url: str, cookie: str = "", connections: int = 32, seconds: int = SECONDS) -> dict:
    """Requests a second and the median latency in milliseconds; any refusal is an error. Instead of
    a cookie there can be a token: `Bearer …`."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
    if cookie:
        header = "Authorization" if cookie.startswith("Bearer ") else "Cookie"
        command += ["-H", f"{header}: {cookie}"]
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True,
                          timeout=seconds + 30).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{url} did not answer well:\n{text}")
    amount, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
            "median": float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]}


def rates(targets: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Each target's median rate; rounds go over all of them, so noise hits all alike."""
    found: dict[str, list[float]] = {name: [] for name in targets}
    for url, cookie in targets.values():
        wrk(url, cookie, seconds=1)
    for _ in range(ROUNDS):
        for name, (url, cookie) in targets.items():
            found[name].append(wrk(url, cookie)["rate"])
    return {name: statistics.median(each) for name, each in found.items()}


# Processes

def resident(process: subprocess.Popen) -> float:
    """Megabytes (10⁶ bytes)."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6


def processor_seconds(process: subprocess.Popen) -> float:
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_answers(url: str, limit: float = 30) -> None:
    deadline = time.monotonic() + limit
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"{url} did not answer within {limit} s")
        time.sleep(0.001)


class FastAPI:
    """The comparison in fastapi_app.py, with two workers."""

    def __init__(self, folder: pathlib.Path):
        self.port = free_port()
        self.environment = {**os.environ, "BENCH_DATABASE": str(folder / "fastapi.sqlite")}
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "FastAPI":
        prepared = subprocess.run([sys.executable, "fastapi_app.py"], cwd=HERE, check=True,
                                  env=self.environment, capture_output=True, text=True)
        self.cookie = prepared.stdout.strip()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "fastapi_app:app", "--workers", "2", "--port",
             str(self.port), "--no-access-log", "--log-level", "warning"], cwd=HERE,
            env=self.environment, start_new_session=True, preexec_fn=die_with_parent)
        wait_until_answers(f"{self.url}/healthz")
        return self

    def __exit__(self, *error) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)


# What is measured

def seed(person: Person) -> None:
    """As a person does it: an account, a project, 50 applications, each through the forms."""
    person.register()
    person.open("/projects/new")
    person.submit("cpu", name="bench", cpu="100", memory="200Gi", pods="500")
    for number in range(APPLICATIONS):
        person.deploy("bench", f"app-{number:02}")
    deadline = time.monotonic() + 120
    while person.open("/projects/bench").count("Healthy") < APPLICATIONS:
        if time.monotonic() > deadline:
            raise TimeoutError("not all applications became healthy")
        time.sleep(0.5)


def measure_rendering(results: Results) -> None:
    try:
        answer = subprocess.run([BINARY, "bench", "render"], capture_output=True, text=True,
                                check=True, timeout=120)
        ours = json.loads(answer.stdout)
    except (subprocess.SubprocessError, json.JSONDecodeError) as error:
        results.skip("rendering", f"babyhelm bench render: {error}")
        return
    theirs = float(subprocess.run([sys.executable, "jinja_page.py"], cwd=HERE, check=True,
                                  capture_output=True, text=True).stdout)
    pages = ours["project_page_renders_per_second"]
    results.add("project page rendered", pages, "/s")
    results.add("the same page in Jinja2", theirs, "/s")
    results.add("rendering against Jinja2", pages / theirs, "×", at_least=8)
    results.add("manifests of one application, rendered and checked",
                ours["manifest_sets_per_second"], "/s", at_least=3000)


def measure_charts(results: Results) -> None:
    answer = subprocess.run([BINARY, "bench", "charts"], capture_output=True, text=True,
                            check=True, timeout=120)
    ours = json.loads(answer.stdout)
    results.add("a page of 12 charts, from values to HTML", ours["chart_page_milliseconds"], "ms",
                at_most=15)
    results.add("the same page", ours["chart_page_bytes"] / 1000, "kB")


def measure_requests(results: Results, server: Server, person: Person, folder) -> None:
    cookie = person.cookie_header
    with FastAPI(folder) as other:
        found = rates({
            "hello": (f"{server.url}/healthz", ""),
            "project page": (f"{server.url}/projects/bench", cookie),
            "project list": (f"{server.url}/projects", cookie),
            "fastapi": (f"{other.url}/projects/bench", other.cookie),
        })
    results.add("hello (/healthz)", found["hello"], "requests/s")
    results.add("project page, 50 applications, signed in", found["project page"], "requests/s")
    results.add("project page against hello", found["project page"] / found["hello"], "×",
                at_least=0.25)
    results.add("project list, signed in", found["project list"], "requests/s")
    results.add("FastAPI, Jinja2, SQLAlchemy, two workers", found["fastapi"], "requests/s")
    results.add("project page against FastAPI", found["project page"] / found["fastapi"], "×",
                at_least=5)


def make_token(person: Person) -> str:
    """Of a program that reads."""
    person.open("/account")
    page = person.submit("scope", name="bench", scope="read")
    return "Bearer " + re.search(r"babyhelm_[\w-]{40,}", page)[0]


def measure_api(results: Results, server: Server, person: Person) -> None:
    """The same data, told to a person and to a program."""
    api, token = f"{server.url}/api/v1/projects/bench", make_token(person)
    found = rates({
        "project": (f"{server.url}/projects/bench", person.cookie_header),
        "project API": (api, token),
        "applications API": (f"{api}/applications?limit=50", token),
        "application": (f"{server.url}/projects/bench/apps/app-07", person.cookie_header),
        "application API": (f"{api}/applications/app-07", token),
    })
    for name, page in (("project", "project"), ("applications", "project"),
                       ("application", "application")):
        results.add(f"API call, {name}: time against the {page} page",
                    found[page] / found[f"{name} API"], "×", at_most=1.2)


def measure_metrics(results: Results, server: Server) -> None:
    """What counting and timing a request costs, against what a request costs at least."""
    answer = subprocess.run([BINARY, "bench", "metrics"], capture_output=True, text=True, check=True,
                            timeout=120)
    nanoseconds = json.loads(answer.stdout)["nanoseconds_per_request"]
    hello = wrk(f"{server.url}/healthz")["rate"]
    results.add("counting and timing a request", nanoseconds / 1000, "µs")
    results.add("the same of the time of a hello", nanoseconds / 1e9 * hello * 100, "%", at_most=3)


def measure_streams(results: Results, folder: pathlib.Path) -> None:
    found = streams.measure(folder)
    results.add("resident memory, 2,000 open event streams of 100 people", found["events"], "MB",
                at_most=200)
    results.add("resident memory, 200 streams of a log of 10 MB/s", found["logs"], "MB",
                at_most=200)
    results.add("what their readers got together", found["log rate"], "MB/s")
    results.add("resident memory, with all of these streams at once", found["together"], "MB",
                at_most=200)


def measure_size(results: Results, person: Person) -> None:
    page = len(person.request("GET", "/projects/bench", **{"Accept-Encoding": "gzip"})[1])
    assets = set(Forms(person.open("/projects/bench")).assets)
    size = sum(len(person.request("GET", path, **{"Accept-Encoding": "gzip"})[1])
               for path in assets if path.startswith("/"))
    results.add("project page over the wire, first visit", (page + size) / 1000, "kB", at_most=60)
    results.add("project page over the wire, later", page / 1000, "kB", at_most=15)


def measure_idle(results: Results, server: Server) -> None:
    # Idle means that the fifty rollouts are over, and the guards of the project looked at checked.
    time.sleep(15)
    before = processor_seconds(server.process)
    time.sleep(10)
    used = processor_seconds(server.process) - before
    results.add("processor time when idle", used / 10 * 100, "% of a core", at_most=1)


def add_projects(path: pathlib.Path) -> None:
    """Rows for 1,000 projects of the one user there is, as after years of use."""
    now = int(time.time() * 1000)
    database = sqlite3.connect(path)
    with database:
        user = database.execute("SELECT id FROM users").fetchone()[0]
        for number in range(PROJECTS):
            project = str(uuid.uuid4())
            database.execute(
                "INSERT INTO projects (id, name, namespace_uid, state, cpu, memory, pods,"
                " created_by, created_at) VALUES (?, ?, ?, 'ready', '4', '8Gi', 20, ?, ?)",
                (project, f"project-{number:04}", str(uuid.uuid4()), user, now))
            database.execute("INSERT INTO memberships VALUES (?, ?, 'owner', ?)",
                             (project, user, now))
    database.close()


def measure_many_projects(results: Results, folder: pathlib.Path) -> None:
    server = Server(folder)
    with server:
        Person(server.url).register()
    add_projects(server.database)

    times = []
    for _ in range(5):
        began = time.perf_counter()
        server.launch()
        wait_until_answers(f"{server.url}/healthz")
        times.append(time.perf_counter() - began)
        server.stop()
    results.add("start to listening, 1,000 projects", statistics.median(times), "s", at_most=0.5)

    with server:
        time.sleep(3)
        results.add("resident memory, idle, 1,000 projects", resident(server.process), "MB",
                    at_most=80)
        person = Person(server.url)
        person.open("/login")
        person.submit("password", email="ada@example.com", password="correct horse battery staple")
        median = wrk(f"{server.url}/projects", person.cookie_header, connections=1, seconds=3)
        results.add("project list, 1,000 projects, one visitor", median["median"], "ms",
                    at_most=20)


def measure(folder: pathlib.Path) -> Results:
    results = Results()
    print("Rendering …", flush=True)
    measure_rendering(results)
    measure_charts(results)
    print("Many projects …", flush=True)
    many = folder / "many"
    many.mkdir()
    measure_many_projects(results, many)
    print("A project with 50 applications …", flush=True)
    one = folder / "one"
    one.mkdir()
    with Server(one, ("--api-rate", "1000000")) as server:
        person = Person(server.url)
        seed(person)
        measure_size(results, person)
        measure_idle(results, server)
        measure_requests(results, server, person, folder)
        measure_api(results, server, person)
        measure_metrics(results, server)
        results.add("resident memory after the load", resident(server.process), "MB")
    print("Open streams …", flush=True)
    many_streams = folder / "streams"
    many_streams.mkdir()
    measure_streams(results, many_streams)
    return results


# Reporting

def machine() -> dict:
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", text)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True,
                            capture_output=True).stdout.strip()
    return {"cores": os.cpu_count(), "processor": model[1] if model else platform.machine(),
            "system": platform.platform(), "commit": commit,
            "date": datetime.date.today().isoformat()}


def document(table: str, on: dict) -> None:
    path = ROOT / "docs/performance.md"
    start, end = "<!-- measured -->", "<!-- /measured -->"
    head, _, rest = path.read_text().partition(start)
    _, _, tail = rest.partition(end)
    told = (f"Measured on {on['date']} with `scripts/bench`: {on['cores']} cores"
            f" ({on['processor']}), shared with the load generator.")
    path.write_text(f"{head}{start}\n{told}\n\n{table}\n{end}{tail}")


def main() -> None:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="babyhelm-bench-"))
    began = time.monotonic()
    try:
        results = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    on = machine()
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "bench.json").write_text(
        json.dumps({"machine": on, "measurements": results.rows}, indent=2, ensure_ascii=False))
    print(f"\n{results.table()}\n\n{len(results.rows)} measurements in"
          f" {time.monotonic() - began:.0f} s; for machines: .build-tools/bench.json")
    if "--document" in sys.argv:
        document(results.table(), on)


if __name__ == "__main__":
    main()
