"""The committed dashboards as data, and their queries with the variables filled in."""
import json
import pathlib
import re
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "grafana" / "dashboards").glob("*.json"))}
# $__interval and friends, and the ones that each dashboard defines.
BUILT_IN = {"__rate_interval", "__interval", "__range", "__url_time_range", "__data", "__value"}


@dataclass(frozen=True)
class Query:
    dashboard: str
    panel: str
    ref: str
    expression: str
    legend: str = ""
    instant: bool = False
    kind: str = "timeseries"
    unit: str = "short"

    def __str__(self):
        return f"{self.dashboard} | {self.panel} | {self.ref}"


def panels(dashboard):
    """Every panel but the rows, those in collapsed rows included."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def unit_of(panel, index):
    if panel["type"] != "table":
        return panel["fieldConfig"]["defaults"]["unit"]
    names = panel["targets"][index]["legendFormat"]
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == names and override["properties"][0]["id"] == "unit":
            return override["properties"][0]["value"]
    return "short"


def queries(dashboards=DASHBOARDS):
    found = []
    for uid, dashboard in dashboards.items():
        for panel in panels(dashboard):
            for index, target in enumerate(panel["targets"]):
                found.append(Query(uid, panel["title"], target["refId"], target["expr"], target["legendFormat"],
                                   target.get("instant", False), panel["type"], unit_of(panel, index)))
        for annotation in dashboard["annotations"]["list"]:
            found.append(Query(uid, f"annotation {annotation['name']}", "A", annotation["expr"], kind="annotation"))
    return found


def variables_used(text):
    return {match[0] or match[1] for match in re.findall(r"\$(?:\{(\w+)[^}]*\}|(\w+))", text)}


def fill(expression, values, rate_interval="8s", span="30s"):
    """The expression as Grafana would send it. `values`: {variable: regular expression}."""
    expression = expression.replace("$__rate_interval", rate_interval).replace("$__range", span).replace("$__interval", "1s")
    return re.sub(r"\$(\w+)", lambda match: values[match[1]], expression)


def all_values(dashboard):
    """Every variable at All."""
    return {v["name"]: v.get("allValue", "") for v in dashboard["templating"]["list"] if v["type"] == "query"}
