"""How long calls take, and where the time goes."""
from .dashboard import dashboard, row
from .panel import graph, heatmap, stat
from .query import CALLS, EXPORTER, MODEL, MODEL_NAME, RECORDED, buckets, mean, quantile, rate, share

DURATION = "llm_request_duration_seconds"
FIRST = "llm_time_to_first_token_seconds"
PER_TOKEN = "llm_time_per_output_token_seconds"
SUCCESS = 'status="success"'
TRACED = {"exemplar": True}
APPLICATIONS = EXPORTER + ',application=~"$application"'


def percentiles(metric, extra="", by="", among=CALLS):
    return [(quantile(q, metric, by, extra, among), f"p{round(q * 100)}", TRACED) for q in (0.5, 0.95, 0.99)]


DASHBOARD = dashboard(
    "llm-latency", "LLM latency", "How long calls take, and where the time goes.",
    row("At a glance",
        stat("Latency p50", "Half of the successful calls are quicker.", quantile(0.5, DURATION, extra=SUCCESS), "s"),
        stat("Latency p95", "The slowest 5% of successful calls take longer.", quantile(0.95, DURATION, extra=SUCCESS), "s",
             limits="latency_p95_seconds", alert="LLMHighLatency"),
        stat("Latency p99", "The slowest 1% of successful calls take longer.", quantile(0.99, DURATION, extra=SUCCESS), "s"),
        stat("First token p95", "The slowest 5% of streams show their first token later.", quantile(0.95, FIRST), "s",
             limits="first_token_p95_seconds", alert="LLMSlowFirstToken"),
        stat("Writing speed", "Tokens per second of one answer once it has begun: one over the median time per output token.",
             f"1 / ({quantile(0.5, PER_TOKEN)})", "short", decimals=1),
        stat("Slower than 30 s", "Share of successful calls in the last hour that took longer than the latency objective's bound; worst model.",
             f"max(model:llm_request_duration_seconds:slow_ratio_rate1h{{{RECORDED}}})", "percentunit", decimals=2)),
    row("Whole calls",
        heatmap("Latency of successful calls", "How many calls took how long; a point is a trace.", buckets(DURATION, SUCCESS), "s"),
        graph("p50, p95, p99", "Successful calls, as the callers saw them. The lines are LLMHighLatency's limits.",
              percentiles(DURATION, SUCCESS), "s", limits="latency_p95_seconds"),
        graph("p95 by model", "The lines are LLMHighLatency's limits.",
              [(quantile(0.95, DURATION, MODEL, SUCCESS), MODEL_NAME, TRACED)], "s", limits="latency_p95_seconds"),
        graph("p95 by application", "Each application's calls, whatever the model.",
              [(quantile(0.95, DURATION, "application", SUCCESS), "{{application}}", TRACED)], "s"),
        graph("Successful and failed calls", "95th percentile by outcome: failures that take long are time-outs.",
              [(quantile(0.95, DURATION, "status"), "{{status}}")], "s"),
        graph("Slow calls", "Share of successful calls over 30 s, in the windows that LLMLatencyBudgetBurn compares.",
              [(f"max(model:llm_request_duration_seconds:slow_ratio_rate{window}{{{RECORDED}}})", window)
               for window in ("5m", "30m", "1h", "6h", "1d", "3d")], "percentunit")),
    row("First token and writing",
        heatmap("Time to first token", "Streams that report it.", buckets(FIRST), "s"),
        graph("First token p50, p95, p99", "The line is LLMSlowFirstToken's limit.", percentiles(FIRST), "s",
              limits="first_token_p95_seconds"),
        graph("First token p95 by model", "The line is LLMSlowFirstToken's limit.",
              [(quantile(0.95, FIRST, MODEL), MODEL_NAME, TRACED)], "s", limits="first_token_p95_seconds"),
        graph("Writing speed by model", "Tokens per second of one answer: one over the median time per output token.",
              [(f"1 / ({quantile(0.5, PER_TOKEN, MODEL)})", MODEL_NAME)], "short")),
    row("Where else the time goes",
        graph("Waiting in our own queue", "Time before the call was made, where applications report it.",
              [(quantile(0.95, "llm_queue_wait_seconds", "application"), "p95 {{application}}")], "s", width=8),
        graph("Queue depth", "Calls that wait, where applications report it.",
              [(f"max by (application, queue) (llm_queue_depth{{{APPLICATIONS}}})", "{{application}} {{queue}}")], "short", width=8),
        graph("Calls in flight", "Begun and not ended, where applications report the beginning.",
              [(f"sum by ({MODEL}) (llm_requests_in_flight{{{CALLS}}})", MODEL_NAME)], "short", width=8),
        graph("Loading of local models", "95th percentile, where the server reports it.",
              [(quantile(0.95, "llm_model_load_seconds", MODEL), MODEL_NAME)], "s", width=8),
        graph("GPU utilisation", "As applications report it.",
              [(f"max by (instance, device) (llm_gpu_utilization_ratio{{{APPLICATIONS}}})", "{{instance}} {{device}}")], "percentunit",
              width=8, most=1),
        graph("GPU and process memory", "As applications report it.",
              [(f"max by (instance, device) (llm_gpu_memory_used_bytes{{{APPLICATIONS}}})", "GPU {{instance}} {{device}}"),
               (f"max by (instance, process) (llm_memory_used_bytes{{{APPLICATIONS}}})", "{{instance}} {{process}}")], "bytes", width=8)),
    row("Out of the ordinary",
        graph("Mean against its history", "The last hour's mean, and the last week's mean plus three standard deviations of its hours "
              "(LLMAnomalousLatency).",
              [(f"max by ({MODEL}) (model:{DURATION}:mean1h{{{RECORDED}}})", MODEL_NAME),
               (f"max by ({MODEL}) (model:{DURATION}:history_mean{{{RECORDED}}} + "
                f'scalar(llm:threshold:anomaly_latency_deviations{{severity="warning"}}) * model:{DURATION}:history_deviation{{{RECORDED}}})',
                f"limit {MODEL_NAME}")], "s", width=8),
        graph("Calls out of the ordinary", "Share of calls far from the history of their own record, as the exporter saw them.",
              [(share(rate("llm_anomalous_calls_total", "kind"), rate("llm_requests_total")).replace(
                  " / (", " / on () group_left () ("), "{{kind}}")], "percentunit", width=8, limits="anomalous_calls_ratio"),
        graph("Mean latency by model", "The mean hides what the percentiles show, but adds up.",
              [(mean(DURATION, MODEL, SUCCESS), MODEL_NAME)], "s", width=8)))
