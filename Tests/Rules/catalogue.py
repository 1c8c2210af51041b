"""The metric families that the exporter exposes, and what is needed to read PromQL about them."""
import re

# Name: (type, labels beyond those of every call). Checked against a running daemon by Tests/Grafana.
CALL = "model provider operation application team environment function prompt_version".split()
FAMILIES = {
    "llm_requests_total": ("counter", ["status"]),
    "llm_errors_total": ("counter", ["error_type"]),
    "llm_finish_reasons_total": ("counter", ["reason"]),
    "llm_request_duration_seconds": ("histogram", ["status"]),
    "llm_time_to_first_token_seconds": ("histogram", []),
    "llm_time_per_output_token_seconds": ("histogram", []),
    "llm_tokens_total": ("counter", ["token_type"]),
    "llm_tokens_per_request": ("histogram", ["direction"]),
    "llm_context_used_ratio": ("histogram", []),
    "llm_cost_dollars_total": ("counter", ["component"]),
    "llm_cost_per_request_dollars": ("histogram", []),
    "llm_retry_cost_dollars_total": ("counter", []),
    "llm_cache_saved_dollars_total": ("counter", []),
    "llm_priced_requests_total": ("counter", ["source"]),
    "llm_unpriced_requests_total": ("counter", ["reason"]),
    "llm_cost_compared_dollars_total": ("counter", ["source"]),
    "llm_usage_suspect_total": ("counter", ["reason"]),
    "llm_anomalous_calls_total": ("counter", ["kind"]),
    "llm_retries_total": ("counter", ["outcome"]),
    "llm_fallbacks_total": ("counter", ["from", "outcome"]),
    "llm_cache_lookups_total": ("counter", ["result"]),
    "llm_repeated_prompts_total": ("counter", []),
    "llm_queue_wait_seconds": ("histogram", []),
    "llm_model_load_seconds": ("histogram", []),
    "llm_requests_in_flight": ("gauge", []),
    "llm_last_success_timestamp_seconds": ("gauge", []),
    "llm_recovery_seconds": ("histogram", []),
    "llm_feedback_total": ("counter", ["rating", "category"]),
    "llm_quality_score": ("histogram", ["name", "evaluator"]),
    "llm_users_active": ("gauge", ["window"]),
    "llm_sessions_active": ("gauge", []),
    "llm_conversation_turns": ("histogram", []),
    "llm_top_user_cost_dollars": ("gauge", ["user", "window"]),
    "llm_model_price_dollars_per_million_tokens": ("gauge", ["token_type"]),
    "llm_budget_limit_dollars": ("gauge", ["budget", "window"]),
    "llm_budget_spent_dollars": ("gauge", ["budget", "window"]),
    "llm_budget_limit_tokens": ("gauge", ["budget", "window"]),
    "llm_budget_spent_tokens": ("gauge", ["budget", "window"]),
    "llm_budget_window_end_timestamp_seconds": ("gauge", ["budget", "window"]),
    "llm_objective": ("gauge", ["objective"]),
    "llm_queue_depth": ("gauge", ["queue"]),
    "llm_ratelimit_remaining": ("gauge", ["kind"]),
    "llm_gpu_utilization_ratio": ("gauge", ["device"]),
    "llm_gpu_memory_used_bytes": ("gauge", ["device"]),
    "llm_memory_used_bytes": ("gauge", ["process"]),
    "llm_exporter_build_info": ("gauge", ["version"]),
    "llm_exporter_prices_info": ("gauge", ["version"]),
    "llm_exporter_events_received_total": ("counter", ["source"]),
    "llm_exporter_events_accepted_total": ("counter", ["event"]),
    "llm_exporter_events_rejected_total": ("counter", ["reason"]),
    "llm_exporter_events_duplicate_total": ("counter", []),
    "llm_exporter_events_dropped_total": ("counter", ["reason"]),
    "llm_exporter_kernel_dropped_datagrams_total": ("counter", ["listener"]),
    "llm_exporter_bytes_received_total": ("counter", ["source"]),
    "llm_exporter_stream_connections": ("gauge", ["listener"]),
    "llm_exporter_stream_connections_limit": ("gauge", ["listener"]),
    "llm_exporter_stream_connections_shed_total": ("counter", ["listener"]),
    "llm_exporter_last_event_timestamp_seconds": ("gauge", ["source"]),
    "llm_exporter_listener_up": ("gauge", ["listener"]),
    "llm_exporter_storage_up": ("gauge", []),
    "llm_exporter_records": ("gauge", []),
    "llm_exporter_series": ("gauge", []),
    "llm_exporter_series_limited_total": ("counter", ["label"]),
    "llm_exporter_labels_altered_total": ("counter", ["label"]),
    "llm_exporter_in_flight_expired_total": ("counter", []),
    "llm_exporter_call_log_dropped_total": ("counter", []),
    "llm_exporter_ids_evicted_total": ("counter", []),
    "llm_exporter_reports_total": ("counter", ["report", "outcome"]),
    "llm_exporter_storage_commit_duration_seconds": ("histogram", []),
    "llm_exporter_storage_errors_total": ("counter", ["operation"]),
    "llm_exporter_storage_uncommitted_events": ("gauge", []),
    "llm_exporter_storage_size_bytes": ("gauge", []),
    "llm_exporter_storage_commit_interval_seconds": ("gauge", []),
    "llm_exporter_scrape_duration_seconds": ("gauge", []),
    "llm_exporter_config_last_reload_successful": ("gauge", []),
    "llm_exporter_config_last_reload_success_timestamp_seconds": ("gauge", []),
    "llm_exporter_prices_updated_timestamp_seconds": ("gauge", []),
    "llm_exporter_prices_refresh_failures_total": ("counter", []),
    "process_cpu_seconds_total": ("counter", []),
    "process_open_fds": ("gauge", []),
    "process_max_fds": ("gauge", []),
    "process_virtual_memory_bytes": ("gauge", []),
    "process_virtual_memory_max_bytes": ("gauge", []),
    "process_resident_memory_bytes": ("gauge", []),
    "process_start_time_seconds": ("gauge", []),
    "process_threads": ("gauge", []),
}
# Families that a minute of traffic does not bring, and why.
LATE = {
    "llm_conversation_turns": "a session is counted when it has been quiet for 30 minutes",
    "llm_exporter_reports_total": "no report is due within a minute",
}

# Prometheus' own.
PROMETHEUS = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}

WORDS = set(
    "by without on ignoring group_left group_right and or unless offset bool inf nan start end".split())


def family_of(name):
    """The family that a series name belongs to, or None."""
    if name in FAMILIES:
        return name
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and FAMILIES.get(base, ("",))[0] == "histogram":
            return base
    return None


def without_labels(expression):
    """The expression without strings, label matchers and lists of labels: what is left names metrics and functions."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'", '""', expression)
    text = re.sub(r"\{[^}]*\}", "", text)
    return re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)


def metric_names(expression):
    text = re.sub(r"\[[^\]]*\]", "", without_labels(expression))
    text = re.sub(r"\boffset\s+-?\w+", "", text)
    names = set()
    for match in re.finditer(r"(?<![\w.:$])([a-zA-Z_:][\w:]*)(\s*\()?", text):
        if match.group(2) is None and match.group(1).lower() not in WORDS:
            names.add(match.group(1))
    return names
