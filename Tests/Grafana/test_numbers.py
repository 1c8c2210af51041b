"""Whether a panel's query says what the panel says: its unit, its percentiles, how a fleet adds up, what is chosen."""
import re

import pytest

from catalogue import FAMILIES, family_of
from panels import DASHBOARDS, all_values, fill, panels, queries
from promql import aggregated, dimension, quantiles

every_query = pytest.mark.parametrize("query", [q for q in queries() if q.kind != "annotation"], ids=str)
every_panel = pytest.mark.parametrize(
    "uid, panel", [pytest.param(uid, p, id=f"{uid} | {p['title']}") for uid, d in DASHBOARDS.items() for p in panels(d)])


def filled(query):
    return fill(query.expression, all_values(DASHBOARDS[query.dashboard]))


# What the answer is measured in: {unit: power} -> how a panel may show it. Calls and tokens count as numbers.
UNITS = {
    (("seconds", 1),): {"s"},
    (("dollars", 1),): {"currencyUSD"},
    (("bytes", 1),): {"bytes"},
    (("bytes", 1), ("seconds", -1)): {"Bps"},
    (("seconds", -1),): {"reqps", "short"},
    (): {"percentunit", "x", "none", "short"},
}


@every_query
def test_a_unit_is_what_the_query_measures(query):
    if query.kind == "heatmap":
        [family] = {family_of(name) for _, name in aggregated(filled(query))}
        suffix = next((suffix for suffix in ("_seconds", "_dollars", "_ratio") if family.endswith(suffix)), "")
        assert query.unit == {"_seconds": "s", "_dollars": "currencyUSD", "_ratio": "percentunit", "": "none"}[suffix]
    elif (measured := dimension(filled(query))) is not None:
        assert query.unit in UNITS[tuple(sorted(measured.items()))]
        names = {name for _, name in aggregated(filled(query)) if not name.startswith("llm:threshold:")}
        if "/" not in query.expression and names and all(re.search(r"[_:]ratio", name) for name in names):
            assert query.unit == "percentunit", "a ratio"


@every_query
def test_a_percentile_is_the_one_that_is_named(query):
    named = {int(p) / 100 for p in re.findall(r"\bp(\d\d)\b", query.legend)} or \
        {int(p) / 100 for p in re.findall(r"\bp(\d\d)\b", query.panel)}
    if named:
        assert quantiles(filled(query)) == named


@every_panel
def test_a_percentile_in_a_title_is_shown(uid, panel):
    named = {int(p) / 100 for p in re.findall(r"\bp(\d\d)\b", panel["title"])}
    shown = set().union(*(quantiles(filled(q)) for q in queries({uid: DASHBOARDS[uid]}) if q.panel == panel["title"]))
    assert named <= shown


# What a panel says of its time -> what its queries look back.
SPANS = {"last hour": "1h", "hour before": "1h", "per hour": "1h", "24 hours": "24h", "last 6 hours": "6h",
         "last 5 minutes": "5m"}


@every_panel
def test_a_panel_looks_back_as_far_as_it_says(uid, panel):
    expressions = " ".join(one["expr"] for one in panel["targets"])
    for words, span in SPANS.items():
        if words in f"{panel['title']} {panel['description']}".casefold():
            assert re.search(rf"(\[|[a-z_]){span}\b", expressions), words


# How a fleet's exporters become one number (docs/metrics.md). Gauges that count what each exporter has for itself add up; of all
# others the greatest, the least or each one is right: a limit is everyone's, a user may be known to several, a time is the last.
ADD_UP = {
    "llm_requests_in_flight", "llm_sessions_active", "llm_top_user_cost_dollars", "llm_budget_spent_dollars", "llm_budget_spent_tokens",
    "llm_exporter_series", "llm_exporter_storage_uncommitted_events", "llm_exporter_storage_size_bytes",
}
# Shown as they are, exporter by exporter, or all the same.
AS_THEY_ARE = {"llm_exporter_series": {"max"}, "llm_exporter_prices_info": {None}, "job:llm_unowned_cost:ratio1d": {None},
               "ALERTS": {"sum"}}


@every_query
def test_a_fleet_adds_up_as_it_should(query):
    for how, name in aggregated(filled(query)):
        if name.startswith("llm:threshold:"):
            continue
        allowed = AS_THEY_ARE.get(name, set())
        if name in ADD_UP:
            assert how in {"sum"} | allowed, f"{name} by {how}"
        elif name in FAMILIES and FAMILIES[name][0] == "gauge" or re.search(r":(\w+_)?(ratio|mean|p95|history)\w*$", name):
            assert how in {"max", "min"} | allowed, f"{name} by {how}"
        elif name in FAMILIES and FAMILIES[name][0] != "gauge" or family_of(name):
            assert how == "sum", f"{name} by {how}"


@every_query
def test_models_of_several_providers_stay_apart(query):
    """One name is served by several providers, and one of them may fail alone."""
    for labels in re.findall(r"\bby \(([^)]*)\)", query.expression):
        together = {"from", "kind", "alertname"} & set(re.split(r",\s*", labels))
        assert "model" not in labels or "provider" in labels or together, labels


def ignored(expression, names):
    """The variables that do not narrow down all that the expression reads."""
    read = [matchers for metric, matchers in re.findall(r"([\w:]+)\{([^}]*)\}", expression)
            if not metric.startswith("llm:threshold:")]
    return {name for name in names if not all(re.search(rf'\b{name}=~"\${name}\|?"', matchers) for matchers in read)}


@every_panel
def test_a_panel_says_which_choices_it_ignores(uid, panel):
    names = [v["name"] for v in DASHBOARDS[uid]["templating"]["list"] if v["type"] == "query"]
    targets = {one["legendFormat"]: ignored(one["expr"], names) for one in panel["targets"]}
    said = {}
    for legends, choices in re.findall(r"((?:'[^']+'(?:, | and )?)*):? ?[Tt]he same whatever ([\w, ]+?) (?:is|are) chosen", panel["description"]):
        for legend in re.findall(r"'([^']+)'", legends) or targets:
            said[legend] = set(re.split(r", | and ", choices))
    assert said == {legend: choices for legend, choices in targets.items() if choices}


# A choice is ignored only where there is nothing to choose by: recorded series are sums over instances and applications; budgets,
# users, sessions, goals and what exporters say of themselves know no model; a price knows no application.
IGNORES = {
    "model:": {"instance", "application"}, "job:": {"instance", "provider", "model", "application"},
    "budget:": {"instance", "provider", "model", "application"}, "ALERTS": {"instance", "provider", "model", "application"},
    "application:": {"instance", "provider", "model"}, "function:": {"instance", "provider", "model"},
    "instance:": {"provider", "model", "application"}, "llm_model_price": {"application"}, "llm_ratelimit_remaining": {"provider"},
    "llm_objective": {"provider", "model"}, "llm_queue_depth": {"provider", "model"}, "llm_gpu": {"provider", "model"},
    "llm_memory": {"provider", "model"}, "llm_exporter_": {"provider", "model", "application"},
    **{name: {"provider", "model", "application"} for name in (
        "llm_budget_", "llm_top_user_cost", "llm_users_active", "llm_sessions_active", "llm_conversation_turns", "llm:threshold:")},
}


@every_query
def test_a_choice_is_ignored_only_where_there_is_none(query):
    names = [v["name"] for v in DASHBOARDS[query.dashboard]["templating"]["list"] if v["type"] == "query"]
    for metric, matchers in re.findall(r"([\w:]+)(\{[^}]*\})", query.expression):
        excused = set().union(*(choices for start, choices in IGNORES.items() if metric.startswith(start)))
        if not metric.startswith("llm:threshold:"):
            assert ignored(metric + matchers, names) <= excused, metric
