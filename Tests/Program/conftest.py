"""Databases and a cluster for each test. Nothing is shared between tests."""

import os

import pytest

from program import PostgresDatabase, Sandbox
from server import BINARY


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
