"""The page at `/`: its stream, and the page itself in a real browser under believable traffic."""

import contextlib
import http.client
import json
import re
import socket
import subprocess
import time

import pytest
from browser import CHROMIUM, WHY_NOT, Browser
from daemon import Daemon, binary, wait_until

needs_browser = pytest.mark.skipif(not CHROMIUM, reason=WHY_NOT)
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>"\'&amp;'
CALL = {"model": "gpt-4o", "latency_ms": 1200, "usage": {"prompt_tokens": 1000, "completion_tokens": 500}}


# The stream

class Stream:
    """A client of /api/v1/live that reads events one at a time."""

    def __init__(self, daemon):
        self.connection = http.client.HTTPConnection(*daemon.http_address, timeout=20)
        self.connection.request("GET", "/api/v1/live", headers={"Accept": "text/event-stream"})
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self):
        """(name, data) of the next event; None at the end."""
        name, data = None, []
        for raw in iter(self.answer.readline, b""):
            line = raw.decode().rstrip("\n")
            if not line and data:
                return name, json.loads("\n".join(data))
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
        return None

    def until(self, wanted):
        """The first event that the condition likes."""
        while (event := self.next()) is not None:
            if wanted(*event):
                return event[1]
        raise AssertionError("the stream ended")


def test_the_stream_tells_at_once_and_then_goes_on(daemon):
    daemon.send_udp(CALL, CALL, {"model": "gpt-4o", "error": "timeout"})
    daemon.wait_for_events(3)
    with Stream(daemon) as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        started = time.monotonic()
        name, facts = stream.next()
        assert name == "facts" and facts["rejects"] == [[["None.", ""]]]
        assert [style for _, [_, style] in facts["listeners"]] == ["good"] * 3
        name, now = stream.next()
        assert time.monotonic() - started < 10
        assert name == "now"
        assert (now["total"]["calls"], now["total"]["failed"]) == (3, 1)
        assert now["errors"] == [["timeout", 1]]
        [model] = now["models"]
        assert (model["model"], model["provider"], model["calls"]) == ("gpt-4o", "openai", 3)
        # Two calls within the bucket from 1 s to 2 s.
        assert model["p50"] == 1.5 and abs(model["p95"] - 1.95) < 1e-9
        daemon.send_udp(CALL)
        assert stream.until(lambda name, data: name == "now" and data["total"]["calls"] == 4)["minute"]["calls"] == 4
        points = stream.until(lambda name, _: name == "points")
        assert all(len(point) == 6 for point in points)


def test_a_page_that_is_opened_later_has_a_past(daemon):
    daemon.send_udp(CALL)
    daemon.wait_for_events(1)
    deadline = time.monotonic() + 30

    def first_points():
        with Stream(daemon) as stream:
            assert stream.next()[0] == "facts"
            name, data = stream.next()
            return data if name == "points" else None
    points = wait_until(first_points, "a point to be kept while nobody watches", deadline - time.monotonic())
    assert points[-1][1] > 0


def test_the_stream_is_only_read_and_has_a_head(daemon):
    assert daemon.request("/api/v1/live", "POST").status == 405
    reply = daemon.request("/api/v1/live", "HEAD")
    assert reply.status == 200 and reply.headers["Content-Type"].startswith("text/event-stream")


def test_there_is_room_for_so_many_and_a_place_is_free_again(daemon):
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(daemon)) for _ in range(32)]
        assert {stream.answer.status for stream in streams} == {200}
        refused = daemon.request("/api/v1/live")
        assert refused.status == 503 and refused.headers["Retry-After"]
        streams.pop().connection.close()
        # A client that is gone is noticed when it is told something: within a second or two.
        wait_until(lambda: joins(daemon), "the place to be free again")
        assert all(stream.next() for stream in streams)


def test_a_client_that_does_not_read_holds_up_nobody(daemon):
    stuck = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    stuck.connect(daemon.http_address)
    stuck.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\n\r\n")
    with contextlib.closing(stuck), Stream(daemon) as stream:
        times = [stream.until(lambda name, _: name == "now")["time"] for _ in range(5)]
        assert times == sorted(times) and len(set(times)) == 5
        daemon.send_udp(CALL)
        daemon.wait_for_events(1)


def test_clients_that_never_read_are_cut_off(daemon):
    """As soon as their own buffers are full, and 20 seconds have passed: then there is room for others again."""
    with contextlib.ExitStack() as stack:
        for _ in range(32):
            stuck = stack.enter_context(contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)))
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            stuck.connect(daemon.http_address)
            stuck.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: not joins(daemon), "all places to be taken")
        wait_until(lambda: joins(daemon), "a place to be free", 90)


def joins(daemon):
    with Stream(daemon) as stream:
        return stream.answer.status == 200


def test_facts_are_sent_when_they_change(daemon):
    with Stream(daemon) as stream:
        stream.until(lambda name, _: name == "now")
        assert [stream.next()[0] for _ in range(3)].count("facts") == 0
        daemon.send_udp(b"{")
        [row] = stream.until(lambda name, data: name == "facts" and len(data["rejects"][0]) == 4)["rejects"]
        assert [text for text, _ in row][1:3] == ["udp", "invalid_json"]


def test_the_stream_ends_whole_when_the_daemon_is_stopped():
    with Daemon() as daemon, Stream(daemon) as stream:
        assert stream.next()
        daemon.process.terminate()
        # http.client raises IncompleteRead where the closing chunk is missing.
        while stream.next():
            pass
        assert stream.answer.read() == b""
        assert daemon.wait() == 0


def test_what_was_restored_is_not_new():
    with Daemon() as daemon:
        daemon.send_udp(*[CALL] * 5)
        daemon.wait_for_events(5)
        assert daemon.stop() == 0
        daemon.start()
        with Stream(daemon) as stream:
            now = stream.until(lambda name, _: name == "now")
        assert (now["total"]["calls"], now["minute"]["calls"]) == (5, 0)
        assert now["models"] == []


# The page

def test_the_page_allows_nothing_from_outside(daemon):
    first, second = daemon.request("/"), daemon.request("/")
    policies = [reply.headers["Content-Security-Policy"] for reply in (first, second)]
    nonces = [re.search(r"script-src 'nonce-([0-9a-f]+)'", policy)[1] for policy in policies]
    assert nonces[0] != nonces[1], "a nonce is used once"
    directives = dict(part.strip().split(" ", 1) for part in policies[0].split(";"))
    assert directives == {
        "default-src": "'none'", "style-src": f"'nonce-{nonces[0]}'", "script-src": f"'nonce-{nonces[0]}'",
        "connect-src": "'self'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert first.text.count(f'nonce="{nonces[0]}"') == 2
    assert "{{" not in first.text and "unsafe" not in policies[0]
    assert " style=" not in first.text and not re.search(r'\son\w+=', first.text)


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@contextlib.contextmanager
def traffic(daemon, *options):
    host, port = daemon.udp_address
    process = subprocess.Popen(
        [binary("llm-loadgen"), "traffic", "--to", f"udp:{host}:{port}", "--day-seconds", "0", *options],
        stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def numbers_of(page):
    """What is shown of the totals, as numbers."""
    return {name: page.text(f"#total-{name}") for name in ("calls", "failed", "cost")}


@needs_browser
def test_the_numbers_shown_are_those_of_the_metrics_and_the_charts_move(browser):
    with Daemon() as daemon:
        page = browser.open(daemon.url)
        page.wait_for("!document.getElementById('empty').hidden && document.getElementById('listeners').textContent")
        assert page.text("#listeners") == "3 of 3 up"
        with traffic(daemon, "--rate", "80"):
            page.wait_for("!document.getElementById('live').hidden", "the first calls")
            line = "document.querySelector('#calls .line')?.getAttribute('d')"
            before = page.wait_for(line)
            page.wait_for(f"{line} !== {json.dumps(before)}", "the chart to move")
        # The traffic has ended: what is shown comes to rest at what is counted.
        def is_equal():
            calls = daemon.value("llm_requests_total")
            failed = daemon.value("llm_requests_total", status="error")
            cost = daemon.value("llm_cost_dollars_total")
            assert calls > 0
            want = {"calls": f"{calls:,.0f}", "failed": f"{failed:,.0f}"}
            shown = numbers_of(page)
            dollars = float(shown.pop("cost").strip("$").replace(",", ""))
            return shown == want and abs(dollars - cost) <= 0.006 * max(1, cost)
        wait_until(is_equal, "the numbers to agree")

        errors = {}
        for name, labels, value in daemon.samples():
            if name == "llm_errors_total" and value:
                kind = labels["error_type"].replace("_", " ")
                errors[kind] = errors.get(kind, 0) + value
        shown = page.evaluate("[...document.querySelectorAll('#errors li')].map(row => "
                              "[row.querySelector('span').textContent, Number(row.querySelector('b').textContent)])")
        assert dict(map(tuple, shown)) == errors
        models = page.evaluate("[...document.querySelectorAll('#models tr')].map(row => "
                               "row.cells[0].firstChild.textContent)")
        assert "gpt-4o" in models
        assert set(models) <= {labels["model"] for _, labels, _ in daemon.samples() if "model" in labels} | {"all others"}
        assert page.text("#series") == f"{daemon.value('llm_exporter_series'):,.0f}"
        assert page.text("#unpriced") == f"{daemon.value('llm_unpriced_requests_total'):,.0f}"

        origin = daemon.url
        assert page.requests and all(address.startswith((origin, "data:")) for address in page.requests)
        assert page.problems == []


@needs_browser
def test_names_from_outside_are_text(browser, daemon):
    daemon.send_udp(CALL | {"model": HOSTILE}, b'{"model": "<b>not json"', {"model": "x", "error": HOSTILE})
    daemon.wait_for_events(3)
    page = browser.open(daemon.url)
    page.wait_for("document.querySelectorAll('#models tr').length === 2", "two models")
    names = page.evaluate("[...document.querySelectorAll('#models tr')].map(row => row.cells[0].firstChild.textContent)")
    assert HOSTILE in names
    assert page.evaluate("document.title") == "llm-exporter"
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0
    assert page.problems == []


@needs_browser
def test_the_foot_of_the_page_is_live_and_text(browser, daemon):
    page = browser.open(daemon.url)
    page.wait_for("document.getElementById('fact-rejects').textContent === 'None.' && "
                  "document.getElementById('up').textContent")
    assert page.evaluate("document.querySelectorAll('#fact-listeners .good').length") == 3
    assert "models, version" in page.text("#fact-prices")
    daemon.send_udp(b'{"model":"gpt-4o","id":"' + HOSTILE.encode() + b'"')
    page.wait_for("document.querySelectorAll('#fact-rejects td').length === 4", "the rejected event")
    assert page.text("#fact-rejects code") == "invalid_json"
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0
    assert page.problems == []


@needs_browser
def test_who_is_refused_is_told_why_and_sees_the_status(browser, daemon):
    with contextlib.ExitStack() as stack:
        for _ in range(32):
            stack.enter_context(Stream(daemon))
        page = browser.open(daemon.url)
        page.wait_for("document.getElementById('state-text').textContent.startsWith('Too many are watching')", "the reason")
        assert page.evaluate("getComputedStyle(document.getElementById('still')).display") != "none"
        assert page.text("#listeners") == "3 of 3 up"
    page.wait_for("document.getElementById('state-text').textContent === 'Ready'", "a place")
    assert page.evaluate("document.getElementById('still').hidden")


@needs_browser
def test_a_cost_in_amber_says_what_it_lacks(browser, daemon):
    daemon.send_udp(CALL | {"cost_usd": 0.5, "model": "a-name-of-no-table"}, CALL | {"model": "a-name-of-no-table"})
    page = browser.open(daemon.url)
    page.wait_for("document.querySelector('#models td.warn') !== null", "an amber cost")
    assert page.evaluate("document.querySelector('#models td.warn').title") == \
        "Priced in part: the price of 1 of 2 calls is not known in full"


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 390, 768, 1200])
def test_it_fits_and_is_readable(browser, filled, width, dark):
    page = browser.open(filled.url, width=width, height=800, dark=dark)
    page.wait_for("document.querySelectorAll('#calls .line').length > 0")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "a scroll bar across"
    # WCAG's contrast of every text with what is behind it: https://www.w3.org/TR/WCAG21/#contrast-minimum
    faint = page.evaluate(CONTRAST)
    assert faint == []
    lightness = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", lightness))) < 200) == dark
    assert page.problems == []


CONTRAST = """(() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = parse(element instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.push(walker.currentNode.data.trim());
  }
  return faint;
})()"""


@pytest.fixture(scope="module")
def filled():
    with Daemon() as daemon:
        daemon.send_udp(CALL, CALL | {"model": "m" * 120}, {"model": "gpt-4o", "error": "timeout"},
                        {"model": "a-name-of-no-table", "latency_ms": 70000, "usage": {"prompt_tokens": 5}}, b"{")
        daemon.wait_for_events(5)
        yield daemon


@needs_browser
def test_a_chart_tells_its_numbers_to_who_points_and_to_who_hears(browser, filled):
    page = browser.open(filled.url)
    page.wait_for("document.querySelector('#calls .plot').getAttribute('aria-label')")
    assert "Calls per second: now" in page.evaluate("document.querySelector('#calls .plot').getAttribute('aria-label')")
    page.wait_for("document.querySelectorAll('#calls .line').length > 0")
    page.evaluate("document.querySelector('#calls .plot').focus()")
    for _ in range(3):
        page.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowLeft")
    # One chart is asked, all of them show that moment.
    page.wait_for("[...document.querySelectorAll('.plot')].every(plot => plot.querySelector('.cross'))")
    assert " ago" in page.text("#cost .when")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Escape")
    page.wait_for("!document.querySelector('.cross')")


@needs_browser
def test_without_scripts_it_is_a_page_that_stands_still(browser, filled):
    page = browser.open(filled.url, scripts=False)
    text = wait_until(lambda: (text := page_text(browser, page)) and "Ready" in text and text, "the page")
    for part in ("3 of 3 up", "5 events received", "1 rejected", "Metrics", "invalid_json", "Prices"):
        assert part in text
    assert "Calls per second" not in text


def page_text(browser, page):
    """Without scripts nothing can be evaluated: what accessibility tools are told."""
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    return " ".join(node["name"]["value"] for node in nodes if node.get("name", {}).get("value"))


@needs_browser
def test_it_says_when_the_daemon_is_away_and_comes_back(browser):
    with Daemon("--web.listen-address=127.0.0.1:0") as daemon:
        page = browser.open(daemon.url)
        page.wait_for("document.getElementById('state-text').textContent === 'Ready' && "
                      "document.getElementById('up').textContent")
        port = daemon.http_address[1]
        daemon.stop()
        page.wait_for("document.getElementById('state-text').textContent.startsWith('Disconnected')")
        daemon.flags = (f"--web.listen-address=127.0.0.1:{port}",)
        daemon.start()
        daemon.send_udp(CALL)
        page.wait_for("document.getElementById('total-calls').textContent === '1'", "the page to come back")
