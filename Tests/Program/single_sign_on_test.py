"""Signing in at a real OpenID provider (openid_provider.py) and through a tailnet's proxy."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from openid_provider import CLIENT_ID, CLIENT_SECRET
from program import PASSWORD, PostgresDatabase, make_admin, run, wait_until
from server import Server, die_with_parent, free_port

ANN = {"email": "ann@example.com", "email_verified": True, "name": "Ann Example",
       "groups": ["staff"]}


class Provider:
    def __init__(self, folder):
        self.folder = folder / "provider"
        self.folder.mkdir()
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}/o"
        self.people = {}
        self.new_key()

    def new_key(self):
        key = self.folder / "key.pem"
        if key.exists():
            key.rename(self.folder / "old-key.pem")
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)

    def says(self, **claims):
        self.people[claims["email"]] = claims
        (self.folder / "people.json").write_text(json.dumps(self.people))

    def start(self, babyhelm_url):
        (self.folder / "redirect-uris").write_text(f"{babyhelm_url}/login/sso/callback")
        self.process = subprocess.Popen(
            [sys.executable, "openid_provider.py", self.folder, str(self.port)],
            cwd=__file__.rsplit("/", 1)[0], preexec_fn=die_with_parent)
        wait_until("the provider answers", self.answers)

    def answers(self):
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).ok
        except requests.ConnectionError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Person:
    """A browser."""

    def __init__(self, server):
        self.server = server
        self.session = requests.Session()

    def get(self, url, **more):
        return self.session.get(url, allow_redirects=False, timeout=15, **more)

    def to_provider(self, path="/login/sso"):
        begun = self.get(self.server.url + path)
        assert begun.status_code == 303, begun.text
        return begun.headers["Location"]

    def at_provider(self, location, email):
        """Signs in there; the address that the provider sends the browser back to."""
        where = urlsplit(location)
        asked = self.get(f"{where.scheme}://{where.netloc}/sign-in",
                         params={"as": email, "next": f"{where.path}?{where.query}"})
        answer = self.get(f"{where.scheme}://{where.netloc}{asked.headers['Location']}")
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def signs_in(self, email, path="/login/sso"):
        return self.get(self.at_provider(self.to_provider(path), email))

    def is_signed_in(self):
        return self.get(self.server.url + "/projects/new").status_code == 200

    def log_in(self, page, email, password):
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        fields = {name: value.replace("&#43;", "+").replace("&#x2B;", "+")
                  for name, value in fields.items()}
        return self.session.post(self.server.url + "/login", timeout=30, allow_redirects=False,
                                 headers={"Origin": self.server.url},
                                 data={**fields, "email": email, "password": password})


@pytest.fixture
def database(request, tmp_path):
    """SQLite unless a test asks for both: what differs is in the first two."""
    server = os.environ.get("BABYHELM_TEST_POSTGRES")
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:{tmp_path / 'babyhelm.sqlite'}"
        return
    if not server:
        pytest.skip("PostgreSQL tests are skipped: BABYHELM_TEST_POSTGRES is not set")
    made = PostgresDatabase(server)
    yield made.url
    made.remove()


both = pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def provider(tmp_path):
    provider = Provider(tmp_path)
    yield provider
    provider.stop()


@pytest.fixture
def site(tmp_path, provider, database):
    """Starts a server at the provider, with more arguments."""
    servers = []

    def start(*arguments, at=None):
        secret = tmp_path / "secret"
        secret.write_text(CLIENT_SECRET + "\n")
        if not (tmp_path / "made").exists():
            make_admin(tmp_path, database)
            (tmp_path / "made").touch()
        server = Server(tmp_path, database_url=database, arguments=(
            "--oidc-issuer", provider.issuer, "--oidc-client-id", CLIENT_ID,
            "--oidc-client-secret-file", str(secret), "--oidc-name", "Team ID", *arguments))
        servers.append(server)
        server.start()
        provider.start(server.url)
        return server

    yield start
    for server in servers:
        server.stop()


def role_of(server, tmp_path, email):
    """As an admin sees it."""
    admin = Person(server)
    admin.log_in(admin.get(server.url + "/login"), "ada@example.com", PASSWORD)
    page = admin.get(server.url + "/admin/users", params={"q": email}).text
    return re.search(r'<option value="(\w+)"[^>]* selected', page).group(1)


@both
def test_people_sign_in_at_the_provider_and_get_an_account(provider, site):
    provider.says(**ANN)
    server = site()
    person = Person(server)
    assert "Log in with Team ID" in person.get(server.url + "/login").text
    location = person.to_provider("/login/sso?next=%2Fprojects%2Fnew")
    query = parse_qs(urlsplit(location).query)
    assert query["code_challenge_method"] == ["S256"] and query["response_type"] == ["code"]
    assert len(query["nonce"][0]) >= 43 and len(query["state"][0]) >= 43

    back = person.get(person.at_provider(location, "ann@example.com"))

    assert back.status_code == 303 and back.headers["Location"] == "/projects/new"
    assert "Ann Example" in person.get(server.url + "/projects/new").text
    again = Person(server)
    assert again.signs_in("ann@example.com").headers["Location"] == "/projects"
    refused = Person(server)
    answer = refused.log_in(refused.get(server.url + "/login"), "ann@example.com", "")
    assert answer.status_code == 422, "an account without a password has none that is right"


@both
def test_an_account_with_a_password_is_connected_by_that_password_only(provider, site):
    provider.says(email="ada@example.com", email_verified=True, name="Somebody")
    server = site()
    person = Person(server)

    page = person.signs_in("ada@example.com")

    assert page.status_code == 200 and "has a password" in page.text
    assert not person.is_signed_in()
    assert person.log_in(page, "ada@example.com", "not the password").status_code == 422
    assert person.log_in(page, "ada@example.com", PASSWORD).status_code == 303
    other = Person(server)
    assert other.signs_in("ada@example.com").status_code == 303
    assert other.is_signed_in()


def test_roles_follow_groups_and_the_last_admin_stays(provider, site, tmp_path):
    provider.says(**ANN)
    server = site("--oidc-roles", "helm-admins=admin,staff=member")
    assert Person(server).signs_in("ann@example.com").status_code == 303
    assert role_of(server, tmp_path, "ann@example.com") == "member"

    provider.says(**{**ANN, "groups": ["staff", "helm-admins"]})
    Person(server).signs_in("ann@example.com")
    assert role_of(server, tmp_path, "ann@example.com") == "admin"

    provider.says(**{**ANN, "groups": ["strangers"]})
    stranger = Person(server)
    answer = stranger.signs_in("ann@example.com")
    assert answer.status_code == 403 and "none of the groups" in answer.text
    assert not stranger.is_signed_in()


def test_an_address_that_is_not_verified_makes_no_account(provider, site):
    provider.says(**{**ANN, "email_verified": False})
    server = site()
    person = Person(server)

    answer = person.signs_in("ann@example.com")

    assert answer.status_code == 403 and "verified" in answer.text
    assert not person.is_signed_in()


def test_an_answer_counts_only_in_the_browser_that_asked_and_once(provider, site):
    provider.says(**ANN)
    server = site()
    person = Person(server)
    back = person.at_provider(person.to_provider(), "ann@example.com")

    victim = Person(server)
    answer = victim.get(back)
    assert answer.status_code == 422 and not victim.is_signed_in(), "login CSRF"
    victim.to_provider()
    assert victim.get(back).status_code == 422 and not victim.is_signed_in(), "another state"

    assert person.get(back).status_code == 303
    assert person.get(back).status_code == 422, "the cookie is gone"


def test_a_refusal_of_the_provider_is_told_in_words(provider, site):
    provider.says(**ANN)
    server = site()
    person = Person(server)
    location = person.to_provider()
    state = parse_qs(urlsplit(location).query)["state"][0]

    answer = person.get(f"{server.url}/login/sso/callback",
                        params={"error": "access_denied", "state": state})

    assert answer.status_code == 403 and "access_denied" in answer.text


def test_a_new_key_of_the_provider_signs_people_in_at_once(provider, site):
    provider.says(**ANN)
    server = site()
    assert Person(server).signs_in("ann@example.com").status_code == 303
    provider.stop()
    provider.new_key()
    provider.start(server.url)

    def signed_in():
        return Person(server).signs_in("ann@example.com").status_code == 303

    wait_until("a token by the new key is believed", signed_in, 20)


def test_without_the_provider_passwords_still_work(provider, site, tmp_path):
    provider.says(**ANN)
    server = site()
    provider.process.terminate()
    provider.process.wait(10)
    person = Person(server)

    answer = person.get(server.url + "/login/sso")

    assert answer.status_code == 503 and "Team ID doesn" in answer.text
    assert person.log_in(answer, "ada@example.com", PASSWORD).status_code == 303
    provider.start(server.url)


def test_doctor_says_whether_the_provider_answers(tmp_path, provider):
    nothing = run("doctor", "--sandbox", "--oidc-issuer", provider.issuer, "--oidc-client-id", "x",
                  "--database-url", f"sqlite:{tmp_path}/d.sqlite", folder=tmp_path)
    assert nothing.returncode == 1 and "Sign-on    WRONG" in nothing.stdout
    provider.says(**ANN)
    provider.start("http://127.0.0.1:1")
    found = run("doctor", "--sandbox", "--oidc-issuer", provider.issuer, "--oidc-client-id", "x",
                "--database-url", f"sqlite:{tmp_path}/d.sqlite", folder=tmp_path)
    assert found.returncode == 0 and "Sign-on    ok" in found.stdout, found.stdout


TAILNET = {"Tailscale-User-Login": "bob@example.com",
           "Tailscale-User-Name": "=?utf-8?q?Bob_M=C3=BCller?=",
           "X-Forwarded-Proto": "http"}


def test_the_proxy_of_a_tailnet_signs_people_in_and_nobody_else_does(tmp_path, database):
    make_admin(tmp_path, database)
    trusting = Server(tmp_path, database_url=database, arguments=(
        "--tailscale-role", "visitor", "--trusted-proxy", "127.0.0.1",
        "--public-url", "http://babyhelm.example.net")).start()
    try:
        guest = Person(trusting)
        answer = guest.get(trusting.url + "/login", headers=TAILNET)
        assert answer.status_code == 303
        assert "Bob Müller" in guest.get(trusting.url + "/projects").text
        twice = Person(trusting)
        plain = twice.get(trusting.url + "/login")
        assert plain.status_code == 200, "no header, nobody"
        taken = Person(trusting).get(
            trusting.url + "/login",
            headers={**TAILNET, "Tailscale-User-Login": "ada@example.com"})
        assert taken.status_code == 200 and "has a password" in taken.text
    finally:
        trusting.stop()
    other = Server(tmp_path, database_url=database, arguments=(
        "--tailscale-role", "visitor", "--trusted-proxy", "127.0.0.9",
        "--public-url", "http://babyhelm.example.net")).start()
    try:
        forged = Person(other).get(other.url + "/login", headers=TAILNET)
        assert forged.status_code == 200 and "has a password" not in forged.text
    finally:
        other.stop()
