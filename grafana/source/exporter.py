"""Whether what the exporters say can be trusted, and how they do."""
from .dashboard import dashboard, row
from .panel import graph, stat, table, words
from .query import EXPORTER, increase, quantile, rate, share


def each(metric, by="instance", extra=""):
    return rate(metric, by, extra, EXPORTER)


def level(metric, by="instance", extra=""):
    return f"max by ({by}) ({metric}{{{EXPORTER}{',' + extra if extra else ''}}})"


RECEIVED, ACCEPTED, REJECTED = (f"llm_exporter_events_{word}_total" for word in ("received", "accepted", "rejected"))
DROPPED, KERNEL = "llm_exporter_events_dropped_total", "llm_exporter_kernel_dropped_datagrams_total"
UP = words((0, "down", "red"), (1, "up", "green"))

DASHBOARD = dashboard(
    "llm-exporter", "LLM exporter health", "Whether what the exporters say can be trusted, and how they do.",
    row("At a glance",
        stat("Up", "Share of the last 5 minutes' scrapes in which Prometheus reached the exporter; the worst exporter.",
             f"min(instance:llm_exporter_up:ratio5m{{{EXPORTER}}})", "percentunit", limits="exporter_up_ratio", bad="below", decimals=0),
        stat("Events per second", "Received over all sockets.", rate(RECEIVED, among=EXPORTER), "short"),
        stat("Lost", "Share of events lost to our own limits or in the kernel, in the last 5 minutes; the worst exporter.",
             'max(instance:llm_exporter_dropped:ratio5m{job=~"$job",instance=~"$instance"})', "percentunit",
             limits="exporter_dropped_ratio", decimals=2),
        stat("Rejected", "Share of the last hour's events that could not be read; the worst exporter.",
             'max(instance:llm_exporter_rejected:ratio_rate1h{job=~"$job",instance=~"$instance"})', "percentunit",
             limits="exporter_rejected_ratio", decimals=2),
        stat("Series", "Exposed by all exporters together.", f"sum(llm_exporter_series{{{EXPORTER}}})", "short"),
        stat("Age of prices", "Since the oldest price table in use was updated.", f"time() - min(llm_exporter_prices_updated_timestamp_seconds{{{EXPORTER}}})",
             "s", limits="prices_age_seconds", decimals=1)),
    row("Events",
        graph("Received", "Events per second by socket.", [(each(RECEIVED, "instance, source"), "{{instance}} {{source}}")], "short", width=8),
        graph("Accepted", "Events per second by kind.", [(each(ACCEPTED, "event"), "{{event}}")], "short", width=8, stack=True),
        graph("Bytes", "Bytes per second by socket.", [(each("llm_exporter_bytes_received_total", "instance, source"), "{{instance}} {{source}}")],
              "Bps", width=8),
        graph("Rejected events", "Per second by reason; /api/v1/status shows the last of each.",
              [(each(REJECTED, "instance, reason"), "{{instance}} {{reason}}")], "short", width=8),
        graph("Lost events", "Dropped by our own limits (events), and by the kernel before we could read (datagrams).",
              [(each(DROPPED, "instance, reason"), "{{instance}} {{reason}}"), (each(KERNEL, "instance, listener"), "{{instance}} kernel {{listener}}")],
              "short", width=8),
        graph("Resent events", "Recognised as counted before, per second.", [(each("llm_exporter_events_duplicate_total"), "{{instance}}")], "short", width=8),
        graph("Since the last event", "Age of the last event, by socket.", [(f"time() - {level('llm_exporter_last_event_timestamp_seconds', 'instance, source')}", "{{instance}} {{source}}")],
              "s", width=8),
        graph("Accepted share", "Of what was received; the rest is rejected, resent or dropped.",
              [(share(each(ACCEPTED), each(RECEIVED)), "{{instance}}")], "percentunit", width=8, most=1),
        table("Listeners", "Whether each socket is served.", [("up", level("llm_exporter_listener_up", "instance, listener"), "short")], width=8, mappings={"up": UP})),
    row("Series",
        graph("Series and records", "A record is one set of labels with all its numbers.",
              [(level("llm_exporter_series"), "series {{instance}}"), (level("llm_exporter_records"), "records {{instance}}")], "short", width=8),
        graph("Folded values", "Values beyond a label's limit that became __other__, per second.",
              [(each("llm_exporter_series_limited_total", "instance, label"), "{{instance}} {{label}}")], "short", width=8),
        graph("Altered labels", "Values that were cut or cleaned, per second.",
              [(each("llm_exporter_labels_altered_total", "instance, label"), "{{instance}} {{label}}")], "short", width=8),
        graph("Calls that never ended", "Dropped from the calls in flight after the time-out, per hour.",
              [(increase("llm_exporter_in_flight_expired_total", "instance", among=EXPORTER, over="1h"), "{{instance}}")], "short", width=8),
        graph("Impossible usage", "Calls whose usage was clamped, per hour.",
              [(increase("llm_usage_suspect_total", "instance, reason", among=EXPORTER, over="1h"), "{{instance}} {{reason}}")], "short", width=8),
        graph("Scrape", "What the exporter needs to render, and what Prometheus waits for.",
              [(level("llm_exporter_scrape_duration_seconds"), "render {{instance}}"),
               (f"{level('scrape_duration_seconds')} and on (instance) {level('llm_exporter_build_info')}", "scrape {{instance}}")], "s", width=8)),
    row("Process",
        graph("CPU", "Cores in use by the process.", [(each("process_cpu_seconds_total"), "{{instance}}")], "short", width=8),
        graph("Resident memory", "Memory that the process occupies.", [(level("process_resident_memory_bytes"), "{{instance}}")], "bytes", width=8),
        graph("Open files", "Sockets and files in use, against the limit.",
              [(level("process_open_fds"), "open {{instance}}"), (level("process_max_fds"), "limit {{instance}}")], "short", width=8),
        graph("Stream clients", "Connected to the Unix stream sockets, against the limit; and disconnected because they did not read answers, per hour.",
              [(level("llm_exporter_stream_connections", "instance, listener"), "open {{instance}} {{listener}}"),
               (level("llm_exporter_stream_connections_limit", "instance, listener"), "limit {{instance}} {{listener}}"),
               (increase("llm_exporter_stream_connections_shed_total", "instance, listener", among=EXPORTER, over="1h"), "disconnected {{instance}} {{listener}}")],
              "short", width=8),
        graph("Uptime", "Time since the process started.", [(f"time() - {level('process_start_time_seconds')}", "{{instance}}")], "s", width=8),
        table("Versions", "What runs where.",
              [("exporter", f"max by (instance, version) (llm_exporter_build_info{{{EXPORTER}}})", "short")], width=8, hide=["Value"]),
        table("Price tables", "Which table prices where.",
              [("table", f"llm_exporter_prices_info{{{EXPORTER}}}", "short")], width=24, hide=["Value", "__name__", "job"]),
        table("Configuration", "Whether the last reload succeeded, and when one last did.",
              [("last reload good", level("llm_exporter_config_last_reload_successful"), "short"),
               ("since", f"time() - {level('llm_exporter_config_last_reload_success_timestamp_seconds')}", "s")], width=8,
              mappings={"last reload good": words((0, "failed", "red"), (1, "yes", "green"))}),
        graph("Price refreshes that failed", "Per hour; the last good table stays in use.",
              [(increase("llm_exporter_prices_refresh_failures_total", "instance", among=EXPORTER, over="1h"), "{{instance}}")], "short",
              width=8),
        graph("Threads", "Threads of the process; they are few and constant.", [(level("process_threads"), "{{instance}}")], "short", width=8)),
    row("Store",
        stat("Store", "Whether every exporter has its store.", f"min(llm_exporter_storage_up{{{EXPORTER}}})", "short", width=6, mappings=UP, spark=False),
        stat("Commit interval", "The longest in force: what a crash can lose.", f"max(llm_exporter_storage_commit_interval_seconds{{{EXPORTER}}})", "s", width=6),
        stat("Not committed", "Events that a crash would lose now.", f"sum(llm_exporter_storage_uncommitted_events{{{EXPORTER}}})", "short", width=6),
        stat("Size", "Of all stores together, on disk.", f"sum(llm_exporter_storage_size_bytes{{{EXPORTER}}})", "bytes", width=6),
        graph("Commits p95", "How long a commit takes.",
              [(quantile(0.95, "llm_exporter_storage_commit_duration_seconds", "instance", among=EXPORTER), "{{instance}}")], "s"),
        graph("Store errors", "Per second by operation.", [(each("llm_exporter_storage_errors_total", "instance, operation"), "{{instance}} {{operation}}")],
              "short"),
        graph("Call log and ids", "Rows of the call log that were dropped, and ids that were forgotten early, per second.",
              [(each("llm_exporter_call_log_dropped_total"), "log rows {{instance}}"), (each("llm_exporter_ids_evicted_total"), "ids {{instance}}")],
              "short"),
        graph("Scheduled reports", "Per hour by outcome.",
              [(increase("llm_exporter_reports_total", "report, outcome", among=EXPORTER, over="1h"), "{{report}} {{outcome}}")], "short")),
    calls=False)
