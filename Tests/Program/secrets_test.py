"""What somebody typed as a secret is in the cluster's Secret, and nowhere else."""

import base64
import json
import re
import subprocess
import urllib.parse

import pytest

from person import Person
from program import PASSWORD, make_admin, run, wait_until
from server import Server

CANARY = 'Kx9"wq7\\canary & <tea>'
LINK = re.compile(r'(?:href|action|data-live)="(/[^"#]*)')


def spellings(text: str) -> list[str]:
    """How a text could have got into a page, a file or a log."""
    plain = base64.b64encode(text.encode()).decode()
    return [text, plain, urllib.parse.quote(text), urllib.parse.quote_plus(text),
            json.dumps(text)[1:-1], text.replace("&", "&amp;").replace("<", "&lt;"),
            # Base64 of a longer text that has it in the middle, at any offset.
            *(base64.b64encode(("x" * shift + text).encode()).decode()[4:-4]
              for shift in range(3))]


def places(found: dict[str, str], secret: str = CANARY) -> list[str]:
    return [place for place, text in found.items() if any(s in text for s in spellings(secret))]


def dump(database: str, folder) -> dict[str, str]:
    """All that the database holds, and all other files of the server: its log."""
    found = {f"file {file.name}": file.read_bytes().decode("latin-1")
             for file in folder.iterdir() if file.is_file()}
    if database.startswith("postgres"):
        found["tables"] = subprocess.run(
            ["pg_dump", database], check=True, capture_output=True, text=True, timeout=60).stdout
    return found


def crawl(person: Person) -> dict[str, str]:
    """Every page and file that links lead to from the start, by path."""
    seen: dict[str, str] = {}
    waiting = ["/", "/metrics", "/projects/shop/apps/web/live.yaml", "/admin/settings",
               "/admin/audit.csv", "/admin/audit.jsonl", "/admin/cluster", "/admin/usage",
               "/no/such/page", "/admin/users/nobody/role", "/reset?link=wrong"]
    while waiting:
        path = waiting.pop().replace("&amp;", "&")
        # Streams don't end, and a link to log out leads nowhere.
        is_stream = path.split("?")[0].endswith("/live")
        if path in seen or is_stream or path == "/logout" or len(seen) > 400:
            continue
        status, content = person.request("GET", path)
        seen[path] = content.decode(errors="replace")
        if status in (302, 303):
            waiting.append(person.location)
        if content.lstrip().startswith(b"<!DOCTYPE html>"):
            waiting += [link for link in LINK.findall(seen[path]) if not link.startswith("//")]
    return seen


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_secret_value_is_on_no_page_in_no_file_log_or_table(tmp_path, database):
    server = Server(tmp_path, database_url=database)
    make_admin(tmp_path, database)
    server.start()
    ada = Person(server.url)
    ada.open("/login")
    ada.submit("password", email="ada@example.com", password=PASSWORD)
    ada.open("/projects/new")
    ada.submit("cpu", name="shop")
    ada.open("/projects/shop/apps/new")
    plan = ada.submit("image", name="web", image="nginx:1.27", port="80", replicas="1",
                      secretTarget="PASSWORD", secretValue=CANARY)
    confirmed = ada.submit("plan")
    wait_until("it serves", lambda: "All replicas serve." in ada.open("/projects/shop/apps/web"))
    # A form that comes back with mistakes doesn't say it either.
    ada.open("/projects/shop/apps/web/edit")
    try:
        ada.submit("image", image="Not An Image", secretTarget="PASSWORD", secretValue=CANARY)
        pytest.fail("the mistake was taken")
    except RuntimeError as refused:
        mistaken = str(refused)

    found = crawl(ada)
    found |= {"plan": plan, "confirmed": confirmed, "mistaken": mistaken}
    for command in [("export", "shop"), ("audit", "export")]:
        found[" ".join(command)] = run(
            *command, folder=tmp_path, BABYHELM_DATABASE_URL=database).stdout
    server.stop()
    for file in tmp_path.iterdir():
        if file.is_file():
            found[f"file {file.name}"] = file.read_bytes().decode("latin-1")

    assert len(found) > 40 and "PASSWORD" in found["/projects/shop/apps/web/manifests"]
    assert places(found) == []
    assert places({"a": f"x{CANARY}"}) and places({"b": spellings(f"pass: {CANARY}!")[1]})


def test_no_credential_is_on_a_page_in_a_file_log_or_table(tmp_path, database):
    """Classes 13, 14 and 15 of docs/security.md. What is shown once is shown there alone."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    client_secret = folder / "client-secret"
    client_secret.write_text("oidc-canary-4f1c9a2e77\n")
    oidc = ("--oidc-issuer", "https://127.0.0.1:1", "--oidc-client-id", "babyhelm",
            "--oidc-client-secret-file", str(client_secret), "--log-level", "trace")
    server = Server(tmp_path, database_url=database, arguments=oidc)
    make_admin(tmp_path, database)
    server.start()
    secrets = {"the client's secret": "oidc-canary-4f1c9a2e77", "the password": PASSWORD}
    ada = Person(server.url)
    ada.open("/login")
    ada.submit("password", email="ada@example.com", password=PASSWORD)
    secrets["the session's cookie"] = ada.cookies["babyhelm"]

    ada.open("/account")
    made = ada.submit("scope", name="ci", scope="admin", days="30")
    secrets["the API token"] = re.search(r"babyhelm_[A-Za-z0-9_-]{40,}", made)[0]
    ada.open("/admin/invitations")
    made = ada.submit("email", email="eve@example.com")
    secrets["the invitation"] = re.search(r"/invitation\?link=([A-Za-z0-9_-]+)", made)[1]
    ada.open("/admin/users")
    made = ada.submit("page", to="/reset")
    secrets["the link to a new password"] = re.search(r"/reset\?link=([A-Za-z0-9_-]+)", made)[1]
    # They are used, as people use them, also wrongly.
    bob = Person(server.url)
    for secret, path in [("the invitation", "/invitation?link="),
                         ("the link to a new password", "/reset?link=")]:
        bob.request("GET", path + secrets[secret])
    for token in (secrets["the API token"], secrets["the API token"] + "x"):
        bob.request("GET", "/projects?wrong=" + token, Authorization="Bearer " + token)
    bob.open("/login")
    for typed in ({"email": "ada@example.com", "password": PASSWORD + "-mistyped"},
                  {"email": PASSWORD, "password": PASSWORD}):
        try:
            bob.submit("password", **typed)
            pytest.fail("a wrong password was taken")
        except RuntimeError as refused:
            secrets_of_the_form = str(refused).replace(f'value="{PASSWORD}"', "")
            assert PASSWORD not in secrets_of_the_form
    bob.request("GET", "/login/sso")

    found = crawl(ada)
    assert "/admin/audit.jsonl" in found and "/account" in found and len(found) > 15
    for command in [("audit", "export"), ("keys", "list")]:
        ended = run(*command, folder=tmp_path, BABYHELM_DATABASE_URL=database)
        found[command[0]] = ended.stdout + ended.stderr
    server.stop()
    found |= dump(database, tmp_path)

    assert "path=/invitation" in found["file server.log"]
    for name, secret in secrets.items():
        assert places(found, secret) == [], name
