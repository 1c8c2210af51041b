"""Kills the daemon at random moments while clients send over the stream socket, flush, and send again what was not
acknowledged: in the end every number equals that of a daemon which was sent each event once and never died.

LLM_EXPORTER_KILLS sets how often (default 50), LLM_EXPORTER_SEED repeats a run.
"""

import json
import os
import random
import socket
import tempfile
import threading
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

from daemon import Daemon, parse_samples, wait_until

KILLS = int(os.environ.get("LLM_EXPORTER_KILLS", "50"))
SEED = int(os.environ.get("LLM_EXPORTER_SEED", str(random.randrange(1 << 32))))
CLIENTS = 4
BUDGETS = """
budgets:
  - {name: all, window: month, dollars: 10, tokens: 100000}
  - {name: each, user: "*", window: month, dollars: 2}
"""
# The longest that a life lasts, in seconds: some die before they have read anything, some after many commits.
LONGEST_LIFE = 0.3

# What depends on the order or the time of arrival, or is a level of the moment.
LEFT_OUT = (
    "llm_anomalous_calls_total", "llm_recovery_seconds", "llm_repeated_prompts_total", "llm_conversation_turns",
    "llm_requests_in_flight", "llm_last_success_timestamp_seconds", "llm_sessions_active",
    "llm_model_price_dollars_per_million_tokens", "llm_users_active", "llm_top_user_cost_dollars",
)


class Traffic:
    """Events with ids of their own, and what they add up to."""

    def __init__(self, name, seed):
        self.name = name
        self.random = random.Random(seed)
        self.number = 0
        self.sent = []
        self.requests = Counter()
        self.tokens = Counter()
        self.cost = Decimal(0)

    def event(self):
        self.number += 1
        choice = self.random.random()
        event = {
            "id": f"{self.name}-{self.number}", "model": self.random.choice(["gpt-4o", "claude-sonnet-4", "own-model"]),
            "application": f"app{self.random.randrange(20)}", "user": f"u{self.number % 7}",
            # Budgets count what ends within their window only.
            "ts": time.time(),
        }
        if choice < 0.08:
            event |= {"event": "feedback", "rating": self.random.choice(["positive", "negative"]), "user": "u"}
        elif choice < 0.16:
            event |= {"event": "score", "name": "helpful", "score": self.random.randrange(11) / 10, "evaluator": "model"}
        else:
            self.call(event)
        self.sent.append(event)
        return event

    def call(self, event):
        event["latency_ms"] = self.random.randrange(20, 90_000)
        if self.random.random() < 0.15:
            event |= {"status": "error", "error_type": self.random.choice(["rate_limit", "timeout"])}
        else:
            prompt, completion = self.random.randrange(1, 9_000), self.random.randrange(1, 900)
            cents = self.random.randrange(1, 500)
            event |= {
                "usage": {"prompt_tokens": prompt, "completion_tokens": completion},
                "cost_usd": cents / 1000, "ttft_ms": self.random.randrange(1, 20),
            }
            self.tokens["input"] += prompt
            self.tokens["output"] += completion
            self.cost += Decimal(cents) / 1000
        if self.random.random() < 0.1:
            event |= {"attempt": 2, "fallback_from": "gpt-4"}
        self.requests[event.get("status", "success")] += 1


class Client(threading.Thread):
    """Sends and flushes until it is told to end; ends once all that it sent is acknowledged."""

    def __init__(self, path, traffic):
        super().__init__(daemon=True)
        self.path = path
        self.traffic = traffic
        self.ending = threading.Event()
        self.open = []  # not acknowledged yet
        self.flushes = 0
        self.resent = 0
        self.problem = None

    def run(self):
        try:
            while not (self.ending.is_set() and not self.open):
                try:
                    self.converse()
                except OSError:
                    time.sleep(0.001)
        except Exception as problem:  # noqa: BLE001 - shown by the test
            self.problem = problem

    def converse(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(30)
            connection.connect(str(self.path))
            answers = connection.makefile("rb")
            self.resent += len(self.open)
            batch = list(self.open)
            while True:
                if not self.ending.is_set():
                    new = [self.traffic.event() for _ in range(self.traffic.random.randrange(1, 9))]
                    self.open += new
                    batch += new
                elif not self.open:
                    return
                self.flushes += 1
                wanted = f"f{self.flushes}"
                lines = [json.dumps(event) for event in batch + [{"event": "flush", "id": wanted}]]
                connection.sendall("".join(line + "\n" for line in lines).encode())
                answer = answers.readline()
                if not answer.endswith(b"\n"):
                    return
                answer = json.loads(answer)
                assert answer["id"] == wanted, (answer, wanted)
                if answer["event"] == "flushed":
                    self.open.clear()
                    batch = []
                else:
                    assert answer == {"event": "failed", "id": wanted, "reason": "storage"}, answer
                    batch = list(self.open)


def totals(daemon):
    """Every number of the `llm_*` families that a resend or a kill must not change."""
    return {
        (name, tuple(sorted(labels.items()))): number
        for name, labels, number in parse_samples(daemon.scrape().text)
        if not name.startswith("llm_exporter") and name.startswith("llm_") and not name.startswith(LEFT_OUT)
    }


def flush_all(daemon, events):
    """Sends all of it once to a daemon that stays alive."""
    with daemon.stream() as connection:
        answers = connection.makefile("rb")
        lines = [json.dumps(event) for event in events] + ['{"event":"flush","id":"all"}']
        connection.sendall("".join(line + "\n" for line in lines).encode())
        assert json.loads(answers.readline())["event"] == "flushed"


def test_every_total_is_exact_after_kills_at_random_moments():
    print(f"seed {SEED}, {KILLS} kills")
    moments = random.Random(SEED)
    directory = Path(tempfile.mkdtemp(prefix="llmk", dir="/tmp"))
    victim = Daemon("--storage.commit-interval=100ms", directory=directory, config=BUDGETS)
    clients = [Client(victim.unix, Traffic(f"c{number}", SEED + number)) for number in range(CLIENTS)]
    victim.start()
    for client in clients:
        client.start()
    for _ in range(KILLS):
        time.sleep(moments.uniform(0, LONGEST_LIFE))
        victim.kill()
        victim.start()
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(60)
        assert client.problem is None, client.problem
        assert not client.is_alive(), "a client's events were never acknowledged"
    found = totals(victim)
    duplicates = victim.tallies()["duplicate"]
    victim.stop()

    with Daemon(config=BUDGETS) as witness:
        for client in clients:
            flush_all(witness, client.traffic.sent)
        wanted = totals(witness)
    differing = {key: (found.get(key), wanted.get(key)) for key in found.keys() | wanted.keys()
                 if found.get(key) != wanted.get(key)}
    sent = sum(len(client.traffic.sent) for client in clients)
    resent = sum(client.resent for client in clients)
    print(f"{sent} events, {resent} sent again, {duplicates:.0f} of them known, {len(wanted)} numbers compared")
    assert not differing, dict(list(differing.items())[:20])
    assert found["llm_budget_spent_dollars", (("budget", "each"), ("window", "month"))] > 0
    check_sums(found, [client.traffic for client in clients])
    assert resent > 0


def check_sums(found, traffics):
    """The witness is the same program: the sums that matter most are also added up here."""

    def total(name, **labels):
        return sum(
            Decimal(repr(number)) for (own, pairs), number in found.items()
            if own == name and labels.items() <= dict(pairs).items())

    for status in ("success", "error"):
        assert total("llm_requests_total", status=status) == sum(t.requests[status] for t in traffics)
    for kind in ("input", "output"):
        assert total("llm_tokens_total", token_type=kind) == sum(t.tokens[kind] for t in traffics)
    assert abs(total("llm_cost_dollars_total") - sum(t.cost for t in traffics)) < Decimal("1e-6")


def test_a_clean_stop_loses_nothing_not_even_datagrams():
    directory = Path(tempfile.mkdtemp(prefix="llmk", dir="/tmp"))
    victim = Daemon("--storage.commit-interval=1h", directory=directory).start()
    for number in range(100):
        victim.send_udp({"model": "gpt-4o", "cost_usd": 0.5, "application": f"app{number % 7}"})
    victim.wait_for_events(100)
    before = totals(victim)
    assert victim.stop() == 0
    victim.start()
    assert totals(victim) == before
    assert victim.tallies() == {"received": 100, "accepted": 100, "rejected": 0, "duplicate": 0, "dropped": 0}
    victim.stop()


def test_a_crash_loses_at_most_the_interval_of_datagrams():
    directory = Path(tempfile.mkdtemp(prefix="llmk", dir="/tmp"))
    victim = Daemon("--storage.commit-interval=50ms", directory=directory).start()
    for _ in range(50):
        victim.send_udp({"model": "gpt-4o"})
    victim.wait_for_events(50)
    wait_until(lambda: victim.value("llm_exporter_storage_uncommitted_events") == 0, "a commit")
    victim.kill()
    victim.start()
    assert victim.value("llm_requests_total", status="success") == 50
    victim.stop()
