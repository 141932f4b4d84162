"""What a person does on each page, by the words the page shows. All wording is in this file."""

import re

import yaml
from playwright.sync_api import Locator, Page, expect

PASSWORD = "correct horse battery staple"
ROLLOUT_LIMIT = 60_000  # milliseconds; the sandbox needs a few seconds


class Site:
    """One person's browser window."""

    def __init__(self, page: Page):
        self.page = page

    # Finding things

    def field(self, label: str) -> Locator:
        """An input by the beginning of its label, which may go on with "optional"."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\b", re.I)).first

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name).first

    def press(self, name: str) -> None:
        """Presses a button of the page, opening the menu it is in if need be."""
        button = self.button(name).first
        if not button.is_visible():
            self.page.locator("summary").first.click()
        button.click()

    # Accounts

    def register(self, email: str, name: str, setup_code: str = "") -> None:
        self.page.goto("/register")
        self.field("E-mail").fill(email)
        self.field("Name").fill(name)
        self.field("Password").fill(PASSWORD)
        if setup_code:
            self.field("Setup code").fill(setup_code)
        self.press("Register")
        expect(self.page).to_have_url(re.compile(r"/projects$"))

    def sign_out(self) -> None:
        self.press("Log out")
        self.page.goto("/projects")
        expect(self.page).to_have_url(re.compile(r"/login"))

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.page.goto("/login")
        self.field("E-mail").fill(email)
        self.field("Password").fill(password)
        self.press("Log in")

    def expect_signed_in(self) -> None:
        expect(self.page).to_have_url(re.compile(r"/projects$"))

    # Projects

    def create_project(self, name: str, cpu: str = "", memory: str = "", pods: str = "") -> None:
        self.page.goto("/projects/new")
        self.field("Name").fill(name)
        for label, value in (("CPU", cpu), ("Memory", memory), ("Pods", pods)):
            if value:
                self.field(label).fill(value)
        self.press("Create project")
        expect(self.page).to_have_url(re.compile(rf"/projects/{name}$"))
        expect(self.heading(name)).to_be_visible()

    # Deploying

    def fill_deploy_form(
        self, project: str, name: str, image: str, port: int = 80, replicas: int = 1
    ) -> None:
        self.page.goto(f"/projects/{project}/apps/new")
        self.field("Name").fill(name)
        self.field("Image").fill(image)
        self.field("Port").fill(str(port))
        self.field("Replicas").fill(str(replicas))

    def review(self) -> None:
        self.press("Review changes")
        expect(self.button("Deploy").first).to_be_visible()

    def confirm(self, project: str, name: str) -> None:
        self.press("Deploy")
        expect(self.page).to_have_url(re.compile(rf"/projects/{project}/apps/{name}$"))

    def expect_in_plan(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.get_by_text(text).first).to_be_visible()

    # An application

    def open_application(self, project: str, name: str) -> None:
        self.page.goto(f"/projects/{project}/apps/{name}")

    def replicas(self, count: str) -> Locator:
        return self.page.get_by_text(re.compile(rf"\b{count}\b")).first

    def expect_pods(self, name: str, count: int) -> None:
        pods = self.page.get_by_text(re.compile(rf"^\s*{name}-[a-z0-9]+-[a-z0-9]+\s*$"))
        expect(pods).to_have_count(count)

    def expect_address(self, project: str, name: str) -> None:
        expect(self.page.get_by_text(f"{name}.{project}.svc").first).to_be_visible()

    def manifests(self, project: str, name: str) -> dict[str, dict]:
        """The manifests page's YAML, by kind."""
        self.page.goto(f"/projects/{project}/apps/{name}/manifests")
        blocks = self.page.locator("pre").all_inner_texts()
        objects = [found for block in blocks for found in yaml.safe_load_all(block) if found]
        return {found["kind"]: found for found in objects}

    def open_logs(self, project: str, name: str) -> None:
        self.page.goto(f"/projects/{project}/apps/{name}/logs")

    def log_lines(self) -> Locator:
        return self.page.locator(".log-line")

    # Administration

    def person_row(self, email: str) -> Locator:
        return self.page.get_by_role("row").filter(has_text=email)

    def change_role(self, email: str, role: str) -> None:
        self.page.goto("/admin/users")
        row = self.person_row(email)
        row.get_by_role("combobox").select_option(role)
        row.get_by_role("button", name="Change").click()
        self.page.goto("/admin/users")
        expect(self.person_row(email).get_by_role("combobox")).to_have_value(role)
