"""The rule files and their test files as data."""
import functools
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTS = ROOT / "alerts"
RULE_FILES = [ALERTS / f"{name}.rules.yml" for name in ("thresholds", "recording", "llm", "exporter")]
TEST_FILES = sorted((ALERTS / "tests").glob("*.test.yml"))
CASE = re.compile(r"^(LLM\w+) (critical|warning|info|none)(?: (\w+))? (fires|quiet|boundary): (.+)$")


def load(path):
    return yaml.load(path.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def seconds(duration):
    """Of a span of time as rules have it: 90s, 15m, 2h, 7d."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[duration[-1]]


@functools.cache
def groups():
    return [group for path in RULE_FILES for group in load(path)["groups"]]


@functools.cache
def alerts():
    return [rule for group in groups() for rule in group["rules"] if "alert" in rule]


@functools.cache
def records():
    return [rule for group in groups() for rule in group["rules"] if "record" in rule]


def key(rule):
    """What tells an alert rule from the others: its name, severity, and window or objective."""
    labels = rule["labels"]
    return rule["alert"], labels["severity"], labels.get("long_window") or labels.get("objective") or ""


@functools.cache
def cases():
    """(alert's key, kind, test file, the test) of every promtool test."""
    found = []
    for path in TEST_FILES:
        for test in load(path)["tests"]:
            match = CASE.match(test["name"])
            if match:
                found.append(((match[1], match[2], match[3] or ""), match[4], path, test))
    return found


@functools.cache
def thresholds():
    """{(name, labels): value} of every recorded limit."""
    values = {}
    for rule in records():
        if rule["record"].startswith("llm:threshold:"):
            value = float(re.fullmatch(r"vector\((.+)\)", rule["expr"])[1])
            values[rule["record"].removeprefix("llm:threshold:"), tuple(sorted(rule.get("labels", {}).items()))] = value
    return values
