"""The kubectl programs that the tests try: the one on PATH, and those that
BABYHELM_TEST_KUBECTL names (paths, by colons)."""

import json
import os
import pathlib
import shutil
import subprocess

from program import environment

KUBECTLS = [path for path in dict.fromkeys(
    [shutil.which("kubectl"), *os.environ.get("BABYHELM_TEST_KUBECTL", "").split(":")]) if path]


class Kubectl:
    """A kubectl with a kubeconfig and a home of its own."""

    def __init__(self, path: str, kubeconfig: pathlib.Path, folder: pathlib.Path):
        self.path = path
        self.minor = int(name(path).split(".")[1])
        self.folder = folder
        self.variables = environment(KUBECONFIG=str(kubeconfig), HOME=str(folder))

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [self.path, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.variables)

    def run(self, *arguments: str, status: int = 0, given: str | None = None) -> str:
        ended = subprocess.run(
            [self.path, *arguments], input=given, capture_output=True, text=True, timeout=90,
            cwd=self.folder, env=self.variables)
        assert ended.returncode == status, f"{arguments}: {ended}"
        return ended.stdout

    def json(self, *arguments: str):
        return json.loads(self.run(*arguments, "-o", "json"))

    def apply(self, manifest: str, *arguments: str) -> str:
        return self.run("apply", *arguments, "-f", "-", given=manifest)


def name(path: str) -> str:
    ended = subprocess.run([path, "version", "--client", "-o", "json"], capture_output=True,
                           text=True, timeout=60)
    return json.loads(ended.stdout)["clientVersion"]["gitVersion"] if ended.stdout else path
