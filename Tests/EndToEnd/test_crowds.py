"""Peers that take more than their share: of open files, of connections, of time."""

import contextlib
import http.server
import json
import resource
import signal
import socket
import threading
import time

import pytest
from daemon import Daemon, wait_until
from test_http import fill, hold_a_scrape

CALL = {"model": "gpt-4o", "cost_usd": 1, "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


@contextlib.contextmanager
def open_files(soft, hard):
    """The limit for what is started inside; this process, which holds the other ends, keeps what it may have."""
    mine = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard > HARD:
        pytest.skip(f"at most {HARD} open files are allowed here")
    daemon = Daemon()
    try:
        daemon.limits = (soft, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(HARD, 8_192), HARD))
        with daemon:
            yield daemon
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, mine)


def connections(daemon):
    [listener] = [one for one in daemon.status()["listeners"] if one["connections"]]
    return listener["connections"]


@pytest.mark.parametrize("limit", [256, 1_024])
def test_peers_that_connect_to_http_and_say_nothing_keep_nobody_out(limit):
    with open_files(limit, limit) as daemon, contextlib.ExitStack() as held:
        for number in range(limit + 100):
            peer = held.enter_context(socket.create_connection(daemon.http_address, timeout=10))
            if number % 2:
                peer.sendall(b"GET /metrics HTTP/1.1\r\nHost:")
        for number in range(1, 21):
            daemon.send_unix(CALL)
            daemon.wait_for_events(number)
        assert daemon.process.poll() is None
        assert daemon.value("llm_exporter_events_accepted_total") == 20
        assert daemon.value("process_open_fds") < limit


@pytest.mark.parametrize("limit", [256, 1_024])
def test_silent_stream_clients_keep_out_neither_the_store_nor_scrapes(limit):
    with open_files(limit, limit) as daemon, contextlib.ExitStack() as held:
        full = connections(daemon)["limit"]
        silent = [held.enter_context(daemon.stream()) for _ in range(full)]
        silent[0].sendall(json.dumps(CALL).encode() + b'\n{"event":"flush","id":"f"}\n')
        assert b"flushed" in silent[0].recv(100)
        wait_until(lambda: connections(daemon)["open"] == full, "all to be accepted")
        waiting = held.enter_context(daemon.stream())
        waiting.sendall(daemon.encode(CALL) + b"\n")
        [line] = wait_until(lambda: daemon.log_lines("stream clients wait for a place"), "a warning")
        assert f"all {full} connections are taken" in line and "LimitNOFILE" in line
        assert daemon.value("llm_exporter_stream_connections") == full
        assert daemon.value("llm_exporter_stream_connections_limit") == full
        silent[1].close()
        daemon.wait_for_events(3)
        assert daemon.value("llm_requests_total") == 2


def test_the_soft_limit_of_open_files_is_raised_to_the_hard_one():
    with open_files(1_024, 8_000) as daemon, contextlib.ExitStack() as held:
        assert "max_open_files=8000" in daemon.log_text
        clients = [held.enter_context(daemon.stream()) for _ in range(2_000)]
        for client in clients:
            client.sendall(daemon.encode(CALL) + b"\n")
        daemon.wait_for_events(2_000)
        assert connections(daemon)["open"] == 2_000


@pytest.mark.parametrize("half_closed", [False, True])
def test_a_flush_that_comes_just_before_the_stop_is_answered(half_closed):
    for _ in range(5):
        with Daemon() as daemon, daemon.stream() as client:
            daemon.signal(signal.SIGSTOP)
            client.sendall(daemon.encode(CALL) + b'\n{"event":"flush","id":"f"}\n')
            if half_closed:
                client.shutdown(socket.SHUT_WR)
            daemon.signal(signal.SIGTERM)
            daemon.signal(signal.SIGCONT)
            assert json.loads(client.makefile("rb").readline()) == {"event": "flushed", "id": "f"}
            assert daemon.wait() == 0


@contextlib.contextmanager
def server_that_never_answers():
    release = threading.Event()
    asked = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.set()
            release.wait()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/prices.json", asked
    finally:
        release.set()
        server.shutdown()
        server.server_close()


def test_a_transfer_that_does_not_end_delays_no_commit_and_no_stop():
    with server_that_never_answers() as (url, asked):
        daemon = Daemon(f"--prices.url={url}", "--storage.commit-interval=1h")
        with daemon:
            assert asked.wait(20)
            daemon.send_unix(CALL)
            daemon.wait_for_events(1)
            started = time.monotonic()
            assert daemon.stop() == 0
            assert time.monotonic() - started < 15, "Docker kills after ten seconds"
            assert daemon.log_lines("stopped")
            daemon.flags = ("--storage.commit-interval=1h",)
            daemon.start()
            assert daemon.value("llm_requests_total") == 1


def test_a_scrape_that_nobody_reads_delays_no_stop():
    with Daemon() as daemon:
        fill(daemon)
        with hold_a_scrape(daemon, timeout=3_600):
            started = time.monotonic()
            assert daemon.stop() == 0
            assert time.monotonic() - started < 8
