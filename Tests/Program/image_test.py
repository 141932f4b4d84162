"""The container image: what the Dockerfile puts into it, run as a container engine would, with a
read-only root, as an unprivileged user. (No engine runs here; what it does is done by hand.)"""

import json
import os
import re
import shutil
import stat
import subprocess

import pytest

from machine import Room, need_root
from person import Person
from program import run, wait_until
from server import BINARY, ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
MAKE = ROOT / "deploy" / "image" / "root-file-system"
USER = "10001:10001"
PORT = 8080
LARGEST = 120_000_000  # bytes, unpacked
LARGEST_BESIDE = 30 << 20  # bytes of all that isn't ours


def instruction(name: str) -> str:
    """The last one in the Dockerfile, its continued lines joined."""
    lines = re.findall(rf"^{name} ((?:[^\\\n]|\\\n|\\)*)$", DOCKERFILE, re.M)
    return " ".join(lines[-1].replace("\\\n", " ").split())


ENTRY = json.loads(instruction("ENTRYPOINT"))
HEALTH = json.loads(re.search(r"CMD (\[.*\])$", instruction("HEALTHCHECK"))[1])


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    need_root()
    root = tmp_path_factory.mktemp("image") / "root"
    made = subprocess.run([MAKE, BINARY, root], capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    yield root
    shutil.rmtree(root)


@pytest.fixture
def container(image):
    """The image with a read-only root and a volume, as the Dockerfile declares it."""
    volume = image / "var/lib/babyhelm"
    engine = 'mount -t tmpfs -o mode=755 none "$ROOT/dev"\n' + "".join(
        f'touch "$ROOT/dev/{name}"\nmount --bind /dev/{name} "$ROOT/dev/{name}"\n'
        for name in ["null", "zero", "random", "urandom"])
    room = Room(image, 'mount --bind "$ROOT" "$ROOT"\nmount -o remount,bind,ro "$ROOT"\n' + engine
                + f'mount -t tmpfs -o mode=700,uid=10001,gid=10001 none "{volume}"')
    yield room
    room.close()


def files(root):
    return [path for path in root.rglob("*") if not path.is_symlink() and path.is_file()]


def test_the_image_is_made_as_the_dockerfile_says(image):
    assert re.search(r"^FROM scratch$", DOCKERFILE, re.M)
    build = "scripts/build-static"
    program = ".build/shipped/release/babyhelm"
    assert instruction("RUN") == f"{build} && deploy/image/root-file-system {program} /image"
    assert program in (ROOT / build).read_text() + (ROOT / "scripts" / "package").read_text()
    assert f"  {build} >" in (ROOT / "scripts" / "package").read_text()
    assert instruction("COPY") == "--from=build /image /"
    assert instruction("USER") == USER
    folder = instruction("WORKDIR")
    assert instruction("VOLUME") == folder
    info = os.stat(f"{image}{folder}")
    assert f"{info.st_uid}:{info.st_gid}" == USER and stat.S_IMODE(info.st_mode) == 0o700
    assert os.access(f"{image}{ENTRY[0]}", os.X_OK)
    for path in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.M):
        assert all((ROOT / name).exists() for name in path.split())


def test_nothing_else_can_be_run_in_it_and_nothing_is_the_user_s(image):
    programs = {str(path.relative_to(image)) for path in files(image) if os.access(path, os.X_OK)}
    loader = {name for name in programs if "ld-linux" in name}
    assert programs - loader == {ENTRY[0].lstrip("/")}
    for path in image.rglob("*"):
        info = path.lstat()
        assert not info.st_mode & (stat.S_ISUID | stat.S_ISGID), path
        if not str(path).endswith("var/lib/babyhelm"):
            assert (info.st_uid, info.st_gid) == (0, 0), path
            is_open = info.st_mode & stat.S_IWOTH and not path.is_symlink()
            assert not is_open or path.name == "tmp", path


def test_licences_are_passed_on(image):
    text = (image / "usr/share/doc/babyhelm/copyright").read_text()
    for name in ["GRDB.swift", "swift-nio", "Swift: its runtime", "Debian's libraries"]:
        assert f"--- {name}" in text
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text


def test_it_is_small(image):
    sizes = {str(path.relative_to(image)): path.stat().st_size for path in files(image)}
    total = sum(sizes.values())
    swift = sum(size for name, size in sizes.items() if "/swift/" in name)
    beside = total - swift - sizes[ENTRY[0].lstrip("/")]
    print(f"{total / 1e6:.1f} MB, {beside / 1e6:.1f} MB of them Debian's")
    assert beside <= LARGEST_BESIDE
    # A program that brings Swift's libraries as files is a build for development, which is several
    # times as large; what is published is built as the Dockerfile builds it.
    if not swift:
        assert total <= LARGEST, f"{total / 1e6:.1f} MB"


def test_what_is_no_program_or_no_empty_folder_is_refused(image, tmp_path):
    for arguments in [[tmp_path / "none", tmp_path / "x"], [BINARY, image], [BINARY]]:
        refused = subprocess.run([MAKE, *arguments], capture_output=True, text=True, timeout=60)
        assert refused.returncode == 1 and refused.stderr.count("\n") == 1


def test_it_serves_with_a_read_only_root_and_says_that_it_is_healthy(container):
    def healthy():
        return container.run(*HEALTH, user=USER, BABYHELM_PORT=str(PORT))

    refused = healthy()
    assert refused.returncode == 1
    assert "127.0.0.1:8080 can't be reached: the connection was refused" in refused.stderr
    server = subprocess.Popen(
        container.command("/usr/local/bin/babyhelm", "serve", "--sandbox", "--database-url",
                          "sqlite:/var/lib/babyhelm/babyhelm.sqlite", user=USER),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until("it is healthy", lambda: healthy().returncode == 0, 120)
        ready = container.run(*HEALTH, "--url", f"http://127.0.0.1:{PORT}/readyz", user=USER)
        assert ready.returncode == 0, ready.stderr
        person = Person(f"http://127.0.0.1:{PORT}")
        with container.network():
            person.register()
            person.open("/projects/new")
            person.submit("cpu", name="shop")
            person.deploy("shop", "web")
            assert "web" in person.open("/projects/shop")
        # The root is read-only for everybody, and the database where it may be.
        with pytest.raises(OSError, match="Read-only"):
            container.path("/etc/x").write_text("")
        assert container.path("/var/lib/babyhelm/babyhelm.sqlite").exists()
        processes = container.path("/proc").glob("[0-9]*/status")
        ours = [text for text in (path.read_text() for path in processes)
                if text.startswith("Name:\tbabyhelm")]
        assert len(ours) == 1 and "Uid:\t10001\t10001\t10001\t10001" in ours[0]
        assert "CapEff:\t0000000000000000" in ours[0]
    finally:
        # What serves ends with the room.
        server.terminate()
        server.wait(30)


def test_health_tells_what_is_wrong_in_one_line(tmp_path):
    for arguments, words in [
            (("--url", "ftp://127.0.0.1/"), "can't be asked"),
            (("--url", "http://user@127.0.0.1/"), "can't be asked"),
            (("--timeout", "0"), "from 1 to 600"),
            (("--wait", "9999"), "from 0 to 3600")]:
        refused = run("health", *arguments, folder=tmp_path)
        assert refused.returncode == 1 and words in refused.stderr
        assert refused.stderr.count("\n") == 1
