"""Rules and panels answer alike from classic and from native histograms.

Two real Prometheus servers scrape the same target: one gets text with classic buckets, the other, with native histograms
switched on, protobuf (and stores no `_bucket`, as 2.42 does). The daemon has no protobuf yet, so the target is a small one
of the tests' own."""
import sys

import pytest

from daemon import ROOT, wait_until
from monitoring import HAS_PROMETHEUS, Prometheus, Repeating, shorten
from native_target import Target

sys.path += [str(ROOT / "Tests/Rules"), str(ROOT / "Tests/Grafana")]

from catalogue import FAMILIES, family_of, metric_names  # noqa: E402
from panels import DASHBOARDS, all_values, fill, queries  # noqa: E402
from rulefiles import records  # noqa: E402

pytestmark = pytest.mark.skipif(not HAS_PROMETHEUS, reason="prometheus is not installed")

OF_CALL = {"provider": "openai", "model": "gpt-4o", "application": "shop"}
# Bounds as the daemon has them, the values observed and how often at a time.
OBSERVED = {
    "llm_request_duration_seconds": ([0.5, 1, 2, 5, 10, 20, 30, 60, 120], [(1.5, 7), (40, 3)], {"status": "success"}),
    "llm_time_to_first_token_seconds": ([0.5, 1, 2, 3, 5, 10], [(4, 10)], {}),
    "llm_time_per_output_token_seconds": ([0.01, 0.02, 0.05, 0.1], [(0.015, 10)], {}),
    "llm_context_used_ratio": ([0.5, 0.8, 0.9, 1], [(0.85, 10)], {}),
    "llm_quality_score": ([0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], [(0.55, 10)], {"name": "helpful", "evaluator": "model"}),
    "llm_tokens_per_request": ([256, 1024, 4096], [(900, 10)], {"direction": "input"}),
    "llm_cost_per_request_dollars": ([0.001, 0.003, 0.01], [(0.002, 10)], {}),
    "llm_recovery_seconds": ([1, 5, 15], [(4, 1)], {}),
    "llm_queue_wait_seconds": ([0.5, 1, 2], [(0.7, 1)], {}),
    "llm_model_load_seconds": ([0.5, 1, 2], [(0.7, 1)], {}),
}
ONE_NATIVE_BUCKET = 2 ** (1 / 8) * 1.001


def step(target):
    with target.lock:
        target.count("llm_requests_total", 10, {**OF_CALL, "status": "success"})
        target.count("llm_cost_dollars_total", 0.02, {**OF_CALL, "component": "output"})
        for name, (bounds, values, labels) in OBSERVED.items():
            for value, times in values:
                target.observe(name, bounds, value, times, {**OF_CALL, **labels})


@pytest.fixture(scope="module")
def both():
    with Target() as target:
        step(target)
        targets = {"llm-exporter": [target.address]}
        with Repeating(lambda: step(target)), Prometheus(targets, rules=shorten) as classic, \
                Prometheus(targets, rules=shorten, features="native-histograms") as native:
            for server in (classic, native):
                wait_until(lambda: server.value("count(model:llm_request_duration_seconds:history_mean)"), "a week", 240)
            yield classic, native


def test_one_server_has_only_classic_histograms_and_the_other_only_native_ones(both):
    classic, native = both
    assert classic.query("llm_request_duration_seconds_bucket") and not classic.query("llm_request_duration_seconds")
    assert native.query("llm_request_duration_seconds") and not native.query("llm_request_duration_seconds_bucket")


def of_histograms():
    """The recorded series that read a histogram which the target has."""
    for rule in records():
        families = {family_of(name) for name in metric_names(rule["expr"])} - {None}
        if any(FAMILIES[family][0] == "histogram" for family in families) and families & set(OBSERVED) and \
                not rule["record"].startswith("function:"):
            yield rule["record"]


# What the observations amount to: percentiles and means exactly, counts by the time that they took.
EXPECTED = {
    "model:llm_request_duration_seconds:p95_5m": 40, "model:llm_time_to_first_token_seconds:p95_5m": 4,
    "model:llm_context_used:p95_30m": 0.85, "application:llm_request_duration_seconds:p95_30m": 40,
    "application:llm_time_to_first_token_seconds:p95_30m": 4, "model:llm_quality_score:mean1h": 0.55,
    "application:llm_quality_score:mean30m": 0.55,
    **{f"model:llm_request_duration_seconds:slow_ratio_rate{window}": 0.3 for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")},
}


@pytest.mark.parametrize("name", sorted(set(of_histograms())))
def test_a_rule_answers_from_native_histograms_as_from_classic_ones(both, name):
    answers = []
    for server in both:
        result = wait_until(lambda: server.query(f"last_over_time({name}[20s])"), name, 60)
        assert len(result) == 1
        answers.append(result[0])
    (classic_labels, classic), (native_labels, native) = answers
    assert classic_labels == native_labels
    if name in EXPECTED:
        assert 1 / ONE_NATIVE_BUCKET <= native / EXPECTED[name] <= ONE_NATIVE_BUCKET, native
        if ":p95" not in name:
            assert native == pytest.approx(classic, rel=0.1)
    else:
        # Increases over a few seconds: the two servers scrape at different moments.
        assert native == pytest.approx(classic, rel=0.5)


LOUD = {("LLMHighLatency", "warning"), ("LLMHighLatency", "critical"), ("LLMSlowFirstToken", "warning"),
        ("LLMContextNearlyFull", "warning"), ("LLMQualityLow", "warning"), ("LLMLatencyBudgetBurn", "critical")}


def test_the_same_alerts_fire(both):
    for server in both:
        wait_until(lambda: LOUD <= set(server.firing()), f"{LOUD}", 120)


def readable():
    for query in queries():
        families = {family_of(name) for name in metric_names(query.expression)} - {None}
        if families and all(f in OBSERVED for f in families):
            yield query


@pytest.mark.parametrize("query", list(readable()), ids=str)
def test_a_panel_answers_from_native_histograms(both, query):
    native = both[1]
    expression = fill(shorten(query.expression), all_values(DASHBOARDS[query.dashboard]))
    assert wait_until(lambda: native.query(expression), query.panel, 60)
