"""The dashboards in deploy/grafana: their form, and each of their queries asked of a real Prometheus.

Grafana itself isn't in Debian 12, so nothing here says how the dashboards look in it.
"""

import json
import pathlib
import re
import subprocess
import sys
import time

import pytest
import yaml

from prometheus import Prometheus

ROOT = pathlib.Path(__file__).resolve().parents[2]
GRAFANA = ROOT / "deploy/grafana"
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in FILES}
SCOPED = {"babyhelm-project", "babyhelm-application"}
# Of Grafana itself, with a value as Grafana would give it.
GLOBALS = {"__rate_interval": "2m", "__interval": "1m", "__range": "6h"}
CHOSEN = {"datasource": "babyhelm-prometheus", "babyhelm": ""}


def panels(dashboard: dict) -> list[dict]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def variables(dashboard: dict) -> dict[str, dict]:
    return {each["name"]: each for each in dashboard["templating"]["list"]}


def expressions(dashboard: dict) -> list[tuple[str, str]]:
    """Each query with the panel's title."""
    return [(panel["title"], each["expr"]) for panel in panels(dashboard)
            for each in panel["targets"]] + [
        (each["name"], each["expr"]) for each in dashboard["annotations"]["list"]]


def filled(expression: str, values: dict[str, str]) -> str:
    """As Grafana does it with one value a variable."""
    def value(found: re.Match) -> str:
        return {**GLOBALS, **values}[found.group(1) or found.group(2)]
    # `$1` is a group of label_replace.
    return re.sub(r"\$\{(\w+)\}|\$([A-Za-z_]\w*)", value, expression)


def test_the_files_are_what_the_script_writes(tmp_path):
    subprocess.run([sys.executable, GRAFANA / "dashboards.py", "--out", tmp_path], check=True)
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_text() for path in FILES}


def test_uids_are_those_that_links_lead_to():
    assert set(DASHBOARDS) == {
        "babyhelm-project", "babyhelm-application", "babyhelm-cluster", "babyhelm-server"}
    for name, dashboard in DASHBOARDS.items():
        assert dashboard["uid"] == name
        assert dashboard["schemaVersion"] == 39 and dashboard["editable"] is False
    links = (ROOT / "Sources/Domain/Monitoring/Grafana/GrafanaLinks.swift").read_text()
    for name in DASHBOARDS:
        assert f'"{name}"' in links


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_is_whole(name):
    dashboard = DASHBOARDS[name]
    numbers = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(numbers)) == len(numbers)
    text = json.dumps(dashboard)
    assert "http://" not in text and "https://" not in text, "an address of somebody's own"
    known = variables(dashboard)
    used = set(re.findall(r"\$\{?([A-Za-z_]\w*)", text)) - set(GLOBALS) - {"__data"}
    assert used <= set(known), "a variable that isn't there"
    assert {each for each in known if known[each]["type"] == "query"} <= used, "one for nothing"
    assert known["datasource"]["type"] == "datasource"
    assert all(each["description"] and each["label"] for each in known.values())
    for panel in panels(dashboard):
        assert len(panel["description"]) > 10, panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["unit"] and defaults["thresholds"]["steps"][0]["value"] is None
        letters = [target["refId"] for target in panel["targets"]]
        assert letters and len(set(letters)) == len(letters)
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"] and target["expr"]
    titles = [panel["title"] for panel in panels(dashboard)]
    assert len(set(titles)) >= len(titles) - 2, "hardly two panels of the same name"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_fill_rows_and_none_covers_another(name):
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARDS[name]["panels"]:
        place = panel["gridPos"]
        assert 0 <= place["x"] and place["x"] + place["w"] <= 24 and place["h"] > 0
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} is on {taken[x, y]}"
                taken[x, y] = panel["title"]
    depth = max(y for _, y in taken) + 1
    # A gap is at most the rest of a line of panels.
    assert len(taken) / (24 * depth) > 0.9


@pytest.mark.parametrize("name", sorted(SCOPED))
def test_every_selector_names_the_project(name):
    for title, expression in expressions(DASHBOARDS[name]):
        selectors = re.findall(r"[a-z_:]+\{[^}]*\}", expression)
        metrics = re.findall(r"\b(?:kube|container|kubelet|nginx)_[a-z_]+", expression)
        assert len(selectors) == len(metrics), title
        for selector in selectors:
            assert 'namespace="$namespace"' in selector, f"{title}: {selector}"


def test_metrics_of_our_own_are_documented():
    documented = set(re.findall(
        r"^\| `(\w+)` \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))
    ours = r"\b(?:babyhelm|process)_[a-z_]+"
    for title, expression in expressions(DASHBOARDS["babyhelm-server"]):
        for metric in re.findall(ours, expression):
            assert re.sub("_(bucket|count|sum)$", "", metric) in documented, f"{title}: {metric}"
    shown = set(re.findall(ours, json.dumps(DASHBOARDS["babyhelm-server"])))
    missing = {each for each in documented if each.startswith("babyhelm_")} - {
        re.sub("_(bucket|count|sum)$", "", each) for each in shown}
    assert not missing, "told by nobody"


def test_prometheus_keeps_what_is_asked_for():
    jobs = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    kept = [rule["regex"] for job in jobs for rule in job.get("metric_relabel_configs", [])
            if rule.get("action") == "keep" and rule.get("source_labels") == ["__name__"]]
    assert kept
    for name in set(DASHBOARDS) - {"babyhelm-server"}:
        for title, expression in expressions(DASHBOARDS[name]):
            for metric in re.findall(r"\b(?:kube|container|kubelet|nginx|node)_\w+", expression):
                assert any(re.fullmatch(each, metric) for each in kept), f"{title}: {metric}"


def test_provisioning_and_settings_fit_together():
    for path in (GRAFANA / "provisioning/datasources/babyhelm.yaml",
                 GRAFANA / "alternatives/prometheus.yaml"):
        source, = yaml.safe_load(path.read_text())["datasources"]
        assert source["uid"] == CHOSEN["datasource"] and source["type"] == "prometheus"
        assert source["url"].startswith("${")
    provider, = yaml.safe_load(
        (GRAFANA / "provisioning/dashboards/babyhelm.yaml").read_text())["providers"]
    assert provider["allowUiUpdates"] is False
    settings = (GRAFANA / "grafana.ini").read_text()
    for line in ("header_name = X-JWT-Assertion", "url_login = true", "send_user_header = true",
                 'expect_claims = {"iss": "${BABYHELM_URL}", "aud": "grafana"}'):
        assert f"\n{line}\n" in settings
    assert "frame-ancestors ${BABYHELM_URL};" in settings


# What series.py doesn't tell: nodes, ReplicaSets, and BabyHelm's own metrics.
LABELS = {"kind": "pods", "status": "5xx", "route": "/projects", "state": "queued",
          "outcome": "succeeded", "severity": "warning", "channel": "email", "role": "member"}


def further_series() -> list[str]:
    lines = []
    for namespace in ("shop", "blog", "shop-legacy"):
        for name in ("web-7c9f6d4b8", "web-api-5d4c7b9f6"):
            lines.append(
                f'kube_replicaset_created{{namespace="{namespace}",replicaset="{name}"}} 1.7e9')
    for node in ("a", "b"):
        lines += [f'kube_node_info{{node="{node}"}} 1',
                  f'kube_node_status_condition{{node="{node}",condition="Ready",status="false"}} 0',
                  f'kube_node_status_allocatable{{node="{node}",resource="cpu"}} 4',
                  f'kube_node_status_allocatable{{node="{node}",resource="memory"}} 16e9',
                  f'node_cpu_seconds_total{{instance="{node}",cpu="0",mode="idle"}} COUNT',
                  f'node_memory_MemAvailable_bytes{{instance="{node}"}} 8e9',
                  f'node_memory_MemTotal_bytes{{instance="{node}"}} 16e9',
                  f'node_filesystem_avail_bytes{{instance="{node}",mountpoint="/",fstype="ext4"}} 4',
                  f'node_filesystem_size_bytes{{instance="{node}",mountpoint="/",fstype="ext4"}} 9']
    labels = ",".join(f'{key}="{value}"' for key, value in LABELS.items())
    table = re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs/metrics.md").read_text(),
                       re.MULTILINE)
    for name, kind in table:
        head = f'{name}{{job="babyhelm",instance="one",{labels}'
        if kind == "histogram":
            lines += [head.replace("{", f'_bucket{{le="{bound}",', 1) + "} COUNT"
                      for bound in ("0.1", "1", "+Inf")]
        else:
            lines.append(head + "} " + ("COUNT" if kind == "counter" else "1"))
    return lines


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dashboards")
    now = int(time.time())
    text = folder / "more.om"
    with open(text, "w") as file:
        for line in further_series():
            for at in range(now // 30 * 30 - 2 * 3600, now + 30, 30):
                file.write(line.replace("COUNT", str(at - now + 9000)) + f" {at}\n")
        file.write("# EOF\n")
    running = Prometheus(folder, series=True)
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "--quiet", "--max-block-duration=9999h",
         "openmetrics", text, folder / "prometheus-data"], check=True, capture_output=True)
    with running:
        yield running


# Nothing of it happens in the series.
QUIET = {"Pods that wait"}


def test_every_query_of_a_project_has_its_series_and_no_other(cluster):
    values = {**CHOSEN, "namespace": "shop"}
    for title, expression in expressions(DASHBOARDS["babyhelm-project"]):
        found = cluster.query(filled(expression, values))
        assert found or title in QUIET, f"{title}: {expression}"
        for series in found:
            assert series["metric"].get("namespace", "shop") == "shop"
            # What shop-legacy measures is a thousand times as much.
            if title not in ("Deploys", "Memory", "Received", "Sent"):
                assert abs(float(series["value"][1])) < 1_000 or series["value"][1] == "NaN", title
    for title, expression in expressions(DASHBOARDS["babyhelm-project"]):
        for nobody in ("nobody", "sho", "shop-"):
            assert not cluster.query(filled(expression, {**CHOSEN, "namespace": nobody})), title


def test_every_query_of_an_application_has_its_series_and_no_other(cluster):
    seen = set()
    for application in ("web", "web-api", "worker"):
        values = {**CHOSEN, "namespace": "shop", "application": application}
        for title, expression in expressions(DASHBOARDS["babyhelm-application"]):
            found = cluster.query(filled(expression, values))
            if found:
                seen.add((title, expression))
            for series in found:
                pod = series["metric"].get("pod", "")
                assert not pod or re.fullmatch(rf"{application}-[0-9a-z]+-[0-9a-z]{{5}}", pod)
                name = series["metric"].get("replicaset", "")
                assert not name or re.fullmatch(rf"{application}-[0-9a-z]+", name)
    assert seen == set(expressions(DASHBOARDS["babyhelm-application"])), "asked for nothing"


@pytest.mark.parametrize("name", ["babyhelm-cluster", "babyhelm-server"])
def test_every_query_of_the_whole_has_series(cluster, name):
    for title, expression in expressions(DASHBOARDS[name]):
        assert cluster.query(filled(expression, CHOSEN)), f"{title}: {expression}"


def test_variables_offer_projects_and_their_applications(cluster):
    def offered(name: str, values: dict[str, str]) -> set[str]:
        query = variables(DASHBOARDS["babyhelm-application"])[name]["query"]["query"]
        selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", query).groups()
        found = json.loads(cluster.get(
            f"/api/v1/label/{label}/values", **{"match[]": filled(selector, values)}))
        return set(found["data"])
    assert offered("namespace", CHOSEN) == {"shop", "blog"}
    assert offered("application", {**CHOSEN, "namespace": "shop"}) == {"web", "web-api", "worker"}
