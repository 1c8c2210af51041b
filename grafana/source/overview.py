"""Is it all right? One glance, and where to look next."""
from .dashboard import dashboard, link_to, row
from .panel import bars, graph, stat, table, words
from .query import CALLS, EXPORTER, FIRING, MODEL, MODEL_NAME, RECORDED, asked, increase, mean, quantile, rate, share

ERRORS = share(rate("llm_requests_total", extra='status="error"'), asked())
SUCCESS = 'status="success"'
OBJECTIVES = "job, application, function, objective"
APPLICATION = 'job=~"$job",application=~"$application"'


def actual(measure, objective):
    """The recorded measure of applications and functions, labelled as the objective that it answers to."""
    both = " or ".join(f"{level}:{measure}{{{APPLICATION}}}" for level in ("application", "function"))
    return f'label_replace({both}, "objective", "{objective}", "", "")'


def goal(objectives=""):
    return f"max by ({OBJECTIVES}) (llm_objective{{{EXPORTER},application=~\"$application\"{objectives}}})"


GOAL = goal()
ACTUAL = f"max by ({OBJECTIVES}) ({{}})".format(" or ".join([
    actual("llm_availability:ratio_rate30m", "availability"),
    actual("llm_request_duration_seconds:p95_30m", "latency_p95_seconds"),
    actual("llm_time_to_first_token_seconds:p95_30m", "ttft_p95_seconds"),
    actual("llm_quality_score:mean30m", "quality"),
    actual("llm_cost_per_request_dollars:mean30m", "cost_per_request_dollars"),
]))
AT_LEAST = 'objective=~"availability|quality"'
KEPT = f"{ACTUAL} >= bool {goal(',' + AT_LEAST)} or {ACTUAL} <= bool {goal(',' + AT_LEAST.replace('=~', '!~'))}"

DASHBOARD = dashboard(
    "llm-overview", "LLM overview", "Whether the calls to language models are all right, at one glance.",
    row("At a glance",
        stat("Calls per second", "Calls that ended, well or badly.", rate("llm_requests_total"), "reqps"),
        stat("Error rate", "Share of calls that failed, for any reason.", ERRORS, "percentunit",
             limits="error_ratio", decimals=2, alert="LLMHighErrorRate"),
        stat("Latency p95", "The slowest 5% of successful calls take longer than this.",
             quantile(0.95, "llm_request_duration_seconds", extra=SUCCESS), "s", limits="latency_p95_seconds",
             alert="LLMHighLatency"),
        stat("Cost per hour", "What the last hour's calls cost.", increase("llm_cost_dollars_total", over="1h"), "currencyUSD", decimals=2),
        stat("Cost in 24 hours", "What the last day's calls cost.", increase("llm_cost_dollars_total", over="24h"), "currencyUSD", decimals=2),
        stat("Tokens per second", "Tokens processed by all calls together, in and out.", rate("llm_tokens_total"), "short"),
        stat("Alerts firing", "Alerts about these jobs that fire now, and those about no job: that there is no exporter at all.",
             f"sum({FIRING}) or vector(0)", "short", spark=False),
        stat("Calls in flight", "Calls that have begun and not ended, where applications report the beginning.",
             f"sum(llm_requests_in_flight{{{CALLS}}})", "short"),
        stat("Availability, 30 days", "Of the minutes with calls, the share in which one succeeded; the worst model.",
             f"min(model:llm_availability:ratio30d{{{RECORDED}}})", "percentunit", decimals=3, spark=False),
        stat("Quality", "Mean of all scores in the last hour.", mean("llm_quality_score", over="1h"), "none", limits="quality_score",
             bad="below", decimals=2, alert="LLMQualityLow"),
        stat("Answered from cache", "Share of look-ups that the application's own cache answered.",
             share(rate("llm_cache_lookups_total", extra='result="hit"'), rate("llm_cache_lookups_total")), "percentunit", decimals=1),
        stat("Exporters up", "Share of the last 5 minutes' scrapes in which Prometheus reached the exporter; the worst exporter.",
             f"min(instance:llm_exporter_up:ratio5m{{{EXPORTER}}})", "percentunit", limits="exporter_up_ratio", bad="below", decimals=0)),
    row("Calls",
        graph("Calls by model", "Calls per second.", [(rate("llm_requests_total", MODEL), MODEL_NAME)], "reqps", stack=True),
        graph("Calls by application", "Calls per second.", [(rate("llm_requests_total", "application"), "{{application}}")], "reqps",
              stack=True),
        graph("Error rate by model", "Share of calls that failed. The line is LLMHighErrorRate's limit.",
              [(share(rate("llm_requests_total", MODEL, 'status="error"'), asked(MODEL)), MODEL_NAME)],
              "percentunit", limits="error_ratio"),
        graph("Latency p50, p95, p99", "Successful calls, as the callers saw them. The lines are LLMHighLatency's limits.",
              [(quantile(q, "llm_request_duration_seconds", extra=SUCCESS), f"p{round(q * 100)}", {"exemplar": True})
               for q in (0.5, 0.95, 0.99)], "s", limits="latency_p95_seconds"),
        graph("Cost per hour by model", "What each model cost in the hour before.",
              [(increase("llm_cost_dollars_total", MODEL, over="1h"), MODEL_NAME)], "currencyUSD", stack=True),
        graph("Tokens per second by type", "Every token once: input without what was cached, output without reasoning.",
              [(rate("llm_tokens_total", "token_type"), "{{token_type}}")], "short", stack=True)),
    row("Goals",
        table("Objectives against actual", "What the configuration promises, and the last 30 minutes.",
              [("goal", GOAL, "short"), ("actual", ACTUAL, "short"), ("kept", KEPT, "short")], hide=["job"],
              mappings={"kept": words((0, "missed", "red"), (1, "met", "green"))}),
        bars("Availability by model, 1 day", "Of the minutes with calls, the share in which one succeeded.",
             f"min by ({MODEL}) (model:llm_availability:ratio1d{{{RECORDED}}})", MODEL_NAME, "percentunit", width=6, most=1),
        bars("Budgets used", "Spent of each budget in its window. The colours are LLMBudgetUsed's limits.",
             'max by (budget, window, unit) (budget:llm_budget:used_ratio{job=~"$job"})', "{{budget}} ({{unit}} a {{window}})",
             "percentunit", width=6, limits="budget_used_ratio"),
        table("Alerts that fire", "By the rules in alerts/; a runbook is behind each in Alertmanager.",
              [("alerts", f"sum by (alertname, severity, model, application, instance) ({FIRING})", "short")]),
        table("Models", "Each model's last hour; a name opens its latency.",
              [("calls", increase("llm_requests_total", MODEL, over="1h"), "short"),
               ("errors", share(rate("llm_requests_total", MODEL, 'status="error"', over="1h"), asked(MODEL, over="1h")), "percentunit"),
               ("p95", quantile(0.95, "llm_request_duration_seconds", MODEL, SUCCESS, over="1h"), "s"),
               ("cost", increase("llm_cost_dollars_total", MODEL, over="1h"), "currencyUSD")],
              sort="calls", links={"model": link_to("llm-latency", "provider", "model")})))
