"""The dashboards as Grafana and its linter would judge them: shape, conventions, names, limits."""
import copy
import json
import re
import subprocess
import sys

import pytest
import yaml
from promql_parser import parse

from catalogue import FAMILIES, PROMETHEUS, family_of, metric_names, without_labels
from panels import BUILT_IN, DASHBOARDS, ROOT, all_values, fill, panels, queries, variables_used
from rulefiles import alerts, records, thresholds

RECORDED = {rule["record"] for rule in records()}
every_dashboard = pytest.mark.parametrize("uid", DASHBOARDS)
every_query = pytest.mark.parametrize("query", queries(), ids=str)
every_panel = pytest.mark.parametrize(
    "panel", [pytest.param(p, id=f"{uid} | {p['title']}") for uid, d in DASHBOARDS.items() for p in panels(d)])

# Rules of Grafana's dashboard-linter that are broken on purpose, and why: kept where a reader of the JSON looks.
EXCLUSIONS = yaml.safe_load((ROOT / "grafana/dashboards/.lint").read_text())["exclusions"]
FIXED_RANGE = {(one["dashboard"], one["panel"]): one["reason"] for one in EXCLUSIONS["target-rate-interval-rule"]["entries"]}


def test_the_json_is_what_the_generator_makes():
    run = subprocess.run([sys.executable, ROOT / "grafana/generate.py", "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_there_is_a_dashboard_for_each_question():
    assert set(DASHBOARDS) == {"llm-overview", "llm-cost", "llm-latency", "llm-errors", "llm-quality", "llm-exporter"}


# The classic model, importable and provisionable.

@every_dashboard
def test_the_model_is_the_classic_one(uid):
    dashboard = DASHBOARDS[uid]
    assert dashboard["id"] is None and dashboard["uid"] == uid and len(uid) <= 40
    assert dashboard["schemaVersion"] == 39 and dashboard["graphTooltip"] == 1 and dashboard["editable"] is False
    assert dashboard["timezone"] == "browser" and dashboard["refresh"] and dashboard["title"] and dashboard["description"]
    assert "__inputs" not in dashboard and "__requires" not in dashboard
    assert "llm-exporter" in dashboard["tags"]
    links = dashboard["links"][0]
    assert links["type"] == "dashboards" and links["tags"] == ["llm-exporter"] and links["keepTime"] and links["includeVars"]


@every_dashboard
def test_the_grid_has_no_holes_and_no_overlaps(uid):
    numbers, taken = [], set()
    for panel in DASHBOARDS[uid]["panels"]:
        numbers += [panel["id"]] + [inner["id"] for inner in panel.get("panels", [])]
        grid = panel["gridPos"]
        assert 0 <= grid["x"] and grid["x"] + grid["w"] <= 24 and grid["h"] >= 1
        cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len(numbers) == len(set(numbers))
    assert taken == {(x, y) for x in range(24) for y in range(1 + max(y for _, y in taken))}, "a hole"


@every_dashboard
def test_titles_tell_panels_apart(uid):
    titles = [panel["title"] for panel in panels(DASHBOARDS[uid])]
    assert len(titles) == len(set(titles))


@every_dashboard
def test_the_variables_are_there_and_carry_no_baked_in_value(uid):
    variables = {v["name"]: v for v in DASHBOARDS[uid]["templating"]["list"]}
    expected = ["datasource", "job", "instance"] + ([] if uid == "llm-exporter" else ["provider", "model", "application"])
    assert list(variables) == expected
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    assert variables["datasource"]["label"] == "Data source" and not variables["datasource"]["current"]
    assert variables["datasource"]["regex"] == ""
    for name in expected[1:]:
        variable = variables[name]
        assert variable["refresh"] == 2 and variable["multi"] and variable["includeAll"]
        assert variable["allValue"] == (".+" if name in ("job", "instance") else ".*")
        assert variable["datasource"]["uid"] == "${datasource}"
        assert variable["current"]["value"] == ["$__all"] and variable["options"] == []
        assert variable["query"]["query"] == variable["definition"] and variable["regex"] == ""


# What each variable offers is narrowed down by those before it: the values of its own label, among what they leave.
NARROWED_BY = {"job": set(), "instance": {"job"}, "provider": {"job", "instance"}, "model": {"job", "instance", "provider"},
               "application": {"job", "instance"}}


@every_dashboard
def test_a_variable_offers_its_own_label(uid):
    for variable in DASHBOARDS[uid]["templating"]["list"]:
        if variable["type"] == "query":
            metric, matched, label = re.fullmatch(r"label_values\((\w+)(?:\{(.*)\})?, (\w+)\)", variable["definition"]).groups()
            assert label == variable["name"] and family_of(metric)
            assert dict(re.findall(r'(\w+)=~"([^"]*)"', matched or "")) == {name: f"${name}" for name in NARROWED_BY[label]}


@every_dashboard
def test_annotations_show_alerts_and_changes(uid):
    annotations = {a["name"]: a for a in DASHBOARDS[uid]["annotations"]["list"]}
    assert set(annotations) >= {"Alerts", "Restarts", "Prices", "Configuration"}
    assert 'alertstate="firing"' in annotations["Alerts"]["expr"]
    for annotation in annotations.values():
        assert annotation["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert annotation["enable"] is True and annotation["hide"] is False


# Panels.

@every_panel
def test_a_panel_is_explained_and_measured(panel):
    assert panel["title"] and len(panel["description"]) > 15 and panel["targets"]
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
    known = {"reqps", "percentunit", "s", "currencyUSD", "short", "bytes", "Bps", "none", "x"}
    assert panel["fieldConfig"]["defaults"]["unit"] in known
    if panel["type"] == "timeseries":
        legend = panel["options"]["legend"]
        assert legend["displayMode"] == "table" and {"mean", "max", "lastNotNull"} <= set(legend["calcs"])
        assert all(target["legendFormat"] for target in panel["targets"])


def test_latency_has_heatmaps_and_exemplars():
    heatmaps = [p for d in DASHBOARDS.values() for p in panels(d) if p["type"] == "heatmap"]
    assert len(heatmaps) >= 4 and all(t["format"] == "heatmap" and t["exemplar"] for p in heatmaps for t in p["targets"])
    latency = [t for p in panels(DASHBOARDS["llm-latency"]) if p["type"] == "timeseries" for t in p["targets"]]
    assert sum(bool(t.get("exemplar")) for t in latency) >= 6


# Queries.

@every_query
def test_a_query_is_promql(query):
    parse(fill(query.expression, {**all_values(DASHBOARDS[query.dashboard]), "datasource": "x"}))


@every_query
def test_only_defined_variables_are_used(query):
    defined = {v["name"] for v in DASHBOARDS[query.dashboard]["templating"]["list"]} | BUILT_IN
    assert variables_used(query.expression) <= defined
    assert "ad hoc" not in query.expression


@every_panel
def test_a_link_takes_every_choice_along(panel):
    """Each variable of the dashboard that it opens is kept as chosen, or set to what the table's row says."""
    for url in re.findall(r'"url": "(/d/[^"]+)"', json.dumps(panel)):
        target, *parts = re.split("[?&]", url.removeprefix("/d/"))
        names = {variable["name"] for variable in DASHBOARDS[target]["templating"]["list"]}
        columns = {name for part in parts for name in re.findall(r"^var-(\w+)=", part)}
        expected = {"${__url_time_range}"} | {f"${{{name}:queryparam}}" for name in names - columns} \
            | {f"var-{name}=${{__data.fields.{name}:percentencode}}" for name in columns & names}
        assert len(parts) == len(names) + 1 and set(parts) == expected
        assert columns <= {label for one in panel["targets"] for label in labels_kept(one["expr"])}


def labels_kept(expression):
    """The labels that a query's aggregations keep."""
    return {label for labels in re.findall(r"\bby \(([^)]*)\)", expression) for label in re.split(r",\s*", labels)}


@every_panel
def test_what_a_table_renames_colours_and_sorts_is_there(panel):
    if panel["type"] != "table":
        return
    targets = panel["targets"]
    values = [f"Value #{one['refId']}" for one in targets] if len(targets) > 1 else ["Value"]
    kept = set().union(*(labels_kept(one["expr"]) for one in targets))
    organised = next(one["options"] for one in panel["transformations"] if one["id"] == "organize")
    assert organised["renameByName"] == dict(zip(values, [one["legendFormat"] for one in targets]))
    assert set(organised["excludeByName"]) <= kept | {"Time", "Value", "__name__", "job"}
    columns = kept | {one["legendFormat"] for one in targets}
    assert {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]} <= columns
    assert {one["displayName"] for one in panel["options"].get("sortBy", [])} <= columns


@every_panel
def test_what_a_panel_overrides_is_there(panel):
    if panel["type"] != "table":
        names = {one["legendFormat"] for one in panel["targets"]}
        assert {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]} <= names


@every_query
def test_only_metrics_that_exist_are_used(query):
    for name in metric_names(query.expression):
        assert family_of(name) or name in RECORDED or name in PROMETHEUS, f"{name} is not in the catalogue"


@every_query
def test_job_and_instance_are_matched(query):
    for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", query.expression):
        if name.startswith("llm:threshold:"):
            continue
        # An alert that no exporter is there at all is of no job, and concerns every one.
        assert ('job=~"$job|"' if name == "ALERTS" else 'job=~"$job"') in matchers, f"{name} of every job"
        if ":" not in name and name != "ALERTS" or name.startswith("instance:"):
            assert 'instance=~"$instance"' in matchers, f"{name} of every instance"
    bare = without_labels(re.sub(r"[\w:]+\{[^}]*\}", "", query.expression))
    assert not [n for n in metric_names(bare) if family_of(n) or n in RECORDED - {f"llm:threshold:{n}" for n, _ in thresholds()}], \
        "a metric without matchers"


@every_query
def test_ranges_follow_the_view(query):
    """rate() over a fixed range misses or smears; where the range is what the panel says (an hour's cost), it stands."""
    title = DASHBOARDS[query.dashboard]["title"]
    for function, span in re.findall(r"(\w+)\([^()]*\[([^\]]+)\]", query.expression):
        if function in {"rate", "irate", "changes"}:
            fits = span == "$__rate_interval" or (title, query.panel) in FIXED_RANGE
        else:
            fits = span in {"$__rate_interval", "$__range", "1h", "6h", "24h", "1d"}
        assert fits, f"{function} over [{span}]"


@every_query
def test_counters_are_rated_and_gauges_are_not(query):
    for name in metric_names(query.expression):
        family = family_of(name)
        if family is None:
            continue
        counts = FAMILIES[family][0] in {"counter", "histogram"}
        for match in re.finditer(rf"(\w+)\({re.escape(name)}\{{", query.expression):
            assert (match[1] in {"rate", "increase"}) == counts, match[0]
        if counts:
            assert not re.search(rf"(?<!rate\()(?<!increase\(){re.escape(name)}\{{", query.expression), f"{name} without rate()"


@every_query
def test_a_histogram_is_read_in_both_formats(query):
    for name in metric_names(query.expression):
        family = family_of(name)
        if family and FAMILIES[family][0] == "histogram":
            assert {family} <= metric_names(query.expression) and {family + "_bucket", family + "_sum", family + "_count"} \
                & metric_names(query.expression), "classic or native, whichever there is"
            assert " or " in query.expression


@every_query
def test_nothing_averages_quantiles_or_means(query):
    assert not re.search(r"\bavg\b[^(]*\([^)]*(histogram_quantile|:mean|:p95)", query.expression)
    assert not re.search(r"histogram_quantile\([\d.]+, (?!sum)", query.expression)


# Nothing is forgotten.

UNUSED = {
    "process_virtual_memory_bytes": "says little of a program that maps files",
    "process_virtual_memory_max_bytes": "is unlimited nearly everywhere",
}


def test_every_family_is_shown_or_watched():
    used = set().union(*(metric_names(q.expression) for q in queries()),
                       *(metric_names(rule["expr"]) for rule in records() + alerts()))
    families = {family_of(name) for name in used}
    assert set(FAMILIES) - families == set(UNUSED)


def matchers(label):
    """Every metric that a panel's query reads: what stands for the label."""
    found = [re.search(rf'\b{label}=~"([^"]*)"', text) for query in queries() if query.kind != "annotation"
             for text in re.findall(r"[\w:]+\{([^}]*)\}", query.expression)]
    return {match and match[1] for match in found}


def test_every_exclusion_is_needed_and_explained():
    assert set(EXCLUSIONS) == {"target-rate-interval-rule", "target-job-rule", "target-instance-rule"}
    for (dashboard, panel), reason in FIXED_RANGE.items():
        assert len(reason) > 15
        assert any(DASHBOARDS[q.dashboard]["title"] == dashboard and q.panel == panel
                   and re.search(r"rate\([^()]*\[(?!\$__rate)", q.expression) for q in queries()), (dashboard, panel)
    for label in ("job", "instance"):
        assert matchers(label) - {"$" + label} and len(EXCLUSIONS[f"target-{label}-rule"]["reason"]) > 15


def test_the_runbooks_name_panels_that_exist():
    names = {d["title"].removeprefix("LLM ").casefold(): {p["title"] for p in panels(d)} for d in DASHBOARDS.values()}
    named = 0
    for line in re.findall(r"- \*\*See:\*\*.*(?:\n  .*)*", (ROOT / "alerts/README.md").read_text()):
        for dashboard, titles in re.findall(r'\*([A-Z][\w ]+)\*, ((?:"[^"]+"(?:,? and )?)+)', line):
            if dashboard.casefold() in names:
                for title in re.findall(r'"([^"]+)"', titles):
                    assert title.rstrip(",") in names[dashboard.casefold()], line
                    named += 1
    assert named > 25
