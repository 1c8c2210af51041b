"""What evaluators and users say, how answers end, and who uses it."""
from .dashboard import dashboard, row
from .panel import graph, heatmap, stat
from .query import CALLS, EXPORTER, MODEL, MODEL_NAME, RECORDED, buckets, increase, mean, quantile, rate, share

SCORE, FEEDBACK, REASONS, CONTEXT = ("llm_quality_score", "llm_feedback_total", "llm_finish_reasons_total", "llm_context_used_ratio")
NEGATIVE = 'rating="negative"'


def ended(reason, by=""):
    return share(rate(REASONS, by, f'reason="{reason}"'), rate(REASONS, by))


DASHBOARD = dashboard(
    "llm-quality", "LLM quality and users", "What evaluators and users say, how answers end, and who uses it.",
    row("At a glance",
        stat("Mean score", "Over the last hour, all evaluators.", mean(SCORE, over="1h"), "none", limits="quality_score", bad="below", decimals=2,
             alert="LLMQualityLow"),
        stat("Negative feedback", "Share of the ratings of the last 6 hours.",
             share(increase(FEEDBACK, extra=NEGATIVE, over="6h"), increase(FEEDBACK, over="6h")), "percentunit",
             limits="negative_feedback_ratio", decimals=1, alert="LLMNegativeFeedback"),
        stat("Answers cut off", "Share that ended at the token limit.", ended("length"), "percentunit", limits="truncated_ratio", decimals=1,
             alert="LLMAnswersCutOff"),
        stat("Answers withheld", "Share that a content filter stopped.", ended("content_filter"), "percentunit", limits="filtered_ratio",
             decimals=1, alert="LLMAnswersFiltered"),
        stat("Context used p95", "The largest 5% of prompts fill more of the window.", quantile(0.95, CONTEXT), "percentunit",
             limits="context_used_p95_ratio", decimals=0, alert="LLMContextNearlyFull"),
        stat("Users today", "Distinct users of the last day; of several exporters the largest, as they may share users.",
             f'max(llm_users_active{{{EXPORTER},window="1d"}})', "short")),
    row("Judgement",
        graph("Scores", "Mean by the score's name. The line is LLMQualityLow's limit.",
              [(mean(SCORE, "name", over="1h"), "{{name}}")], "none", width=8, limits="quality_score", bad="below", most=1),
        graph("Scores by model", "Mean of all scores.", [(mean(SCORE, MODEL, over="1h"), MODEL_NAME)], "none", width=8, limits="quality_score",
              bad="below", most=1),
        graph("Scores by evaluator", "Whether people, models, experts and rules agree.", [(mean(SCORE, "evaluator", over="1h"), "{{evaluator}}")],
              "none", width=8, most=1),
        heatmap("Distribution of scores", "How many scores fell into each tenth.", buckets(SCORE), "none"),
        graph("Feedback", "Ratings per hour.", [(increase(FEEDBACK, "rating", over="1h"), "{{rating}}")], "short", stack=True),
        graph("What was wrong", "Negative ratings per hour, by category where one was given.",
              [(increase(FEEDBACK, "category", NEGATIVE, over="1h"), "{{category}}")], "short", stack=True),
        graph("Negative share by model", "Of the ratings of the last 6 hours. The line is LLMNegativeFeedback's limit.",
              [(share(increase(FEEDBACK, MODEL, NEGATIVE, over="6h"), increase(FEEDBACK, MODEL, over="6h")), MODEL_NAME)], "percentunit",
              limits="negative_feedback_ratio")),
    row("Answers",
        graph("How answers end", "Answers per second, by reason.", [(rate(REASONS, "reason"), "{{reason}}")], "reqps", width=8, stack=True),
        graph("Cut off by model", "The line is LLMAnswersCutOff's limit.", [(ended("length", MODEL), MODEL_NAME)], "percentunit", width=8,
              limits="truncated_ratio"),
        graph("Withheld by model", "The line is LLMAnswersFiltered's limit.", [(ended("content_filter", MODEL), MODEL_NAME)], "percentunit",
              width=8, limits="filtered_ratio"),
        heatmap("Context window used", "How much of the model's window the prompts filled.", buckets(CONTEXT), "percentunit"),
        graph("Context window used p95", "The line is LLMContextNearlyFull's limit.", [(quantile(0.95, CONTEXT, MODEL), MODEL_NAME)],
              "percentunit", limits="context_used_p95_ratio")),
    row("Users",
        graph("Active users", "Distinct users of each exporter, estimated; they do not add up over exporters.",
              [(f"max by (instance, window) (llm_users_active{{{EXPORTER}}})", "{{instance}} {{window}}")], "short", width=8),
        graph("Active sessions", "Sessions with a call in the last 30 minutes.",
              [(f"sum by (instance) (llm_sessions_active{{{EXPORTER}}})", "{{instance}}")], "short", width=8),
        graph("Turns per conversation", "When a session goes quiet: how many calls it had.",
              [(quantile(0.5, "llm_conversation_turns", among=EXPORTER, over="1h"), "p50"),
               (quantile(0.95, "llm_conversation_turns", among=EXPORTER, over="1h"), "p95")], "short", width=8),
        graph("Recorded scores", "The hourly mean by model and score that LLMQualityLow compares.",
              [(f"min by ({MODEL}, name) (model:llm_quality_score:mean1h{{{RECORDED}}})", f"{MODEL_NAME} {{{{name}}}}")], "none", width=8,
              limits="quality_score", bad="below", most=1),
        graph("Ratings per thousand calls", "How many users say anything at all.",
              [(f"1000 * {share(increase(FEEDBACK, over='6h'), increase('llm_requests_total', over='6h'))}", "ratings")], "short", width=8),
        graph("Calls by operation", "Chat, embeddings, images and so on.",
              [(f"sum by (operation) (rate(llm_requests_total{{{CALLS}}}[$__rate_interval]))", "{{operation}}")], "reqps", width=8, stack=True)))
