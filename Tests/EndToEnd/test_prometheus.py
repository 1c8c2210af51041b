"""A real Prometheus scrapes the daemon, and PromQL gives the numbers that were sent."""

import json
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request

import pytest
from daemon import Daemon, wait_until

pytestmark = pytest.mark.skipif(not shutil.which("prometheus"), reason="Prometheus is not installed")


class Prometheus:
    def __init__(self, target, directory, *flags):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        config = directory / "prometheus.yml"
        config.write_text(json.dumps({
            "global": {"scrape_interval": "200ms", "scrape_timeout": "200ms"},
            "scrape_configs": [{"job_name": "llm-exporter", "static_configs": [{"targets": [target]}]}],
        }))
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/tsdb",
             f"--web.listen-address={self.address}", "--log.level=error", *flags],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def get(self, path, **query):
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def query(self, promql):
        """The values of an instant query."""
        data = self.get("query", query=promql)
        return [float(sample["value"][1]) for sample in data["result"]] if data else []

    def close(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(params=["openmetrics", "protobuf asked for"])
def scraped(request, tmp_path):
    flags = {"openmetrics": ["--enable-feature=exemplar-storage"],
             "protobuf asked for": ["--enable-feature=native-histograms"]}[request.param]
    with Daemon() as daemon:
        prometheus = Prometheus("%s:%d" % daemon.http_address, tmp_path, *flags)
        try:
            yield daemon, prometheus, request.param
        finally:
            prometheus.close()


def test_promql_gives_the_numbers_that_were_sent(scraped):
    daemon, prometheus, kind = scraped
    for number in range(40):
        daemon.send_unix({
            "model": "gpt-4o", "application": "shop", "latency_ms": 1500, "trace_id": f"trace-{number}",
            "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
            "status": "error" if number % 4 == 0 else "success",
        })
    daemon.wait_for_events(40)
    wait_until(lambda: prometheus.query("sum(llm_requests_total)") == [40], "the scrape")
    assert prometheus.query("up") == [1]
    assert prometheus.query('sum(llm_requests_total{status="error"})') == [10]
    assert prometheus.query('sum(llm_tokens_total{token_type="input"})') == [40_000]
    [cost] = prometheus.query('sum(llm_cost_dollars_total{model="gpt-4o",application="shop"})')
    assert cost == pytest.approx(40 * 0.0035, abs=1e-12)
    [p95] = prometheus.query("histogram_quantile(0.95, sum by (le) (llm_request_duration_seconds_bucket))")
    assert 1 < p95 <= 2
    assert prometheus.query('sum(llm_request_duration_seconds_bucket{le=~"2(\\\\.0)?"})') == [40]
    received, accepted = (prometheus.query(f"sum(llm_exporter_events_{what}_total)") for what in ("received", "accepted"))
    assert received == accepted == [40]
    metadata = prometheus.get("metadata")
    assert metadata["llm_request_duration_seconds"][0]["type"] == "histogram"
    if kind == "openmetrics":
        exemplars = wait_until(
            lambda: prometheus.get("query_exemplars", query="llm_request_duration_seconds_bucket",
                                   start=0, end=4102444800), "exemplars")
        assert all(e["labels"]["trace_id"].startswith("trace-") for s in exemplars for e in s["exemplars"])


def test_the_first_error_is_seen_as_an_increase(scraped):
    daemon, prometheus, _ = scraped
    daemon.send_unix({"model": "gpt-4o", "status": "success"})
    wait_until(lambda: prometheus.query("sum(llm_errors_total)") == [0], "the zeros")
    daemon.send_unix({"model": "gpt-4o", "http_status": 429})
    wait_until(lambda: prometheus.query('sum(llm_errors_total{error_type="rate_limit"})') == [1], "the error")
    assert prometheus.query('sum(increase(llm_errors_total{error_type="rate_limit"}[1m])) > bool 0') == [1]
