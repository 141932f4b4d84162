"""The service unit: how much of the machine it can reach, and whether the server gets along with it."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

from program import environment, run, wait_until
from server import BINARY, ROOT, die_with_parent, free_port

UNIT = ROOT / "deploy" / "systemd" / "babyhelm.service"


def settings(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.M)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_exposure_is_at_most_two():
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(UNIT)], capture_output=True,
        text=True, timeout=60)
    level = re.search(r"exposure level for \S+: ([\d.]+)", told.stdout + told.stderr)
    assert level, told.stderr
    assert float(level.group(1)) <= 2.0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_understands_every_line(tmp_path):
    unit = tmp_path / "babyhelm.service"
    # The program isn't installed here; everything else is as delivered.
    unit.write_text(UNIT.read_text().replace("/usr/bin/babyhelm", "/bin/true"))
    told = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True,
                          timeout=60)
    ours = [line for line in told.stderr.splitlines() if "babyhelm" in line]
    assert ours == []


def test_the_server_takes_every_setting_of_the_environment_file(tmp_path):
    text = (UNIT.parent / "babyhelm.env").read_text()
    # Those that are commented out, too.
    variables = dict(re.findall(r"^#? ?(BABYHELM_\w+)=(.*)$", text, re.M))
    assert len(variables) >= 5
    shown = run("config", folder=tmp_path, **variables)
    assert shown.returncode == 0, shown.stderr


def allowed_calls() -> set[str]:
    """The system calls that the unit's filter lets through."""
    groups: dict[str, set[str]] = {}
    current = ""
    for line in subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True,
                               check=True, timeout=60).stdout.splitlines():
        if line.startswith("@"):
            current = line.split()[0]
            groups[current] = set()
        elif line.startswith("    ") and not line.strip().startswith("#"):
            groups[current].add(line.strip())

    def members(group: str) -> set[str]:
        found: set[str] = set()
        for name in groups[group]:
            found |= members(name) if name.startswith("@") else {name}
        return found

    allowed: set[str] = set()
    for line in settings("SystemCallFilter"):
        if line.startswith("~"):
            allowed -= set().union(*(members(group) for group in line[1:].split()))
        else:
            allowed |= set().union(*(members(group) for group in line.split()))
    return allowed


@pytest.mark.skipif(not (shutil.which("strace") and shutil.which("systemd-analyze")),
                    reason="strace or systemd is not installed")
def test_the_server_makes_no_system_call_that_the_unit_forbids(tmp_path):
    port = free_port()
    trace = tmp_path / "trace"
    process = subprocess.Popen(
        ["strace", "-f", "-c", "-o", trace, BINARY, "serve", "--sandbox", "--port", str(port),
         "--database-url", f"sqlite:{tmp_path}/babyhelm.sqlite"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment(), preexec_fn=die_with_parent)

    def answers() -> bool:
        return subprocess.run(["curl", "-fsS", f"http://127.0.0.1:{port}/login"],
                              capture_output=True, timeout=10).returncode == 0

    wait_until("the server answers", answers, 120)
    # strace passes the signal on to the server, and ends with it.
    child = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
    subprocess.run(["kill", "-TERM", child], check=True)
    process.wait(60)
    made = set(re.findall(r"(\w+)$", trace.read_text(), re.M)) - {"syscall", "total"}
    assert "epoll_wait" in made or "epoll_pwait" in made
    # SQLite gives its files the folder's owner when root runs it, and only then.
    if os.geteuid() == 0:
        made.discard("fchown")
    assert made <= allowed_calls(), made - allowed_calls()
