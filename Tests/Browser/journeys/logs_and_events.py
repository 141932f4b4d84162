"""What an application writes and what Kubernetes tells about it, read as a person reads it."""

import re

from playwright.sync_api import expect

from pages import ROLLOUT_LIMIT, Site


def deploy(site: Site, name: str, image: str, replicas: int = 1) -> None:
    site.fill_deploy_form("shop", name, image, port=80, replicas=replicas)
    site.review()
    site.confirm("shop", name)


def start(site: Site) -> None:
    site.register("ada@example.com", "Ada")
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")


def test_lines_arrive_by_themselves_and_can_be_paused(visitor):
    site = visitor()
    start(site)
    deploy(site, "web", "nginx:1.27", replicas=2)
    expect(site.replicas("2/2")).to_be_visible(timeout=ROLLOUT_LIMIT)

    site.open_logs("shop", "web")
    lines = site.log_lines()
    expect(lines.first).to_be_visible(timeout=15_000)
    before = lines.count()
    expect(lines.nth(before + 1)).to_be_visible(timeout=15_000)
    times = [line.get_attribute("data-time") for line in lines.all()]
    texts = lines.all_inner_texts()
    assert len(set(zip(times, texts))) == len(texts), "a line came twice"

    site.press("Pause")
    expect(site.button("Resume")).to_be_visible()
    paused = lines.count()
    site.page.wait_for_timeout(3_000)
    assert lines.count() == paused
    site.press("Resume")
    expect(lines.nth(paused + 1)).to_be_visible(timeout=15_000)

    site.field("Search").fill("START WORKER")
    site.press("Show")
    expect(site.page.locator("mark").first).to_have_text(re.compile("start worker"))


def test_without_javascript_newer_lines_are_a_link_away(visitor):
    site = visitor(java_script_enabled=False)
    start(site)
    deploy(site, "web", "nginx:1.27")
    site.open_logs("shop", "web")
    for _ in range(20):
        if site.log_lines().count():
            break
        site.page.wait_for_timeout(500)
        site.page.reload()
    newest = site.log_lines().last.get_attribute("data-time")
    site.page.wait_for_timeout(4_500)
    site.page.get_by_role("link", name="Show newer lines").click()
    assert site.log_lines().count() >= 1
    assert site.log_lines().first.get_attribute("data-time") > newest


def test_what_a_hostile_container_writes_stays_text(visitor):
    site = visitor()
    start(site)
    deploy(site, "web", "shop/hostile:1")
    site.open_logs("shop", "web")
    expect(site.page.get_by_text("document.title = 'owned'").first).to_be_visible(timeout=30_000)
    site.page.wait_for_timeout(2_500)

    assert "owned" not in site.page.title()
    assert site.page.locator(".log script, .log img, .log a").count() == 0
    assert site.page.locator("#main").count() == 1


def test_a_crash_leads_from_the_pod_to_its_last_words_and_its_events(visitor):
    site = visitor()
    start(site)
    deploy(site, "web", "shop/crash:1")
    link = site.page.get_by_role("link", name=re.compile("Log before the restart"))
    expect(link.first).to_be_visible(timeout=ROLLOUT_LIMIT)
    link.first.click()
    expect(site.page.get_by_text("configuration is missing").first).to_be_visible()

    site.page.get_by_role("link", name="Events").click()
    warning = site.page.get_by_role("listitem").filter(has_text="BackOff").first
    expect(warning).to_contain_text("ends again and again")
    warning.get_by_text("What Kubernetes says").click()
    expect(warning).to_contain_text("Back-off restarting failed container")


def test_an_address_is_checked_in_words(visitor):
    site = visitor()
    start(site)
    deploy(site, "web", "nginx:1.27")
    site.page.get_by_role("button", name=re.compile("Check the address")).click()
    expect(site.page.get_by_text(re.compile("no answer: the name .web.shop.svc. has no address"))
           ).to_be_visible()
