"""A server and browser windows for each journey. Nothing is shared between journeys."""

import os
import re
import shutil

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

import looks
from pages import Site
from server import ARTIFACTS, BINARY, Server

FAILURES = ARTIFACTS / "failures"


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it with scripts/test --browser", returncode=1)
    shutil.rmtree(FAILURES, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    setattr(item, f"{report.when}_report", report)
    return report


@pytest.fixture
def server(request, tmp_path):
    running = Server(tmp_path).start()
    try:
        yield running
    finally:
        failed = getattr(request.node, "call_report", None)
        if failed is not None and failed.failed:
            FAILURES.mkdir(parents=True, exist_ok=True)
            (FAILURES / f"{request.node.name}.log").write_text(running.log)
        running.stop()


@pytest.fixture(scope="session")
def browser():
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "chromium is not installed"
    # Chromium's own sandbox does not work for root and in most containers.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CI") else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield running
        running.close()


class Watch:
    """Collects what no page may do: script errors, refused resources, requests to others."""

    def __init__(self, page: Page, url: str):
        self.url = url
        self.problems: list[str] = []
        page.on("console", self.on_console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("request", self.on_request)
        page.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        # An answer of 422 is the form's own and is checked by the journey itself.
        if message.type == "error" and not re.search(r"status of 422\b", message.text):
            self.problems.append(f"console: {message.text}")

    def on_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:", "about:")):
            self.problems.append(f"request to another host: {request.url}")

    def on_response(self, response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} for {response.url}")


@pytest.fixture
def visitor(request, browser: Browser, server: Server):
    """Makes a `Site` in a browser of its own: `visitor()` or `visitor(java_script_enabled=False)`."""
    contexts, pages, watches = [], [], []

    def open_site(**options) -> Site:
        context = browser.new_context(base_url=server.url, locale="en-GB", **options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        contexts.append(context)
        pages.append(page)
        watches.append(Watch(page, server.url))
        return Site(page)

    yield open_site
    report = getattr(request.node, "call_report", None)
    if report is not None and report.failed:
        for number, page in enumerate(pages):
            looks.keep(page, FAILURES, f"{request.node.name}-{number}")
    for context in contexts:
        context.close()
    problems = [problem for watch in watches for problem in watch.problems]
    assert not problems, "\n".join(problems)
