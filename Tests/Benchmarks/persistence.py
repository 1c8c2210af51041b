#!/usr/bin/env python3
"""Measures what keeping state costs, on the disk of the directory that it is given (default: the current one).

    persistence.py [--exporter PATH] [--directory PATH]

Prints, and asserts nothing: 100 clients that flush after every event; a start with 1,000 records and 100,000 remembered
events; commits of 1,000 changed records; CPU per event over the stream at 100,000 events a second, with a store and
without, the call log apart; and what a logged call adds, at a rate at which each is logged.
"""

import argparse
import json
import os
import selectors
import shutil
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

CLIENTS = 100
SECONDS = 5.0


def line(event):
    return json.dumps(event).encode() + b"\n"


def cpu_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def flush_rate(daemon):
    """Events acknowledged a second, and how long a client waits."""
    selector = selectors.DefaultSelector()
    sent = {}
    waits = []

    def send(client):
        number = sent[client][1] + 1
        sent[client] = (time.monotonic(), number)
        call = {"model": "gpt-4o", "id": f"{client.fileno()}-{number}", "application": f"app{client.fileno() % 50}",
                "usage": {"prompt_tokens": 10, "completion_tokens": 5}, "latency_ms": 900}
        client.sendall(line(call) + line({"event": "flush", "id": str(number)}))

    for _ in range(CLIENTS):
        client = daemon.stream()
        selector.register(client, selectors.EVENT_READ)
        sent[client] = (0, 0)
        send(client)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for key, _ in selector.select(1):
            answer = key.fileobj.recv(4096)
            assert b'"flushed"' in answer, answer
            waits.append(time.monotonic() - sent[key.fileobj][0])
            send(key.fileobj)
    for client in sent:
        client.close()
    return len(waits) / SECONDS, statistics.median(waits), max(waits)


def fill(daemon, records, ids, prefix):
    with daemon.stream() as client:
        def events():
            for number in range(max(records, ids)):
                yield line({"model": "gpt-4o", "application": f"app{number % records}", "id": f"{prefix}{number}",
                            "usage": {"prompt_tokens": 10 + number % 900, "completion_tokens": 5}, "ttft_ms": 80,
                            "latency_ms": 900 + number % 5000, "cost_usd": 0.01})
        batch = b"".join(events())
        client.sendall(batch + line({"event": "flush", "id": "all"}))
        assert b'"flushed"' in client.recv(4096)


def start_time(daemon):
    """Until the stored numbers can be scraped."""
    began = time.monotonic()
    daemon.start()
    while daemon.request("/metrics").status != 200:
        pass
    return time.monotonic() - began


def commits(daemon):
    """Mean duration of commits so far, from the daemon's own histogram."""
    total = daemon.value("llm_exporter_storage_commit_duration_seconds_sum")
    return total, daemon.value("llm_exporter_storage_commit_duration_seconds_count")


def stream_cost(directory, flags, rate=100_000, seconds=5):
    from daemon import Daemon
    shutil.rmtree(directory / "data", ignore_errors=True)
    with Daemon(*flags, directory=directory) as daemon, daemon.stream() as client:
        pieces = []
        total = rate * seconds
        for number in range(total):
            pieces.append(
                b'{"model":"gpt-4o","id":"b-%08d","application":"app%d","usage":{"prompt_tokens":1200,'
                b'"completion_tokens":340},"latency_ms":2310,"ttft_ms":310,"finish_reason":"stop","ts":1790000000}\n'
                % (number, number % 50))
        step = rate // 100
        before = cpu_seconds(daemon.process.pid)
        began = time.monotonic()
        for index in range(0, total, step):
            client.sendall(b"".join(pieces[index:index + step]))
            ahead = began + (index + step) / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
        daemon.wait_for_events(total)
        used = cpu_seconds(daemon.process.pid) - before
        return used / total * 1e6, total / (time.monotonic() - began), resident_megabytes(daemon.process.pid)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exporter", type=Path, default=ROOT / ".build/release/llm-exporter")
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    given = parser.parse_args()
    os.environ["LLM_EXPORTER"] = str(given.exporter)
    from daemon import Daemon

    directory = Path(tempfile.mkdtemp(prefix="llmp", dir=given.directory))
    try:
        daemon = Daemon(directory=directory).start()
        print(f"at rest with an empty store: {resident_megabytes(daemon.process.pid):.1f} MB resident")
        rate, median, longest = flush_rate(daemon)
        print(f"{CLIENTS} clients that flush after every event: {rate:.0f} events/s, "
              f"answered after {median * 1e3:.1f} ms (median), {longest * 1e3:.1f} ms (longest)")
        fill(daemon, 1_000, 100_000, "first")
        total, count = commits(daemon)
        fill(daemon, 1_000, 1_000, "second")
        after, number = commits(daemon)
        print(f"commits of 1,000 changed records: {(after - total) / max(number - count, 1) * 1e3:.1f} ms")
        daemon.stop()
        times = []
        for _ in range(5):
            times.append(start_time(daemon))
            daemon.kill()
        print(f"start with 1,000 records, until they can be scraped: {statistics.median(times) * 1e3:.0f} ms")
        stateful = ["--calls.mode=off"]
        for _ in range(3):
            without, rate, _ = stream_cost(directory, ["--no-storage"])
            state, _, _ = stream_cost(directory, stateful)
            logged, _, resident = stream_cost(directory, [])
            print(f"stream at {rate:.0f} events/s: {without:.2f} µs of CPU per event without a store, {state:.2f} with state "
                  f"and ids ({state / without:.2f}), {logged:.2f} with the call log too, {resident:.1f} MB resident after")
        for _ in range(3):
            plain, rate, _ = stream_cost(directory, stateful, rate=4_000)
            every, _, _ = stream_cost(directory, [], rate=4_000)
            print(f"stream at {rate:.0f} events/s: {plain:.2f} µs per event with state and ids, {every:.2f} with each call "
                  f"logged ({every - plain:+.2f})")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
