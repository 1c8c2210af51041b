"""PromQL as the dashboards write it: with the variables as matchers, and in both histogram formats."""

EXPORTER = 'job=~"$job",instance=~"$instance"'
CALLS = EXPORTER + ',provider=~"$provider",model=~"$model",application=~"$application"'
# Recorded series are sums over instances: there is no instance to choose.
RECORDED = 'job=~"$job",provider=~"$provider",model=~"$model"'
# Only the exporters' own alerts have an instance, and that no exporter is there at all has no job either.
FIRING = 'ALERTS{alertname=~"LLM.+",alertstate="firing",severity!="none",job=~"$job|"}'
# One name is served by several providers: what a model is, and how a legend calls it.
MODEL, MODEL_NAME = "provider, model", "{{model}} ({{provider}})"
RANGE = "$__rate_interval"


def select(metric, extra="", among=CALLS):
    return f"{metric}{{{','.join(filter(None, [among, extra]))}}}"


def total(expression, by=""):
    return f"sum by ({by}) ({expression})" if by else f"sum({expression})"


def rate(metric, by="", extra="", among=CALLS, over=RANGE):
    return total(f"rate({select(metric, extra, among)}[{over}])", by)


def increase(metric, by="", extra="", among=CALLS, over=RANGE):
    return total(f"increase({select(metric, extra, among)}[{over}])", by)


def asked(by="", over=RANGE):
    """Calls that asked a model, per second: what alerts count by. Hits of the application's own cache asked none."""
    calls, hits = (f"rate({select(metric, extra)}[{over}])"
                   for metric, extra in (("llm_requests_total", ""), ("llm_cache_lookups_total", 'result="hit"')))
    return total(f"{calls} or -{hits}", by)


def share(part, whole):
    """A ratio of sums; nothing where there is nothing to divide by."""
    return f"{part} / ({whole} > 0)"


def quantile(q, metric, by="", extra="", among=CALLS, over=RANGE):
    classic = rate(metric + "_bucket", ", ".join(filter(None, [by, "le"])), extra, among, over)
    native = rate(metric, by, extra, among, over)
    return f"histogram_quantile({q}, {classic}) or histogram_quantile({q}, {native})"


def mean(metric, by="", extra="", among=CALLS, over=RANGE):
    classic = share(rate(metric + "_sum", by, extra, among, over), rate(metric + "_count", by, extra, among, over))
    native = rate(metric, by, extra, among, over)
    return f"{classic} or histogram_sum({native}) / (histogram_count({native}) > 0)"


def buckets(metric, extra="", among=CALLS):
    """For a heatmap: counts per bucket, or the native histogram itself."""
    return f"{increase(metric + '_bucket', 'le', extra, among)} or {increase(metric, '', extra, among)}"
