"""The example of an Alertmanager configuration in a real Alertmanager: which alerts silence which, and what people read."""
import json

import pytest
import yaml

from daemon import ROOT, wait_until
from monitoring import ALERTMANAGER, Alertmanager, Receiver
from test_incident import example_with_short_waits

pytestmark = pytest.mark.skipif(not ALERTMANAGER, reason="alertmanager is not installed")


def alert(name, severity, /, **labels):
    return {"labels": {"alertname": name, "severity": severity, **labels},
            "annotations": {"summary": f"About {name}", "description": f"{name} of {labels}.", "runbook_url": f"alerts/README.md#{name.lower()}"}}


MODEL = {"job": "j", "provider": "p", "model": "m"}
BUDGET = {"job": "j", "budget": "b", "window": "day", "unit": "dollars"}
SILENCED = [
    # The worse of two severities speaks.
    (alert("LLMHighLatency", "warning", **MODEL), alert("LLMHighLatency", "critical", **MODEL)),
    (alert("LLMQualityLow", "warning", **MODEL, name="n"), alert("LLMQualityLow", "critical", **MODEL, name="n")),
    (alert("LLMBudgetUsed", "info", **BUDGET), alert("LLMBudgetUsed", "warning", **BUDGET)),
    (alert("LLMBudgetUsed", "warning", **BUDGET), alert("LLMBudgetUsed", "critical", **BUDGET)),
    (alert("LLMExporterStorageFailing", "warning", job="j", instance="i", operation="commit"),
     alert("LLMExporterStorageFailing", "critical", job="j", instance="i")),
    # What is down explains the rest.
    (alert("LLMHighErrorRate", "critical", **MODEL), alert("LLMModelDown", "critical", **MODEL)),
    (alert("LLMErrorBudgetBurn", "critical", **MODEL, long_window="1h"), alert("LLMModelDown", "critical", **MODEL)),
    (alert("LLMExporterDroppingEvents", "warning", job="j", instance="i"), alert("LLMExporterInstanceDown", "warning", job="j", instance="i")),
    (alert("LLMHighLatency", "critical", **MODEL), alert("LLMExporterDown", "critical", job="j")),
    (alert("LLMExporterInstanceDown", "warning", job="j", instance="i"), alert("LLMExporterDown", "critical", job="j")),
]
SPEAKING = [
    # Another model, budget, instance or job is another matter.
    (alert("LLMHighLatency", "warning", **{**MODEL, "model": "other"}), alert("LLMHighLatency", "critical", **MODEL)),
    (alert("LLMHighLatency", "warning", **MODEL, team="a"), alert("LLMHighLatency", "critical", **MODEL, team="b")),
    (alert("LLMBudgetUsed", "info", **{**BUDGET, "budget": "other"}), alert("LLMBudgetUsed", "critical", **BUDGET)),
    (alert("LLMHighErrorRate", "critical", **{**MODEL, "model": "other"}), alert("LLMModelDown", "critical", **MODEL)),
    (alert("LLMHighErrorRate", "critical", **MODEL), alert("LLMModelDown", "warning", **MODEL)),
    (alert("LLMExporterDroppingEvents", "warning", job="j", instance="i"), alert("LLMExporterInstanceDown", "warning", job="j", instance="other")),
    (alert("LLMHighLatency", "critical", **{**MODEL, "job": "other"}), alert("LLMExporterDown", "critical", job="j")),
    # And another alert about the same model is.
    (alert("LLMHighLatency", "warning", **MODEL), alert("LLMHighErrorRate", "critical", **MODEL)),
    (alert("LLMExporterDown", "critical", job="j"), alert("LLMExporterInstanceDown", "warning", job="j", instance="i")),
]


def in_a_world_of_its_own(number, pair):
    """Each pair has a job of its own, so that all can be tried in one Alertmanager."""
    return [{**one, "labels": {**one["labels"], "job": f"{one['labels']['job']}-{number}"}} for one in pair]


def test_the_worse_and_the_cause_silence_what_follows_from_them_and_nothing_else():
    pairs = [in_a_world_of_its_own(number, pair) for number, pair in enumerate(SILENCED + SPEAKING)]
    with Receiver() as receiver, Alertmanager(example_with_short_waits(receiver)) as alertmanager:
        alertmanager.post([one for pair in pairs for one in pair])

        def state(one):
            return next((state for labels, state in alertmanager.states() if labels == one["labels"]), None)

        # A state is worked out when the group is about to be told.
        wait_until(lambda: all(state(one) in ("active", "suppressed") for pair in pairs for one in pair), "all states", 60)
        for silenced, cause in pairs[:len(SILENCED)]:
            wait_until(lambda: state(silenced) == "suppressed", f"{cause['labels']} to silence {silenced['labels']}", 60)
        for one, other in pairs[len(SILENCED):]:
            assert state(one) == "active", f"{other['labels']} silences {one['labels']}"


def example_with_real_receivers(receiver):
    """alertmanager.example.yml with its pagers and chats, at addresses of the test's."""
    configuration = example_with_short_waits(receiver)
    short = {one["name"]: one for one in configuration["receivers"]}
    for one in yaml.safe_load((ROOT / "alerts/alertmanager.example.yml").read_text())["receivers"]:
        kinds = [kind for kind in ("pagerduty_configs", "slack_configs") if kind in one]
        for settings in [settings for kind in kinds for settings in one[kind]]:
            if "routing_key_file" in settings:
                settings |= {"routing_key": settings.pop("routing_key_file"), "url": f"{receiver.url}/{one['name']}"}
            else:
                settings["api_url"] = f"{receiver.url}/{one['name']}"
        if kinds:
            short[one["name"]] = one
    return configuration | {"receivers": list(short.values())}


def test_a_notification_about_two_things_has_the_values_of_both():
    def used(severity, ends=None):
        found = [alert("LLMBudgetUsed", severity, **{**BUDGET, "budget": name}) for name in ("search", "shop")]
        return [one | ({"endsAt": ends} if ends else {}) for one in found]

    with Receiver() as receiver, Alertmanager(example_with_real_receivers(receiver)) as alertmanager:
        def read(name):
            return [body for to, body in list(receiver.others) if to == name]

        alertmanager.post(used("critical"))
        [page] = wait_until(lambda: read("pager"), "the page", 60)
        details = json.dumps(page["payload"]["custom_details"])
        assert "'budget': 'search'" in details and "'budget': 'shop'" in details and "alerts/README.md#llmbudgetused" in details
        assert page["payload"]["summary"] == "About LLMBudgetUsed"
        alertmanager.post(used("critical", "2000-01-01T00:00:00Z"))
        wait_until(lambda: len(read("pager")) == 2, "the end of the page", 60)

        alertmanager.post(used("warning"))
        [told] = wait_until(lambda: read("chat"), "the chat", 60)
        [message] = told["attachments"]
        assert message["title"] == "[FIRING] About LLMBudgetUsed" and message["title_link"].endswith("#llmbudgetused")
        assert "'budget': 'search'" in message["text"] and "'budget': 'shop'" in message["text"]
        alertmanager.post(used("warning", "2000-01-01T00:00:00Z"))
        wait_until(lambda: len(read("chat")) == 2, "the end of it", 60)
        [message] = read("chat")[1]["attachments"]
        assert message["title"] == "[RESOLVED] About LLMBudgetUsed" and message["text"].count("Resolved: ") == 2
