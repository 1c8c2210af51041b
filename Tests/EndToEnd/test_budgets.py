"""Budgets of the configuration: shown from the first scrape on, kept over restarts and crashes, and taken anew by SIGHUP."""

import datetime
import json
import signal

import pytest
from daemon import Daemon, wait_until

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
