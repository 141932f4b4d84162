"""What the tailnet's access rules in deploy/tailscale allow."""

import json
import pathlib
import re

import pytest

FILE = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "tailscale" / "policy.hujson"


def policy() -> dict:
    """HuJSON: JSON with comments and commas before what closes."""
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|[^"/]+|/', FILE.read_text(), re.S)
    text = "".join(token for token in tokens if not token.startswith(("//", "/*")))
    # No string of the policy has a comma before a bracket, so this needs no parser.
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def allows(rules: dict, source: str, target: str) -> bool:
    """Whether any rule lets `source` connect to `target`, as `tag:x:443`; the rest is refused."""
    names = {source} | {group for group, people in rules["groups"].items() if source in people}
    host, _, port = target.rpartition(":")
    for rule in rules["acls"]:
        assert rule["action"] == "accept"
        for destination in rule["dst"]:
            known, _, ports = destination.rpartition(":")
            if names & set(rule["src"]) and known == host and port in ports.split(","):
                return True
    return False


def test_the_policy_s_own_tests_hold():
    rules = policy()
    assert len(rules["tests"]) >= 3
    for test in rules["tests"]:
        for target in test.get("accept", []):
            assert allows(rules, test["src"], target), (test["src"], target)
        for target in test.get("deny", []):
            assert not allows(rules, test["src"], target), (test["src"], target)


@pytest.mark.parametrize("visitor", ["visitor@example.com", "autogroup:shared"])
def test_visitors_reach_babyhelm_and_grafana_and_nothing_else(visitor):
    rules = policy()
    reached = {target for rule in rules["acls"] for target in rule["dst"]
               if visitor in rule["src"] or any(
                   visitor in rules["groups"].get(name, []) for name in rule["src"])}
    assert reached == {"tag:babyhelm:443", "tag:grafana:443"}


def test_every_tag_has_an_owner_and_everybody_isn_t_named():
    rules = policy()
    tags = {target.rpartition(":")[0] for rule in rules["acls"] for target in rule["dst"]}
    assert tags <= set(rules["tagOwners"])
    for rule in rules["acls"]:
        assert not {"*", "autogroup:member", "autogroup:members"} & set(rule["src"])
        assert not any("*" in target for target in rule["dst"])


def test_no_key_is_in_any_file():
    for folder in ["deploy", "docs"]:
        for path in (FILE.parents[2] / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".png"}:
                assert not re.search(r"tskey-[a-z]+-\w{6,}", path.read_text(errors="replace")), path
