"""Price tables: files, overrides, aliases, and the refresh from a URL that never makes things worse."""

import http.server
import json
import signal
import socket
import stat
import subprocess
import threading

import pytest
from daemon import Daemon, binary, wait_until

CALL = {"model": "house-model", "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 0}}


def table(dollars, models=150):
    """A table of enough models to be believed, among them ours at that price per million input tokens."""
    entries = {f"filler-{n}": {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6,
                               "litellm_provider": "openai", "mode": "chat"} for n in range(models)}
    entries["house-model"] = {"input_cost_per_token": dollars / 1e6, "output_cost_per_token": 0.0,
                              "litellm_provider": "openai", "mode": "chat"}
    return json.dumps(entries).encode()


class PriceServer:
    """Serves one table, with an ETag, and remembers what it was asked."""

    def __init__(self, body):
        self.body = body
        self.etag = '"one"'
        self.status = 200
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.requests.append(dict(self.headers))
                if self.headers.get("If-None-Match") == outer.etag and outer.status == 200:
                    self.send_response(304)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(outer.status)
                self.send_header("ETag", outer.etag)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/prices.json"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def cost(daemon, call=CALL):
    """What one more call costs."""
    before, calls = daemon.value("llm_cost_dollars_total"), daemon.value("llm_requests_total")
    daemon.send_unix(call)
    wait_until(lambda: daemon.value("llm_requests_total") > calls, "the call")
    return round(daemon.value("llm_cost_dollars_total") - before, 9)


def fetched(daemon):
    return wait_until(lambda: daemon.values("llm_exporter_prices_info")
                      and "http://" in daemon.status()["prices"]["source"], "the fetched table")


def test_an_unknown_model_is_counted_and_never_priced():
    with Daemon() as daemon:
        assert cost(daemon) == 0
        assert daemon.value("llm_unpriced_requests_total", reason="unknown_model") == 1


def test_files_overrides_and_aliases(tmp_path):
    (tmp_path / "prices.json").write_bytes(table(3))
    config = """
prices:
  aliases: {our-deployment: house-model}
  overrides:
    negotiated: {input_cost_per_token: 5.0e-6, output_cost_per_token: 0}
"""
    with Daemon(f"--prices.file={tmp_path}/prices.json", config=config) as daemon:
        assert cost(daemon) == 3
        assert cost(daemon, CALL | {"model": "our-deployment"}) == 3
        assert daemon.value("llm_requests_total", model="house-model") == 2
        assert cost(daemon, CALL | {"model": "negotiated"}) == 5


def test_sighup_reads_the_price_files_again(tmp_path):
    path = tmp_path / "prices.json"
    path.write_bytes(table(3))
    with Daemon(f"--prices.file={path}") as daemon:
        assert cost(daemon) == 3
        path.write_bytes(b"{")
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: daemon.log_lines("configuration not reloaded"), "the refusal")
        assert cost(daemon) == 3
        path.write_bytes(table(4))
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: daemon.log_lines("configuration reloaded"), "the reload")
        assert cost(daemon) == 4


def test_a_table_is_fetched_kept_and_asked_for_by_its_etag():
    with PriceServer(table(7)) as server:
        daemon = Daemon(f"--prices.url={server.url}", "--prices.refresh-interval=1s")
        with daemon:
            fetched(daemon)
            assert cost(daemon) == 7
            assert daemon.value("llm_exporter_prices_updated_timestamp_seconds") > 1.7e9
            wait_until(lambda: any(r.get("If-None-Match") == '"one"' for r in server.requests), "a conditional request")
            server.body, server.etag = table(8), '"two"'
            wait_until(lambda: cost(daemon) == 8, "the next table")


@pytest.mark.parametrize("fault", ["status", "no table", "too small a table", "too large a table", "unreachable"])
def test_on_any_failure_the_last_good_table_stays_over_restarts_too(fault, tmp_path):
    with PriceServer(table(7)) as server:
        url = server.url
        daemon = Daemon(f"--prices.url={url}", "--prices.refresh-interval=1s", directory=tmp_path)
        with daemon:
            fetched(daemon)
            server.etag = '"broken"'
            if fault == "status":
                server.status = 500
            elif fault == "no table":
                server.body = b"<html>maintenance</html>"
            elif fault == "too small a table":
                server.body = table(9, models=3)
            elif fault == "too large a table":
                server.body = table(9) + b" " * (33 << 20)
            else:
                server.server.shutdown()
                server.server.server_close()
            wait_until(lambda: daemon.value("llm_exporter_prices_refresh_failures_total") >= 1, "the failure")
            assert cost(daemon) == 7
            assert daemon.status()["prices"]["last_problem"]
            daemon.stop()
            daemon.start()
            assert cost(daemon) == 7
            assert url in daemon.status()["prices"]["source"]


@pytest.mark.parametrize("fault", ["cut short", "deleted"])
def test_a_kept_table_that_is_damaged_is_fetched_again(fault, tmp_path):
    with PriceServer(table(7)) as server, Daemon(f"--prices.url={server.url}", directory=tmp_path) as daemon:
        fetched(daemon)
        daemon.stop()
        kept = daemon.storage / "prices-fetched.json"
        if fault == "deleted":
            kept.unlink()
        else:
            kept.write_bytes(kept.read_bytes()[:1000])
        daemon.start()
        fetched(daemon)
        assert cost(daemon) == 7


def test_a_fetched_table_that_could_not_be_used_is_used_once_it_can(tmp_path):
    path = tmp_path / "prices.json"
    path.write_bytes(b"{}")
    with PriceServer(table(7)) as server:
        with Daemon(f"--prices.url={server.url}", "--prices.refresh-interval=1s", f"--prices.file={path}") as daemon:
            fetched(daemon)
            path.write_bytes(b"{")
            server.body, server.etag = table(8), '"two"'
            wait_until(lambda: daemon.value("llm_exporter_prices_refresh_failures_total") >= 1, "the failure")
            assert cost(daemon) == 7
            path.write_bytes(b"{}")
            wait_until(lambda: cost(daemon) == 8, "the newer table")


def test_the_former_table_stays_until_a_new_url_has_delivered(tmp_path):
    with PriceServer(table(7)) as former, PriceServer(table(8)) as new:
        new.status = 500
        config = "prices: {{url: '{}', refresh_interval: 1s}}\n"
        with Daemon(config=config.format(former.url), directory=tmp_path) as daemon:
            fetched(daemon)
            (tmp_path / "config.yml").write_text(config.format(new.url))
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: daemon.value("llm_exporter_prices_refresh_failures_total") >= 1, "the failure")
            assert former.url in daemon.status()["prices"]["source"]
            assert cost(daemon) == 7
            new.status = 200
            wait_until(lambda: new.url in daemon.status()["prices"]["source"], "the new table")
            assert cost(daemon) == 8


def test_what_is_secret_in_the_url_is_shown_nowhere(tmp_path):
    with PriceServer(table(7)) as server:
        def url(path):
            return server.url.replace("//", "//ann:hunter2@").replace("prices.json", path + "?token=hunter2")

        config = "prices: {{url: '{}', refresh_interval: 1s}}\n"
        with Daemon(config=config.format(url("a")), directory=tmp_path) as daemon:
            fetched(daemon)
            assert server.requests[0]["Authorization"].startswith("Basic ")
            wait_until(lambda: daemon.log_lines("price table is current"), "a second look")
            server.status = 500
            (tmp_path / "config.yml").write_text(config.format(url("b")))
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: "/b" in (daemon.status()["prices"]["last_problem"] or ""), "the failure")
            assert daemon.log_lines("setting changed")
            shown = [daemon.scrape().text, json.dumps(daemon.status()), daemon.request("/").text, daemon.log_text]
            assert not any("hunter2" in text for text in shown)
            assert "/a" in daemon.status()["prices"]["source"]
            assert stat.S_IMODE((daemon.storage / "prices-fetched.meta").stat().st_mode) == 0o600


def test_a_server_that_never_answers_does_not_delay_the_stop():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with Daemon(f"--prices.url=http://127.0.0.1:{server.getsockname()[1]}/prices.json") as daemon:
            connection, _ = server.accept()
            with connection:
                assert connection.recv(1)
                # Within the harness's patience, which is shorter than that of a transfer.
                assert daemon.stop() == 0
                assert not daemon.log_lines("price table not refreshed; the last good one stays")


@pytest.mark.parametrize("content", [None, b"{"])
def test_check_config_and_a_start_refuse_a_price_file_that_cannot_be_used(content, tmp_path):
    path = tmp_path / "prices.json"
    if content is not None:
        path.write_bytes(content)
    flags = [f"--prices.file={path}", f"--storage.path={tmp_path}/data"]
    check = subprocess.run([binary(), "check-config", *flags], capture_output=True, text=True, timeout=60)
    assert check.returncode == 2
    assert str(path) in check.stderr
    start = subprocess.run([binary(), "serve", *flags], capture_output=True, text=True, timeout=60)
    assert start.returncode == (2 if content is None else 1)
    assert str(path) in start.stderr


def test_a_price_is_shown_for_each_model_seen():
    with Daemon() as daemon:
        daemon.send_unix({"model": "gpt-4o", "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
        daemon.wait_for_events(1)
        name = "llm_model_price_dollars_per_million_tokens"
        assert daemon.values(name, model="gpt-4o", provider="openai", token_type="input") == [2.5]
        assert daemon.values(name, model="gpt-4o", provider="openai", token_type="output") == [10]
        daemon.send_unix({"model": "gpt-4o", "service_tier": "priority", "usage": {"prompt_tokens": 1}})
        daemon.wait_for_events(2)
        assert daemon.values(name, model="gpt-4o", provider="openai", token_type="input") == [4.25]

        daemon.signal(signal.SIGHUP)
        wait_until(lambda: daemon.log_lines("configuration reloaded"), "the reload")
        assert daemon.values(name, model="gpt-4o", provider="openai", token_type="input") == [4.25]
        daemon.stop()
        daemon.start()
        wait_until(lambda: daemon.values(name, model="gpt-4o", token_type="input") == [2.5], "what came back from disk")
