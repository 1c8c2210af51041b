"""The alerts' limits in the dashboards: colours and lines change exactly where the alerts fire, and in their direction."""
import copy
import re

import pytest

from panels import DASHBOARDS, panels
from rulefiles import alerts, thresholds

# What each coloured panel stands for: (dashboard, title) -> the alerts' limit.
COLOURED = {
    "error_ratio": "llm-overview Error rate; llm-overview Error rate by model; llm-errors Error rate; llm-errors Error rate by model",
    "latency_p95_seconds": "llm-overview Latency p95; llm-overview Latency p50, p95, p99; llm-latency Latency p95; llm-latency p50, p95, p99; "
                           "llm-latency p95 by model",
    "first_token_p95_seconds": "llm-latency First token p95; llm-latency First token p50, p95, p99; llm-latency First token p95 by model",
    "quality_score": "llm-overview Quality; llm-quality Mean score; llm-quality Scores; llm-quality Scores by model; llm-quality Recorded scores",
    "exporter_up_ratio": "llm-overview Exporters up; llm-exporter Up",
    "budget_used_ratio": "llm-overview Budgets used; llm-cost Budgets",
    "budget_forecast_ratio": "llm-cost Forecast",
    "retry_cost_ratio": "llm-cost Share spent on retries; llm-cost Retry share of cost",
    "unpriced_ratio": "llm-cost Not priced",
    "price_drift_ratio": "llm-cost Stated against computed",
    "anomalous_calls_ratio": "llm-latency Calls out of the ordinary",
    "rate_limited_ratio": "llm-errors Rate limited; llm-errors Rate limits",
    "retry_ratio": "llm-errors Retried; llm-errors Retry share by model",
    "fallback_ratio": "llm-errors Stood in; llm-errors Fallback share by model",
    "negative_feedback_ratio": "llm-quality Negative feedback; llm-quality Negative share by model",
    "truncated_ratio": "llm-quality Answers cut off; llm-quality Cut off by model",
    "filtered_ratio": "llm-quality Answers withheld; llm-quality Withheld by model",
    "context_used_p95_ratio": "llm-quality Context used p95; llm-quality Context window used p95",
    "exporter_dropped_ratio": "llm-exporter Lost",
    "exporter_rejected_ratio": "llm-exporter Rejected",
    "prices_age_seconds": "llm-exporter Age of prices",
    "burn_rate": "llm-errors Error budget burn; llm-errors Latency budget burn",
    "unowned_cost_ratio": "llm-cost Unowned cost",
    "cost_band_ratio": "llm-cost Cost outside its band",
}
LIMIT_OF = {tuple(place.strip().split(" ", 1)): name for name, places in COLOURED.items() for place in places.split(";")}
LIMIT_OF_TITLE = {title: limit for (_, title), limit in LIMIT_OF.items()}


COLOURS = {"info": "yellow", "warning": "orange", "critical": "red"}


def expected_steps(limit):
    """[(from this value on, colour)] as the alerts that compare with the limit have it."""
    if limit is None:
        return [(None, "text")]
    marks = sorted((value, COLOURS[dict(labels)["severity"]]) for (name, labels), value in thresholds().items() if name == limit)
    [is_low_bad] = {sign == "<" for rule in alerts()
                    for sign in re.findall(rf"([<>])=? scalar\(llm:threshold:{limit}\{{", rule["expr"].split("unless")[0])}
    if not is_low_bad:
        return [(None, "green"), *marks]
    values, colours = zip(*marks)
    return list(zip([None, *values], [*colours, "green"]))


def wrong_limits(dashboards):
    """Panels whose colours do not change exactly where the alerts do."""
    wrong = []
    for uid, dashboard in dashboards.items():
        for panel in panels(dashboard):
            field = panel["fieldConfig"]["defaults"]
            steps = [(step["value"], step["color"]) for step in field["thresholds"]["steps"]]
            limit = LIMIT_OF.get((uid, panel["title"]))
            # What makes the steps visible: a line in a chart, the colour of a number.
            style = field.get("custom", {}).get("thresholdsStyle", {}).get("mode") if panel["type"] == "timeseries" else field["color"]["mode"]
            seen = style == ("dashed" if panel["type"] == "timeseries" else "thresholds")
            if steps != expected_steps(limit) or limit and not seen:
                wrong.append((uid, panel["title"], steps, expected_steps(limit)))
    return wrong


def test_colours_change_where_the_alerts_fire():
    assert not wrong_limits(DASHBOARDS)


def test_every_coloured_panel_exists():
    titles = {(uid, panel["title"]) for uid, dashboard in DASHBOARDS.items() for panel in panels(dashboard)}
    assert set(LIMIT_OF) <= titles


def test_a_limit_that_drifts_is_noticed():
    for uid, panel_title in LIMIT_OF:
        changed = copy.deepcopy({uid: DASHBOARDS[uid]})
        panel = next(p for p in panels(changed[uid]) if p["title"] == panel_title)
        panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"] *= 1.01
        assert wrong_limits(changed), (uid, panel_title)


def test_reversed_colours_are_noticed():
    for uid, title in LIMIT_OF:
        changed = copy.deepcopy({uid: DASHBOARDS[uid]})
        steps = next(p for p in panels(changed[uid]) if p["title"] == title)["fieldConfig"]["defaults"]["thresholds"]["steps"]
        colours = [step["color"] for step in steps]
        for step, colour in zip(steps, reversed(colours)):
            step["color"] = colour
        assert wrong_limits(changed), (uid, title)


# A share over all models hides the one that is bad: the coloured number of a stat is the worst model's, as its alert counts.
WORST_MODELS = [pytest.param(panel, id=f"{uid} | {panel['title']}") for uid, dashboard in DASHBOARDS.items() for panel in panels(dashboard)
                if panel["type"] == "stat" and (uid, panel["title"]) in LIMIT_OF and uid != "llm-exporter"
                and panel["title"] != "Exporters up"]


@pytest.mark.parametrize("panel", WORST_MODELS)
def test_a_coloured_number_is_that_which_the_alert_compares(panel):
    every, worst = panel["targets"]
    [plain] = panel["fieldConfig"]["overrides"]
    assert plain == {"matcher": {"id": "byName", "options": every["legendFormat"]},
                     "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "text"}}]}
    [named] = re.findall(r"as (LLM\w+) counts", panel["description"])
    [expression] = {re.sub(r" ([<>]) scalar\([^)]*\)", "", " ".join(rule["expr"].split()), count=1)
                    for rule in alerts() if rule["alert"] == named}
    assert re.sub(r"(model:[\w:]+)\{[^}]*\}", r"\1", worst["expr"]) in (f"max({expression})", f"min({expression})")
    assert worst["expr"].startswith("min") == (expected_steps(LIMIT_OF_TITLE[panel["title"]])[0][1] != "green")
