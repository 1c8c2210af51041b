"""Every query of every dashboard against a real Prometheus that scraped the real daemon under believable traffic.

The load generator makes the traffic; what is rare in it (a rejected event, a recovery, a GPU's level) is sent beside
it. The rules are loaded with short spans of time, and the queries' spans are shortened alike, so that "a week ago" has
been by the end. The daemon's text formats carry classic histograms only: the native half of the queries is not reached
here.
"""
import math
import re
import time

import pytest

from catalogue import FAMILIES, LATE, family_of, metric_names
from daemon import Daemon, wait_until
from budgets import zone_where_it_is
from monitoring import HAS_PROMETHEUS, Prometheus, QueryFailed, Repeating, Traffic, free_port, shorten
from panels import BUILT_IN, DASHBOARDS, all_values, fill, queries, variables_used
from rulefiles import thresholds

pytestmark = pytest.mark.skipif(not HAS_PROMETHEUS, reason="prometheus is not installed")

CONFIG = f"""
objectives:
  - {{application: support-chat, availability: 0.99, latency_p95_seconds: 5, ttft_p95_seconds: 1, quality: 0.8,
     cost_per_request_dollars: 0.01}}
budgets:
  - {{name: all, window: day, zone: {zone_where_it_is(14)}, dollars: 1000, tokens: 100000000}}
  - {{name: support, window: month, application: support-chat, dollars: 50}}
  - {{name: each, window: week, user: "*", tokens: 100000000}}
"""
SECONDS_OF_TRAFFIC = 80


def rare_events(daemon):
    """What the load generator's companies do not do."""
    by = {"application": "support-chat", "provider": "openai", "request_model": "gpt-4o"}
    usage = {"usage": {"prompt_tokens": 900, "completion_tokens": 80}}
    daemon.send_udp({**by, **usage, "cost_usd": 0.0031, "latency_ms": 700})
    daemon.send_udp({**by, **usage, "queue_ms": 40, "load_ms": 900, "latency_ms": 700, "prompt_hash": "9c1d", "user": "u1"})
    daemon.send_udp({**by, "latency_ms": 700, "usage": {"prompt_tokens": 10, "completion_tokens": 5,
                                                        "prompt_tokens_details": {"cached_tokens": 90}}})
    # Three failures in a row of one record, and a success.
    lone = {"application": "nightly", "provider": "openai", "request_model": "gpt-4o-mini"}
    daemon.send_udp(*[{**lone, "error_type": "server_error"}] * 3, {**lone, **usage, "latency_ms": 500})
    daemon.send_udp({**lone, **usage, "latency_ms": 500, "attempt": 2, "fallback_from": "gpt-4o"})
    # Retries that cost enough for LLMRetryLoop to look at their share.
    daemon.send_udp({**lone, **usage, "latency_ms": 500, "attempt": 2, "cost_usd": 0.2})
    daemon.send_udp({**lone, "error_type": "rate_limit", "http_status": 429})
    for name, labels, value in (
        ("queue_depth", {"queue": "inference"}, 3), ("ratelimit_remaining", {"model": "gpt-4o", "kind": "requests"}, 900),
        ("gpu_utilization_ratio", {"device": "0"}, 0.7), ("gpu_memory_used_bytes", {"device": "0"}, 2e10),
        ("memory_used_bytes", {"process": "worker"}, 5e8),
    ):
        daemon.send_udp({"event": "gauge", "name": name, "value": value, "application": "support-chat", **labels, "labels": labels})
    daemon.send_udp({**lone, **usage, "application": "a" * 300})
    daemon.send_udp({**by, **usage, "application": "", "latency_ms": 600})
    daemon.send_udp(b"{no json", *[b"{no json"] * 3)


@pytest.fixture(scope="module")
def monitored():
    with Daemon(config=CONFIG) as daemon, \
            Prometheus({"llm-exporter": ["%s:%s" % daemon.http_address]}, rules=shorten) as prometheus, \
            Traffic(daemon, rate=150), Repeating(lambda: rare_events(daemon)):
        time.sleep(SECONDS_OF_TRAFFIC)
        prometheus.now = time.time()
        prometheus.types = set(re.findall(r"^# TYPE (\w+)", daemon.scrape().text, re.M))
        yield prometheus


def ask(prometheus, query, values=None):
    """[(labels, [numbers])] of one panel's query."""
    expression = fill(shorten(query.expression), values or all_values(DASHBOARDS[query.dashboard]))
    if query.instant:
        return [(labels, [value]) for labels, value in prometheus.query(expression, at=prometheus.now)]
    return prometheus.query_range(expression, prometheus.now - 20, prometheus.now)


def is_late(query, exposed):
    return any(family_of(name) in LATE and family_of(name) not in exposed for name in metric_names(query.expression))


# What a minute of good health leaves empty.
EMPTY = {
    "annotation Restarts": "nothing restarted",
    "annotation Prices": "the table did not change",
    "annotation Configuration": "nothing was reloaded",
}
# What a number may be, by its unit.
SENSIBLE = {
    "percentunit": (0, 1.2), "s": (0, 400 * 86_400), "currencyUSD": (0, 100_000), "reqps": (0, 100_000), "bytes": (0, 1e12),
    "Bps": (0, 1e9), "x": (0, 1_000), "none": (0, 1.0001), "short": (-1, 1e12),
}
# Shares that may be larger: a budget or a forecast can be overspent, one instance's spend can be a hundredfold of another.
NOT_A_SHARE = {"Budgets used", "Budgets", "Forecast", "Stated against computed"}


def faults(query, series):
    """What is wrong with the answer to a panel's query."""
    if not series:
        return ["no data"]
    numbers = [n for _, values in series for n in values if isinstance(n, (int, float))]
    finite = [n for n in numbers if math.isfinite(n)]
    found = []
    if not finite:
        found.append("only NaN or infinite")
    low, high = SENSIBLE[query.unit] if query.panel not in NOT_A_SHARE else (0, 1e6)
    if query.kind != "heatmap" and finite and not all(low <= n <= high for n in finite):
        found.append(f"{min(finite)}…{max(finite)} does not fit {query.unit}")
    for label in re.findall(r"\{\{(\w+)\}\}", query.legend):
        if not any(labels.get(label) for labels, _ in series):
            found.append(f"no series has the legend's {label}")
    if query.kind == "heatmap" and len({labels.get("le") for labels, _ in series}) < 3:
        found.append("a heatmap needs buckets")
    if query.kind == "stat" and len(series) != 1:
        found.append(f"{len(series)} series for one number")
    return found


@pytest.mark.parametrize("query", queries(), ids=str)
def test_a_panel_shows_data_of_the_expected_shape(monitored, query):
    if is_late(query, monitored.types):
        pytest.skip("; ".join(LATE[name] for name in map(family_of, metric_names(query.expression)) if name in LATE))
    series = ask(monitored, query)
    if query.panel in EMPTY:
        assert not series, f"'{query.panel}' is not empty after all: take it off the list"
    else:
        assert not faults(query, series)


@pytest.mark.parametrize("query", queries(), ids=str)
def test_a_panel_follows_the_chosen_values(monitored, query):
    chosen = {"job": "llm-exporter", "instance": ".+", "provider": "openai", "model": "gpt-4o", "application": "support-chat"}
    followed = [] if "ALERTS" in query.expression else ["provider", "model", "application"]
    for labels, _ in ask(monitored, query, chosen):
        for name in followed:
            assert name not in labels or re.fullmatch(chosen[name], labels[name]), labels


def choices(query):
    """The variables that a query follows. One that it ignores is told in its panel's description, see test_numbers.py."""
    return variables_used(query.expression) - BUILT_IN


@pytest.mark.parametrize("query", queries(), ids=str)
def test_a_panel_follows_each_choice_by_itself(monitored, query):
    for name in choices(query):
        nowhere = fill(shorten(query.expression), {**all_values(DASHBOARDS[query.dashboard]), name: "nowhere"})
        found = monitored.query(nowhere, at=monitored.now)
        assert not [n for _, n in found if not isinstance(n, float) or math.isfinite(n) and n != 0], name


def test_every_misspelt_metric_is_noticed(monitored):
    """The seeded fault: one letter too many in the names of a query, for every query that has data."""
    for query in queries():
        if query.panel in EMPTY or is_late(query, monitored.types) or query.kind == "annotation":
            continue
        wrong = query.expression
        for name in metric_names(wrong):
            wrong = re.sub(rf"(?<![\w:]){re.escape(name)}(?=[{{ ])", name + "x", wrong)
        changed = type(query)(**{**query.__dict__, "expression": wrong})
        if query.panel == "Alerts firing":
            assert set(ask(monitored, changed)[0][1]) == {0}
        else:
            assert faults(query, ask(monitored, changed)), f"{query}: nobody would notice"


def test_an_undefined_variable_is_noticed():
    query = queries()[0]
    changed = type(query)(**{**query.__dict__, "expression": query.expression.replace("$model", "$modle")})
    with pytest.raises(KeyError):
        fill(changed.expression, all_values(DASHBOARDS[query.dashboard]))


def test_a_wrong_query_is_noticed(monitored):
    with pytest.raises(QueryFailed):
        monitored.query("sum by (model (llm_requests_total)")


def test_every_variable_offers_values(monitored):
    for variable in DASHBOARDS["llm-overview"]["templating"]["list"]:
        if variable["type"] == "query":
            selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"]).groups()
            found = monitored.query(f"count by ({label}) ({fill(selector, all_values(DASHBOARDS['llm-overview']))})", at=monitored.now)
            assert [labels for labels, _ in found if labels.get(label)], variable["name"]


def test_the_rules_evaluate_without_errors(monitored):
    assert monitored.rule_errors() == []


def test_the_catalogue_is_what_the_daemon_exposes(monitored):
    exposed = monitored.types
    assert exposed - set(FAMILIES) == set(), "exposed, but in no catalogue"
    missing = set(FAMILIES) - exposed - set(LATE)
    assert missing == set(), "in the catalogue, but not exposed under this traffic"


def now(prometheus, dashboard, panel):
    """[(labels, number)] of a panel's last query at this moment."""
    query = [query for query in queries() if (query.dashboard, query.panel) == (dashboard, panel)][-1]
    return prometheus.query(fill(shorten(query.expression), all_values(DASHBOARDS[dashboard])))


def test_an_alert_without_a_job_is_shown():
    """That there is no exporter at all is about no job: absent() knows none."""
    with Prometheus({"other": []}, rules=shorten) as prometheus:
        wait_until(lambda: ("LLMExporterAbsent", "critical") in prometheus.firing(), "the alert", 60)
        [(_, firing)] = now(prometheus, "llm-overview", "Alerts firing")
        assert firing >= 1
        assert "LLMExporterAbsent" in {labels["alertname"] for labels, _ in now(prometheus, "llm-overview", "Alerts that fire")}
        assert "LLMExporterAbsent" in {labels["alertname"] for labels, _ in now(prometheus, "llm-errors", "annotation Alerts")}


def test_one_dead_exporter_among_others_is_red():
    with Daemon() as first, Daemon() as second:
        addresses = ["%s:%s" % daemon.http_address for daemon in (first, second)]
        with Prometheus({"llm-exporter": [*addresses, f"127.0.0.1:{free_port()}"]}, rules=shorten) as prometheus:
            wait_until(lambda: ("LLMExporterInstanceDown", "warning") in prometheus.firing(), "the alert", 60)
            for dashboard, panel in (("llm-overview", "Exporters up"), ("llm-exporter", "Up")):
                [(_, share)] = now(prometheus, dashboard, panel)
                assert share < thresholds()["exporter_up_ratio", (("severity", "critical"),)]
