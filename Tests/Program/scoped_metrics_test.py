"""Prometheus as one person may see it: what is asked through BabyHelm of a Prometheus that knows
everything must be what one that knows that person's project alone answers to the same question."""

import json
import random
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from dashboards_test import CHOSEN, DASHBOARDS, SCOPED, expressions, filled
from person import Person
from program import PASSWORD, make_admin, run
from prometheus import SERIES, Prometheus
from server import Server

FOREIGN = ("blog", "shop-legacy", "kube-system", "coredns")
OWN = re.compile(r'[{,]namespace="shop"[,}]')
QUESTIONS = 400


def fill(folder, name: str, lines) -> Prometheus:
    prometheus = Prometheus(folder / name)
    text = folder / f"{name}.om"
    with open(text, "w") as file:
        file.writelines(lines)
        file.write("# EOF\n")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "--quiet", "--max-block-duration=9999h",
         "openmetrics", text, folder / name / "prometheus-data"], check=True, capture_output=True)
    return prometheus


class Site:
    """Ada's site with the projects `shop` and `blog`; Bob is in `shop`, Eve in none."""

    def __init__(self, folder, prometheus: Prometheus):
        self.folder = folder
        self.server = Server(folder, arguments=("--prometheus-url", prometheus.url))
        make_admin(folder, self.server.database_url)
        for name in ("bob", "eve"):
            made = run("user", "create", "--email", f"{name}@example.com", "--name", name,
                       "--role", "member", "--password-stdin", "--database-url",
                       self.server.database_url, folder=folder, given=PASSWORD + "\n")
            assert made.returncode == 0, made.stderr
        self.server.start()
        self.people = {name: self.person(name) for name in ("ada", "bob", "eve")}
        ada = self.people["ada"]
        for project in ("shop", "blog"):
            ada.open("/projects/new")
            ada.submit("cpu", name=project)
        ada.open("/projects/shop/members")
        ada.submit("email", email="bob@example.com", role="viewer")
        self.tokens = {name: self.token(name) for name in self.people}
        ada.open("/admin/users")
        self.logins = {
            name: "babyhelm-" + re.search(
                rf"{name}@example\.com.*?/admin/users/([0-9a-f-]+)/", ada.page, re.DOTALL)[1]
            for name in ("bob", "eve")}

    def person(self, name: str) -> Person:
        person = Person(self.server.url)
        person.open("/login")
        person.submit("password", email=f"{name}@example.com", password=PASSWORD)
        return person

    def token(self, name: str) -> str:
        self.people[name].open("/account")
        page = self.people[name].submit("scope", name="grafana", scope="read")
        return re.search(r"babyhelm_[A-Za-z0-9_-]{20,}", page)[0]

    def ask(self, path: str, token: str = "bob", user: str = "", **parameters):
        """The status and the JSON that Grafana would get."""
        pairs = [(key.replace("match", "match[]") if key == "match" else key, value)
                 for key, values in parameters.items()
                 for value in (values if isinstance(values, list) else [values])]
        request = urllib.request.Request(
            f"{self.server.url}/prometheus/api/v1/{path}?{urllib.parse.urlencode(pairs)}",
            headers={"Authorization": f"Bearer {self.tokens[token]}",
                     **({"X-Grafana-User": user} if user else {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """All series, and a Prometheus with those of `shop` alone."""
    folder = tmp_path_factory.mktemp("scoped")
    subprocess.run(["python3", SERIES, folder], check=True, timeout=60)
    lines = (folder / "recent.om").read_text().splitlines(keepends=True)[:-1]
    # A quarter of an hour is enough to ask about.
    newest = max(int(line.rsplit(" ", 1)[1]) for line in lines)
    lines = [line for line in lines if int(line.rsplit(" ", 1)[1]) > newest - 3600]
    with fill(folder, "all", lines) as all_of_it, \
            fill(folder, "own", [line for line in lines if OWN.search(line)]) as own:
        yield all_of_it, own, newest


@pytest.fixture(scope="module")
def site(tmp_path_factory, everything):
    running = Site(tmp_path_factory.mktemp("site"), everything[0])
    yield running
    running.server.stop()


class Questions:
    """Random expressions, most of which mean something; their seed is fixed."""

    METRICS = ("container_cpu_usage_seconds_total", "container_memory_working_set_bytes",
               "kube_deployment_spec_replicas", "kube_pod_container_resource_limits",
               "http_requests_total", "kube_resourcequota", "kube_pod_status_phase", "nosuch")
    MATCHERS = ('namespace="blog"', 'namespace="shop"', 'namespace=~".*"', 'namespace!="shop"',
                'namespace!~"shop"', 'namespace=""', "namespace='kube-system'", 'pod=~"web-.+"',
                'container!=""', 'resource=`cpu`', 'pod!~"x{2,}|[\\"}]"', 'job=~".+"',
                'namespace=~"blog|shop|kube-.*"', 'exported_namespace="blog"')
    LABELS = ("namespace", "pod", "container", "job", "resource", "deployment")

    def __init__(self, seed: int):
        self.dice = random.Random(seed)

    def selector(self) -> str:
        matchers = self.dice.sample(self.MATCHERS, self.dice.choice((0, 0, 1, 1, 2)))
        if self.dice.random() < 0.2:
            name = self.dice.choice(('__name__=~".+"', '__name__=~"kube_.*"', '__name__!="up"',
                                     '{__name__="http_requests_total"'.strip("{")))
            return "{" + ", ".join([name, *matchers]) + self.dice.choice(("}", ",}"))
        metric = self.dice.choice(self.METRICS)
        return metric + ("{" + ",".join(matchers) + "}" if matchers else
                         self.dice.choice(("", "", "{}", " { } ")))

    def labels(self) -> str:
        return "(" + ", ".join(self.dice.sample(self.LABELS, self.dice.choice((0, 1, 2)))) + ")"

    def expression(self, depth: int = 0) -> str:
        kind = self.dice.random() + depth * 0.12
        dice = self.dice
        if kind < 0.12:
            operator = dice.choice(("+", "-", "*", "/", "and", "or", "unless", ">", "== bool", "^"))
            matching = dice.choice(("", "", f" on {self.labels()}", f" ignoring {self.labels()}"))
            return (f"({self.expression(depth + 1)} {operator}{matching} "
                    f"{self.expression(depth + 1)})")
        if kind < 0.32:
            name = dice.choice(("sum", "max", "count", "avg", "group", "count_values",
                                "quantile", "MIN"))
            first = {"count_values": '"value", ', "quantile": "0.9, "}.get(name, "")
            grouping = dice.choice(("", f" by {self.labels()} ", f" without {self.labels()} "))
            inner = f"({first}{self.expression(depth + 1)})"
            return name + (grouping + inner if dice.random() < 0.5 else inner + grouping)
        if kind < 0.52:
            name = dice.choice(("rate", "increase", "max_over_time", "last_over_time", "delta",
                                "count_over_time", "absent_over_time", "present_over_time"))
            offset = dice.choice(("", "", " offset 5m", " offset -1m", " @ end()"))
            return f"{name}({self.selector()}[{dice.choice(('5m', '10m', '1h'))}]{offset})"
        if kind < 0.6:
            return (f'label_replace({self.expression(depth + 1)}, "copy", "$1", '
                    f'"{dice.choice(self.LABELS)}", "(.*)")')
        if kind < 0.68:
            return (f"{dice.choice(('max_over_time', 'sum_over_time'))}"
                    f"(({self.expression(depth + 1)})[10m:{dice.choice(('', '2m'))}])")
        if kind < 0.76:
            name = dice.choice(("abs", "absent", "ceil", "sort", "timestamp", "sgn", "-", ""))
            return f"{name}({self.expression(depth + 1)})"
        if kind < 0.8:
            return dice.choice(("1", "time()", "vector(2)", "NaN", "1e3", "scalar(up)", "pi()"))
        return self.selector()

    def broken(self) -> str:
        """Something that a person might try, or that was damaged."""
        text = list(self.expression())
        for _ in range(self.dice.choice((1, 1, 2, 4))):
            at = self.dice.randrange(len(text) + 1)
            piece = self.dice.choice(
                ("{", "}", "(", ")", '"', "'", "`", "\\", ",", "#", "\n", "[5m]", " or ", " by ",
                 'namespace="blog"', "{namespace=\"blog\"}", " up ", "=~", "@", ":", "é", "\0",
                 "# ", " offset ", "kube_deployment_spec_replicas", " /* ", "--", "[", "]"))
            if self.dice.random() < 0.5:
                text[at:at] = piece
            elif at < len(text):
                del text[at:at + self.dice.choice((1, 1, 3))]
        return "".join(text)


def series(data: dict) -> dict:
    """What an answer has, whatever its order."""
    if data["resultType"] in ("scalar", "string"):
        return {data["resultType"]: data["result"][1]}
    return {json.dumps(each["metric"], sort_keys=True): each["value"][1] for each in data["result"]}


def same(one: str, other: str) -> bool:
    left, right = float(one), float(other)
    return left == right or (left != left and right != right) or abs(left - right) <= 1e-6 * max(
        abs(left), abs(right))


def direct(prometheus: Prometheus, text: str, at: int) -> dict | None:
    try:
        return json.loads(prometheus.get("/api/v1/query", query=text, time=str(at)))["data"]
    except urllib.error.HTTPError:
        return None


def test_random_questions_are_answered_as_if_there_were_one_project(site, everything):
    _, own, now = everything
    questions, answered, told = Questions(seed=20), 0, 0
    for _ in range(QUESTIONS):
        text = questions.expression()
        expected = direct(own, text, now)
        status, answer = site.ask("query", query=text, time=now)
        if expected is None:
            assert status in (200, 400, 422), f"{status} {answer}: {text}"
            continue
        assert status == 200, f"{answer}: {text}"
        answered += 1
        if "absent" in text:
            # It tells of its selector, the matcher that was added among it.
            assert not any(name in json.dumps(answer) and name not in text for name in FOREIGN)
            continue
        mine, theirs = series(answer["data"]), series(expected)
        assert mine.keys() == theirs.keys(), text
        assert all(same(mine[key], theirs[key]) for key in mine), text
        told += bool(mine)
    assert answered > QUESTIONS * 0.6 and told > QUESTIONS * 0.3, (answered, told)


def test_damaged_questions_tell_nothing_of_others(site, everything):
    _, own, now = everything
    questions, refused = Questions(seed=7), 0
    for _ in range(QUESTIONS):
        text = questions.broken()
        status, answer = site.ask("query", query=text, time=now)
        if status != 200:
            assert status in (400, 422), f"{status} {answer}: {text!r}"
            refused += 1
            continue
        found = json.dumps(answer["data"])
        for name in FOREIGN:
            # What somebody wrote themselves may come back.
            assert name not in found or name in text, text
        expected = direct(own, text, now)
        if expected is not None and "absent" not in text and not any(
                name in text for name in FOREIGN):
            mine, theirs = series(answer["data"]), series(expected)
            assert mine.keys() == theirs.keys(), text
            assert all(same(mine[key], theirs[key]) for key in mine), text
    assert refused > QUESTIONS * 0.3


def test_series_labels_and_values_are_those_of_ones_own(site, everything):
    _, own, now = everything
    times = {"start": now - 600, "end": now}
    for path, parameters in (
            ("labels", {}), ("labels", {"match": "http_requests_total"}),
            ("label/namespace/values", {}), ("label/pod/values", {"match": ["up", "{job=~'.+'}"]}),
            ("label/__name__/values", {}), ("series", {"match": "kube_resourcequota"}),
            ("series", {"match": ['{namespace=~".+"}', '{namespace="blog"}']})):
        status, answer = site.ask(path, **times, **parameters)
        assert status == 200 and answer["status"] == "success", answer
        asked = {"match[]": parameters["match"]} if "match" in parameters else {}
        query = urllib.parse.urlencode({**times, **asked}, doseq=True)
        with urllib.request.urlopen(f"{own.url}/api/v1/{path}?{query}", timeout=10) as direct:
            expected = json.load(direct)["data"]
        key = (lambda each: json.dumps(each, sort_keys=True))
        assert sorted(map(key, answer["data"])) == sorted(map(key, expected)), path
        assert not any(name in json.dumps(answer) for name in FOREIGN)
    assert site.ask("series")[0] == 400
    assert site.ask("series", match="up or up")[0] == 400
    assert site.ask("metadata")[1] == {"status": "success", "data": {}}
    assert site.ask("status/buildinfo")[1]["data"]["version"]
    for path in ("rules", "alerts", "targets", "query_exemplars", "status/config",
                 "status/tsdb", "format_query"):
        request = urllib.request.Request(
            f"{site.server.url}/prometheus/api/v1/{path}?query=up",
            headers={"Authorization": f"Bearer {site.tokens['ada']}"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 404


def test_a_range_is_bounded_as_an_instant_is(site, everything):
    _, own, now = everything
    times = {"start": now - 600, "end": now, "step": 60}
    query = 'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]))'
    status, answer = site.ask("query_range", query=query, **times)
    assert status == 200
    one, = answer["data"]["result"]
    assert one["metric"] == {"namespace": "shop"} and len(one["values"]) == 11
    assert json.loads(own.get("/api/v1/query_range", query=query, **{
        key: str(value) for key, value in times.items()}))["data"]["result"] == [one]


def test_an_ingress_is_its_projects_by_the_label_that_says_so(site, everything):
    text = 'sum by (exported_namespace) (nginx_ingress_controller_requests{exported_namespace=~".+"})'
    _, answer = site.ask("query", query=text, time=everything[2])
    assert [each["metric"] for each in answer["data"]["result"]] == [{"exported_namespace": "shop"}]
    _, answer = site.ask("query", query="nginx_ingress_controller_requests", time=everything[2])
    assert answer["data"]["result"] == []


def namespaces(answer: tuple[int, dict]) -> set[str]:
    status, body = answer
    assert status == 200, body
    return {each["metric"]["namespace"] for each in body["data"]["result"]}


def test_grafanas_token_sees_what_the_person_it_names_sees(site, everything):
    query = {"query": "count by (namespace) (kube_deployment_spec_replicas)",
             "time": everything[2]}
    assert namespaces(site.ask("query", "ada", site.logins["bob"], **query)) == {"shop"}
    assert namespaces(site.ask("query", "ada", site.logins["eve"], **query)) == set()
    assert namespaces(site.ask("query", "ada", "babyhelm-visitors", **query)) == set()
    for login in ("", "admin", "ada@example.com", "babyhelm-", "babyhelm-nobody"):
        status, answer = site.ask("query", "ada", login, **query)
        assert status == 403 and answer["status"] == "error", login
    # A name never widens: not to another's, not to an admin's.
    site.people["ada"].open("/account")
    assert namespaces(site.ask("query", "eve", site.logins["bob"], **query)) == set()
    assert namespaces(site.ask("query", "bob", **query)) == {"shop"}
    assert namespaces(site.ask("query", "eve", **query)) == set()


def test_a_right_that_is_taken_away_is_gone_with_the_next_question(site, everything):
    query = {"query": "count by (namespace) (kube_deployment_spec_replicas)",
             "time": everything[2]}
    ada = site.people["ada"]
    ada.open("/projects/blog/members")
    ada.submit("email", email="eve@example.com", role="viewer")
    assert namespaces(site.ask("query", "ada", site.logins["eve"], **query)) == {"blog"}
    identifier = site.logins["eve"].removeprefix("babyhelm-")
    ada.open(f"/projects/blog/members/{identifier}/remove")
    ada.submit("_token", to="/remove")
    assert namespaces(site.ask("query", "ada", site.logins["eve"], **query)) == set()


def test_the_dashboards_work_through_it(site, everything):
    for name, dashboard in DASHBOARDS.items():
        answered = 0
        for title, expression in expressions(dashboard):
            text = filled(expression, {**CHOSEN, "namespace": "shop", "application": "web"})
            status, answer = site.ask("query", query=text, time=everything[2])
            assert status == 200, f"{title}: {answer}"
            answered += bool(answer["data"]["result"])
            assert not any(each in json.dumps(answer) for each in FOREIGN), title
        if name in SCOPED:
            assert answered > len(expressions(dashboard)) / 2
