"""Databases and a cluster for each test. Nothing is shared between tests."""

import os
import pathlib
import shutil
import subprocess

import pytest

from program import PostgresDatabase, Sandbox, environment
from server import BINARY, ROOT


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it with scripts/test --browser", returncode=1)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """A database URL."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'babyhelm.sqlite'}"
        return
    server = os.environ.get("BABYHELM_TEST_POSTGRES")
    if not server:
        pytest.skip("PostgreSQL tests are skipped: BABYHELM_TEST_POSTGRES is not set")
    database = PostgresDatabase(server)
    yield database.url
    database.remove()


@pytest.fixture
def sandbox(tmp_path):
    running = Sandbox(tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def debian_package(tmp_path_factory) -> pathlib.Path:
    """The Debian package with the program under test; uncompressed, which is a matter of seconds."""
    made = subprocess.run(
        [ROOT / "scripts" / "package", "--program", BINARY, "--output",
         tmp_path_factory.mktemp("package")],
        capture_output=True, text=True, timeout=300,
        env={**os.environ, "DPKG_DEB_COMPRESSOR_TYPE": "none"})
    assert made.returncode == 0, made.stderr
    return pathlib.Path(made.stdout.strip())


@pytest.fixture(scope="session")
def renderer(tmp_path_factory):
    """Helm's template language, built from the libraries that Helm is made of."""
    go = shutil.which("go")
    if not go:
        pytest.skip("Go is not installed (Debian: golang-go, golang-github-masterminds-sprig-dev)")
    folder = tmp_path_factory.mktemp("helm")
    subprocess.run(
        [go, "build", "-o", folder / "render", ROOT / "Tests/Program/helm/render.go"], check=True,
        timeout=300, env=environment(GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="",
                                     GOCACHE=str(folder / "cache"), CGO_ENABLED="0"))
    return folder / "render"
