"""A fleet: two exporters, one Prometheus that scrapes both with the shipped rules, and a single-node VictoriaMetrics that
receives its remote write. All three give the same totals, and the rules give one answer over both exporters."""
import pytest

from daemon import Daemon, wait_until
from monitoring import HAS_PROMETHEUS, VICTORIA_METRICS, Prometheus, Traffic, VictoriaMetrics, shorten

pytestmark = pytest.mark.skipif(not (HAS_PROMETHEUS and VICTORIA_METRICS), reason="prometheus and victoria-metrics are not installed")

TOTALS = [
    "sum(llm_requests_total)",
    "sum by (model) (llm_requests_total)",
    "sum by (status) (llm_requests_total)",
    "sum by (token_type) (llm_tokens_total)",
    "sum by (provider, model) (llm_cost_dollars_total)",
    "sum by (le) (llm_request_duration_seconds_bucket)",
    "sum by (application) (llm_request_duration_seconds_count)",
    "max by (objective) (llm_objective)",
]
CONFIG = "objectives: [{application: search, availability: 0.99}]"


def answers(server, expression):
    return {tuple(sorted(labels.items())): value for labels, value in server.query(expression) if value != 0}


# {recorded over the fleet: the same of each exporter}
RECORDED = {
    "sum(model:llm_requests:increase5m)":
        'sum by (instance) (increase(llm_requests_total[5m]) or -increase(llm_cache_lookups_total{result="hit"}[5m]))',
    "sum(job:llm_cost_dollars:increase1h)": "sum by (instance) (increase(llm_cost_dollars_total[1h]))",
}


def is_sum_of_both(server, recorded, each):
    """At the moment of the last evaluation: both sides look at the same samples then."""
    evaluated = server.value(f"max(timestamp({recorded.removeprefix('sum(').removesuffix(')')}))")
    parts = [value for _, value in server.query(shorten(each), at=evaluated)] if evaluated else []
    return len(parts) == 2 and min(parts) > 0 and server.query(recorded, at=evaluated)[0][1] == pytest.approx(sum(parts), rel=0.02)


def test_two_exporters_give_the_same_totals_everywhere():
    with Daemon(config=CONFIG) as one, Daemon(config=CONFIG) as two, VictoriaMetrics() as store, \
            Prometheus({"llm-exporter": ["%s:%s" % d.http_address for d in (one, two)]}, rules=shorten,
                       remote_write=store.remote_write) as prometheus:
        with Traffic(one, rate=60, seed=1, transport="unix") as busy, Traffic(two, rate=20, seed=2, transport="unix") as quiet:
            wait_until(lambda: prometheus.value("max(model:llm_requests:increase5m)"), "the rules", 240)
            fleet = prometheus.query("model:llm_requests:increase5m")
            assert len({labels["model"] for labels, _ in fleet}) > 3
            models = [(labels["provider"], labels["model"]) for labels, _ in fleet]
            assert len(models) == len(set(models)), "one answer a model, whatever the number of exporters"
            assert all("instance" not in labels and labels["job"] == "llm-exporter" for labels, _ in fleet)
            # What the rules record is the sum of both exporters, which are three to one: no mean, and not the larger of the two.
            for recorded, each in RECORDED.items():
                wait_until(lambda: is_sum_of_both(prometheus, recorded, each), f"{recorded} to be the sum", 240)
            sent = [traffic.stop() for traffic in (busy, quiet)]
        for daemon, count in zip((one, two), sent):
            daemon.wait_for_events(count)
        calls = sum(daemon.value("llm_requests_total") for daemon in (one, two))
        assert calls > 100
        # Nothing changes any more: as soon as both have seen the last scrape, they agree with the daemons and each other.
        wait_until(lambda: prometheus.value(TOTALS[0]) == calls, "Prometheus to have scraped everything", 240)
        wait_until(lambda: store.value(TOTALS[0]) == calls, "VictoriaMetrics to have received everything", 240)
        for expression in TOTALS:
            expected = answers(prometheus, expression)
            assert expected, expression
            # Remote write sends the series of one scrape in several requests: each total arrives in its own time.
            wait_until(lambda: same(answers(store, expression), expected), f"VictoriaMetrics to agree on {expression}", 60)
        cost = sum(daemon.value("llm_cost_dollars_total") for daemon in (one, two))
        assert store.value("sum(llm_cost_dollars_total)") == pytest.approx(cost, rel=1e-12)
        # A quantile over the fleet is one of summed buckets, and the same in both stores.
        quantile = "histogram_quantile(0.95, sum by (le) (llm_request_duration_seconds_bucket))"
        assert store.value(quantile) == pytest.approx(prometheus.value(quantile), rel=1e-9)


def same(got, expected):
    return got == {labels: pytest.approx(value, rel=1e-12) for labels, value in expected.items()}


def test_one_exporter_down_of_two_is_no_page():
    with Daemon() as one, Daemon() as two, \
            Prometheus({"llm-exporter": ["%s:%s" % d.http_address for d in (one, two)]}, rules=shorten) as prometheus:
        wait_until(lambda: prometheus.value("count(instance:llm_exporter_up:ratio5m)") == 2, "both to be scraped", 240)
        two.kill()
        firing = wait_until(lambda: having(prometheus.firing(), "LLMExporterInstanceDown"), "the warning", 240)
        assert [labels["instance"] for labels in firing["LLMExporterInstanceDown", "warning"]] == ["%s:%s" % two.http_address]
        assert ("LLMExporterDown", "critical") not in firing
        one.kill()
        wait_until(lambda: having(prometheus.firing(), "LLMExporterDown"), "the page", 240)


def having(firing, alert):
    return firing if any(name == alert for name, _ in firing) else None
