"""BabyHelm behind nginx with the configuration in deploy/nginx."""

import http.client
import re
import subprocess
import time

import pytest

from nginx import Nginx
from person import Person
from program import PASSWORD, make_admin, wait_until
from server import Server, free_port


@pytest.fixture
def site(tmp_path):
    """A server, nginx in front of it, and an admin."""
    port = free_port()
    server = Server(tmp_path, arguments=(
        "--public-url", f"https://127.0.0.1:{port}", "--trusted-proxy", "127.0.0.1",
        "--log-format", "json"))
    make_admin(tmp_path, server.database_url)
    server.start()
    proxy = Nginx(tmp_path, [f"127.0.0.1:{server.port}"], port)
    yield server, proxy
    proxy.stop()
    server.stop()


def sign_in(proxy: Nginx, source: str = "") -> Person:
    person = proxy.person(source)
    person.open("/login")
    person.submit("password", email="ada@example.com", password=PASSWORD)
    return person


def addresses(server: Server, path: str) -> list[str]:
    found = []
    for line in server.log.splitlines():
        if line.startswith("{") and path in line:
            found.append(re.search(r'"address":\s*"([^"]*)"', line).group(1))
    return found


def test_a_first_deploy_works_through_nginx(site):
    _, proxy = site
    person = sign_in(proxy)
    assert any(name.startswith("__Host-") for name in person.cookies)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    person.deploy("shop", "web")
    assert "web" in person.open("/projects/shop")


def test_the_server_hears_who_really_asks_whatever_they_claim(site):
    server, proxy = site
    person = proxy.person("127.0.0.77")
    person.request("GET", "/healthz", **{
        "X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9",
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"})
    assert addresses(server, "/healthz")[-1] == "127.0.0.77"


def test_behind_another_proxy_that_one_alone_is_believed_who_asks(tmp_path):
    port = free_port()
    server = Server(tmp_path, arguments=(
        "--public-url", f"https://127.0.0.1:{port}", "--trusted-proxy", "127.0.0.1",
        "--log-format", "json")).start()
    proxy = Nginx(tmp_path, [f"127.0.0.1:{server.port}"], port, behind="127.0.0.50/32")
    # What the person wrote comes first; what the proxy in front added comes last.
    claim = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    proxy.person("127.0.0.50").request("GET", "/healthz", **claim)
    assert addresses(server, "/healthz")[-1] == "203.0.113.9"
    proxy.person("127.0.0.77").request("GET", "/healthz", **claim)
    assert addresses(server, "/healthz")[-1] == "127.0.0.77"
    proxy.stop()
    server.stop()


def test_nobody_signs_in_with_the_tailnet_s_headers_through_nginx(tmp_path):
    port = free_port()
    server = Server(tmp_path, arguments=(
        "--public-url", f"https://127.0.0.1:{port}", "--trusted-proxy", "127.0.0.1",
        "--tailscale-role", "member")).start()
    proxy = Nginx(tmp_path, [f"127.0.0.1:{server.port}"], port)
    claim = {"Tailscale-User-Login": "eve@example.com", "Tailscale-User-Name": "Eve"}
    assert proxy.person().request("GET", "/login", **claim)[0] == 200, "the form, not a session"
    # The same without nginx is how the tailnet's own proxy signs people in.
    direct = Person(f"https://127.0.0.1:{port}")
    direct.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    assert direct.request("GET", "/login", **claim, **{
        "X-Forwarded-For": "100.64.0.1", "X-Forwarded-Proto": "https"})[0] == 303
    proxy.stop()
    server.stop()


def test_events_arrive_at_once(site):
    _, proxy = site
    person = sign_in(proxy)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    connection = proxy.connection(timeout=10)
    began = time.monotonic()
    connection.request("GET", "/projects/shop/live", headers={
        "Cookie": person.cookie_header, "Accept": "text/event-stream",
        "Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.getheader("Content-Encoding") is None
    assert answer.read1(100).startswith(b": open")
    assert time.monotonic() - began < 2
    # What changes meanwhile comes through the open connection.
    person.deploy("shop", "web")
    changed = time.monotonic()
    received = b""
    while b"web" not in received:
        received += answer.read1(65536)
    assert time.monotonic() - changed < 5
    connection.close()


def test_pages_are_compressed_and_large_bodies_refused(site):
    _, proxy = site
    connection = proxy.connection()
    connection.request("GET", "/login", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.getheader("Content-Encoding") == "gzip" and answer.read()[:2] == b"\x1f\x8b"
    connection.request("POST", "/login", body=b"x" * (3 << 20), headers={
        "Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == 413


def test_plain_http_leads_to_https_and_http_2_is_spoken(site):
    _, proxy = site
    plain = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=10)
    plain.request("GET", "/projects", headers={"Host": "babyhelm.example.net"})
    answer = plain.getresponse()
    assert answer.status == 301
    assert answer.getheader("Location") == "https://babyhelm.example.net/projects"
    asked = subprocess.run(
        ["curl", "--silent", "--http2", "--cacert", str(proxy.certificate), "--output", "/dev/null",
         "--write-out", "%{http_version} %{http_code}", f"{proxy.url}/login"],
        capture_output=True, text=True, timeout=30)
    assert asked.stdout == "2 200", asked.stderr


def test_a_server_that_was_away_serves_again_without_touching_nginx(tmp_path):
    port = free_port()
    server = Server(tmp_path, port=free_port(), arguments=(
        "--public-url", f"https://127.0.0.1:{port}", "--trusted-proxy", "127.0.0.1")).start()
    proxy = Nginx(tmp_path, [f"127.0.0.1:{server.port}"], port)
    assert proxy.person().request("GET", "/login")[0] == 200
    server.stop()
    assert proxy.person().request("GET", "/login")[0] == 502
    server.start()
    wait_until("nginx asks it again", lambda: proxy.person().request("GET", "/login")[0] == 200)
    proxy.stop()
    server.stop()
