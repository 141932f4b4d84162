"""A change on the cluster reaches an open page by itself, soon, and however many pages are open."""

import json
import re
import statistics
import time
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from pages import ROLLOUT_LIMIT, Site
from program import Sandbox, wait_until
from server import Server

LIMIT = 500  # milliseconds from the request to the cluster until the page shows it
ROUNDS = 7
PAGES = 20
# What the count of use lists by itself, at most once in each minute of the clock.
COUNTED_BY_THE_MINUTE = ("persistentvolumeclaims.", "pods.metrics.k8s.io")


class Cluster:
    """Plain requests to a sandbox, whose address carries the token."""

    def __init__(self, sandbox: Sandbox):
        self.begun = time.monotonic()
        self.kubeconfig = sandbox.kubeconfig
        lines = sandbox.kubeconfig.read_text().splitlines()
        self.url = next(line.split()[1] for line in lines if line.strip().startswith("server:"))

    def patch(self, path: str, change: dict) -> None:
        request = urllib.request.Request(
            self.url + path, method="PATCH", data=json.dumps(change).encode(),
            headers={"Content-Type": "application/merge-patch+json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def scale(self, name: str, replicas: int) -> None:
        self.patch(f"/apis/apps/v1/namespaces/shop/deployments/{name}/scale",
                   {"spec": {"replicas": replicas}})

    def requests(self, verb: str) -> dict[str, int]:
        """How often each kind was asked for in the whole cluster, from the sandbox's metrics."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.findall(
            rf'{{group="([^"]*)",resource="([^"]*)",scope="cluster",.*verb="{verb}"}} (\d+)', text)
        return {f"{resource}.{group}": int(count) for group, resource, count in found}


@pytest.fixture
def cluster(tmp_path):
    """A cluster in a process of its own, as a real one is."""
    sandbox = Sandbox(tmp_path)
    yield Cluster(sandbox)
    sandbox.stop()


@pytest.fixture
def server(tmp_path, cluster):
    with Server(tmp_path, cluster=("--kubeconfig", str(cluster.kubeconfig))) as running:
        yield running


def register_admin(site: Site, server: Server) -> None:
    """Ada, by the setup code that the server printed."""
    line = wait_until("the setup code", lambda: re.search(r"setup code: (\S+)", server.log), 10)
    site.register("ada@example.com", "Ada", line.group(1))


def deploy_web(site: Site) -> None:
    """A project `shop` and in it `web`, two replicas that run."""
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    site.fill_deploy_form("shop", "web", "nginx:1.27", port=80, replicas=2)
    site.review()
    site.confirm("shop", "web")
    expect(site.replicas("2/2")).to_be_visible(timeout=ROLLOUT_LIMIT)


def watch_for(page: Page, selector: str, text: str) -> None:
    """Notes, in the page, when an element first shows a text."""
    page.evaluate(
        """([selector, text]) => {
            window.shown = new Promise((resolve) => {
                const look = () => {
                    const found = [...document.querySelectorAll(selector)]
                        .some((element) => element.innerText.includes(text));
                    if (found) { observer.disconnect(); resolve(Date.now()); }
                };
                const observer = new MutationObserver(look);
                observer.observe(document.body, { childList: true, subtree: true });
                look();
            });
        }""", [selector, text])


def median_delay(page: Page, selector: str, text: str, change) -> float:
    """The median of the milliseconds between a change and the page that shows it."""
    delays = []
    for number in range(ROUNDS):
        wanted = 3 + number
        watch_for(page, selector, text.format(wanted))
        begun = time.time() * 1000
        change(wanted)
        delays.append(page.evaluate("window.shown") - begun)
    assert min(delays) > 0, f"the page showed it before it happened: {delays}"
    return statistics.median(delays)


def test_a_change_on_the_cluster_is_on_an_open_page_within_half_a_second(
        visitor, server, cluster):
    site = visitor()
    register_admin(site, server)
    deploy_web(site)

    site.open_application("shop", "web")
    on_application = median_delay(
        site.page, "#status .stat-value", "/{}", lambda count: cluster.scale("web", count))
    cluster.scale("web", 2)
    site.page.goto("/projects/shop")
    expect(site.page.locator("[data-label=Replicas]")).to_have_text("2/2", timeout=ROLLOUT_LIMIT)
    on_project = median_delay(
        site.page, "[data-label=Replicas]", "/{}", lambda count: cluster.scale("web", count))

    print(f"application page {on_application:.0f} ms, project page {on_project:.0f} ms")
    assert on_application < LIMIT
    assert on_project < LIMIT


def test_many_open_pages_share_one_list_and_one_watch_of_each_kind(
        visitor, browser, server, cluster):
    site = visitor()
    register_admin(site, server)
    deploy_web(site)
    session = site.page.context.storage_state()
    site.page.goto("about:blank")  # A person may have 20 pages open, not one more.

    # A browser opens six connections to one host, so the pages need several browsers.
    contexts = [browser.new_context(base_url=server.url, storage_state=session)
                for _ in range(PAGES // 4)]
    pages = [context.new_page() for context in contexts for _ in range(4)]
    try:
        for number, page in enumerate(pages):
            page.goto("/projects/shop/apps/web" if number % 2 else "/projects/shop")
        cluster.scale("web", 4)
        for page in pages:
            expect(page.get_by_text(re.compile(r"\b4/4\b")).first).to_be_visible(
                timeout=ROLLOUT_LIMIT)

        lists, watches = cluster.requests("LIST"), cluster.requests("WATCH")
        assert {"pods.", "deployments.apps", "namespaces."} <= set(watches)
        asked = {kind: lists.pop(kind, 0) for kind in COUNTED_BY_THE_MINUTE}
        assert max(asked.values()) <= 2 + (time.monotonic() - cluster.begun) // 60, asked
        assert set(lists) == set(watches)
        assert set(lists.values()) == {1}, lists
        assert set(watches.values()) == {1}, watches
    finally:
        for context in contexts:
            context.close()
