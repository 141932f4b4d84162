"""nginx from Debian, with the configuration that deploy/nginx has, in front of servers of a test."""

import http.client
import pathlib
import re
import shutil
import ssl
import subprocess

from person import Person
from program import wait_until
from server import die_with_parent, free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "deploy" / "nginx" / "babyhelm.conf"
HOST = "babyhelm.example.net"


class Nginx:
    """Speaks HTTPS on a port of its own; its certificate is made for the test."""

    def __init__(self, folder: pathlib.Path, replicas: list[str], port: int = 0, behind: str = ""):
        """`behind` is another proxy, of whom it believes who asked."""
        self.folder = folder / "nginx"
        self.folder.mkdir()
        self.port = port or free_port()
        self.plain_port = free_port()
        self.log_path = self.folder / "error.log"
        self.write_certificate()
        self.write_configuration(replicas, behind)
        check = subprocess.run(self.command("-t"), capture_output=True, text=True, timeout=30)
        assert check.returncode == 0, check.stderr
        self.process = subprocess.Popen(
            self.command("-g", "daemon off;"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        wait_until("nginx listens", self.listens)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def command(self, *arguments: str) -> list[str]:
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        return [program, "-p", str(self.folder), "-e", str(self.log_path),
                "-c", str(self.folder / "nginx.conf"), *arguments]

    def write_certificate(self) -> None:
        self.certificate = self.folder / "tls.crt"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
             "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1",
             "-keyout", str(self.folder / "tls.key"), "-out", str(self.certificate)],
            check=True, capture_output=True, timeout=60)

    def write_configuration(self, replicas: list[str], behind: str) -> None:
        """The file as it is delivered, but for what it says an operator changes."""
        text = CONFIGURATION.read_text()
        if behind:
            text, count = re.subn(r"^# ((set_real_ip|real_ip)_\w+ .*;)$", r"\1", text, flags=re.M)
            assert count == 3 and "10.0.0.0/8" in text
            text = text.replace("10.0.0.0/8", behind)
        server = next(line for line in text.splitlines() if "server 127.0.0.1:8080" in line)
        text = text.replace(server, "\n".join(
            server.replace("127.0.0.1:8080", replica) for replica in replicas))
        text = text.replace("/etc/nginx/tls/babyhelm.crt", str(self.certificate))
        text = text.replace("/etc/nginx/tls/babyhelm.key", str(self.folder / "tls.key"))
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{self.plain_port};")
        assert "8080" not in re.sub(r"#.*", "", text) or "127.0.0.1:8080" in replicas
        (self.folder / "site.conf").write_text(text)
        (self.folder / "nginx.conf").write_text(
            f"worker_processes 1;\npid {self.folder}/nginx.pid;\n"
            "events { worker_connections 4096; }\n"
            f"http {{\n  access_log {self.folder}/access.log;\n"
            + "".join(f"  {name}_temp_path {self.folder}/{name};\n"
                      for name in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
            + f"  include {self.folder}/site.conf;\n}}\n")

    def listens(self) -> bool:
        try:
            connection = self.connection(timeout=2)
            connection.connect()
            connection.close()
            return True
        except OSError:
            return False

    def connection(self, timeout: float = 30, source: str = "") -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=timeout,
            context=ssl.create_default_context(cafile=str(self.certificate)),
            source_address=(source, 0) if source else None)

    def person(self, source: str = "") -> Person:
        """Somebody with a browser, at an address of their own on loopback."""
        person = Person(self.url)
        person.connection = self.connection(source=source)
        return person

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)
