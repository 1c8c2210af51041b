"""What HTTP answers."""

import http.client
import re
import shutil
import socket
import subprocess
import time

import pytest
from daemon import Daemon, wait_until
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

CALL = {"model": "gpt-4o", "trace_id": "abc123", "latency_ms": 1200,
        "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
HOSTILE = {"model": 'a"b\\c\nd', "application": "ü€😀 {x=\"1\"} # EOF", "latency_ms": 3}
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


@pytest.fixture(scope="module")
def served():
    with Daemon() as daemon:
        daemon.send_udp(CALL, HOSTILE, {"event": "feedback", "model": "gpt-4o", "rating": "positive"})
        daemon.wait_for_events(3)
        yield daemon


def test_every_text_output_is_read_by_the_reference_parser(served):
    for accept in (None, "text/plain;version=0.0.4", "*/*"):
        reply = served.scrape(accept)
        assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = list(text_string_to_metric_families(reply.text))
        labels = [sample.labels for family in families for sample in family.samples]
        assert any(own.get("model") == "a\"b\\c\ufffdd" for own in labels)


def test_every_openmetrics_output_is_read_by_the_reference_parser(served):
    for version in ("1.0.0", "0.0.1"):
        reply = served.scrape(f"application/openmetrics-text;version={version}")
        assert f"version={version}" in reply.headers["Content-Type"]
        families = list(openmetrics.text_string_to_metric_families(reply.text))
        exemplars = [s.exemplar for f in families for s in f.samples if s.exemplar]
        assert exemplars and all(exemplar.labels == {"trace_id": "abc123"} for exemplar in exemplars)


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_finds_nothing_to_say(served):
    done = subprocess.run(["promtool", "check", "metrics"], input=served.scrape().body, capture_output=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_gzip_where_it_is_asked_for(served):
    packed = served.scrape(headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in served.scrape(headers={"Accept-Encoding": "identity"}).headers
    assert "llm_requests_total" in packed.text
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_head_has_the_headers_and_no_body(served):
    reply = served.request("/metrics", "HEAD", {"Accept": OPENMETRICS})
    assert (reply.status, reply.raw) == (200, b"")
    assert reply.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    page = served.request("/", "HEAD")
    assert (page.status, page.raw) == (200, b"") and int(page.headers["Content-Length"]) > 1000


def exchange(daemon, request):
    """What comes back over one connection, until the daemon ends it."""
    with socket.create_connection(daemon.http_address, timeout=20) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


@pytest.mark.parametrize("path", ["/metrics", "/", "/-/healthy", "/api/v1/status", "/api/v1/live", "/nothing"])
def test_after_the_head_of_an_answer_to_head_comes_the_next_answer(served, path):
    answer = exchange(served, f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
                      + b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    heads = answer.split(b"\r\n\r\n")
    assert len(heads) == 3 and heads[1].startswith(b"HTTP/1.1 200 "), answer
    assert heads[2] == b"llm-exporter is healthy.\n"


@pytest.mark.parametrize("path", ["/metrics", "/", "/-/healthy"])
@pytest.mark.parametrize("keep", ["", "Connection: keep-alive\r\n"])
def test_http_1_0_gets_its_answer_whole_and_then_the_end(served, path, keep):
    answer = exchange(served, f"GET {path} HTTP/1.0\r\n{keep}\r\n".encode())
    head, body = answer.split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.0 200 ") and b"chunked" not in head.lower()
    assert b"connection: close" in head.lower()
    if path == "/metrics":
        assert list(text_string_to_metric_families(body.decode()))


def test_a_request_that_does_not_come_is_not_waited_for(served):
    started = time.monotonic()
    assert exchange(served, b"GET /metrics HTTP/1.1\r\nHost:") == b""
    assert 5 < time.monotonic() - started


@pytest.mark.parametrize("path", ["/metrics", "/", "/-/healthy", "/-/ready", "/api/v1/status"])
def test_pages_are_only_read(served, path):
    assert served.request(path).status == 200
    reply = served.request(path, "POST")
    assert reply.status == 405 and reply.headers["Allow"] == "GET, HEAD"


def test_an_unknown_path_says_which_there_are(served):
    reply = served.request("/metric")
    assert reply.status == 404 and "/metrics" in reply.text


def test_the_landing_page_shows_what_a_person_wants_to_know(served):
    reply = served.request("/")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    for text in ('href="/metrics"', "Ready", "in the last minute", "udp:127.0.0.1:0", "prefers-color-scheme", "viewport"):
        assert text in reply.text
    # Without any outside resource.
    assert not re.search(r'(?:src|href)="(?:https?:)?//', reply.text)


def test_status_is_json_without_payload(served):
    served.send_udp(b'{"model": "gpt-4o", "user": "secret-person", ')
    served.wait_for_events(4)
    status = served.status()
    assert status["ready"] is True
    assert status["events"]["rejected"] == 1
    [reject] = status["last_rejects"]
    assert reject["reason"] == "invalid_json" and reject["position"] > 0
    assert "secret-person" not in served.request("/api/v1/status").text + served.request("/").text + served.log_text
    assert status["prices"]["models"] > 1500
    assert status["records"] == served.value("llm_exporter_records") > 0
    assert status["series"] == served.value("llm_exporter_series") > 0


def test_a_keep_alive_connection_serves_many_requests(served):
    connection = http.client.HTTPConnection(*served.http_address, timeout=10)
    for path in ("/metrics", "/-/healthy", "/metrics", "/nothing", "/metrics"):
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()


def test_another_path_for_the_metrics():
    with Daemon("--web.telemetry-path=/other") as daemon:
        assert daemon.request("/other").status == 200
        assert daemon.request("/metrics").status == 404
        assert 'href="/other"' in daemon.request("/").text


def test_exporter_metrics_can_be_left_out():
    with Daemon("--web.disable-exporter-metrics") as daemon:
        text = daemon.scrape().text
        assert "process_" not in text
        assert "llm_exporter_events_received_total" in text


def fill(daemon, series=400):
    """Makes a scrape larger than all buffers between a daemon and a client that does not read."""
    with daemon.stream() as client:
        for number in range(series):
            client.sendall(daemon.encode(CALL | {"application": f"application-{number}"}) + b"\n")
    daemon.wait_for_events(series)
    assert len(daemon.scrape().body) > 4 << 20


def hold_a_scrape(daemon, timeout):
    """A client that asks and does not read."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(daemon.http_address)
    client.sendall(
        f"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: {timeout}\r\n\r\n".encode())
    return client


def test_more_scrapes_than_allowed_are_refused_and_a_stuck_one_gives_its_place_back():
    with Daemon("--web.max-requests=1") as daemon:
        fill(daemon)
        held = hold_a_scrape(daemon, timeout=2)
        refused = wait_until(
            lambda: (reply := daemon.request("/metrics")).status == 503 and reply, "a refusal")
        assert refused.headers["Retry-After"] == "1"
        assert "--web.max-requests" in refused.text
        # The scrape-timeout header bounds how long it may hold on.
        wait_until(lambda: daemon.request("/metrics").status == 200, "the place to be free again")
        held.settimeout(10)
        body = b""
        with _ends():
            while chunk := held.recv(1 << 16):
                body += chunk
        assert b"0\r\n\r\n" not in body[-5:], "half of a scrape must not look whole"


class _ends:
    """The connection breaks off, with or without an error."""

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        return kind is not None and issubclass(kind, OSError)


def test_the_duration_of_the_last_scrape_is_shown(served):
    served.scrape()
    started = time.monotonic()
    duration = served.value("llm_exporter_scrape_duration_seconds")
    assert 0 < duration < 5 + time.monotonic() - started
