"""Rooms with a root directory, processes and a network of their own, in which things are installed
and run as on a machine of their own. Nothing in them reaches this one, or outlives the test."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess

import pytest

# What namespaces and mounts need. Containers of a CI may refuse some of it even to root.
REFUSALS = ["Operation not permitted", "permission denied", "unknown filesystem type"]
PREPARE = "unshare --mount --pid --fork --kill-child --net"

# A new network has nothing but a loopback that is down (SIOCSIFFLAGS; IFF_UP, _LOOPBACK, _RUNNING).
LOOPBACK = ("import fcntl, socket, struct; "
            "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 0x49))")
CLONE_NEWNET = 0x40000000

STANDINS = pathlib.Path(__file__).parent / "standins"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes a room with a root directory of its own")
    tried = subprocess.run([*PREPARE.split(), "true"], capture_output=True, text=True, timeout=60)
    if tried.returncode != 0:
        pytest.skip(f"this machine lets nobody make rooms: {tried.stderr.strip()}")


def enter(network) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Room:
    """Processes in namespaces of their own, with `root` as their root directory.

    `mounts` is a shell script that prepares the root, with $ROOT naming it; it runs where only this
    room sees what it mounts."""

    def __init__(self, root: pathlib.Path, mounts: str = ""):
        need_root()
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        script = (f"set -e; mount --make-rprivate /\n{mounts}\n"
                  f'mount -t proc proc "$ROOT/proc"\npython3 -c "{LOOPBACK}"\n'
                  # The first process of a room also takes leave of those whose parents are gone.
                  "echo ready; while true; do sleep 60 & wait; done")
        self.process = subprocess.Popen(
            [*PREPARE.split(), "bash", "-c", script], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PATH": PATH, "ROOT": str(root)},
            # unshare ends with us, and with it everything in the room.
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))
        if self.process.stdout.readline() != "ready\n":
            self.process.wait(30)
            told = self.process.stderr.read()
            refused = any(words in told for words in REFUSALS)
            (pytest.skip if refused else pytest.fail)(f"the room can't be made: {told}")
        self.inside = int(pathlib.Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0])

    def command(self, *arguments: str, user: str = "", variables: dict[str, str] | None = None) -> list[str]:
        """How a command is started in the room; a user may be a name of the room, or UID:GID."""
        given = {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", **(variables or {})}
        # Programs of this machine by their paths: what is given may name a PATH of the room's own.
        return [shutil.which("env"), "-i", *(f"{name}={text}" for name, text in given.items()),
                shutil.which("nsenter"), "--target", str(self.inside), "--mount", "--pid", "--net",
                shutil.which("chroot", path=PATH), *([f"--userspec={user}"] if user else []),
                str(self.root), *arguments]

    def run(self, *arguments: str, user: str = "", given: str = "", limit: float = 120,
            **variables: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.command(*arguments, user=user, variables=variables), input=given, text=True,
            capture_output=True, timeout=limit)

    def shell(self, script: str) -> None:
        """A script as an operator would type it; each command must do what it is told."""
        done = self.run("bash", "-euo", "pipefail", "-c", script)
        assert done.returncode == 0, done.stderr

    def path(self, inside: str) -> pathlib.Path:
        """A file of the room, as seen from here."""
        return pathlib.Path(f"/proc/{self.inside}/root{self.root}{inside}")

    @contextlib.contextmanager
    def network(self):
        """Sockets that this thread makes meanwhile are in the room's network."""
        with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{self.inside}/ns/net") as theirs:
            enter(theirs)
            try:
                yield
            finally:
                enter(ours)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()
        self.process.stderr.close()



class Debian(Room):
    """A Debian of its own, in which packages are installed and removed.

    It is unpacked from the archive that BABYHELM_TEST_DEBIAN names (`scripts/test --package` makes one with
    debootstrap), or else it is this machine as it is, with everything that is written going to memory."""

    def __init__(self, folder: pathlib.Path, archive: str | None = None, more: str = ""):
        """`more` is done in the shell after the root is there."""
        need_root()
        root = folder / "root"
        archive = os.environ.get("BABYHELM_TEST_DEBIAN", "") if archive is None else archive
        if archive:
            root.mkdir(parents=True)
            subprocess.run(["tar", "-xf", archive, "-C", root], check=True, timeout=300)
            mounts = 'mount --bind "$ROOT" "$ROOT"'
        else:
            mounts = (f'mkdir -p "{folder}/layer" && mount -t tmpfs none "{folder}/layer"\n'
                      f'mkdir "{folder}/layer/upper" "{folder}/layer/work"\n'
                      f'mount -t overlay none -o lowerdir=/,upperdir="{folder}/layer/upper",'
                      f'workdir="{folder}/layer/work" "$ROOT"')
        super().__init__(root, mounts + f"""
for name in tmp run; do mount -t tmpfs none "$ROOT/$name"; done
chmod 1777 "$ROOT/tmp"
mount --rbind /dev "$ROOT/dev"
mkdir -p "$ROOT/run/systemd/system" "$ROOT/run/lock"
install -m 755 "{STANDINS}"/systemctl "{STANDINS}"/journalctl "$ROOT/usr/local/bin/"
rm -f "$ROOT/var/lib/man-db/auto-update" "$ROOT/usr/sbin/policy-rc.d"
""" + more)

    def put(self, source: pathlib.Path, inside: str) -> None:
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self.path(inside))
