"""Events over every transport: counted once, rejected by reason, and nothing lost that the kernel took."""

import json
import re
import socket
import time

import pytest
from daemon import ROOT, TRANSPORTS, Daemon, wait_until

CALL = {"model": "gpt-4o", "application": "shop", "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}

# For each reason one event, and for too_long what is longer than any transport takes.
REJECTS = {
    "invalid_json": b'{"model": "gpt-4o", ',
    "missing_field": b'{"application": "shop"}',
    "bad_field": b'{"model": "gpt-4o", "latency_ms": -1}',
    "unknown_event": b'{"event": "party", "model": "gpt-4o"}',
    "too_long": b'{"model": "gpt-4o", "filler": "' + b"x" * 70_000 + b'"}',
}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_call_is_counted_and_priced(daemon, transport):
    daemon.send(transport, CALL)
    daemon.wait_for_events(1)
    labels = {"model": "gpt-4o", "provider": "openai", "operation": "chat", "application": "shop"}
    assert daemon.values("llm_requests_total", status="success", **labels) == [1]
    assert daemon.value("llm_tokens_total", token_type="input", **labels) == 1000
    assert daemon.value("llm_tokens_total", token_type="output", **labels) == 100
    assert daemon.value("llm_cost_dollars_total", **labels) == pytest.approx(1000 * 2.5e-6 + 100 * 1e-5, abs=1e-12)
    assert daemon.values("llm_priced_requests_total", source="table", **labels) == [1]
    assert daemon.value("llm_exporter_events_received_total", source=transport) == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("reason", REJECTS)
def test_a_bad_event_is_counted_by_its_reason_and_costs_no_neighbour(daemon, transport, reason):
    if reason == "too_long" and transport == "udp":
        # A datagram can't be that long (65,507 bytes): what is too long there is a line in one over the limit.
        pytest.skip("a UDP datagram ends below the limit of a line")
    bad = REJECTS[reason]
    daemon.send(transport, CALL)
    daemon.send(transport, bad)
    daemon.send(transport, CALL)
    daemon.wait_for_events(3)
    assert daemon.value("llm_exporter_events_rejected_total", reason=reason) == 1
    assert daemon.value("llm_exporter_events_rejected_total") == 1
    assert daemon.value("llm_requests_total") == 2
    last = daemon.status()["last_rejects"]
    assert [(reject["reason"], reject["source"]) for reject in last] == [(reason, transport)]


def test_too_long_over_udp():
    with Daemon("--events.max-line-bytes=1024") as daemon:
        daemon.send_udp(b'{"model": "gpt-4o", "filler": "' + b"x" * 2000 + b'"}', CALL)
        daemon.wait_for_events(2)
        assert daemon.value("llm_exporter_events_rejected_total", reason="too_long") == 1
        assert daemon.value("llm_requests_total") == 1


def test_several_events_in_a_datagram_are_judged_alone(daemon):
    daemon.send_udp(CALL, b"nonsense", CALL, b"", CALL)
    daemon.wait_for_events(4)
    assert daemon.tallies() == {"received": 4, "accepted": 3, "rejected": 1, "duplicate": 0, "dropped": 0}


def test_what_was_received_is_always_accounted_for(daemon):
    bad = list(REJECTS.values())[:4]
    for round in range(20):
        for transport in TRANSPORTS:
            daemon.send(transport, CALL, bad[round % 4], {"model": "no-such-model"}, {"model": "gpt-4o", "status": "error"})
    for _ in range(5):
        samples = daemon.samples()

        def total(name, **labels):
            return sum(n for found, own, n in samples if found == name and labels.items() <= own.items())

        assert total("llm_exporter_events_received_total") == sum(
            total(f"llm_exporter_events_{what}_total") for what in ("accepted", "rejected", "duplicate", "dropped"))
        assert total("llm_errors_total") == total("llm_requests_total", status="error")
        assert total("llm_priced_requests_total") + total("llm_unpriced_requests_total") == total("llm_requests_total")
    daemon.wait_for_events(240)
    assert daemon.tallies()["accepted"] == 180


def test_a_stream_client_that_closes_at_once_loses_nothing(daemon):
    for _ in range(20):
        with daemon.stream() as client:
            client.sendall(b"".join(daemon.encode(CALL) + b"\n" for _ in range(50)))
    daemon.wait_for_events(1000)
    assert daemon.value("llm_requests_total") == 1000


def test_the_last_line_of_a_stream_needs_no_newline(daemon):
    with daemon.stream() as client:
        client.sendall(daemon.encode(CALL))
    daemon.wait_for_events(1)
    assert daemon.value("llm_requests_total") == 1


def test_a_flush_without_a_store_is_answered_with_failed():
    with Daemon("--no-storage") as daemon, daemon.stream() as client:
        client.sendall(daemon.encode(CALL) + b'\n{"event":"flush","id":"42"}\n')
        answer = json.loads(client.makefile().readline())
        assert answer == {"event": "failed", "id": "42", "reason": "no_storage"}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_sigterm_drains_what_the_kernel_had_taken(transport):
    with Daemon() as daemon:
        # Unix datagram sockets queue eleven; the sender waits for the reader there.
        for _ in range(300):
            daemon.send(transport, CALL, CALL)
        daemon.stop()
        line = wait_until(lambda: daemon.log_lines("stopped"), "the last line")[0]
        assert re.search(r"accepted=(\d+)", line)[1] == "600"


def test_bytes_and_the_last_event_are_counted_by_source(daemon):
    daemon.send_unix(CALL)
    daemon.wait_for_events(1)
    assert daemon.value("llm_exporter_bytes_received_total", source="unix") == len(daemon.encode(CALL)) + 1
    assert daemon.value("llm_exporter_bytes_received_total", source="udp") == 0
    assert daemon.value("llm_exporter_last_event_timestamp_seconds", source="unix") > 1.7e9


def test_listeners_can_be_switched_off_and_multiplied():
    with Daemon("--events.listen-unix=", "--events.listen-unixgram=") as daemon:
        listeners = [listener["listener"] for listener in daemon.status()["listeners"]]
        assert listeners == ["udp:127.0.0.1:0"]
        assert not daemon.unix.exists()
    with Daemon("--events.listen-udp=127.0.0.1:0", "--events.listen-udp=[::1]:0") as daemon:
        assert len(daemon.log_lines("listening for events")) == 4


def test_ipv6(request):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with Daemon(name="[::1]") as daemon:
        daemon.send_udp(CALL)
        daemon.wait_for_events(1)
        assert daemon.url.startswith("http://[::1]:")


def test_a_failure_of_litellm_is_free_though_it_states_a_first_token():
    # Where no token came LiteLLM puts the end in the place of the first one.
    failure = json.loads((ROOT / "Tests/EventsTests/Fixtures/litellm-failure.json").read_text())
    end = time.time()
    failure |= {"startTime": end - 8.625, "endTime": end, "completionStartTime": end}
    with Daemon() as daemon:
        daemon.send_udp(failure)
        daemon.wait_for_events(1)
        assert daemon.values("llm_priced_requests_total", source="free") == [1]
        assert daemon.value("llm_errors_total", error_type="rate_limit") == 1
        assert daemon.value("llm_time_to_first_token_seconds_count") == 0


def test_answers_that_are_sent_whole_lose_no_call(daemon):
    daemon.send_udp(
        {"model": "mistral-ocr-latest", "provider": "mistral", "pages": [{"index": 0, "markdown": "x"}],
         "usage_info": {"pages_processed": 29, "doc_size_bytes": None}},
        {"model": "gpt-image-1", "images": [{"url": "x"}], "usage": {"input_tokens": 50, "output_tokens": 1056}},
        {"model": "gpt-realtime", "object": "realtime.response", "status": "completed", "max_output_tokens": "inf",
         "temperature": 0.8, "usage": {"total_tokens": 253, "input_tokens": 132, "output_tokens": 121}},
        {"model": "amazon.titan-text-express-v1", "provider": "bedrock", "inputTextTokenCount": 1000,
         "results": [{"tokenCount": 700, "outputText": "x", "completionReason": "FINISH"}]})
    daemon.wait_for_events(4)
    assert daemon.status()["last_rejects"] == []
    assert daemon.value("llm_priced_requests_total", source="table") == 4
    assert daemon.value("llm_tokens_total", model="amazon.titan-text-express-v1", token_type="output") == 700
