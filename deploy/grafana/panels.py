"""What a dashboard consists of, as Grafana's JSON wants it (schema 39: Grafana 10.4 to 12)."""

from __future__ import annotations

WIDTH = 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
GOOD, WARNING, BAD = "green", "orange", "red"


def steps(*levels: tuple[float | None, str]) -> dict:
    return {"mode": "absolute", "steps": [{"value": at, "color": color} for at, color in levels]}


PLAIN = steps((None, GOOD))
# A share of what there is.
FULL = steps((None, GOOD), (0.8, WARNING), (0.95, BAD))
ANY_IS_BAD = steps((None, GOOD), (1, BAD))


def target(expression: str, legend: str = "", *, now: bool = False, table: bool = False) -> dict:
    return {
        "datasource": SOURCE, "editorMode": "code", "expr": " ".join(expression.split()),
        "legendFormat": legend or "__auto", "instant": now, "range": not now,
        "format": "table" if table else "time_series"}


class Panel:
    """One panel; the dashboard gives it its number and its place."""

    def __init__(self, kind: str, title: str, description: str, targets: list[dict], *,
                 unit: str = "short", width: int = 8, height: int = 8, **rest):
        self.width, self.height = width, height
        defaults = {"unit": unit, "thresholds": rest.pop("thresholds", PLAIN),
                    "color": rest.pop("color", {"mode": "palette-classic"}), "mappings": []}
        for key in ("min", "max", "decimals", "noValue", "custom", "links"):
            if key in rest:
                defaults[key] = rest.pop(key)
        overrides = rest.pop("overrides", [])
        self.json = {
            "type": kind, "title": title, "description": description, "datasource": SOURCE,
            "fieldConfig": {"defaults": defaults, "overrides": overrides},
            "targets": [{**each, "refId": chr(ord("A") + number)}
                        for number, each in enumerate(targets)], **rest}


def stat(title: str, description: str, expression: str, *, unit: str = "short",
         thresholds: dict = PLAIN, width: int = 4, **rest) -> Panel:
    """One number."""
    return Panel(
        "stat", title, description, [target(expression, now=True)], unit=unit, width=width,
        height=4, thresholds=thresholds, color={"mode": "thresholds"}, noValue="–",
        options={"colorMode": "value", "graphMode": "none", "justifyMode": "auto",
                 "orientation": "auto", "textMode": "value",
                 "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}},
        **rest)


def line(name: str, color: str) -> dict:
    """How requests, limits and wanted numbers are drawn: a dashed line over what is measured."""
    return {
        "matcher": {"id": "byRegexp", "options": f"/^{name}.*/"},
        "properties": [
            {"id": "color", "value": {"mode": "fixed", "fixedColor": color}},
            {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}},
            {"id": "custom.fillOpacity", "value": 0},
            {"id": "custom.stacking", "value": {"mode": "none", "group": "line"}}]}


# Named alike on all dashboards, so that they look alike.
BOUNDS = [line("Requests", "blue"), line("Limits", "red"), line("Wanted", "blue"),
          line("At least", "purple"), line("At most", "red")]


def chart(title: str, description: str, targets: list[dict], *, unit: str = "short",
          stacked: bool = False, bars: bool = False, width: int = 12, lines_at: dict | None = None,
          **rest) -> Panel:
    """Lines over time."""
    custom = {
        "drawStyle": "bars" if bars else "line", "lineWidth": 1, "showPoints": "never",
        "fillOpacity": 60 if bars else 12, "spanNulls": False, "lineInterpolation": "linear",
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "axisSoftMin": 0, "thresholdsStyle": {"mode": "dashed" if lines_at else "off"}}
    return Panel(
        "timeseries", title, description, targets, unit=unit, width=width, custom=custom,
        overrides=BOUNDS, thresholds=lines_at or PLAIN, min=0,
        options={"legend": {"displayMode": "table", "placement": "bottom", "showLegend": True,
                            "calcs": ["lastNotNull", "max"]},
                 "tooltip": {"mode": "multi", "sort": "desc"}}, **rest)


def table(title: str, description: str, columns: list[tuple[str, str, str]], *, by: str,
          width: int = 12, height: int = 8, link: str | None = None,
          thresholds: dict = FULL) -> Panel:
    """A row for each value of a label; a column is a heading, a unit and an expression."""
    letters = [chr(ord("A") + number) for number in range(len(columns))]
    heads = {f"Value #{letter}": head for letter, (head, _, _) in zip(letters, columns)}
    overrides = [
        {"matcher": {"id": "byName", "options": head}, "properties": [
            {"id": "unit", "value": unit},
            *([{"id": "custom.cellOptions", "value": {"type": "gauge", "mode": "basic"}},
               {"id": "max", "value": 1}] if unit == "percentunit" else [])]}
        for head, unit, _ in columns]
    if link:
        overrides.append({
            "matcher": {"id": "byName", "options": by},
            "properties": [{"id": "links", "value": [{"title": "Open", "url": link}]}]})
    return Panel(
        "table", title, description,
        [target(expression, now=True, table=True) for _, _, expression in columns], width=width,
        height=height, overrides=overrides, thresholds=thresholds, color={"mode": "thresholds"},
        options={"showHeader": True, "cellHeight": "sm",
                 "sortBy": [{"displayName": columns[0][0], "desc": True}]},
        transformations=[
            {"id": "merge", "options": {}},
            {"id": "organize", "options": {"excludeByName": {"Time": True},
                                           "renameByName": heads}}])


def variable(name: str, label: str, query: str, description: str) -> dict:
    return {
        "type": "query", "name": name, "label": label, "description": description,
        "datasource": SOURCE, "definition": query, "refresh": 2, "sort": 1, "hide": 0,
        "includeAll": False, "multi": False, "regex": "", "skipUrlSync": False, "options": [],
        "current": {}, "query": {"qryType": 1, "query": query, "refId": "variable"}}


class Dashboard:
    """Panels in rows, from left to right and from top to bottom."""

    def __init__(self, uid: str, title: str, description: str, variables: list[dict],
                 links: list[dict], annotations: list[dict] = (), refresh: str = "30s"):
        self.uid, self.title, self.description = uid, title, description
        self.variables, self.links, self.annotations = variables, links, list(annotations)
        self.refresh = refresh
        self.panels: list[dict] = []
        self.x = self.y = self.row_height = 0

    def row(self, title: str) -> None:
        self.end_line()
        self.place({"type": "row", "title": title, "collapsed": False, "panels": []}, WIDTH, 1)
        self.end_line()

    def add(self, *panels: Panel) -> None:
        for panel in panels:
            self.place(panel.json, panel.width, panel.height)

    def place(self, panel: dict, width: int, height: int) -> None:
        if self.x + width > WIDTH:
            self.end_line()
        place = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.panels.append({"id": len(self.panels) + 1, **panel, "gridPos": place})
        self.x += width
        self.row_height = max(self.row_height, height)

    def end_line(self) -> None:
        self.x, self.y, self.row_height = 0, self.y + self.row_height, 0

    def json(self, babyhelm_url: str) -> dict:
        source = {
            "type": "datasource", "name": "datasource", "label": "Data source", "hide": 0,
            "description": "The Prometheus that knows the cluster.", "query": "prometheus",
            "regex": "", "refresh": 1, "multi": False, "includeAll": False, "options": [],
            "skipUrlSync": False,
            "current": {"selected": True, "text": "Prometheus", "value": "babyhelm-prometheus"}}
        # BabyHelm's links say where it is.
        back = {
            "type": "textbox", "name": "babyhelm", "label": "BabyHelm", "hide": 2,
            "description": "Where BabyHelm is, for the links back.", "query": babyhelm_url,
            "skipUrlSync": False, "options": [],
            "current": {"selected": True, "text": babyhelm_url, "value": babyhelm_url}}
        return {
            "uid": self.uid, "title": self.title, "description": self.description,
            "tags": ["babyhelm"], "schemaVersion": 39, "version": 1, "editable": False,
            "graphTooltip": 1, "time": {"from": "now-6h", "to": "now"}, "timezone": "browser",
            "refresh": self.refresh, "fiscalYearStartMonth": 0, "liveNow": False,
            "timepicker": {}, "weekStart": "", "links": self.links,
            "templating": {"list": [source, *self.variables, back]},
            "annotations": {"list": self.annotations}, "panels": self.panels}
