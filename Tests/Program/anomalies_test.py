"""How often the anomaly alerts are wrong, and how soon they are right: the rules' own expressions,
asked minute by minute over two weeks of a real Prometheus. docs/alerts.md tells the figures.

The past is made up: days with a shape, weekends, noise of three kinds (whole days, hours, minutes),
a job at night or once a week, growth of 2 % a day, releases after which memory starts anew.
"""

import json
import math
import random
import statistics
import time

import pytest

from prometheus import Prometheus
from rules import Told, rules

MINUTE, HOUR, DAY = 60, 3600, 86400
PAST, JUDGED, FAULT = 8 * DAY, 14 * DAY, 3 * HOUR
LEVEL = "babyhelm:application_level:"
MEBIBYTE = 2 ** 20
SHAPES = ("smooth", "office", "night-job", "weekly-job", "flat", "noisy")
SEEDS = (1, 2)


def shape(style: str, at: float) -> float:
    """What an hour of a day is like, about 1 at its busiest."""
    hour, weekend = at % DAY / HOUR, int(at // DAY) % 7 >= 5
    if style in ("smooth", "noisy"):
        day = 0.3 + 0.7 * max(0.0, math.sin((hour - 8) / 12 * math.pi)) ** 0.7
        return day * (0.5 if weekend else 1)
    if style == "office":
        return (1.0 if 8 < hour < 18 else 0.1) * (0.15 if weekend else 1)
    if style == "night-job":
        return 0.2 + (3.0 if 2 < hour < 2.5 else 0)
    if style == "weekly-job":
        return 0.3 + (3.0 if int(at // DAY) % 7 == 6 and 3 < hour < 4.5 else 0)
    return 0.5


class Noise:
    """A factor that wanders around 1 and forgets after a while."""

    def __init__(self, chance: random.Random, deviation: float, minutes: float):
        self.chance, self.keep, self.now = chance, math.exp(-1 / minutes), 0.0
        self.step = deviation * math.sqrt(1 - self.keep ** 2)

    def next(self) -> float:
        self.now = self.keep * self.now + self.chance.gauss(0, self.step)
        return math.exp(self.now)


def averaged(values: list[float]) -> list[float]:
    """Of five minutes, as a rate is."""
    total, result = 0.0, []
    for index, value in enumerate(values):
        total += value - (values[index - 5] if index >= 5 else 0)
        result.append(total / min(index + 1, 5))
    return result


class Application:
    """A week and a day to learn from, two weeks to be judged, and three hours for a fault."""

    def __init__(self, style: str, seed: int, end: int):
        self.name = f"{style}-{seed}"
        self.times = range(end - FAULT - JUDGED - PAST, end, MINUTE)
        self.fault = end - FAULT + 10 * MINUTE
        chance = random.Random(f"{style} {seed}")
        slow, fast, days = (0.12, 0.2, 0.08) if style == "noisy" else (0.08, 0.1, 0.06)
        hours, minutes = Noise(chance, slow, 120), Noise(chance, fast, 4)
        own = Noise(chance, 0.05, 10)
        day_factor: dict[int, float] = {}
        late: dict[int, float] = {}
        self.load, self.cores = [], []
        for at in self.times:
            day = at // DAY
            factor = day_factor.setdefault(day, chance.gauss(1, days))
            shift = late.setdefault(day, chance.gauss(0, 5 * MINUTE))  # nobody is on time
            growth = 1 + 0.02 * (at - self.times[0]) / DAY
            load = shape(style, at + shift) * factor * growth * hours.next() * minutes.next()
            self.load.append(load)
            self.cores.append(0.02 + load * own.next())
        released, wander = 0, Noise(chance, 0.02, 60)
        self.memory, self.errors = [], []
        for index, at in enumerate(self.times):
            if chance.random() < MINUTE / (2 * DAY):
                released = index
            warm = 1 - 0.4 * math.exp(-(index - released) / 90)
            self.memory.append(200 * MEBIBYTE * warm * wander.next() * (1 + 0.1 * self.load[index]))
            self.errors.append(0.002 * fast * 10 * abs(chance.gauss(0, 1)))

    def tell(self, told: Told, kind: str, values: list[float], suffix: str = "") -> None:
        known = dict(zip(self.times, averaged(values)))
        told.add(LEVEL + "avg5m", known.get, namespace="shop", kind=kind,
                 application=self.name + suffix)

    def tell_all(self, told: Told) -> None:
        for kind in ("cpu", "requests", "memory", "errors"):
            self.tell(told, kind, self.values(kind))

    def values(self, kind: str) -> list[float]:
        return {"cpu": self.cores, "memory": self.memory, "errors": self.errors,
                "requests": [20 * load for load in self.load]}[kind]

    def with_fault(self, kind: str, change) -> list[float]:
        values = self.values(kind)
        return [change(value, (at - self.fault) / MINUTE) if at >= self.fault else value
                for at, value in zip(self.times, values)]


FAULTS = {
    # What happens: kind, direction, what a value becomes some minutes after it began.
    "cpu-doubled": ("cpu", "high", lambda value, minutes: 2 * value),
    "cpu-stalled": ("cpu", "low", lambda value, minutes: 0.02 * value),
    "traffic-tripled": ("requests", "high", lambda value, minutes: 3 * value),
    "traffic-gone": ("requests", "low", lambda value, minutes: 0.05 * value),
    "one-in-ten-fails": ("errors", "high", lambda value, minutes: value + 0.1),
    "leak": ("memory", "high", lambda value, minutes: value + minutes * 4 * MEBIBYTE),
}


def seconds(duration: str) -> int:
    return int(duration[:-1]) * {"s": 1, "m": MINUTE}[duration[-1]]


# Minutes after a fault began: for half of the applications, and for all but those whose noise is
# as large as the fault. Prometheus sees a sample up to half a minute late, and Alertmanager waits
# for up to a minute for others of the group.
WITHIN = {"cpu-doubled": (10, 30), "cpu-stalled": (10, 12), "traffic-tripled": (8, 10),
          "traffic-gone": (10, 12), "one-in-ten-fails": (5, 6), "leak": (30, 40)}


class Past(Prometheus):
    """A Prometheus that is asked about weeks."""

    def range(self, expression: str, start: int, end: int, step: int) -> list[dict]:
        """The series of a range query, in parts that a busy machine answers in time, too."""
        series: dict[str, dict] = {}
        part = 2_000 * step
        for first in range(start, end, part):
            answer = json.loads(self.get(
                "/api/v1/query_range", query=expression, start=str(first), step=str(step),
                end=str(min(first + part, end) - step)))
            assert not answer.get("warnings"), answer
            for one in answer["data"]["result"]:
                known = series.setdefault(json.dumps(one["metric"], sort_keys=True), one)
                if known is not one:
                    known["values"] += one["values"]
        return list(series.values())


def record(folder, names: tuple[str, ...], start: int, end: int,
           alike=lambda application, kind: ()):
    """Evaluates recording rules over the past, every four minutes, and keeps what they say, also
    under the names of applications that were `alike` until a fault began."""
    told = Told([])
    with Past(folder) as prometheus:
        for rule in rules():
            name = rule.get("record", "").removeprefix(LEVEL)
            if name not in names:
                continue
            for series in prometheus.range(rule["expr"], start, end, 4 * MINUTE):
                labels = {**series["metric"], **rule.get("labels", {})}
                labels.pop("__name__", None)
                told.keep(LEVEL + name, labels, series["values"])
                recent = [point for point in series["values"] if point[0] >= end - FAULT]
                for other in alike(labels["application"], labels["kind"]):
                    told.keep(LEVEL + name, {**labels, "application": other}, recent)
    told.backfill(folder, folder / "prometheus-data")


def fired(prometheus: Past, kind: str, direction: str, start: int,
          end: int) -> dict[str, list[int]]:
    """When the alert began to fire, by application: asked every minute, as Prometheus does."""
    alert, = (rule for rule in rules() if rule.get("alert", "").startswith("Anomaly")
              and (rule["labels"]["kind"], rule["labels"]["direction"]) == (kind, direction))
    return {series["metric"]["application"]:
            begun([int(at) for at, _ in series["values"]], seconds(alert["for"]))
            for series in prometheus.range(alert["expr"], start, end, MINUTE)}


def begun(times: list[int], needed: int) -> list[int]:
    """What `for` makes of the minutes in which an expression was true."""
    result, since, last, told = [], 0, 0, False
    for at in times:
        if at - last > MINUTE:
            since, told = at, False
        if not told and at - since >= needed:
            result.append(at)
            told = True
        last = at
    return result


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    # Faults begin on a Thursday at ten past nine: in the middle of a working day.
    end = int(time.time()) // DAY * DAY
    end -= (end // DAY - 3) % 7 * DAY
    end += 12 * HOUR - (7 * DAY if end + 12 * HOUR > time.time() else 0)
    applications = [Application(style, seed, end) for style in SHAPES for seed in SEEDS]
    told = Told(applications[0].times)
    for application in applications:
        application.tell_all(told)
    told.times = range(end - FAULT, end, MINUTE)
    for name, (kind, _, change) in FAULTS.items():
        for application in applications:
            application.tell(told, kind, application.with_fault(kind, change), f"+{name}")
            if kind == "errors":  # which count only where there are requests
                application.tell(told, "requests", application.values("requests"), f"+{name}")
    told.backfill(folder, folder / "prometheus-data")

    def alike(application: str, kind: str) -> list[str]:
        return [f"{application}+{name}" for name, fault in FAULTS.items()
                if fault[0] == kind and "+" not in application]
    start = end - FAULT - JUDGED
    record(folder, ("avg1h", "max2h", "min2h"), start - PAST, end - 22 * HOUR)
    record(folder, ("usual", "deviation", "days", "highest", "lowest"), start, end, alike)
    with Past(folder) as prometheus:
        yield prometheus, applications, end


def test_less_than_one_false_alarm_a_week(past):
    prometheus, applications, end = past
    false: dict[str, list[str]] = {}
    for kind, direction in {fault[:2] for fault in FAULTS.values()}:
        for name, times in fired(prometheus, kind, direction, end - FAULT - JUDGED,
                                 end - FAULT).items():
            false.setdefault(name, []).extend(f"{kind} {direction}" for _ in times)

    weeks = JUDGED / (7 * DAY)
    print({name: alarms for name, alarms in false.items() if alarms})
    assert all(len(alarms) / weeks < 1 for alarms in false.values()), false
    each = sum(map(len, false.values())) / len(applications) / weeks
    assert each < 0.2, f"{each} false alarms a week for each application, of all kinds together"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_within_minutes(past, fault):
    prometheus, applications, end = past
    kind, direction, _ = FAULTS[fault]
    began = applications[0].fault

    found = fired(prometheus, kind, direction, end - FAULT, end)

    minutes = {}
    for application in applications:
        at, *_ = found.get(f"{application.name}+{fault}") or [end]
        minutes[application.name] = (at - began) // MINUTE
    print(fault, minutes)
    typical, longest = WITHIN[fault]
    assert statistics.median(minutes.values()) <= typical
    assert max(after for name, after in minutes.items()
               if not name.startswith("noisy")) <= longest, minutes
    assert not any("+" not in name and times for name, times in found.items()), "its healthy twin"
