"""What fails, what is done about it, and what is left of the objectives."""
from .dashboard import dashboard, row
from .limits import LIMITS
from .panel import bars, graph, stat, table
from .query import CALLS, EXPORTER, MODEL, MODEL_NAME, RECORDED, asked, increase, quantile, rate, share

REQUESTS, ERRORS = "llm_requests_total", "llm_errors_total"
FAILED = 'status="error"'


def burn(slo, measure, window):
    return f"max(model:{measure}{window}{{{RECORDED}}}) / (1 - scalar(llm:threshold:{slo}_objective))"


def burn_lines(severity):
    """The limits of one severity: "14.4 (1h) and 6 (6h)"."""
    return " and ".join(f"{value:g} ({labels['long_window']})" for name, labels, value in LIMITS
                        if name == "burn_rate" and labels["severity"] == severity)


BURN = f"The lines: pages from {burn_lines('critical')}, tickets from {burn_lines('warning')}."


DASHBOARD = dashboard(
    "llm-errors", "LLM errors and rescue", "What fails, what is done about it, and what is left of the objectives.",
    row("At a glance",
        stat("Error rate", "Share of calls that failed, for any reason; hits of the application's own cache do not count.",
             share(rate(REQUESTS, extra=FAILED), asked()), "percentunit", limits="error_ratio", decimals=2, alert="LLMHighErrorRate"),
        stat("Rate limited", "Share of calls that a rate limit refused.", share(rate(ERRORS, extra='error_type="rate_limit"'), asked()),
             "percentunit", limits="rate_limited_ratio", decimals=2, alert="LLMRateLimited"),
        stat("Retried", "Share of calls that were attempts after the first.", share(rate("llm_retries_total"), asked()), "percentunit",
             limits="retry_ratio", decimals=1, alert="LLMRetryRate"),
        stat("Stood in", "Share of calls that came because another model had failed.", share(rate("llm_fallbacks_total"), asked()),
             "percentunit", limits="fallback_ratio", decimals=1, alert="LLMFallbackRate"),
        stat("Rescued", "Share of fallbacks that succeeded.",
             share(rate("llm_fallbacks_total", extra='outcome="success"'), rate("llm_fallbacks_total")), "percentunit", decimals=0),
        stat("Recovery p50", "From the third failure in a row to the next success.", quantile(0.5, "llm_recovery_seconds", over="1h"), "s")),
    row("What fails",
        graph("Errors by type", "Failed calls per second.", [(rate(ERRORS, "error_type"), "{{error_type}}")], "reqps", stack=True),
        graph("Error rate by model", "The line is LLMHighErrorRate's limit.",
              [(share(rate(REQUESTS, MODEL, FAILED), asked(MODEL)), MODEL_NAME)], "percentunit", limits="error_ratio"),
        graph("Error rate by application", "Whatever the model.",
              [(share(rate(REQUESTS, "application", FAILED), rate(REQUESTS, "application")), "{{application}}")], "percentunit"),
        graph("Calls and successes by model", "Where the second falls to nothing and the first does not, LLMModelDown pages.",
              [(rate(REQUESTS, MODEL), f"calls {MODEL_NAME}"), (rate(REQUESTS, MODEL, 'status="success"'), f"successes {MODEL_NAME}")], "reqps"),
        table("Errors by model and type", "In the chosen time.",
              [("errors", increase(ERRORS, f"{MODEL}, error_type", over="$__range") + " > 0", "short")], sort="errors"),
        table("Last success", "How long ago each model last succeeded, on any host.",
              [("age", f"time() - max by ({MODEL}) (llm_last_success_timestamp_seconds{{{CALLS}}})", "s")], sort="age")),
    row("Rate limits",
        graph("Rate limits", "Share of calls refused. The line is LLMRateLimited's limit.",
              [(share(rate(ERRORS, MODEL, 'error_type="rate_limit"'), asked(MODEL)), MODEL_NAME)], "percentunit",
              limits="rate_limited_ratio"),
        graph("Left of the provider's limits", "As applications report it from the answers' headers; the lowest.",
              [(f'min by (model, kind) (llm_ratelimit_remaining{{{EXPORTER},model=~"$model",application=~"$application"}})',
                "{{model}} {{kind}}")], "short")),
    row("Objectives",
        graph("Error budget burn", f"How fast the worst model spends its availability budget: 1 spends 30 days' worth in 30 days. {BURN}",
              [(burn("availability", "llm_bad_calls:ratio_rate", window), window) for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")], "x",
              limits="burn_rate"),
        graph("Latency budget burn", "How fast the worst model spends its latency budget. The lines are as beside.",
              [(burn("latency", "llm_request_duration_seconds:slow_ratio_rate", window), window)
               for window in ("5m", "30m", "1h", "2h", "6h", "1d", "3d")], "x", limits="burn_rate"),
        bars("Availability, 1 day", "Of the minutes with calls, the share in which one succeeded.",
             f"min by ({MODEL}) (model:llm_availability:ratio1d{{{RECORDED}}})", MODEL_NAME, "percentunit", most=1),
        bars("Availability, 30 days", "Of the minutes with calls, the share in which one succeeded.",
             f"min by ({MODEL}) (model:llm_availability:ratio30d{{{RECORDED}}})", MODEL_NAME, "percentunit", most=1)),
    row("Rescue",
        graph("Retries", "Attempts after the first, by outcome.", [(rate("llm_retries_total", "outcome"), "{{outcome}}")], "reqps", width=8,
              stack=True),
        graph("Retry share by model", "The line is LLMRetryRate's limit.",
              [(share(rate("llm_retries_total", MODEL), asked(MODEL)), MODEL_NAME)], "percentunit", width=8, limits="retry_ratio"),
        graph("Recovery", "From the third failure in a row to the next success, by the hour.",
              [(quantile(q, "llm_recovery_seconds", over="1h"), f"p{round(q * 100)}") for q in (0.5, 0.95)], "s", width=8),
        graph("Fallbacks", "Which model stood in for which.",
              [(rate("llm_fallbacks_total", "from, model, outcome"), "{{from}} → {{model}} {{outcome}}")], "reqps"),
        graph("Fallback share by model", "The line is LLMFallbackRate's limit.",
              [(share(rate("llm_fallbacks_total", MODEL), asked(MODEL)), MODEL_NAME)], "percentunit", limits="fallback_ratio")))
