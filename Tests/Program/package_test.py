"""The Debian package: installed, started, upgraded, removed and purged on a Debian of its own."""

import os
import re
import shutil
import stat
import subprocess

import pytest

from machine import Debian
from person import Person
from program import PASSWORD, wait_until
from server import ROOT

SETTINGS = "/etc/babyhelm/babyhelm.env"
DATA = "/var/lib/babyhelm"
UNIT = "/etc/systemd/system/multi-user.target.wants/babyhelm.service"
ADDRESS = "http://127.0.0.1:8080"


@pytest.fixture(scope="module")
def unpacked(debian_package, tmp_path_factory):
    """What is in the package, and what dpkg is told (DEBIAN/)."""
    folder = tmp_path_factory.mktemp("unpacked") / "root"
    subprocess.run(["dpkg-deb", "-R", debian_package, folder], check=True, timeout=120)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def machine(tmp_path):
    room = Debian(tmp_path / "machine")
    yield room
    room.close()


@pytest.fixture
def newer(unpacked, tmp_path):
    """The next version, whose settings file has another line, too."""
    folder = tmp_path / "newer"
    shutil.copytree(unpacked, folder, symlinks=True)
    control = folder / "DEBIAN" / "control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 9.0", control.read_text(), flags=re.M))
    with open(f"{folder}{SETTINGS}", "a") as settings:
        settings.write("# BABYHELM_API_RATE=600\n")
    file = tmp_path / "babyhelm_9.0.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, file], check=True,
                   capture_output=True, timeout=120)
    shutil.rmtree(folder)
    return file


def dpkg(machine: Debian, *arguments: str) -> str:
    done = machine.run("dpkg", "--force-unsafe-io", *arguments, DEBIAN_FRONTEND="noninteractive")
    assert done.returncode == 0, done.stderr
    return done.stdout


def install(machine: Debian, package) -> str:
    machine.put(package, "/tmp/babyhelm.deb")
    said = dpkg(machine, "--force-confdef", "--force-confold", "-i", "/tmp/babyhelm.deb")
    machine.path("/tmp/babyhelm.deb").unlink()
    return said


def process(machine: Debian) -> int:
    return int(machine.path("/run/standin/babyhelm.service.pid").read_text())


def healthy(machine: Debian) -> bool:
    return machine.run("babyhelm", "health").returncode == 0


def sign_in(machine: Debian) -> Person:
    with machine.network():
        person = Person(ADDRESS)
        person.open("/login")
        person.submit("password", email="ada@example.com", password=PASSWORD)
        person.open("/projects/shop")
    return person


def test_it_is_installed_started_upgraded_removed_and_purged(machine, debian_package, newer):
    # Where the administrator forbids it, nothing is started.
    policy = machine.path("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    said = install(machine, debian_package)
    assert f"Name a cluster in {SETTINGS}" in said
    assert os.path.lexists(machine.path(UNIT)), "the service starts with the machine"
    assert not machine.path("/run/standin/babyhelm.service.pid").exists()
    policy.unlink()

    # Nobody else reads what may be secret, and the user can't log in.
    assert stat.S_IMODE(machine.path(SETTINGS).stat().st_mode) == 0o640
    assert machine.path(SETTINGS).stat().st_gid == 0
    user = machine.run("getent", "passwd", "babyhelm").stdout.split(":")
    assert user[5] == DATA and user[6].strip() == "/usr/sbin/nologin"
    folder = machine.path(DATA).stat()
    assert stat.S_IMODE(folder.st_mode) == 0o700 and folder.st_uid == int(user[2])
    assert machine.run("babyhelm", "version").stdout.startswith("BabyHelm ")

    # Unset, it says what is missing; set, it serves.
    machine.shell("systemctl start babyhelm")
    log = machine.path("/run/standin/babyhelm.service.log")
    wait_until("it says what is missing", lambda: "--kubeconfig" in log.read_text())
    with open(machine.path(SETTINGS), "a") as settings:
        settings.write("BABYHELM_SANDBOX=true\n")
    edited = machine.path(SETTINGS).read_text()
    machine.shell("systemctl restart babyhelm")
    wait_until("it is healthy", lambda: healthy(machine), 120)
    with machine.network():
        person = Person(ADDRESS)
        person.register()
        person.open("/projects/new")
        person.submit("cpu", name="shop")
    status = machine.path(f"/proc/{process(machine)}/status").read_text()
    assert f"Uid:\t{user[2]}\t" in status and "NoNewPrivs:\t1" in status

    # The commands beside it act as it does, for root alone.
    checked = machine.run("babyhelm-server", "doctor")
    assert checked.returncode == 0 and "Database   ok" in checked.stdout, checked.stderr
    copied = machine.run("babyhelm-server", "backup", f"{DATA}/copy")
    assert copied.returncode == 0, copied.stderr
    assert machine.path(f"{DATA}/copy").stat().st_uid == int(user[2])
    refused = machine.run("babyhelm-server", "doctor", user="babyhelm")
    assert refused.returncode == 1 and "use sudo" in refused.stderr

    # An upgrade keeps data, settings and the word of who disabled it; the new server serves.
    machine.shell("systemctl disable babyhelm")
    before = process(machine)
    install(machine, newer)
    assert process(machine) != before
    wait_until("the new one is healthy", lambda: healthy(machine), 120)
    assert machine.path(SETTINGS).read_text() == edited
    assert "API_RATE" in machine.path(SETTINGS + ".dpkg-dist").read_text()
    assert not os.path.lexists(machine.path(UNIT))
    sign_in(machine)

    # What the operator put beside it goes with the purge, not before.
    machine.path("/etc/babyhelm/kubeconfig").write_text("a token")
    # Removed, the program is gone, and what is the operator's isn't.
    dpkg(machine, "--remove", "babyhelm")
    assert not machine.path("/usr/bin/babyhelm").exists()
    assert not machine.path(f"/proc/{process(machine)}").exists(), "it ended"
    assert machine.path(SETTINGS).read_text() == edited
    assert machine.path(f"{DATA}/babyhelm.sqlite").exists()
    assert machine.path("/etc/babyhelm/kubeconfig").exists()

    # Purged, all is gone; the user's number stays taken.
    dpkg(machine, "--purge", "babyhelm")
    for path in ["/etc/babyhelm", DATA, UNIT, "/etc/systemd/system/babyhelm.service"]:
        assert not os.path.lexists(machine.path(path)), path
    assert not list(machine.path("/var/lib/systemd/deb-systemd-helper-enabled").rglob("babyhelm*"))
    assert machine.run("getent", "passwd", "babyhelm").returncode == 0
    assert machine.run("dpkg", "--audit").stdout == ""


def test_what_was_removed_and_comes_back_goes_on(machine, debian_package):
    install(machine, debian_package)
    with open(machine.path(SETTINGS), "a") as settings:
        settings.write("BABYHELM_SANDBOX=true\n")
    dpkg(machine, "--remove", "babyhelm")
    install(machine, debian_package)
    # It knows its cluster now, so it is started at once.
    wait_until("it is healthy", lambda: healthy(machine), 120)
    assert os.path.lexists(machine.path(UNIT))


def test_settings_are_read_as_systemd_reads_them_and_never_run(machine, debian_package):
    install(machine, debian_package)
    machine.path(SETTINGS).write_text(
        "# BABYHELM_PORT=1\n\nBABYHELM_PORT=8123\n"
        'BABYHELM_DATABASE_URL="postgres://helm@127.0.0.1:1/helm?sslmode=disable&connect_timeout=1"\n'
        "BABYHELM_PUBLIC_URL='https://helm.example.net'\n"
        "PATH=/nowhere\n")
    shown = machine.run("babyhelm-server", "config")
    assert re.search(r"port\s+8123", shown.stdout), shown.stderr
    assert re.search(r"public-url\s+https://helm\.example\.net\s", shown.stdout)
    assert "sslmode=disable&connect_timeout=1" in shown.stdout
    with open(machine.path(SETTINGS), "a") as settings:
        settings.write("BABYHELM_EXTRA_LABELS=$(touch /tmp/ran)\n")
    assert "BABYHELM_EXTRA_LABELS" in machine.run("babyhelm-server", "config").stderr
    assert not machine.path("/tmp/ran").exists()


def test_the_package_says_what_it_needs_and_what_is_the_operator_s(unpacked):
    control = (unpacked / "DEBIAN" / "control").read_text()
    depends = re.search(r"^Depends: (.*)$", control, re.M)[1]
    for name in ["libc6", "libpq5", "libargon2-1", "libsqlite3-0"]:
        assert re.search(rf"\b{name} \(>= ", depends), depends
    assert not re.search(r"@[A-Z]+@", control), "every place is filled in"
    assert (unpacked / "DEBIAN" / "conffiles").read_text() == SETTINGS + "\n"
    sums = (unpacked / "DEBIAN" / "md5sums").read_text()
    assert "  usr/bin/babyhelm\n" in sums and "etc/" not in sums
    text = (unpacked / "usr/share/doc/babyhelm/copyright").read_text()
    for name in {path.name for path in (ROOT / ".build/checkouts").iterdir() if path.is_dir()}:
        assert f"--- {name}\n" in text


def test_manual_pages_and_completions_are_in_it(unpacked):
    manual = unpacked / "usr/share/man"
    assert (manual / "man8/babyhelm-server.8.gz").exists()
    assert {"babyhelm.1.gz", "babyhelm-serve.1.gz", "babyhelm-health.1.gz"} <= {
        path.name for path in (manual / "man1").iterdir()}
    completion = unpacked / "usr/share/bash-completion/completions/babyhelm"
    known = subprocess.run(["bash", "-c", 'source "$1" && complete -p babyhelm', "-", completion],
                           capture_output=True, text=True, timeout=30)
    assert known.returncode == 0, known.stderr
    for path in ["zsh/vendor-completions/_babyhelm", "fish/vendor_completions.d/babyhelm.fish"]:
        assert "doctor" in (unpacked / "usr/share" / path).read_text()


if os.environ.get("BABYHELM_TEST_DEBIAN"):
    # It takes a minute, so it runs with the Debian that is made anew, not each time.
    def test_lintian_finds_no_error(debian_package, tmp_path):
        compressed = tmp_path / "babyhelm.deb"
        subprocess.run(["dpkg-deb", "-R", debian_package, tmp_path / "root"], check=True, timeout=120)
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", tmp_path / "root",
                        compressed], check=True, capture_output=True, timeout=300)
        found = subprocess.run(["lintian", compressed], capture_output=True, text=True, timeout=600)
        assert found.returncode in (0, 2), found.stderr
        # What a build for development brings along isn't where Debian wants any library.
        told = [line for line in found.stdout.splitlines() if "opt/swift" not in line]
        assert [line for line in told if line.startswith(("E:", "W:"))] == []


@pytest.mark.parametrize("arguments, words", [
    (["--program", "/nowhere"], "isn't a program"),
    (["--version"], "needs a value"),
    (["--verison", "1"], "doesn't know"),
    (["--program", "/bin/true", "--version", "one"], "is no Debian version"),
])
def test_a_wrong_command_line_is_told(arguments, words):
    told = subprocess.run([ROOT / "scripts" / "package", *arguments], capture_output=True, text=True,
                          timeout=60)
    assert told.returncode != 0 and words in told.stderr
