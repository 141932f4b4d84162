"""Charts: they read well with little, much and broken data, stay where they are, and need no script."""

import re
import subprocess

import pytest
from playwright.sync_api import Page, expect

import looks
from pages import ROLLOUT_LIMIT, Site
from program import Sandbox, wait_until
from prometheus import Prometheus
from server import BINARY, Server

# What moves after it was shown, as browsers score it; 0 is nothing at all.
WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => window.shifts.push(
    ...list.getEntries().filter((entry) => entry.value > 0)
      .map((entry) => entry.sources.map((source) => source.node?.outerHTML?.slice(0, 80)).join()))
  ).observe({ type: "layout-shift", buffered: true });
}"""


def show_sample(page: Page, sample: str) -> None:
    """A page that the program makes of values of its own, in the place of one with the same look."""
    made = subprocess.run([BINARY, "bench", "chart-page", "--sample", sample],
                          capture_output=True, text=True, check=True, timeout=60).stdout
    page.unroute_all()
    page.route("**/projects/shop/monitoring",
               lambda route: route.fulfill(body=made, content_type="text/html"))
    page.route(re.compile(r"/monitoring/live"), lambda route: route.fulfill(
        body="event: end\ndata:\n\n", content_type="text/event-stream"))
    page.goto("/projects/shop/monitoring")


@pytest.mark.parametrize("sample", ["little", "much", "broken"])
def test_charts_read_well_and_are_accessible_whatever_they_show(visitor, sample):
    page = visitor().page
    show_sample(page, sample)

    problems = looks.examine(page, f"charts-{sample}")
    page.locator(".chart-values summary").first.click()
    problems += looks.accessibility_problems(page)

    assert not problems, "\n".join(problems)
    # Text is as large at any width.
    for width in (*looks.WIDTHS, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        sizes = page.locator(".chart-drawing text").evaluate_all(
            "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize))")
        assert set(sizes) <= {12, 15}
        boxes = page.locator(".chart-tick").evaluate_all(
            "texts => texts.map(text => text.getBoundingClientRect().height)")
        assert max(boxes) < 22


def test_charts_are_told_apart_without_colours(visitor):
    page = visitor().page
    page.emulate_media(forced_colors="active")
    show_sample(page, "much")

    lines = page.locator("#chart-cpu .chart-lines .chart-line").evaluate_all(
        "lines => lines.map(line => getComputedStyle(line).strokeDasharray)")
    shapes = page.locator("#chart-cpu .legend .chart-end path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d')).filter(shape => shape)")

    assert len(set(lines)) == len(lines) > 5
    assert len(set(shapes)) == len(shapes) > 5
    page.emulate_media(media="print", forced_colors="none")
    page.screenshot(path=looks.SCREENSHOTS / "charts-print.png", full_page=True)


def test_values_are_read_off_with_pointer_and_keyboard(visitor):
    page = visitor().page
    show_sample(page, "usual")
    frame = page.locator("#chart-cpu .chart-frame")

    box = frame.locator(".chart-drawing").bounding_box()
    page.mouse.move(box["x"] + box["width"], box["y"] + 40)
    reading = page.locator(".chart-reading")
    expect(reading).to_contain_text("UTC")
    for name in ("web", "worker", "db", "limit"):
        expect(reading).to_contain_text(name)
    # What is read off the line is what the legend has.
    legend = page.locator("#chart-cpu .chart-legend .legend-value").all_inner_texts()
    assert reading.locator(".legend-value").all_inner_texts() == legend
    # Every chart shows the time.
    expect(page.locator(".chart-cross")).to_have_count(page.locator(".chart-frame").count())
    page.mouse.move(2, 2)
    expect(reading).to_have_count(0)

    frame.focus()
    page.keyboard.press("End")
    expect(reading).to_contain_text(legend[0])
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("status").filter(has_text="UTC: web")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(reading).to_have_count(0)


@pytest.fixture
def prometheus(tmp_path):
    with Prometheus(tmp_path, {"scrape_configs": []}, series=True) as running:
        yield running


@pytest.fixture
def server(request, tmp_path):
    """With a Prometheus, or with a cluster that has none, where the test asks for it."""
    options = {}
    if "prometheus" in request.fixturenames:
        options["arguments"] = ("--prometheus-url", request.getfixturevalue("prometheus").url)
    if "cluster" in request.fixturenames:
        options["cluster"] = ("--kubeconfig", str(request.getfixturevalue("cluster").kubeconfig))
    with Server(tmp_path, **options) as running:
        yield running


@pytest.fixture
def cluster(tmp_path):
    """One that was named, so that nobody knows its Prometheus."""
    sandbox = Sandbox(tmp_path)
    yield sandbox
    sandbox.stop()


def deploy_web(site: Site, setup_code: str = "") -> None:
    site.register("ada@example.com", "Ada Lovelace", setup_code)
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    site.fill_deploy_form("shop", "web", "nginx:1.27", port=80, replicas=2)
    site.review()
    site.confirm("shop", "web")


def test_charts_of_a_prometheus_are_whole_without_a_script(prometheus, visitor):
    site = visitor(java_script_enabled=False)
    deploy_web(site)
    page = site.page

    page.goto("/projects/shop")
    page.get_by_role("link", name="Monitoring").click()
    expect(page.get_by_role("img", name=re.compile("^CPU of shop over 6 hours"))).to_be_visible()
    expect(page.get_by_role("list", name="Applications")).to_contain_text("web-api")
    page.get_by_role("link", name="The last 24 hours").click()
    expect(page).to_have_url(re.compile(r"range=24h"))
    expect(page.get_by_role("img", name=re.compile("^CPU of shop over 24 hours"))).to_be_visible()

    page.get_by_role("list", name="Applications").get_by_role("link", name="web", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("^Memory of web over"))).to_be_visible()
    values = page.locator("#chart-memory-values")
    values.locator("summary").click()
    expect(values.get_by_role("row").nth(3)).to_contain_text("MiB")
    # The release that was just made is marked, and leads to its page.
    page.get_by_role("link", name=re.compile("Release #1 of web")).first.click()
    expect(page).to_have_url(re.compile(r"/releases/1$"))


def test_charts_stay_where_they_are(prometheus, visitor):
    site = visitor()
    deploy_web(site)
    # Nothing of a rollout moves the page any more.
    expect(site.replicas("2/2")).to_be_visible(timeout=ROLLOUT_LIMIT)
    page = site.page
    page.add_init_script(f"({WATCH_SHIFTS})()")
    # What renews the charts sends all of them, unless the page has them already.
    first = page.evaluate("""async () => {
      const stop = new AbortController();
      const answer = await fetch("/projects/shop/monitoring/live?range=1h", { signal: stop.signal });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!text.includes("</section>")) text += (await reader.read()).value;
      stop.abort();
      return text;
    }""")
    assert "event: fragment" in first and "CPU of shop over 1 hour" in first
    problems = []
    for path, name in (("/projects/shop/monitoring", "monitoring"),
                       ("/projects/shop/apps/web/metrics?range=24h", "metrics"),
                       ("/projects/shop/apps/web", "application-with-metrics")):
        page.set_viewport_size({"width": 1024, "height": 768})
        page.goto(path)
        expect(page.locator(".spark-line, .chart-drawing").first).to_be_visible()
        page.wait_for_load_state("load")
        # Two frames drawn: what shifts is reported by then.
        page.evaluate("() => new Promise(done => requestAnimationFrame("
                      "() => requestAnimationFrame(done)))")
        assert page.evaluate("window.shifts") == [], path
        problems += looks.examine(page, name)
    assert not problems, "\n".join(problems)


def test_without_a_prometheus_the_pages_say_what_to_do(cluster, server, visitor):
    site = visitor()
    code = wait_until("the setup code", lambda: re.search(r"setup code: (\S+)", server.log), 10)
    deploy_web(site, code.group(1))

    for path in ("/projects/shop/monitoring", "/projects/shop/apps/web/metrics"):
        site.page.goto(path)
        expect(site.heading("No Prometheus is connected")).to_be_visible()
        expect(site.page.get_by_text("--prometheus-url")).to_be_visible()
    assert not looks.examine(site.page, "metrics-not-configured")
