"""A Prometheus or an Alertmanager of a test's own, on loopback, with a configuration of its own.

    with Prometheus(folder, {"scrape_configs": [...], "rule_files": [...]}) as prometheus:
        prometheus.query('up{job="babyhelm"}')

Both are Debian's. `series=True` backfills what series.py tells, until the second of the start.
"""

import json
import pathlib
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import yaml

from program import wait_until
from server import START_LIMIT, die_with_parent, free_port

SERIES = pathlib.Path(__file__).with_name("series.py")


class Daemon:
    """A process with a configuration file and an HTTP address."""

    program: str

    def __init__(self, folder: pathlib.Path, config: dict, *flags: str):
        self.folder = folder / self.program
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config_path = self.folder / "config.yml"
        self.log_path = self.folder / "server.log"
        self.flags = flags
        self.process: subprocess.Popen | None = None
        self.url = ""
        self.configure(config)

    def configure(self, config: dict) -> None:
        """Writes the configuration; one that runs reads it again."""
        self.config_path.write_text(yaml.safe_dump(config))
        if self.process:
            self.post("/-/reload")

    def start(self):
        for _ in range(3):  # somebody may take the port before it does
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            with open(self.log_path, "wb") as log:
                self.process = subprocess.Popen(
                    [self.program, f"--config.file={self.config_path}",
                     f"--web.listen-address=127.0.0.1:{port}", *self.flags],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                    cwd=self.folder, preexec_fn=die_with_parent)
            wait_until(f"{self.program} is ready or ends", self.is_ready_or_ended, START_LIMIT)
            if self.process.poll() is None:
                return self
        raise RuntimeError(f"{self.program} ended:\n{self.log_path.read_text()}")

    def is_ready_or_ended(self) -> bool:
        if self.process.poll() is not None:
            return True
        try:
            return self.get("/-/ready") is not None
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        self.process.kill()  # nothing in it is kept
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def get(self, path: str, **parameters: str) -> bytes:
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        with urllib.request.urlopen(self.url + path + query, timeout=60) as answer:
            return answer.read()

    def post(self, path: str, body: object = None) -> bytes:
        request = urllib.request.Request(
            self.url + path, data=json.dumps(body).encode() if body is not None else b"",
            headers={"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()


class Prometheus(Daemon):
    program = "prometheus"

    def __init__(self, folder: pathlib.Path, config: dict | None = None, *flags: str,
                 series: bool = False):
        data = folder / "prometheus-data"
        super().__init__(folder, config or {"global": {}}, f"--storage.tsdb.path={data}",
                         "--storage.tsdb.retention.time=10y", "--web.enable-lifecycle", *flags)
        if series:
            backfill(folder, data)

    def query(self, expression: str) -> list[dict]:
        """The series of an instant query, each with `metric` and `value`."""
        answer = json.loads(self.get("/api/v1/query", query=expression))
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def wait_for(self, expression: str, limit: float = 60) -> list[dict]:
        """Asks until there is a series."""
        return wait_until(f"Prometheus has {expression}", lambda: self.query(expression), limit)

    def alerts(self) -> list[dict]:
        return json.loads(self.get("/api/v1/alerts"))["data"]["alerts"]

    def targets(self) -> list[dict]:
        return json.loads(self.get("/api/v1/targets"))["data"]["activeTargets"]


class Alertmanager(Daemon):
    program = "prometheus-alertmanager"

    def __init__(self, folder: pathlib.Path, config: dict, *flags: str):
        super().__init__(folder, config, f"--storage.path={folder / 'alertmanager-data'}",
                         "--cluster.listen-address=", *flags)

    def alerts(self) -> list[dict]:
        return json.loads(self.get("/api/v2/alerts"))

    def send(self, alerts: list[dict]) -> None:
        """As Prometheus does: each with `labels`, `annotations`, and perhaps times."""
        self.post("/api/v2/alerts", alerts)


def backfill(folder: pathlib.Path, data: pathlib.Path) -> None:
    subprocess.run([sys.executable, SERIES, folder], check=True, timeout=180)
    for part in ("month.om", "recent.om"):
        subprocess.run(
            ["promtool", "tsdb", "create-blocks-from", "--quiet", "--max-block-duration=9999h",
             "openmetrics", folder / part, data], check=True, timeout=180, capture_output=True)
        (folder / part).unlink()
