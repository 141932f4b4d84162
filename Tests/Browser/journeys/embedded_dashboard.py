"""A dashboard within a page: only when somebody opens it, only from Grafana's own address."""

import pytest
from playwright.sync_api import expect

import looks
from grafana import Grafana
from pages import Site
from server import Server, free_port


@pytest.fixture
def embedded(tmp_path, browser):
    """A browser window, Grafana, and what the browser complained of."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Grafana(url) as grafana:
        # Another host, since cookies don't know ports.
        grafana.url = grafana.url.replace("127.0.0.1", "localhost")
        with Server(tmp_path, port=port, arguments=(
                "--public-url", url, "--grafana-url", grafana.url, "--grafana-auth", "jwt")):
            yield from window(browser, url, grafana)


def window(browser, url: str, grafana: Grafana):
    context = browser.new_context(base_url=url, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text)
            if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Site(page), grafana, complaints
    context.close()


def test_a_dashboard_is_shown_within_the_page_when_it_is_opened(embedded):
    site, grafana, complaints = embedded
    site.register("ada@example.com", "Ada Lovelace")
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    page = site.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/projects/shop")
    expect(page.get_by_role("heading", name="Grafana")).to_be_visible()
    assert not grafana.visits and all(url.startswith(page.url.split("/projects")[0]) for url in asked)
    problems = looks.examine(page, "project-grafana-closed")

    page.get_by_role("link", name="Show it here").click()
    frame = page.frame_locator("iframe[title='Grafana: project shop']")
    expect(frame.get_by_role("heading", name="A dashboard")).to_be_visible()

    visit, = grafana.visits
    assert visit["claims"]["name"] == "Ada Lovelace" and visit["path"].startswith("/d/babyhelm-project/")
    assert visit["query"]["var-namespace"] == ["shop"] and "kiosk" in visit["query"]
    assert "Referer" not in visit["headers"] and "Cookie" not in visit["headers"]
    assert "auth_token" not in page.url and "auth_token" not in page.content()
    others = {url.split("/")[2] for url in asked} - {page.url.split("/")[2]}
    assert others == {grafana.url.split("/")[2]}
    problems += looks.examine(page, "project-grafana-shown")
    assert not complaints and not problems, complaints + problems
    # Nothing else may be put into a frame there.
    blocked = page.evaluate("""() => new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        const frame = document.createElement("iframe");
        frame.src = "http://127.0.0.1:1/";
        document.body.append(frame);
        setTimeout(() => resolve("nothing was blocked"), 5000);
    })""")
    assert blocked == "frame-src"
    page.get_by_role("link", name="Hide it").click()
    expect(page.locator("iframe")).to_have_count(0)


def test_without_a_grafana_no_page_has_a_frame(visitor):
    site = visitor()
    site.register("ada@example.com", "Ada Lovelace")
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    answer = site.page.goto("/projects/shop?grafana=shown")

    assert "frame-src" not in answer.headers["content-security-policy"]
    expect(site.page.locator("iframe")).to_have_count(0)
    expect(site.page.get_by_text("Grafana")).to_have_count(0)
