"""Screenshots of a page at rest, and what must be true of how every page looks."""

import json
import pathlib

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from server import ARTIFACTS

SCREENSHOTS = ARTIFACTS / "screenshots"
WIDTHS = {360: 800, 1024: 768, 1920: 1080}
SCHEMES = ("light", "dark")
ACCESSIBILITY_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# The elements that reach beyond the right edge, unless something around them scrolls.
OVERFLOWING = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  const scrolls = (element) => element && element !== document.body &&
    (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(element).overflowX) ||
      scrolls(element.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > edge + 0.5)
    .filter((element) => !scrolls(element.parentElement))
    .map((element) => element.outerHTML.slice(0, 120));
}"""


def examine(page: Page, name: str) -> list[str]:
    """Leaves NAME-WIDTH-SCHEME.png for every width and scheme; returns what is wrong."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    problems = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
            where = f"{name} at {width} px, {scheme}"
            problems += [f"{where}: too wide: {found}" for found in page.evaluate(OVERFLOWING)]
            if width != 1920:
                problems += [f"{where}: {found}" for found in accessibility_problems(page)]
    return problems


def accessibility_problems(page: Page, rules: list[str] = ACCESSIBILITY_RULES) -> list[str]:
    """What axe finds, with the elements."""
    options = {"runOnly": {"type": "tag", "values": rules}}
    results = Axe().run(page, options=options).response
    return [
        f"{violation['impact']}: {violation['id']}: {violation['help']}: "
        + json.dumps([node["html"][:160] for node in violation["nodes"][:3]])
        for violation in results["violations"]
    ]


def keep(page: Page, folder: pathlib.Path, name: str) -> None:
    """A picture and the source of a page on which a test failed."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    (folder / f"{name}.html").write_text(page.content())
