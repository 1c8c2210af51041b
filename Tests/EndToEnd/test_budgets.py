"""Budgets of the configuration: shown from the first scrape on, kept over restarts and crashes, and taken anew by SIGHUP."""

import datetime
import http.client
import json
import signal
import statistics
import subprocess
import time
import urllib.parse

import pytest
from daemon import Daemon, binary, wait_until

CONFIG = """
budgets:
  - {name: all, window: day, zone: Europe/Berlin, dollars: 10, tokens: 100000}
  - {name: search, team: search, window: month, dollars: 3}
  - {name: each, user: "*", window: week, dollars: 2}
"""
CALL = {"model": "gpt-4o", "cost_usd": 0.5, "usage": {"prompt_tokens": 1000, "completion_tokens": 100}}


def spent(daemon, budget, unit="dollars"):
    return daemon.value(f"llm_budget_spent_{unit}", budget=budget)


@pytest.fixture
def daemon():
    with Daemon(config=CONFIG) as daemon:
        yield daemon


def test_limits_and_sums_are_there_from_the_first_scrape_on(daemon):
    samples = [(name, own["budget"], own["window"], value) for name, own, value in daemon.samples() if "llm_budget" in name]
    numbers = {(name, budget): value for name, budget, _, value in samples}
    assert numbers["llm_budget_limit_dollars", "all"] == 10
    assert numbers["llm_budget_limit_tokens", "all"] == 100_000
    assert numbers["llm_budget_limit_dollars", "each"] == 2
    assert {window for _, budget, window, _ in samples if budget == "search"} == {"month"}
    assert [value for (name, _), value in numbers.items() if "spent" in name] == [0, 0, 0, 0]
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    ends = {budget: value - now for (name, budget), value in numbers.items() if "window_end" in name}
    assert 0 < ends["all"] <= 25 * 3600
    assert 0 < ends["each"] <= 7 * 86400
    assert 0 < ends["search"] <= 31.1 * 86400


def test_calls_are_taken_by_those_budgets_that_they_come_under(daemon):
    daemon.send_udp(CALL | {"team": "search", "user": "ann"}, CALL | {"user": "bob"}, CALL | {"user": "bob"}, CALL)
    daemon.wait_for_events(4)
    assert spent(daemon, "all") == 2
    assert spent(daemon, "all", "tokens") == 4400
    assert spent(daemon, "search") == 0.5
    assert spent(daemon, "each") == 1, "the one who spent most"
    assert len([1 for name, _, _ in daemon.samples() if name == "llm_budget_spent_dollars"]) == 3


def test_sums_go_on_after_a_restart_and_after_a_kill(daemon):
    daemon.send_unix(*[CALL | {"team": "search", "user": "ann", "id": f"a{i}"} for i in range(3)])
    daemon.wait_for_events(3)
    daemon.stop()
    daemon.start()
    assert spent(daemon, "all") == 1.5
    with daemon.stream() as client, client.makefile("rb") as answers:
        events = [CALL | {"team": "search", "user": "ann", "id": "b"}, {"event": "flush", "id": "f"}]
        client.sendall(b"".join(daemon.encode(event) + b"\n" for event in events))
        assert json.loads(answers.readline())["event"] == "flushed"
    daemon.kill()
    daemon.start()
    assert [spent(daemon, budget) for budget in ("all", "search", "each")] == [2, 2, 2]
    assert spent(daemon, "all", "tokens") == 4400


def test_a_limit_can_be_raised_while_running(daemon):
    daemon.send_udp(CALL | {"team": "search"})
    daemon.wait_for_events(1)
    raised = CONFIG.replace("dollars: 3", "dollars: 30").replace("name: each", "name: users")
    (daemon.directory / "config.yml").write_text(raised)
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: daemon.value("llm_budget_limit_dollars", budget="search") == 30, "the new limit")
    assert spent(daemon, "search") == 0.5
    names = {own["budget"] for name, own, _ in daemon.samples() if name == "llm_budget_spent_dollars"}
    assert names == {"all", "search", "users"}


def test_a_late_event_does_not_spend_this_windows_money(daemon):
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    daemon.send_udp(CALL | {"ts": now - 40 * 86400}, CALL)
    daemon.wait_for_events(2)
    assert spent(daemon, "all") == 0.5


# Asked before a call


def ask(daemon, **question):
    reply = daemon.request("/api/v1/budget?" + urllib.parse.urlencode(question))
    assert reply.status == 200, reply.text
    assert reply.headers["Content-Type"].startswith("application/json")
    return reply.json


def test_an_application_may_ask_before_a_call(daemon):
    daemon.send_udp(CALL | {"team": "search", "user": "ann"}, CALL | {"user": "bob"})
    daemon.wait_for_events(2)
    answer = ask(daemon, user="ann", team="search", estimate=0.25)
    assert answer["allowed"] is True
    assert answer["remaining"] == 1.5, "of the budget for each user"
    assert answer["remaining_tokens"] == 100_000 - 2200
    assert "this exporter" in answer["scope"]
    assert {budget["budget"]: budget["spent_dollars"] for budget in answer["budgets"]} == {"all": 1, "search": 0.5, "each": 0.5}
    refused = ask(daemon, user="ann", estimate=1.51)
    assert (refused["allowed"], refused["budget"]) == (False, "each")
    assert refused["reason"] == "each (a week) has 1.5 dollars left, and the call is estimated at 1.51"
    assert ask(daemon, user="new", estimate=1.51)["allowed"] is True
    assert ask(daemon, estimate_tokens=100_000)["reason"] == "all (a day) has 97800 tokens left, and the call is estimated at 100000"


def test_a_budget_that_is_used_up_refuses(daemon):
    daemon.send_udp(*[CALL | {"user": "ann"}] * 4)
    daemon.wait_for_events(4)
    answer = ask(daemon, user="ann")
    assert answer["allowed"] is False
    assert answer["reason"] == "each (a week) is used up: 2 of 2 dollars"


def test_a_user_is_known_by_the_plain_id_and_not_told_of(daemon):
    user = "ann möller+1@example.org"
    daemon.send_udp(CALL | {"user": user})
    daemon.wait_for_events(1)
    reply = daemon.request("/api/v1/budget?" + urllib.parse.urlencode({"user": user}))
    assert {b["budget"]: b["spent_dollars"] for b in reply.json["budgets"]}["each"] == 0.5
    quoted = daemon.request("/api/v1/budget?user=" + urllib.parse.quote(user))
    assert quoted.json == reply.json
    assert "ann" not in reply.text
    assert b"ann m" not in (daemon.storage / "llm-exporter.db").read_bytes()


def test_without_a_budget_every_call_is_allowed():
    with Daemon() as daemon:
        answer = ask(daemon, user="ann", estimate=1e6)
        assert answer["allowed"] is True
        assert answer["reason"] == "no budget applies"
        assert answer["remaining"] is None
        assert answer["budgets"] == []


@pytest.mark.parametrize("query, message", [
    ("estimate=cheap", 'found "cheap", expected estimate in dollars'),
    ("estimate=-1", "expected estimate in dollars"),
    ("estimate=nan", "expected estimate in dollars"),
    ("estimate_tokens=1.5", "expected estimate_tokens as a whole number"),
    ("usr=ann", 'found "usr", expected one of user, team'),
    ("user=a&user=b", "each parameter once"),
    ("user=%zz", "percent-encoded"),
    ("user=%ff", "in UTF-8"),
])
def test_a_wrong_question_is_told(daemon, query, message):
    reply = daemon.request("/api/v1/budget?" + query)
    assert reply.status == 400
    assert message in reply.text


def test_asking_costs_about_as_much_as_asking_for_health(daemon):
    """A few look-ups: most of the answer's time is HTTP's. The ratio is printed; the bound is far from it."""
    daemon.send_udp(*[CALL | {"user": f"u{i}", "team": "search"} for i in range(200)])
    daemon.wait_for_events(200)
    host, port = daemon.http_address
    connection = http.client.HTTPConnection(host, port)

    def seconds(path):
        start = time.perf_counter()
        connection.request("GET", path)
        connection.getresponse().read()
        return time.perf_counter() - start

    paths = ("/-/healthy", "/api/v1/budget?user=u7&team=search&model=gpt-4o&estimate=0.01")
    for path in paths * 50:
        seconds(path)
    healthy, budget = (statistics.median(times) for times in zip(*[[seconds(path) for path in paths] for _ in range(500)]))
    print(f"/-/healthy {healthy * 1e6:.0f} µs, /api/v1/budget {budget * 1e6:.0f} µs, ratio {budget / healthy:.2f}")
    assert budget < 5 * healthy


def run(daemon, *arguments):
    return subprocess.run(
        [binary(), "budget", f"--url={daemon.url}", *arguments], capture_output=True, text=True, timeout=60)


def test_the_command_lists_and_asks(daemon):
    daemon.send_udp(CALL | {"team": "search", "user": "ann"})
    daemon.wait_for_events(1)
    listed = run(daemon)
    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    assert lines[0].split() == ["budget", "for", "window", "limit", "spent", "left", "used", "until"]
    assert lines[1].split()[:8] == ["all", "all", "day", "(Europe/Berlin)", "$10.00", "$0.500000", "$9.50", "5.0%"]
    assert lines[3].split()[:4] == ["search", "team=search", "month", "(UTC)"]
    allowed = run(daemon, "--user=ann", "--estimate=1")
    assert (allowed.returncode, allowed.stdout.splitlines()[0]) == (0, "allowed: within every budget that applies")
    refused = run(daemon, "--user=ann", "--estimate=1.6")
    assert refused.returncode == 1
    assert refused.stdout.startswith("not allowed: each (a week) has 1.5 dollars left")
    assert json.loads(run(daemon, "--team=search", "--json").stdout)["remaining"] == 2.5


def test_the_command_says_when_nobody_answers(daemon):
    daemon.stop()
    done = run(daemon, "--user=ann")
    assert done.returncode == 2
    assert "can't reach 127.0.0.1" in done.stderr


# Who spends most


def top(daemon, window):
    return [(own["user"], value) for name, own, value in daemon.samples()
            if name == "llm_top_user_cost_dollars" and own["window"] == window]


def test_who_spent_most_is_shown_and_goes_on_after_a_restart():
    with Daemon("--metrics.top-users=3") as daemon:
        for user in range(30):
            daemon.send_udp({"model": "gpt-4o", "cost_usd": 0.125 * (1 + user), "user": f"user-{user}"})
        daemon.wait_for_events(30)
        shown = top(daemon, "day")
        assert [value for _, value in shown] == [3.75, 3.625, 3.5]
        assert all(len(user) == 16 and "user" not in user for user, _ in shown), "hashed"
        assert top(daemon, "month") == shown
        assert "user-29" not in daemon.scrape().text
        daemon.stop()
        daemon.start()
        assert top(daemon, "day") == shown
        daemon.send_udp({"model": "gpt-4o", "cost_usd": 1, "user": "user-27"})
        daemon.wait_for_events(31)
        assert [value for _, value in top(daemon, "day")] == [4.5, 3.75, 3.625]
