"""What the calls cost, who spends it, and whether the sums can be trusted."""
from .dashboard import dashboard, link_to, row
from .panel import bars, graph, heatmap, stat, table
from .query import EXPORTER, MODEL, MODEL_NAME, RECORDED, increase, mean, quantile, rate, select, share, total

COST = "llm_cost_dollars_total"
INPUT = 'token_type=~"input|cached_input|cache_write"'
PRICE = "llm_model_price_dollars_per_million_tokens"
PER_CALL = "llm_cost_per_request_dollars"
MODELS = ',provider=~"$provider",model=~"$model"'
OUTPUT = EXPORTER + MODELS + ',token_type="output"'
PRICES = f"max by ({MODEL}) ({select(PRICE, '', OUTPUT)} > 0)"
DEAREST = f"topk(20, {increase(COST, MODEL, over='$__range')})"


def of_dearest(expression):
    return f"{expression} and on ({MODEL}) {DEAREST}"


def spent_by_users(window):
    return total(f'llm_top_user_cost_dollars{{{EXPORTER},window="{window}"}}', "instance, user")


def limit_of(unit):
    """Each exporter tells the same limit, and what it saw itself of what was spent."""
    return f"max by (budget, window) (llm_budget_limit_{unit}{{{EXPORTER}}})"


def spent_of(unit):
    return f"sum by (budget, window) (llm_budget_spent_{unit}{{{EXPORTER}}})"


DASHBOARD = dashboard(
    "llm-cost", "LLM cost", "What the calls cost, who spends it, and whether the sums can be trusted.",
    row("Money",
        stat("Cost per hour", "What the last hour's calls cost.", increase(COST, over="1h"), "currencyUSD", decimals=2),
        stat("Cost in 24 hours", "What the last day's calls cost.", increase(COST, over="24h"), "currencyUSD", decimals=2),
        stat("30 days at this pace", "The last day's cost, thirty times.", f"30 * {increase(COST, over='24h')}", "currencyUSD", decimals=0),
        stat("Mean cost per call", "Mean over the calls that cost anything.", mean(PER_CALL), "currencyUSD", decimals=5),
        stat("Share spent on retries", "Share of the last hour's cost that went into attempts after the first.",
             share(increase("llm_retry_cost_dollars_total", over="1h"), increase(COST, over="1h")), "percentunit",
             limits="retry_cost_ratio", decimals=1, alert="LLMRetryLoop"),
        stat("Not priced", "Share of the last hour's calls whose cost is unknown, at least in part.",
             share(increase("llm_unpriced_requests_total", over="1h"), increase("llm_requests_total", over="1h")), "percentunit",
             limits="unpriced_ratio", decimals=2, alert="LLMExporterUnpricedCalls"),
        graph("Cost against its history", "The last hour against what LLMCostSpike allows: twice and three times the average hour of the last day, and "
              "the same hour of last week.",
              [('sum(job:llm_cost_dollars:increase1h{job=~"$job"})', "this hour"),
               ('sum(job:llm_cost_dollars:average_hour1d{job=~"$job"})', "average hour of the last day"),
               ('sum(job:llm_cost_dollars:average_hour1d{job=~"$job"}) * scalar(llm:threshold:cost_spike_ratio{severity="warning"})', "warning"),
               ('sum(job:llm_cost_dollars:average_hour1d{job=~"$job"}) * scalar(llm:threshold:cost_spike_ratio{severity="critical"})', "critical"),
               ('sum(job:llm_cost_dollars:increase1h{job=~"$job"} offset 1w)', "same hour last week")], "currencyUSD"),
        graph("Cost per hour by model", "What each model cost in the hour before.", [(increase(COST, MODEL, over="1h"), MODEL_NAME)],
              "currencyUSD", stack=True),
        graph("By application", "What each application spent in the hour before; without a name: what nobody owns.",
              [(increase(COST, "application", over="1h"), "{{application}}")], "currencyUSD", stack=True),
        graph("By component", "What the money was spent on: classes of tokens, tools, whole requests.",
              [(increase(COST, "component", over="1h"), "{{component}}")], "currencyUSD", stack=True)),
    row("Who and what",
        table("Top models", "The dearest models of the chosen time; a name opens its latency.",
              [("cost", DEAREST, "currencyUSD"),
               ("calls", of_dearest(increase("llm_requests_total", MODEL, over="$__range")), "short"),
               ("tokens", of_dearest(increase("llm_tokens_total", MODEL, over="$__range")), "short"),
               ("per call", share(DEAREST, increase("llm_requests_total", MODEL, over="$__range")), "currencyUSD")],
              sort="cost", links={"model": link_to("llm-latency", "provider", "model")}),
        table("Top users", "Who spent most today and this month (UTC), of each exporter's own count; ids are hashed unless configured "
              "otherwise.",
              [("today", spent_by_users("day"), "currencyUSD"), ("this month", spent_by_users("month"), "currencyUSD")], width=6,
              sort="this month"),
        bars("Relative price of models", "List price of output tokens as a multiple of the cheapest model in use.",
             f"{PRICES} / on () group_left () min({PRICES})", MODEL_NAME, "x", width=6),
        table("Prices", "Dollars per million tokens, as last used.",
              [("dollars", f"max by ({MODEL}, token_type) ({select(PRICE, '', EXPORTER + MODELS)})", "currencyUSD")], width=8),
        table("Unowned cost", "Share of the last day's cost without application or team, by job.",
              [("share", 'job:llm_unowned_cost:ratio1d{job=~"$job"}', "percentunit")], width=4, hide=["__name__"],
              limits="unowned_cost_ratio"),
        graph("Cost outside its band", "This hour's cost of each model over its median hour of the last day. Above the line LLMCostOutsideBand "
              "warns if the model's hours do not vary that much.",
              [(f"sum by ({MODEL}) (model:llm_cost_dollars:increase1h{{{RECORDED}}}) / "
                f"(sum by ({MODEL}) (model:llm_cost_dollars:median_hour1d{{{RECORDED}}}) > 0)", MODEL_NAME)], "x", limits="cost_band_ratio")),
    row("Budgets",
        graph("Budgets", "Spent of each budget in its window, over all exporters. The lines are LLMBudgetUsed's limits.",
              [('max by (budget, window, unit) (budget:llm_budget:used_ratio{job=~"$job"})', "{{budget}} ({{unit}} a {{window}})")],
              "percentunit", limits="budget_used_ratio"),
        bars("Forecast", "What each window will have used at its end, at the pace so far.",
             'max by (budget, window, unit) (budget:llm_budget:forecast_ratio{job=~"$job"})', "{{budget}} ({{unit}} a {{window}})",
             "percentunit", width=6, limits="budget_forecast_ratio"),
        table("Left", "What is left of each budget, over all exporters; below zero it is overspent.",
              [("limit", limit_of("dollars"), "currencyUSD"),
               ("left", f"{limit_of('dollars')} - {spent_of('dollars')}", "currencyUSD"),
               ("token limit", limit_of("tokens"), "short"),
               ("tokens left", f"{limit_of('tokens')} - {spent_of('tokens')}", "short"),
               ("ends in", f"max by (budget, window) (llm_budget_window_end_timestamp_seconds{{{EXPORTER}}}) - time()", "s")], width=6)),
    row("Per call",
        graph("Cost per call", "Percentiles over the calls that cost anything.",
              [(quantile(q, PER_CALL), f"p{round(q * 100)}") for q in (0.5, 0.95)] + [(mean(PER_CALL), "mean")], "currencyUSD"),
        heatmap("Cost of calls", "How many calls fell into each class of cost.", f"{increase(PER_CALL + '_bucket', 'le')} or {increase(PER_CALL)}",
                "currencyUSD"),
        graph("Tokens per call", "Mean and 95th percentile, everything included.",
              [(mean("llm_tokens_per_request", "direction"), "mean {{direction}}"),
               (quantile(0.95, "llm_tokens_per_request", "direction"), "p95 {{direction}}")], "short"),
        graph("Tokens per call against their history", "The last hour's mean, and the last week's mean plus two standard deviations of its hours "
              "(LLMAnomalousTokens).",
              [(f'max by ({MODEL}, direction) (model:llm_tokens_per_request:mean1h{{{RECORDED}}})', f"{MODEL_NAME} {{{{direction}}}}"),
               (f'max by ({MODEL}, direction) (model:llm_tokens_per_request:history_mean{{{RECORDED}}} + '
                f'scalar(llm:threshold:anomaly_tokens_deviations{{severity="warning"}}) * model:llm_tokens_per_request:history_deviation{{{RECORDED}}})',
                f"limit {MODEL_NAME} {{{{direction}}}}")], "short")),
    row("Caches and waste",
        graph("Prompt cache", "Share of the input that the provider charged as cached.",
              [(share(rate("llm_tokens_total", MODEL, 'token_type="cached_input"'), rate("llm_tokens_total", MODEL, INPUT)), MODEL_NAME)],
              "percentunit", width=8, most=1),
        graph("Application cache", "Share of look-ups that the application's own cache answered.",
              [(share(rate("llm_cache_lookups_total", "application", 'result="hit"'), rate("llm_cache_lookups_total", "application")),
                "{{application}}")], "percentunit", width=8, most=1),
        graph("Saved by the application cache", "What the hits would have cost, per hour.",
              [(increase("llm_cache_saved_dollars_total", "application", over="1h"), "{{application}}")], "currencyUSD", width=8),
        graph("Spent on retries", "Cost of attempts after the first, per hour.",
              [(increase("llm_retry_cost_dollars_total", MODEL, over="1h"), MODEL_NAME)], "currencyUSD", width=8),
        graph("Repeated prompts", "Share of calls that sent a prompt again that the same user had just sent.",
              [(share(rate("llm_repeated_prompts_total", "application"), rate("llm_requests_total", "application")), "{{application}}")],
              "percentunit", width=8),
        graph("Retry share of cost", "The recorded share that LLMRetryLoop watches.",
              [(f"max by ({MODEL}) (model:llm_cost_dollars:retry_ratio1h{{{RECORDED}}})", MODEL_NAME)], "percentunit", width=8,
              limits="retry_cost_ratio")),
    row("Can the sums be trusted?",
        graph("Where the cost came from", "Calls by the source of their cost.",
              [(rate("llm_priced_requests_total", "source"), "{{source}}")], "reqps", stack=True),
        graph("Unpriced calls", "Calls whose cost is unknown at least in part, by reason: it is not in the sums.",
              [(rate("llm_unpriced_requests_total", "reason"), "{{reason}}")], "reqps", stack=True),
        graph("Stated against computed", "For calls of which both are known, how far stated cost and table are apart over a day.",
              [(f"max by ({MODEL}) (model:llm_price_drift:ratio1d{{{RECORDED}}})", MODEL_NAME)], "percentunit",
              limits="price_drift_ratio"),
        graph("Stated and computed cost", "Dollars per hour for the calls of which both are known.",
              [(total(f"increase({select('llm_cost_compared_dollars_total')}[1h])", "source"), "{{source}}")], "currencyUSD")))
