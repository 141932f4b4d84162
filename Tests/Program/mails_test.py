"""Mails as a real mail server takes them."""

import email
import email.policy
import html
import re
import ssl
import subprocess
import urllib.parse

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from person import Person
from program import PASSWORD, make_admin, run, wait_until
from server import Server, free_port

HOSTILE = "Ädä\u2028<b>&\""


class Inbox:
    """Keeps what came, with the login it came by."""

    def __init__(self):
        self.mails: list[email.message.EmailMessage] = []
        self.recipients: list[str] = []
        self.logins: set[bytes] = set()
        self.were_protected: set[bool] = set()

    async def handle_DATA(self, server, session, envelope):
        assert b"\r\n.\r\n" not in envelope.original_content
        assert all(len(line) <= 998 for line in envelope.original_content.split(b"\r\n"))
        self.were_protected.add(session.ssl is not None)
        self.recipients += envelope.rcpt_tos
        self.mails.append(email.message_from_bytes(
            envelope.original_content, policy=email.policy.default))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.add(data.login)
        # Not handled: the server itself says that it refuses.
        return AuthResult(success=data.password == b"s3cret", handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout",
         folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    return folder


def context(folder) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return made


@pytest.fixture
def inbox(certificate):
    """A server that takes nothing without STARTTLS and a login."""
    kept = Inbox()
    kept.controller = Controller(
        kept, hostname="127.0.0.1", port=free_port(), tls_context=context(certificate), require_starttls=True,
        auth_required=True, authenticator=kept.authenticate)
    kept.controller.start()
    kept.port = kept.controller.port
    yield kept
    kept.controller.stop()


def serve(tmp_path, url: str, *more: str) -> Server:
    (tmp_path / "password").write_text("s3cret\n")
    server = Server(tmp_path, (
        "--smtp-url", url, "--smtp-from", "BabyHelm <babyhelm@example.org>", *more))
    make_admin(tmp_path, server.database_url)
    return server.start()


def sign_in(server: Server) -> Person:
    person = Person(server.url)
    person.open("/login")
    person.submit("password", email="ada@example.com", password=PASSWORD)
    return person


def test_a_release_is_mailed_over_starttls_with_a_login(tmp_path, inbox, certificate):
    server = serve(
        tmp_path, f"smtp://helm@127.0.0.1:{inbox.port}", "--smtp-password-file",
        str(tmp_path / "password"), "--smtp-ca", str(certificate / "cert.pem"))
    person = sign_in(server)
    person.open("/admin/notifications")
    person.submit("_token", to="/test")
    assert "The mail server took a mail to ada@example.com" in person.page
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    person.open("/projects/shop/notifications")
    person.submit("releases", alerts="none", releases="all")
    person.open("/projects/shop/apps/new")
    person.submit("image", name="web", image="nginx:1.27", port="80", replicas="1")
    person.submit("plan", message=HOSTILE)
    wait_until("the success is mailed", lambda: any(
        "Release #1 of “web” succeeded" in mail.get_body(("plain",)).get_content()
        for mail in inbox.mails), 120)

    mail = inbox.mails[1]
    assert mail["Subject"].startswith("[shop] Release #1 of “web” is being deployed")
    assert mail["From"] == "BabyHelm <babyhelm@example.org>"
    assert set(inbox.recipients) == {"ada@example.com"}
    assert mail["Message-ID"].endswith("@example.org>") and mail["Date"]
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()
    shown = mail.get_body(("html",)).get_content()
    assert "/projects/shop/apps/web/releases/1" in text
    assert "&lt;b&gt;" in shown and "<b>" not in shown
    assert inbox.logins == {b"helm"} and inbox.were_protected == {True}
    assert "s3cret" not in server.log

    link = re.fullmatch(r"<http://[^/]+(/unsubscribe\?link=\S+)>", mail["List-Unsubscribe"])[1]
    stranger = Person(server.url)
    stranger.open(link)
    stranger.submit("link")
    assert "You get no mails from BabyHelm any more." in stranger.page
    person.open("/account")
    assert "Now: nothing." in person.page
    server.stop()


@pytest.mark.parametrize("what", ["certificate", "password", "starttls", "nobody"])
def test_what_is_wrong_with_the_server_is_told(tmp_path, inbox, certificate, what):
    trusted = ("--smtp-ca", str(certificate / "cert.pem"))
    password = ("--smtp-password-file", str(tmp_path / "password"))
    url = f"smtp://helm@127.0.0.1:{inbox.port}"
    server, said = {
        "certificate": lambda: (
            serve(tmp_path, url, *password), "certificate isn't to be trusted"),
        "password": lambda: (
            serve(tmp_path, url, *password, *trusted), "doesn't take the login: 535"),
        "starttls": lambda: (
            serve(tmp_path, url + "?tls=none", *password), "offers neither PLAIN nor LOGIN"),
        "nobody": lambda: (serve(tmp_path, "smtp://127.0.0.1:1"), "can't be reached"),
    }[what]()
    if what == "password":
        server.stop()
        (tmp_path / "password").write_text("wrong\n")
        server.start()
    doctor = run("doctor", "--sandbox", "--database-url", server.database_url, *server.arguments,
                 folder=tmp_path)
    assert doctor.returncode == 1 and said in doctor.stdout
    person = sign_in(server)
    person.open("/admin/notifications")
    token = re.search(r'name="_token" value="([^"]+)"', person.page)[1]
    status, page = person.request(
        "POST", "/admin/notifications/test", urllib.parse.urlencode({"_token": token}),
        **{"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 503
    assert said in html.unescape(page.decode())
    assert not inbox.mails
    server.stop()


def test_mails_go_over_tls_from_the_start_too(tmp_path, certificate):
    kept = Inbox()
    controller = Controller(
        kept, hostname="127.0.0.1", port=free_port(), ssl_context=context(certificate))
    controller.ssl_context.check_hostname = False
    # The controller looks whether it started by a connection of its own, with this context.
    controller.start()
    server = serve(tmp_path, f"smtps://localhost:{controller.port}", "--smtp-ca", str(certificate / "cert.pem"))
    person = sign_in(server)
    person.open("/admin/notifications")
    person.submit("_token", to="/test")
    assert "The mail server took a mail" in person.page
    doctor = run("doctor", "--sandbox", "--database-url", server.database_url, *server.arguments,
                 folder=tmp_path)
    assert "would take mails" in doctor.stdout, doctor.stdout
    assert [mail["Subject"] for mail in kept.mails] == ["A test from BabyHelm"]
    server.stop()
    controller.stop()
