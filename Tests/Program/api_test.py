"""The API as its document says it: the document itself, and calls made up from it."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

from person import Person
from program import PASSWORD, make_admin, wait_until
from server import Server

HERE = pathlib.Path(__file__).parent


@pytest.fixture
def server(tmp_path):
    # Far more calls are made up than one program makes within a minute.
    running = Server(tmp_path, ("--api-rate", "1000000"))
    make_admin(tmp_path, running.database_url)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def token(server) -> str:
    ada = Person(server.url)
    ada.open("/login")
    ada.submit("password", email="ada@example.com", password=PASSWORD)
    ada.open("/projects/new")
    ada.submit("cpu", name="shop")
    ada.deploy("shop", "web")
    ada.open("/account")
    ada.submit("days", name="made up", scope="admin", days="7")
    return re.search(r"babyhelm_[A-Za-z0-9_-]+", ada.page)[0]


def call(server, token: str, method: str, path: str, **more) -> requests.Response:
    return requests.request(
        method, f"{server.url}/api/v1{path}", headers={"Authorization": f"Bearer {token}"},
        timeout=30, **more)


def test_the_document_is_valid(server):
    document = requests.get(f"{server.url}/api/v1/openapi.json", timeout=30).json()
    OpenAPIV31SpecValidator(document).validate()
    assert len(document["paths"]) > 40


def test_a_program_deploys_and_watches(server, token):
    specification = {"image": "nginx:1.27", "ports": [80], "replicas": 2}
    put = call(server, token, "PUT", "/projects/shop/applications/api",
               json={"specification": specification})
    assert put.status_code == 202, put.text
    with requests.get(
            f"{server.url}{put.headers['Location']}/rollout", stream=True, timeout=60,
            headers={"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}) as events:
        last = [line for line in events.iter_lines() if line.startswith(b"data: ")][-1]
    assert json.loads(last[6:])["state"] == "succeeded"


def test_a_log_is_followed_as_lines_of_json(server, token):
    wait_until("a pod is ready", lambda: call(
        server, token, "GET", "/projects/shop/applications/web").json()["replicas"]["ready"])
    with requests.get(
            f"{server.url}/api/v1/projects/shop/applications/web/logs?follow=true", stream=True,
            timeout=60, headers={"Authorization": f"Bearer {token}",
                                 "Accept": "application/x-ndjson"}) as answer:
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        first = next(line for line in answer.iter_lines() if line)
    assert {"pod", "text"} <= json.loads(first).keys() or "notice" in json.loads(first)


def test_made_up_calls_are_answered_as_the_document_says(server, token, tmp_path):
    """schemathesis: good calls, bad calls, and calls that follow from each other."""
    (tmp_path / "schemathesis.toml").write_text((HERE / "schemathesis.toml").read_text())
    # One worker: in Python 3.11, threads that parse Python at the same time break each other.
    run = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/api/v1/openapi.json",
         "--header", f"Authorization: Bearer {token}", "--phases", "examples,coverage,fuzzing,stateful",
         "--max-examples", os.environ.get("BABYHELM_API_EXAMPLES", "12"), "--seed", "1",
         "--workers", "1", "--request-timeout", "20", "--no-color",
         ],
        cwd=tmp_path, capture_output=True, text=True, timeout=400)
    report = run.stdout + run.stderr
    assert run.returncode == 0, report
    assert "Test cases" in run.stdout, report
