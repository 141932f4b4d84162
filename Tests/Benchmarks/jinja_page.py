"""The project page in Jinja2: 50 applications, the values a view would hold.

Run alone it prints how often a second this process renders the page.
"""

import datetime
import pathlib
import time

from jinja2 import Environment, FileSystemLoader

environment = Environment(
    loader=FileSystemLoader(pathlib.Path(__file__).parent / "templates"), autoescape=True,
    trim_blocks=True, auto_reload=False)
template = environment.get_template("project_page.html.jinja")

METERS = [
    {"label": label, "used": used, "hard": hard, "percent": percent, "style": "good",
     "text": f"{used} of {hard}, {percent} %"}
    for label, used, hard, percent in (
        ("CPU", "5", "100", 5), ("Memory", "6.25Gi", "100Gi", 6),
        ("Memory limits", "12.5Gi", "100Gi", 12), ("Pods", "50", "500", 10),
        ("Storage", "0", "50Gi", 0))
]
GUARDS = [
    "Pod Security level of the namespace", "Quota", "Default limits of containers",
    "Network policy: no traffic from other namespaces", "Pods get no token of the cluster",
    "A privileged pod is refused", "A pod with a directory of the node is refused",
    "A pod in the node’s network is refused", "A pod that sees the node’s processes is refused",
    "A pod with more capabilities is refused", "A pod over the quota is refused",
]


def moment(milliseconds: int) -> dict[str, str]:
    when = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)
    return {"machine": when.isoformat(), "full": when.strftime("%-d %B %Y, %H:%M:%S UTC"),
            "text": "5 minutes ago"}


def line(project: str, name: str, image: str, release: int, updated_at: int) -> dict:
    return {"name": name, "link": f"/projects/{project}/apps/{name}", "image": image,
            "badge": {"style": "good", "text": "Healthy"}, "replicas": "1/1",
            "release": f"#{release}", "changed": moment(updated_at)}


def page(project: str, created_at: int, role: str, visitor: dict, lines: list[dict]) -> str:
    return template.render(
        chrome={
            "title": project, "icon": "/static/icons/babyhelm.0123456789abcdef.svg",
            "stylesheet": "/static/styles.0123456789abcdef.css",
            "script": "/static/scripts.0123456789abcdef.js", "is_sandbox": True,
            "is_on_projects": True, "is_on_admin": False, "visitor": visitor,
            "form_token": "a" * 86, "stale_since": None, "message": None, "version": "0.1.0"},
        breadcrumb=[{"link": "/projects", "text": "Projects"}], name=project, role=role,
        created=moment(created_at), new_application=f"/projects/{project}/apps/new",
        meters=METERS, live=f"/projects/{project}/live", lines=lines,
        guards=GUARDS, guards_in_place=True, pagination=f"1 to {len(lines)} of {len(lines)}")


if __name__ == "__main__":
    now = int(time.time() * 1000)
    visitor = {"name": "Ada", "email": "ada@example.com", "role": "admin", "is_admin": True}
    lines = [line("bench", f"app-{i:02}", "nginx:1.27", 1, now) for i in range(50)]
    rendered, started = 0, time.perf_counter()
    while time.perf_counter() - started < 3:
        page("bench", now, "owner", visitor, lines)
        rendered += 1
    print(rendered / (time.perf_counter() - started))
