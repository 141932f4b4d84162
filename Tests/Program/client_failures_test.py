"""The client against a server that isn't as it should be, and without one."""

import http.server
import json
import os
import pty
import select
import signal
import socket
import stat
import subprocess
import threading

import pytest

from program import environment, run
from server import BINARY, die_with_parent, free_port


class Stub:
    """Answers by a table of method and path; keeps what was asked."""

    def __init__(self, answers: dict):
        self.asked: list[tuple[str, str, str, bytes]] = []
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                token = self.headers.get("Authorization", "")
                stub.asked.append((self.command, self.path, token, body))
                found = answers.get(f"{self.command} {self.path.split('?')[0]}")
                if callable(found):
                    return found(self)
                status, kind, content = found or (404, "application/problem+json", "{}")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if status in (302, 307):
                    self.send_header("Location", content)
                    content = ""
                self.send_header("Content-Length", str(len(content.encode())))
                self.end_headers()
                self.wfile.write(content.encode())

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def stub():
    running = []

    def start(answers: dict) -> Stub:
        running.append(Stub(answers))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def client(server: str, folder, *arguments: str, given: str = "", **more: str):
    variables = {"BABYHELM_SERVER": server, "BABYHELM_TOKEN": "secret-token",
                 "XDG_CONFIG_HOME": str(folder / "config"), **more}
    return run(*arguments, folder=folder, given=given, **variables)


def answer(body: dict, status: int = 200) -> tuple:
    kind = "application/json" if status < 400 else "application/problem+json"
    return status, kind, json.dumps(body)


ME = answer({"id": "1", "name": "Ada", "email": "ada@example.com", "role": "admin"})


def test_nobody_there_is_code_5(tmp_path):
    ended = client(f"http://127.0.0.1:{free_port()}", tmp_path, "whoami")
    assert ended.returncode == 5
    assert "can't be reached. Check the address" in ended.stderr
    assert ended.stderr.count("\n") == 1 and ended.stdout == ""


def test_a_wrong_command_line_is_code_2_and_other_commands_keep_theirs(tmp_path):
    assert client("http://127.0.0.1:9", tmp_path, "deploy", "--nope").returncode == 2
    assert client("http://127.0.0.1:9", tmp_path, "deploy", "shop/web").returncode == 2
    assert run("migrate", "--nope", folder=tmp_path).returncode == 64
    assert client("http://127.0.0.1:9", tmp_path, "deploy", "--help").returncode == 0
    assert client("example.com", tmp_path, "whoami").returncode == 2
    ended = run("whoami", folder=tmp_path, XDG_CONFIG_HOME=str(tmp_path))
    assert ended.returncode == 2 and "babyhelm login --server" in ended.stderr


def test_variables_of_the_client_disturb_no_server_command(tmp_path):
    ended = client("http://127.0.0.1:9", tmp_path, "migrate", "up",
                   BABYHELM_DATABASE_URL=f"sqlite:{tmp_path}/db.sqlite")
    assert ended.returncode == 0, ended.stderr


def test_a_redirect_takes_the_token_nowhere(tmp_path, stub):
    other = stub({"GET /api/v1/me": ME})
    first = stub({"GET /api/v1/me": (307, "text/html", other.url + "/api/v1/me")})
    ended = client(first.url, tmp_path, "whoami")
    assert ended.returncode == 5 and "the token is not sent" in ended.stderr
    assert other.asked == []


def test_another_web_server_is_recognised(tmp_path, stub):
    server = stub({"GET /api/v1/me": (200, "text/html", "<h1>Hello</h1>")})
    ended = client(server.url, tmp_path, "whoami")
    assert ended.returncode == 5 and "not as a BabyHelm does" in ended.stderr


@pytest.mark.parametrize("status,code", [(401, 3), (403, 3), (404, 3), (409, 3), (422, 3),
                                         (429, 5), (500, 5), (503, 5)])
def test_a_refusal_is_one_line_and_its_code(tmp_path, stub, status, code):
    problem = {"title": "No", "status": status, "detail": "That is not allowed here.",
               "advice": "Ask an owner.", "errors": [{"field": "image", "message": "No image."}]}
    server = stub({"GET /api/v1/me": answer(problem, status)})
    ended = client(server.url, tmp_path, "whoami")
    assert ended.returncode == code
    assert ended.stderr.startswith("That is not allowed here. image: No image. Ask an owner.")
    assert ended.stderr.count("\n") == 1
    machine = client(server.url, tmp_path, "whoami", "--json")
    assert machine.returncode == code and json.loads(machine.stdout) == problem


def test_login_stores_a_token_that_only_its_owner_reads(tmp_path, stub):
    server = stub({"GET /api/v1/me": ME})
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    ended = run("login", "--server", server.url + "/", folder=tmp_path, given="the-token\n", **home)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"Logged in to {server.url} as Ada <ada@example.com> (admin).\n"
    stored = tmp_path / "config/babyhelm/config.json"
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert json.loads(stored.read_text())["servers"][server.url]["token"] == "the-token"

    assert run("whoami", folder=tmp_path, **home).stdout.startswith("Ada <ada@example.com>")
    assert {asked[2] for asked in server.asked} == {"Bearer the-token"}
    # Not to another server, whatever the environment says.
    other = stub({"GET /api/v1/me": ME})
    elsewhere = run("whoami", folder=tmp_path, BABYHELM_SERVER=other.url, **home)
    assert elsewhere.returncode == 2 and other.asked == []

    stored.chmod(0o644)
    assert "Others may read" in run("whoami", folder=tmp_path, **home).stderr
    assert run("logout", folder=tmp_path, **home).returncode == 0
    assert "the-token" not in stored.read_text()
    assert run("whoami", folder=tmp_path, **home).returncode == 2


def test_a_token_that_the_server_refuses_is_not_stored(tmp_path, stub):
    server = stub({"GET /api/v1/me": answer({"detail": "No."}, 401)})
    ended = run("login", "--server", server.url, folder=tmp_path, given="wrong\n",
                XDG_CONFIG_HOME=str(tmp_path))
    assert ended.returncode == 3 and not (tmp_path / "babyhelm").exists()
    nothing = run("login", "--server", server.url, folder=tmp_path, given="\n",
                  XDG_CONFIG_HOME=str(tmp_path))
    assert nothing.returncode == 2 and "no token" in nothing.stderr


def test_the_token_is_not_shown_while_it_is_typed(tmp_path, stub):
    server = stub({"GET /api/v1/me": ME})
    with Terminal(tmp_path, "login", "--server", server.url) as terminal:
        terminal.wait_for("Token: ")
        terminal.type("typed-token\n")
        shown = terminal.rest()
    assert terminal.code == 0 and "Logged in to" in shown
    assert "typed-token" not in terminal.shown
    assert server.asked[0][2] == "Bearer typed-token"


def rollout(handler, states: list[dict], break_after: bool = False) -> None:
    """Server-sent events, a state each."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()
    for state in states:
        handler.wfile.write(f"event: rollout\ndata: {json.dumps(state)}\n\n".encode())
    handler.close_connection = True


def state(word: str, ready: int, stage: str, **more) -> dict:
    return {"release": 2, "state": word, "isFinished": word in ("succeeded", "failed"),
            "replicas": {"old": 1, "new": 1, "wanted": 1, "ready": ready},
            "pods": [{"name": "web-a", "stage": stage, "isNew": True}], **more}


WEB = "/api/v1/projects/shop/applications/web"
ROLLOUT = f"GET {WEB}/releases/2/rollout"
ACCEPTED = answer({"release": 2, "application": "web", "project": "shop", "state": "queued"}, 202)


def test_a_broken_stream_is_taken_up_again(tmp_path, stub):
    visits = []

    def follow(handler):
        visits.append(1)
        rollout(handler, [state("rollingOut", 0, "starting")] if len(visits) == 1
                else [state("rollingOut", 0, "starting"), state("succeeded", 1, "ready")])

    server = stub({f"PATCH {WEB}": ACCEPTED, ROLLOUT: follow})
    ended = client(server.url, tmp_path, "deploy", "shop/web", "--image", "nginx:2", "--wait")
    assert ended.returncode == 0, ended.stderr
    assert len(visits) == 2
    assert ended.stdout.splitlines()[1:] == [
        "shop/web release 2: rolling out", "Replicas: 0 of 1 new ready, 1 old",
        "Pod web-a: starting", "Replicas: 1 of 1 new ready, 1 old",
        "Pod web-a: ready", "shop/web release 2 serves."]
    assert json.loads(server.asked[0][3]) == {"specification": {"image": "nginx:2"}}


def test_a_release_that_fails_is_code_1_with_what_to_do(tmp_path, stub):
    failed = state("failed", 0, "failing", outcome="The image can't be pulled.", diagnosis={
        "title": "There is no image nginx:2.", "evidence": "manifest unknown",
        "advice": "Check the tag."})
    server = stub({f"PATCH {WEB}": ACCEPTED, ROLLOUT: lambda handler: rollout(handler, [failed])})
    deploy = ("deploy", "shop/web", "--image", "nginx:2", "--wait")
    ended = client(server.url, tmp_path, *deploy)
    assert ended.returncode == 1
    assert "There is no image nginx:2." in ended.stderr
    assert "manifest unknown" in ended.stderr and "What to do: Check the tag." in ended.stderr
    machine = client(server.url, tmp_path, *deploy, "--json")
    assert machine.returncode == 1
    result = json.loads(machine.stdout)
    assert (result["state"], result["release"]) == ("failed", 2)
    assert result["diagnosis"]["advice"] == ["Check the tag."]


def test_waiting_ends_with_code_4_and_the_release_goes_on(tmp_path, stub):
    server = stub({f"PATCH {WEB}": ACCEPTED, ROLLOUT: answer(state("rollingOut", 0, "starting"))})
    ended = client(server.url, tmp_path, "deploy", "shop/web", "--image", "nginx:2", "--wait",
                   "--timeout", "2s")
    assert ended.returncode == 4
    assert "isn't finished after" in ended.stderr and "babyhelm status shop/web" in ended.stderr


class Terminal:
    """Runs the client on a terminal of its own."""

    def __init__(self, folder, *arguments: str, **variables: str):
        self.main, inner = pty.openpty()
        self.shown = ""
        self.process = subprocess.Popen(
            [BINARY, *arguments], stdin=inner, stdout=inner, stderr=inner, cwd=folder,
            env=environment(XDG_CONFIG_HOME=str(folder), TERM="xterm", **variables),
            preexec_fn=lambda: (os.setsid(), die_with_parent()))
        os.close(inner)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.main)

    def read(self) -> bool:
        ready, _, _ = select.select([self.main], [], [], 60)
        assert ready, f"nothing came for a minute: {self.shown}"
        try:
            piece = os.read(self.main, 4096)
        except OSError:  # EIO: nobody writes any more
            return False
        self.shown += piece.decode(errors="replace")
        return bool(piece)

    def wait_for(self, text: str) -> None:
        while text not in self.shown:
            assert self.read(), f"it ended without {text!r}: {self.shown}"

    def type(self, text: str) -> None:
        os.write(self.main, text.encode())

    def rest(self) -> str:
        while self.read():
            pass
        self.code = self.process.wait(30)
        return self.shown


def test_on_a_terminal_a_rollout_is_drawn_in_place_and_control_c_is_130(tmp_path, stub):
    go_on = threading.Event()

    def follow(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for each in (state("rollingOut", 0, "starting"), state("rollingOut", 1, "ready")):
            handler.wfile.write(f"event: rollout\ndata: {json.dumps(each)}\n\n".encode())
            handler.wfile.flush()
        go_on.wait(30)
        handler.close_connection = True

    server = stub({f"PATCH {WEB}": ACCEPTED, ROLLOUT: follow})
    with Terminal(tmp_path, "deploy", "shop/web", "--image", "nginx:2", "--wait", "--yes",
                  BABYHELM_SERVER=server.url, BABYHELM_TOKEN="t", CI="") as terminal:
        terminal.wait_for("1 of 1 ready")
        terminal.process.send_signal(signal.SIGINT)
        shown = terminal.rest()
        go_on.set()
    assert terminal.code == 130
    assert "\x1b[3A\x1b[J" in shown and "No longer watching" in shown


def test_no_at_the_question_deploys_nothing(tmp_path, stub):
    plan = {"hash": "abc", "release": 2, "isEmpty": False, "warnings": [], "quota": [],
            "items": [{"kind": "Deployment", "name": "web", "action": "change", "changes": [
                {"path": "image", "old": "nginx:1", "new": "nginx:2"}]}]}
    server = stub({f"GET {WEB}": answer({"specification": {"image": "nginx:1"}}),
                   f"POST {WEB}/plan": answer(plan), f"PATCH {WEB}": ACCEPTED})

    def deploy(reply: str) -> Terminal:
        with Terminal(tmp_path, "deploy", "shop/web", "--image", "nginx:2",
                      BABYHELM_SERVER=server.url, BABYHELM_TOKEN="t", NO_COLOR="1") as terminal:
            terminal.wait_for("Deploy this? [y/N] ")
            terminal.type(reply)
            terminal.rest()
        return terminal

    no = deploy("\n")
    assert no.code == 130 and "Nothing was deployed." in no.shown
    assert "image: nginx:1 → nginx:2" in no.shown
    assert not [asked for asked in server.asked if asked[0] == "PATCH"]
    assert deploy("y\n").code == 0
    # What was shown is what is deployed.
    sent = [json.loads(asked[3]) for asked in server.asked if asked[0] == "PATCH"]
    assert sent == [{"specification": {"image": "nginx:2"}, "planHash": "abc"}]


def test_a_reader_that_has_enough_ends_it_quietly(tmp_path, stub):
    items = [{"name": f"project-{number}", "role": "owner"} for number in range(20_000)]
    server = stub({"GET /api/v1/projects": answer({"items": items, "next": None})})
    process = subprocess.Popen(
        [BINARY, "projects"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
        env=environment(BABYHELM_SERVER=server.url, BABYHELM_TOKEN="t"),
        preexec_fn=die_with_parent)
    assert process.stdout.readline().startswith(b"PROJECT")
    process.stdout.close()
    assert process.wait(30) == 0 and process.stderr.read() == b""


def test_names_are_completed_by_asking_the_server(tmp_path, stub):
    server = stub({
        "GET /api/v1/projects": answer({"items": [{"name": "shop"}, {"name": "blog"}],
                                        "next": None}),
        "GET /api/v1/projects/shop/applications": answer({"items": [{"name": "web"}],
                                                          "next": None})})

    def complete(*arguments: str) -> list[str]:
        return client(server.url, tmp_path, *arguments, SAP_SHELL="zsh").stdout.split()

    script = client(server.url, tmp_path, "--generate-completion-script", "bash")
    assert script.returncode == 0 and "babyhelm" in script.stdout
    for shell in ("zsh", "fish"):
        made = client(server.url, tmp_path, "--generate-completion-script", shell)
        assert made.returncode == 0 and "deploy" in made.stdout
    request = ("---completion", "apps", "--", "positional@0", "0", "0", "")
    assert [word.rstrip(":") for word in complete(*request)] == ["shop", "blog"]


def test_every_command_has_a_manual_page_that_roff_reads(tmp_path):
    root = __import__("server").ROOT
    made = subprocess.run(
        [root / "scripts/manual", "--binary", BINARY, "--output", tmp_path / "man1"],
        capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    pages = sorted(path.name for path in (tmp_path / "man1").iterdir())
    assert {"babyhelm.1", "babyhelm-deploy.1", "babyhelm-secrets-set.1"} <= set(pages)
    for page in (tmp_path / "man1").iterdir():
        read = subprocess.run(["groff", "-man", "-Tutf8", "-P-cbou", "-ww", page], capture_output=True,
                              text=True, timeout=60)
        assert read.returncode == 0 and read.stderr == "", f"{page.name}: {read.stderr}"
        assert "SYNOPSIS" in read.stdout
    assert "--wait" in subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbou", tmp_path / "man1/babyhelm-deploy.1"],
        capture_output=True, text=True, timeout=60).stdout
