"""Every page at phone, laptop and large width, light and dark: pictures, width, accessibility."""

from playwright.sync_api import expect

import looks
from pages import ROLLOUT_LIMIT


def test_every_page_fits_reads_well_and_is_accessible(visitor):
    problems = []
    stranger = visitor()
    for path, name in (("/", "landing"), ("/register", "register"), ("/login", "login")):
        stranger.page.goto(path)
        problems += looks.examine(stranger.page, name)

    site = visitor()

    def look(name: str, path: str | None = None) -> None:
        if path is not None:
            site.page.goto(path)
        problems.extend(looks.examine(site.page, name))

    site.register("ada@example.com", "Ada Lovelace")
    look("projects-empty")
    look("project-new", "/projects/new")
    site.create_project("shop", cpu="4", memory="4Gi", pods="20")
    look("project-empty")
    look("deploy-form", "/projects/shop/apps/new")
    site.fill_deploy_form("shop", "Not A Name", "nginx:1.27", port=80, replicas=2)
    site.press("Review changes")
    expect(site.field("Name")).to_have_attribute("aria-invalid", "true")
    look("deploy-form-errors")
    site.fill_deploy_form("shop", "web", "nginx:1.27", port=80, replicas=2)
    site.review()
    look("plan")
    site.confirm("shop", "web")
    look("application-rollout")
    expect(site.replicas("2/2")).to_be_visible(timeout=ROLLOUT_LIMIT)
    look("application")
    look("manifests", "/projects/shop/apps/web/manifests")
    look("logs", "/projects/shop/apps/web/logs?search=GET")
    look("events", "/projects/shop/apps/web/events")
    for page in ("releases", "releases/1", "drift", "live-manifests", "settings", "edit"):
        look(f"application-{page.replace('/', '-')}", f"/projects/shop/apps/web/{page}")
    site.page.goto("/projects/shop/apps/web/settings")
    site.field("Name").fill("Docker Hub")
    site.field("Tags that it deploys").fill("v*")
    site.press("Make a hook")
    look("application-hook-made")
    look("application-hooks", "/projects/shop/apps/web/settings")
    look("application-metrics", "/projects/shop/apps/web/metrics?range=1h")
    look("project-monitoring", "/projects/shop/monitoring?range=1h")
    look("search", "/search?q=web")
    look("styleguide", "/styleguide")
    look("project", "/projects/shop")
    for page in ("members", "usage", "alerts", "settings", "adopt", "audit", "quota",
                 "notifications"):
        look(f"project-{page}", f"/projects/shop/{page}")
    site.page.get_by_label("Name").fill("Robot")
    site.page.get_by_label("Address").fill("http://hooks.example.org/")
    site.press("Add the webhook")
    look("webhook-errors")
    site.page.get_by_label("Address").fill("https://hooks.invalid/babyhelm")
    site.press("Add the webhook")
    look("webhook-made")
    site.press("Send a test")
    look("webhook")
    stranger.page.goto("/unsubscribe?link=x")
    problems += looks.examine(stranger.page, "unsubscribe")
    look("projects", "/projects")
    look("account", "/account")
    visitor().register("grace@example.com", "Grace Hopper")
    for page in ("users", "invitations", "projects", "cluster", "alerts", "usage", "audit",
                 "notifications", "settings"):
        look(f"admin-{page}", f"/admin/{page}")

    assert not problems, "\n".join(problems)


def test_an_unknown_page_has_a_page_of_its_own(visitor):
    site = visitor()
    site.register("ada@example.com", "Ada Lovelace")

    # Fetched and shown instead of opened: the browser logs an opened 404 as an error.
    answer = site.page.request.get("/projects/nowhere")

    assert answer.status == 404
    assert "text/html" in answer.headers["content-type"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
