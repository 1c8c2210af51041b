"""An incident, end to end: real daemon, load generator, Prometheus with these rules, Alertmanager with the example's routes
and a receiver. The right alert arrives once, at the right receiver, and its resolution after it.

The rules are those that are shipped, with short spans of time (monitoring.shorten)."""
import re
import signal

import pytest
import yaml

from budgets import zone_where_it_is
from daemon import ROOT, Daemon, wait_until
from monitoring import ALERTMANAGER, HAS_PROMETHEUS, Alertmanager, Prometheus, Receiver, Repeating, Traffic, shorten

pytestmark = pytest.mark.skipif(not (HAS_PROMETHEUS and ALERTMANAGER), reason="prometheus and alertmanager are not installed")

PATIENCE = 240


def example_with_short_waits(receiver):
    """alertmanager.example.yml with every receiver turned into a webhook of the same name, and short waits."""
    configuration = yaml.safe_load((ROOT / "alerts/alertmanager.example.yml").read_text())
    configuration["global"] = {"resolve_timeout": "10s"}
    configuration["receivers"] = [
        {"name": one["name"], "webhook_configs": [{"url": f"{receiver.url}/{one['name']}", "send_resolved": True}]}
        for one in configuration["receivers"]]

    def hurry(route):
        route |= {"group_wait": "4s", "group_interval": "2s", "repeat_interval": "1h"}
        for child in route.get("routes", []):
            hurry(child)
    hurry(configuration["route"])
    return configuration


class Stack:
    """Everything that is between an application and whoever is woken."""

    def __init__(self, incident=None, config=None, rate=40):
        self.incident, self.config, self.rate = incident, config, rate

    def __enter__(self):
        self.receiver = Receiver().__enter__()
        self.alertmanager = Alertmanager(example_with_short_waits(self.receiver)).__enter__()
        self.daemon = Daemon(config=self.config).__enter__()
        self.prometheus = Prometheus({"llm-exporter": ["%s:%s" % self.daemon.http_address]}, rules=shorten,
                                     alertmanager=self.alertmanager.address).__enter__()
        self.traffic = Traffic(self.daemon, rate=self.rate, incident=self.incident).__enter__()
        # It listens to the signal that switches the incident before it sends.
        self.daemon.wait_for_events(1)
        return self

    def __exit__(self, *reason):
        for part in (self.traffic, self.prometheus, self.daemon, self.alertmanager, self.receiver):
            part.__exit__(*reason)

    def wait_for(self, alert, severity, *expected):
        """Waits until the notifications about an alert are these, in any order between receivers."""
        wait_until(lambda: set(self.receiver.of(alert, severity)) >= set(expected), f"{alert} {severity}: {expected}", PATIENCE)

    def assert_once(self, alert, severity, *expected):
        assert sorted(self.receiver.of(alert, severity)) == sorted(expected)


def paged(severity):
    return {"critical": "pager", "warning": "chat", "info": "email"}[severity]


def life_of(severity, *states):
    """Notifications at the log and at the severity's receiver."""
    return [(receiver, state) for state in states for receiver in ("log", paged(severity))]


def test_the_watchdog_reaches_the_dead_mans_switch():
    with Stack() as stack:
        stack.wait_for("LLMExporterWatchdog", "none", ("dead-man", "firing"))
        assert {receiver for receiver, _ in stack.receiver.of("LLMExporterWatchdog")} == {"dead-man"}


def test_an_error_burst_pages_once_and_resolves():
    with Stack(incident="error-burst") as stack:
        wait_until(lambda: stack.prometheus.value("count(model:llm_errors:ratio_rate5m)"), "rules to evaluate", PATIENCE)
        stack.traffic.switch()
        stack.wait_for("LLMHighErrorRate", "critical", ("log", "firing"), ("pager", "firing"))
        alert = next(a for r, s, alerts in stack.receiver.notifications if r == "pager" and s == "firing"
                     for a in alerts if a["labels"]["alertname"] == "LLMHighErrorRate")
        assert alert["labels"]["model"] == "gpt-4o" and alert["labels"]["job"] == "llm-exporter"
        assert "The leading error is overloaded." in alert["annotations"]["description"]
        assert re.search(r"#llmhigherrorrate$", alert["annotations"]["runbook_url"])
        stack.traffic.switch()
        stack.wait_for("LLMHighErrorRate", "critical", ("log", "resolved"), ("pager", "resolved"))
        stack.assert_once("LLMHighErrorRate", "critical", *life_of("critical", "firing", "resolved"))


def calls(stack, count, **fields):
    """Sends so many calls of one model again and again, until the end of the block."""
    event = {"request_model": "of-the-test", "provider": "openai", **fields}
    return Repeating(lambda: stack.daemon.send_udp(*[event] * count))


def test_a_slow_model_is_told_to_the_chat_and_a_very_slow_one_pages():
    with Stack() as stack:
        def told(receiver):
            return [status for to, status, alerts in list(stack.receiver.notifications) if to == receiver
                    and alerts[0]["labels"]["alertname"] == "LLMHighLatency" and alerts[0]["labels"]["model"] == "of-the-test"]
        with calls(stack, 5, latency_ms=7_000):
            wait_until(lambda: told("chat") == ["firing"], "the chat to be told", PATIENCE)
            assert told("pager") == []
        with calls(stack, 5, latency_ms=45_000):
            wait_until(lambda: told("pager") == ["firing"], "the page", PATIENCE)
        with calls(stack, 5, latency_ms=300):
            wait_until(lambda: told("pager") == ["firing", "resolved"], "the recovery", PATIENCE)
            for severity in ("warning", "critical"):
                stack.wait_for("LLMHighLatency", severity, ("log", "firing"), ("log", "resolved"))
        assert told("chat")[0] == "firing" and told("chat").count("firing") == 1


def test_a_model_that_becomes_slow_pages_and_is_written_down():
    """Its calls that are slow still end minutes after the incident: the recovery is the test's above, with calls of its own."""
    model = "claude-sonnet-4-5-20250929"
    with Stack(incident="slow-model") as stack:
        def told(receiver):
            return [status for to, status in stack.receiver.of("LLMHighLatency", "critical", model=model) if to == receiver]
        wait_until(lambda: stack.prometheus.value(f'model:llm_request_duration_seconds:p95_5m{{model="{model}"}}'), "a latency", PATIENCE)
        assert told("pager") == []
        stack.traffic.switch()
        wait_until(lambda: told("pager") == ["firing"] and "firing" in told("log"), "the page", PATIENCE)


def test_a_cost_spike_pages_and_resolves():
    with Stack(incident="cost-spike") as stack:
        # A usual hour has to be there first, and the same hour of last "week".
        usual = ("max_over_time((job:llm_cost_dollars:increase1h / job:llm_cost_dollars:average_hour1d)[20s:2s]) < 1.6 "
                 "and job:llm_cost_dollars:increase1h offset 30s > 0")
        wait_until(lambda: stack.prometheus.value(usual), "a usual hour", PATIENCE)
        wait_until(lambda: not stack.prometheus.firing().get(("LLMCostSpike", "critical")), "no spike", PATIENCE)

        def pages():
            return [one for one in stack.receiver.of("LLMCostSpike", "critical") if one[0] == "pager"]
        before = pages()
        stack.traffic.switch()
        wait_until(lambda: pages() == [*before, ("pager", "firing")], "the page", PATIENCE)
        page = next(alerts[0] for to, status, alerts in reversed(stack.receiver.notifications)
                    if (to, status) == ("pager", "firing") and alerts[0]["labels"]["alertname"] == "LLMCostSpike")
        assert "Most of it was claude-sonnet-4-5-20250929." in page["annotations"]["description"]
        stack.traffic.switch()
        wait_until(lambda: pages() == [*before, ("pager", "firing"), ("pager", "resolved")], "the resolution", PATIENCE)
        assert {("log", "firing"), ("log", "resolved")} <= set(stack.receiver.of("LLMCostSpike", "critical"))


def test_a_budget_tells_at_each_mark_and_falls_silent_when_it_is_raised():
    # It is about two in the afternoon: what is spent is some 60% of what the day will spend.
    config = f"""
        budgets:
          - {{name: of the test, window: day, zone: {zone_where_it_is(14)}, application: spender, dollars: 100}}
          - {{name: untouched, window: month, team: nobody, dollars: 100, tokens: 1000}}
    """

    def spend(stack, dollars):
        stack.daemon.send_udp({"model": "of-the-test", "application": "spender", "cost_usd": dollars})

    def told(stack, severity, receiver, status="firing", alert="LLMBudgetUsed"):
        wait_until(lambda: (receiver, status) in stack.receiver.of(alert, severity), f"{alert} {severity}", PATIENCE)

    with Stack(config=config) as stack:
        spend(stack, 70)
        told(stack, "warning", "chat", alert="LLMBudgetForecast")
        assert stack.receiver.of("LLMBudgetUsed") == [], "70% is under every mark"
        spend(stack, 12)
        told(stack, "info", "email")
        assert stack.receiver.of("LLMBudgetUsed", "warning") == []
        spend(stack, 14)
        told(stack, "warning", "chat")
        assert stack.receiver.of("LLMBudgetUsed", "critical") == []
        # A restart in between changes nothing: what was spent is on disk.
        stack.daemon.stop()
        port = stack.prometheus.query("up")[0][0]["instance"].rsplit(":", 1)[1]
        stack.daemon.flags = (*stack.daemon.flags, f"--web.listen-address=127.0.0.1:{port}")
        stack.daemon.start()
        assert stack.daemon.value("llm_budget_spent_dollars", budget="of the test") == 96
        spend(stack, 5)
        told(stack, "critical", "pager")
        page = next(one for to, _, alerts in stack.receiver.notifications if to == "pager" for one in alerts
                    if one["labels"]["alertname"] == "LLMBudgetUsed" and one["labels"]["severity"] == "critical")
        assert page["labels"]["budget"] == "of the test" and page["labels"]["unit"] == "dollars"
        assert "101% of the budget of the test (dollars a day) is spent." in page["annotations"]["description"]
        (stack.daemon.directory / "config.yml").write_text(config.replace("dollars: 100}", "dollars: 1000}"))
        stack.daemon.process.send_signal(signal.SIGHUP)
        told(stack, "critical", "pager", "resolved")
        budgets = {one["labels"]["budget"] for _, _, alerts in stack.receiver.notifications for one in alerts
                   if one["labels"]["alertname"].startswith("LLMBudget")}
        assert budgets == {"of the test"}


def test_a_model_that_never_answers_pages_until_it_does():
    def fail():
        stack.daemon.send_udp(*[{"request_model": "brand-new", "provider": "openai", "error_type": "server_error"}] * 2)
    with Stack() as stack:
        with Repeating(fail):
            stack.wait_for("LLMModelDown", "critical", ("log", "firing"), ("pager", "firing"))
        with Repeating(lambda: stack.daemon.send_udp({"request_model": "brand-new", "provider": "openai", "latency_ms": 5})):
            stack.wait_for("LLMModelDown", "critical", ("log", "resolved"), ("pager", "resolved"))
        stack.assert_once("LLMModelDown", "critical", *life_of("critical", "firing", "resolved"))


def test_a_killed_daemon_pages_once_and_silences_all_else():
    with Stack(incident="error-burst") as stack:
        stack.traffic.switch()
        stack.wait_for("LLMHighErrorRate", "critical", ("pager", "firing"))
        told = len([n for n in stack.receiver.notifications if n[1] == "firing" and n[0] != "dead-man"])
        port = stack.daemon.http_address[1]
        stack.daemon.kill()
        stack.wait_for("LLMExporterDown", "critical", ("log", "firing"), ("pager", "firing"))
        firing = [n for n in stack.receiver.notifications if n[1] == "firing" and n[0] != "dead-man"][told:]
        late = {alerts[0]["labels"]["alertname"] for _, _, alerts in firing} - {"LLMExporterDown"}
        assert not late & {"LLMExporterInstanceDown", "LLMNoCalls", "LLMExporterAbsent"}, late
        # It comes back where it was.
        stack.daemon.flags = (f"--web.listen-address=127.0.0.1:{port}",)
        stack.daemon.start()
        stack.wait_for("LLMExporterDown", "critical", ("log", "resolved"), ("pager", "resolved"))
        stack.assert_once("LLMExporterDown", "critical", *life_of("critical", "firing", "resolved"))
