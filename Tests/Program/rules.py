"""The alert rules of deploy/prometheus/rules, and series for them."""

import pathlib
import re
import subprocess
from collections.abc import Callable, Iterable

import yaml

from server import ROOT

DEPLOY = ROOT / "deploy"
FOLDER = DEPLOY / "prometheus" / "rules"
FILES = sorted(FOLDER.glob("*.yml"))
TESTS = sorted((FOLDER / "tests").glob("*.yml"))


def groups(files: Iterable[pathlib.Path] = FILES) -> list[dict]:
    return [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]


def rules(files: Iterable[pathlib.Path] = FILES) -> list[dict]:
    return [rule for group in groups(files) for rule in group["rules"]]


def alerts() -> list[dict]:
    return [rule for rule in rules() if "alert" in rule]


def series_names(expression: str) -> set[str]:
    """The names of raw series in an expression: what has an underscore and is neither a label nor
    a function."""
    without_text = re.sub(r'"[^"]*"', '""', expression)
    without_labels = re.sub(r"\{[^}]*\}", "", without_text)
    without_lists = re.sub(r"\b(by|on|group_left|without|ignoring)\s*\([^)]*\)", "", without_labels)
    names = re.findall(r"(?<![\w:])[a-zA-Z_][\w:]*(?!\s*\()(?![\w:])", without_lists)
    return {name for name in names if "_" in name and name not in {"group_left", "group_right"}}


class Told:
    """Series as OpenMetrics text; a value is a number, or a function of the time."""

    def __init__(self, times: Iterable[int]):
        self.times = list(times)
        self.lines: list[str] = []

    def add(self, name: str, value: float | Callable[[int], float | None], /,
            **labels: object) -> None:
        told = ",".join(f'{key}="{text}"' for key, text in labels.items())
        for at in self.times:
            number = value(at) if callable(value) else value
            if number is not None:
                self.lines.append(f"{name}{{{told}}} {number:.10g} {at}\n")

    def keep(self, name: str, labels: dict[str, str], points: list) -> None:
        """What a range query answered."""
        told = ",".join(f'{key}="{text}"' for key, text in labels.items())
        self.lines += [f"{name}{{{told}}} {value} {at}\n" for at, value in points]

    def backfill(self, folder: pathlib.Path, data: pathlib.Path) -> None:
        """Makes blocks of them, which a Prometheus reads at its start."""
        text = folder / "told.om"
        text.write_text("".join(self.lines) + "# EOF\n")
        subprocess.run(
            ["promtool", "tsdb", "create-blocks-from", "--quiet", "--max-block-duration=9999h",
             "openmetrics", text, data], check=True, timeout=120, capture_output=True)
        text.unlink()
