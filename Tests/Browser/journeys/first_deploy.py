"""From an empty installation to a running application, as the README promises."""

import re
import time

from playwright.sync_api import Page, expect

from pages import ROLLOUT_LIMIT, Site


def deploy_web(site: Site) -> None:
    """A project `shop` and in it `web`, two replicas of nginx, up to the confirmation."""
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    site.fill_deploy_form("shop", "web", "nginx:1.27", port=80, replicas=2)
    site.review()
    site.expect_in_plan("Deployment", "Service")
    site.confirm("shop", "web")


def expect_running(site: Site) -> None:
    """What the pages tell of `web` once it runs."""
    site.expect_pods("web", 2)
    site.expect_address("shop", "web")
    manifests = site.manifests("shop", "web")
    assert manifests["Deployment"]["spec"]["replicas"] == 2
    containers = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert [container["image"] for container in containers] == ["nginx:1.27"]
    assert manifests["Service"]["spec"]["ports"][0]["port"] == 80


class Navigations:
    """Counts how often a page was loaded anew."""

    def __init__(self, page: Page):
        self.count = 0
        page.on("framenavigated", self.on_navigation)
        self.main_frame = page.main_frame

    def on_navigation(self, frame) -> None:
        self.count += frame == self.main_frame


def test_a_first_deploy_is_followed_to_two_of_two_without_a_reload(visitor):
    site = visitor()
    site.register("ada@example.com", "Ada")
    site.sign_out()
    site.sign_in("ada@example.com", "not the password")
    expect(site.field("E-mail")).to_have_value("ada@example.com")
    site.sign_in("ada@example.com")
    site.expect_signed_in()

    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    site.fill_deploy_form("shop", "web", "nginx:1.27", port=80, replicas=2)
    site.review()
    site.expect_in_plan("Deployment", "Service")
    site.confirm("shop", "web")

    navigations = Navigations(site.page)
    expect(site.replicas("2/2")).to_be_visible(timeout=ROLLOUT_LIMIT)
    assert navigations.count == 0, "the page was loaded again while it was watched"
    expect_running(site)


def test_a_first_deploy_works_without_javascript(visitor):
    site = visitor(java_script_enabled=False)
    site.register("ada@example.com", "Ada")
    site.sign_out()
    site.sign_in("ada@example.com")
    site.expect_signed_in()
    deploy_web(site)

    deadline = time.monotonic() + ROLLOUT_LIMIT / 1000
    while not site.replicas("2/2").is_visible():
        assert time.monotonic() < deadline, "the rollout did not end in time"
        site.page.wait_for_timeout(500)
        site.page.reload()
    expect_running(site)


def test_a_bad_form_keeps_what_was_typed(visitor):
    site = visitor()
    site.register("ada@example.com", "Ada")
    site.create_project("shop")

    site.fill_deploy_form("shop", "Not A Name", "nginx:1.27", port=80, replicas=2)
    with site.page.expect_response(lambda response: response.request.method == "POST") as answer:
        site.press("Review changes")

    assert answer.value.status == 422
    expect(site.field("Name")).to_have_value("Not A Name")
    expect(site.field("Image")).to_have_value("nginx:1.27")
    expect(site.field("Replicas")).to_have_value("2")
    expect(site.field("Name")).to_have_attribute("aria-invalid", "true")


def test_an_admin_changes_a_role_and_it_holds_on_the_next_request(visitor):
    admin, other = visitor(), visitor()
    admin.register("ada@example.com", "Ada")
    other.register("grace@example.com", "Grace")
    assert other.page.request.get("/admin/users").status == 403

    admin.change_role("grace@example.com", "admin")
    assert other.page.request.get("/admin/users").status == 200

    admin.change_role("grace@example.com", "visitor")
    assert other.page.request.get("/admin/users").status == 403


def test_somebody_elses_project_does_not_exist(visitor):
    owner, stranger = visitor(), visitor()
    owner.register("ada@example.com", "Ada")
    stranger.register("grace@example.com", "Grace")
    owner.create_project("shop")

    foreign = stranger.page.request.get("/projects/shop")
    missing = stranger.page.request.get("/projects/nowhere")
    assert (foreign.status, missing.status) == (404, 404)
    expect(stranger.page.get_by_text(re.compile("shop"))).to_have_count(0)
