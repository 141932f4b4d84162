"""`babyhelm doctor` and a real Prometheus, as operators have it: behind a path, a proxy with a
password or a token, and an authority of one's own."""

import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading

import pytest

from program import run
from prometheus import Prometheus

TOKEN, USER, PASSWORD = "a-token-5f2c", "ann", "a password: with % and ü"


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    with Prometheus(folder, series=True) as running:
        yield running


def doctor(folder: pathlib.Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit code, and what it says of Prometheus."""
    done = run("doctor", "--sandbox", "--database-url", f"sqlite:{folder}/d.sqlite", *arguments,
               folder=folder)
    return done.returncode, [line for line in done.stdout.splitlines()
                             if line.startswith("Prometheus")]


class Proxy(http.server.ThreadingHTTPServer):
    """Passes questions on to a Prometheus, to who shows the right `Authorization`."""

    def __init__(self, target: str, authorization: str, certificate: pathlib.Path | None = None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target, self.authorization = target, authorization
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}/prom"

    def handle_error(self, *_):
        pass  # a client that distrusts the certificate hangs up

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        import urllib.request
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.authorization and \
                self.headers.get("Authorization") != self.server.authorization:
            return self.answer(401, b"Unauthorized")
        if not self.path.startswith("/prom/"):
            return self.answer(404, b"404 page not found")
        request = urllib.request.Request(
            self.server.target + self.path.removeprefix("/prom"), data=body,
            headers={"Content-Type": self.headers["Content-Type"]})
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.answer(200, answer.read())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_real_prometheus_has_what_charts_need(tmp_path, prometheus):
    code, lines = doctor(tmp_path, "--prometheus-url", prometheus.url + "/")

    assert code == 0
    assert len(lines) == 3 and all("ok" in line for line in lines), lines
    assert "cAdvisor" in lines[0] and "kube-state-metrics" in lines[1]
    assert "ingress-nginx with the label exported_namespace" in lines[2]


def test_labels_that_are_called_otherwise_are_told(tmp_path, prometheus):
    code, lines = doctor(tmp_path, "--prometheus-url", prometheus.url,
                         "--prometheus-labels", 'state-namespace=exported_namespace')
    assert code == 1
    assert "none that has the label exported_namespace" in lines[1]
    assert "--prometheus-labels" in lines[1]

    code, lines = doctor(tmp_path, "--prometheus-url", prometheus.url,
                         "--prometheus-labels", 'job="kubelet"')
    assert code == 1
    assert "ok" in lines[0] and "WRONG" in lines[1]


def test_an_empty_prometheus_is_told_how_to_get_its_series(tmp_path):
    with Prometheus(tmp_path) as prometheus:
        code, lines = doctor(tmp_path, "--prometheus-url", prometheus.url)

    assert code == 1
    assert "WRONG" in lines[0] and "/metrics/cadvisor" in lines[0]
    assert "WRONG" in lines[1] and "Install kube-state-metrics" in lines[1]
    assert "ok" in lines[2]


def test_tokens_passwords_and_paths(tmp_path, prometheus):
    token, password = tmp_path / "token", tmp_path / "password"
    token.write_text(TOKEN + "\n")
    password.write_text(PASSWORD + "\n")
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    for authorization, arguments in (
            (f"Bearer {TOKEN}", ("--prometheus-token-file", str(token))),
            (f"Basic {basic}", ("--prometheus-username", USER,
                                "--prometheus-password-file", str(password)))):
        with Proxy(prometheus.url, authorization) as proxy:
            assert doctor(tmp_path, "--prometheus-url", proxy.url, *arguments)[0] == 0

            code, lines = doctor(tmp_path, "--prometheus-url", proxy.url)
            assert code == 1
            assert len(lines) == 1 and "(status 401)" in lines[0]
            assert "--prometheus-token-file" in lines[0]

            code, lines = doctor(tmp_path, "--prometheus-url",
                                 proxy.url.removesuffix("/prom"), *arguments)
            assert code == 1
            assert "not Prometheus: it answers with status 404" in lines[0]
            assert TOKEN not in "".join(lines) and PASSWORD not in "".join(lines)


def test_an_authority_of_ones_own(tmp_path, prometheus):
    certificate = tmp_path / "proxy.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", certificate.with_suffix(".key"), "-out", certificate, "-days", "2",
         "-subj", "/CN=prometheus", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)
    with Proxy(prometheus.url, "", certificate) as proxy:
        code, lines = doctor(tmp_path, "--prometheus-url", proxy.url)
        assert code == 1
        assert "an authority that BabyHelm doesn't trust" in lines[0]
        assert "--prometheus-ca" in lines[0]

        trusting = ("--prometheus-url", proxy.url, "--prometheus-ca", str(certificate))
        assert doctor(tmp_path, *trusting)[0] == 0

        # Plain HTTP where TLS is expected.
        code, lines = doctor(tmp_path, "--prometheus-url",
                             proxy.url.replace("https", "http"))
        assert code == 1


@pytest.mark.parametrize("arguments, words", [
    (("--prometheus-token-file", "x"), "--prometheus-url"),
    (("--prometheus-url", "prometheus:9090"), "http or https address"),
    (("--prometheus-url", "http://a:b@127.0.0.1"), "--prometheus-username"),
    (("--prometheus-url", "http://127.0.0.1/api/v1/query"), "before /api/v1"),
    (("--prometheus-url", "http://127.0.0.1", "--prometheus-username", "ann"),
     "--prometheus-password-file"),
    (("--prometheus-url", "http://127.0.0.1", "--prometheus-token-file", "/nowhere"),
     "/nowhere of --prometheus-token-file"),
    (("--prometheus-url", "http://127.0.0.1", "--prometheus-ca", "/nowhere"), "/nowhere"),
    (("--prometheus-url", "http://127.0.0.1", "--prometheus-labels", "pod=a-b"),
     "no label's name"),
])
def test_settings_that_cannot_be_stop_the_start(tmp_path, arguments, words):
    done = run("serve", "--sandbox", *arguments, folder=tmp_path)

    assert done.returncode == 1
    assert words in done.stderr, done.stderr
    assert "a:b" not in done.stderr


def test_the_configuration_is_shown_without_secrets(tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    done = run("config", "--sandbox", "--prometheus-url", "http://127.0.0.1:9090",
               "--prometheus-token-file", str(token), "--json", folder=tmp_path)

    assert json.loads(done.stdout)["prometheus-url"] == "http://127.0.0.1:9090"
    assert TOKEN not in done.stdout
