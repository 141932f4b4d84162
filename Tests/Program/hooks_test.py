"""Deploy hooks as a CI calls them: with curl, against the program."""

import hashlib
import hmac
import html
import json
import re
import subprocess

from person import Person
from program import wait_until
from server import Server


def curl(url: str, body: str, *arguments: str) -> tuple[int, str]:
    ran = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code}", "--data-binary", body, *arguments, url],
        capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    text, _, status = ran.stdout.rpartition("\n")
    return int(status), text


def test_a_ci_deploys_with_curl_and_the_log_has_no_secret(tmp_path):
    with Server(tmp_path, ("--log-format", "json", "--log-level", "debug")) as server:
        person = Person(server.url)
        person.register()
        person.open("/projects/new")
        person.submit("name", name="shop")
        person.deploy("shop", "web")
        person.open("/projects/shop/apps/web/settings")
        page = html.unescape(person.submit("tags", to="/hooks", name="CI"))
        secret = re.search(r"babyhelm_hook_[\w-]+", page)[0]
        path = re.search(r"/hooks/deploy/[0-9a-f-]{36}", page)[0]
        address = server.url + path

        wait_until("the first release", lambda: "All replicas serve" in person.open(
            "/projects/shop/apps/web"))
        status, text = curl(address, "tag=1.28", "-H", f"Authorization: Bearer {secret}")
        assert status == 202 and json.loads(text)["release"] == 2, text
        wait_until("the release of the hook", lambda: "All replicas serve" in person.open(
            "/projects/shop/apps/web") and "nginx:1.28" in person.page)

        body = json.dumps({"push_data": {"tag": "1.29", "pusher": "ann"},
                           "repository": {"repo_name": "library/nginx"}})
        status, text = curl(f"{address}/{secret}", body, "-H", "Content-Type: application/json")
        assert status == 202 and json.loads(text)["release"] == 3, text

        body = json.dumps({"action": "published", "registry_package": {
            "name": "nginx", "namespace": "library", "package_type": "CONTAINER",
            "package_version": {"package_url": "ghcr.io/library/nginx:1.30",
                                "container_metadata": {"tag": {"name": "1.30", "digest": ""}}}}})
        signature = "sha256=" + hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
        status, text = curl(address, body, "-H", "Content-Type: application/json",
                            "-H", f"X-Hub-Signature-256: {signature}",
                            "-H", "X-GitHub-Event: registry_package",
                            "-H", "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958")
        assert status == 422 and "ghcr.io/library/nginx" in text, text

        status, text = curl(f"{address}/{secret}x", "{}", "-H", "Content-Type: application/json")
        assert status == 404 and json.loads(text)["reason"] == "notFound"
        assert "release 3" in person.open("/projects/shop/apps/web/settings").lower() \
            or "Release #3" in person.page
        log = server.log
    assert "/hooks/deploy/{hook}/{secret}" in log
    assert secret not in log
