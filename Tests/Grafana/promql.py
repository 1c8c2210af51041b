"""What PromQL says of itself: the physical dimension of a query's answer, and who aggregates what."""
import re
from collections import Counter

import promql_parser as promql

from catalogue import family_of

COMPARISONS = {"==", "!=", "<", ">", "<=", ">="}
SUFFIX = re.compile(r"_(seconds|dollars|bytes)(?=_|$)")


def selectors(node):
    """Every vector selector below."""
    if isinstance(node, promql.VectorSelector):
        return [node]
    if isinstance(node, promql.MatrixSelector):
        return [node.vector_selector]
    if isinstance(node, promql.Call):
        return [found for argument in node.args for found in selectors(argument)]
    if isinstance(node, promql.BinaryExpr):
        return selectors(node.lhs) + selectors(node.rhs)
    return selectors(node.expr) if hasattr(node, "expr") else []


def calls(node):
    """Every call of a function below: (name, arguments)."""
    if isinstance(node, promql.Call):
        return [(node.func.name, node.args)] + [found for argument in node.args for found in calls(argument)]
    if isinstance(node, promql.BinaryExpr):
        return calls(node.lhs) + calls(node.rhs)
    return calls(node.expr) if hasattr(node, "expr") else []


def quantiles(expression):
    """Those that an expression asks for: of histograms, and as recorded."""
    node = promql.parse(expression)
    return {float(arguments[0].val) for name, arguments in calls(node) if name == "histogram_quantile"} | \
        {int(found[1]) / 100 for one in selectors(node) if (found := re.search(r":p(\d\d)_", one.name))}


def aggregated(expression):
    """{(aggregation, metric)}: the aggregation nearest above each selector, None where there is none."""
    def walk(node, above):
        if isinstance(node, promql.AggregateExpr):
            yield from walk(node.expr, str(node.op))
        elif isinstance(node, promql.VectorSelector):
            yield above, node.name
        elif isinstance(node, promql.MatrixSelector):
            yield above, node.vector_selector.name
        elif isinstance(node, promql.Call):
            for argument in node.args:
                yield from walk(argument, above)
        elif isinstance(node, promql.BinaryExpr):
            yield from walk(node.lhs, above)
            yield from walk(node.rhs, above)
        elif hasattr(node, "expr"):
            yield from walk(node.expr, above)
    return set(walk(promql.parse(expression), None))


def dimension(expression):
    """{unit: power} of the answer: calls and tokens count nothing, a rate has seconds^-1; None where it is mixed."""
    return _dimension(promql.parse(expression))


def of_name(name):
    if name == "llm_objective":
        return None
    level, *kept = name.split(":")[1:] or [name]
    if kept and "ratio" in kept[0] or name.startswith("llm:threshold:") or name.endswith("_count"):
        return Counter()
    return Counter(SUFFIX.findall(level)[-1:])


def _dimension(node):
    if isinstance(node, promql.VectorSelector):
        return of_name(node.name)
    if isinstance(node, promql.MatrixSelector):
        return of_name(node.vector_selector.name)
    if isinstance(node, promql.Call):
        return _of_call(node.func.name, node.args)
    if isinstance(node, promql.BinaryExpr):
        return _of_operation(str(node.op), _dimension(node.lhs), _dimension(node.rhs), node)
    return _dimension(node.expr) if hasattr(node, "expr") else Counter()


def _of_call(name, arguments):
    if name == "time":
        return Counter(seconds=1)
    if name == "histogram_quantile":
        return of_name(family_of(selectors(arguments[1])[0].name))
    if not arguments or name in {"changes", "absent"}:
        return Counter()
    inner = _dimension(arguments[0])
    if inner is None:
        return None
    if name == "histogram_count":
        return _times(inner, of_name(selectors(arguments[0])[0].name), -1)
    return _times(inner, Counter(seconds=1), -1) if name in {"rate", "irate"} else inner


def _of_operation(operator, left, right, node):
    if left is None or right is None:
        return None
    if operator in COMPARISONS and "bool" in str(node.modifier):
        return Counter()
    if operator in "*/":
        return _times(left, right, 1 if operator == "*" else -1)
    return right if isinstance(node.lhs, promql.NumberLiteral) else left


def _times(left, right, power):
    result = Counter(left)
    for unit, exponent in right.items():
        result[unit] += power * exponent
    return Counter({unit: exponent for unit, exponent in result.items() if exponent})
