"""Signing in at Grafana with BabyHelm's tokens, checked by an implementation that isn't ours.

Grafana itself isn't in Debian 12: grafana.py does what its code and documentation say of `[auth.jwt]`.
"""

import http.client
import json
import sqlite3
import time
import urllib.parse
import urllib.request

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from grafana import Grafana, Refused
from person import Person
from program import PASSWORD, make_admin, run
from server import Server, free_port


class Site:
    """A server that knows its own address, a Grafana, and Ada with a project."""

    def __init__(self, folder):
        self.folder = folder
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.grafana = Grafana(self.url)
        self.server = Server(folder, port=port, arguments=(
            "--public-url", self.url, "--grafana-url", self.grafana.url, "--grafana-auth", "jwt",
            "--log-level", "trace"))
        make_admin(folder, self.server.database_url)
        self.server.start()
        self.ada = self.signed_in("ada@example.com")
        self.ada.open("/projects/new")
        self.ada.submit("cpu", name="shop")

    def signed_in(self, email: str) -> Person:
        person = Person(self.url)
        person.open("/login")
        person.submit("password", email=email, password=PASSWORD)
        return person

    def token(self, person: Person, path: str = "/projects/shop/grafana") -> str:
        status, _ = person.request("GET", path)
        assert status == 302, f"{status} for {path}"
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(person.location).query)
        return query["auth_token"][0]

    def key_set(self) -> list[dict]:
        with urllib.request.urlopen(self.url + "/.well-known/jwks.json", timeout=10) as answer:
            return json.load(answer)["keys"]

    def stop(self) -> None:
        self.server.stop()
        self.grafana.stop()


@pytest.fixture
def site(tmp_path):
    running = Site(tmp_path)
    yield running
    running.stop()


def test_grafana_knows_who_comes_and_what_for(site):
    claims = site.grafana.verify(site.token(site.ada))

    assert claims["name"] == "Ada" and claims["role"] == "Viewer"
    assert claims["sub"] == claims["login"] != "ada@example.com"
    assert claims["email"] == claims["login"] + "@babyhelm.invalid"
    assert claims["namespaces"] == ["shop"]
    assert 0 < claims["exp"] - time.time() <= 600
    assert "ada@example.com" not in json.dumps(claims)
    cluster = site.grafana.verify(site.token(site.ada, "/admin/grafana"))
    assert cluster["sub"] == claims["sub"] and cluster["namespaces"] == []


def test_forged_changed_and_old_tokens_are_refused(site):
    token = site.token(site.ada)
    claims = site.grafana.verify(token)
    header = jwt.get_unverified_header(token)
    public = jwt.PyJWK(site.key_set()[0]).key
    point = site.key_set()[0]["x"] + site.key_set()[0]["y"]

    mine = ec.generate_private_key(ec.SECP256R1())
    forged = [
        jwt.encode(claims, mine, "ES256", headers={"kid": header["kid"]}),
        jwt.encode(claims, mine, "ES256", headers={"kid": "mine"}),
        jwt.encode(claims, mine, "ES256"),
        jwt.encode(claims, "", "none", headers={"kid": header["kid"]}),
        # The public key as if it were a secret that both share.
        jwt.encode(claims, point, "HS256", headers={"kid": header["kid"]}),
        token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
        token.rsplit(".", 1)[0] + ".",
        site.ada.cookies["babyhelm"],
    ]
    for text in forged:
        with pytest.raises(Refused):
            site.grafana.verify(text)
    # The right key for somebody else, by another issuer, or long ago.
    for audience, issuer in (("other", site.url), ("grafana", "https://elsewhere.example")):
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(token, public, ["ES256"], audience=audience, issuer=issuer)
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(token, public, ["ES384", "HS256"], audience="grafana")


def test_keys_are_rotated_without_anybody_noticing(site):
    first = site.token(site.ada)
    site.grafana.verify(first)  # the key set is kept from now on
    assert len(site.key_set()) == 1

    rotated = run("keys", "rotate", folder=site.folder,
                  BABYHELM_DATABASE_URL=site.server.database_url)
    assert rotated.returncode == 0, rotated.stderr
    site.server.stop()
    site.server.start()
    ada = site.signed_in("ada@example.com")
    assert len(site.key_set()) == 2, "published before it signs"
    site.grafana.verify(site.token(ada))  # by the old one, that everybody knows

    site.server.stop()
    with sqlite3.connect(site.server.database) as database:
        # As if it had been made a quarter of an hour before.
        database.execute("UPDATE signing_keys SET created_at = created_at - 900000,"
                         " retired_at = retired_at - 900000")
    site.server.start()
    ada = site.signed_in("ada@example.com")
    new = site.token(ada)
    kid = jwt.get_unverified_header(new)["kid"]
    assert kid != jwt.get_unverified_header(first)["kid"]
    site.grafana.keys = (0, {})  # the time to keep it is over
    assert site.grafana.verify(new)["name"] == "Ada"
    site.grafana.verify(first)


def test_the_token_is_in_no_log_and_on_no_page(site):
    token = site.token(site.ada)
    pages = [site.ada.open(path) for path in
             ("/projects/shop", "/projects/shop?grafana=shown", "/admin/audit")]

    for text in (*pages, site.server.log):
        assert "auth_token" not in text and token not in text
        assert token.rsplit(".", 1)[1] not in text
    assert "/projects/shop/grafana" in site.server.log, "the log has the visit itself"


def test_an_api_token_and_a_stranger_get_none(site):
    stranger = Person(site.url)
    assert stranger.request("GET", "/projects/shop/grafana")[0] == 303
    site.ada.open("/account")
    page = site.ada.submit("scope", name="all", scope="read")
    secret = page[page.index("babyhelm_"):].split("<")[0].split('"')[0]
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(site.url).netloc, timeout=30)
    connection.request("GET", "/projects/shop/grafana", headers={"Authorization": f"Bearer {secret}"})
    answer = connection.getresponse()
    assert answer.status == 403 and not answer.getheader("Location")


def test_doctor_says_whether_grafana_answers(tmp_path):
    with Grafana("http://127.0.0.1:1") as grafana:
        arguments = ("doctor", "--sandbox", "--database-url", f"sqlite:{tmp_path / 'db'}")
        told = run(*arguments, "--grafana-url", grafana.url, folder=tmp_path)
        assert f"Grafana    ok     12.1.0 answers at {grafana.url}" in told.stdout, told.stdout
        told = run(*arguments, "--grafana-url", grafana.url + "/elsewhere", folder=tmp_path)
        assert "Grafana    WRONG" in told.stdout and "status 401" in told.stdout
        assert told.returncode == 1
