"""The alerts' limits and measures, read where the alerts have them."""
import pathlib
import re

import yaml

from .query import RECORDED

ALERTS = pathlib.Path(__file__).resolve().parents[2] / "alerts"
COLOURS = {"info": "yellow", "warning": "orange", "critical": "red"}


def _rules(name):
    return [rule for group in yaml.safe_load((ALERTS / f"{name}.rules.yml").read_text())["groups"] for rule in group["rules"]]


LIMITS = [(rule["record"].removeprefix("llm:threshold:"), rule.get("labels", {}), float(re.fullmatch(r"vector\((.+)\)", rule["expr"])[1]))
          for rule in _rules("thresholds")]
# Rules of one name differ in their limits, not in what they measure.
EXPRESSIONS = {rule["alert"]: rule["expr"] for name in ("llm", "exporter") for rule in _rules(name) if "alert" in rule}


def limit(name, **labels):
    found = [value for of, have, value in LIMITS if of == name and labels.items() <= have.items()]
    if len(found) != 1:
        raise LookupError(f"{len(found)} limits are named {name} {labels}")
    return found[0]


def steps(name, bad="above"):
    """Threshold steps for a panel: green, then each severity's colour from its limit on (or up to it)."""
    marks = sorted((value, COLOURS[have["severity"]]) for of, have, value in LIMITS if of == name)
    if not marks:
        raise LookupError(f"no limit is named {name}")
    if bad == "above":
        return [{"color": "green", "value": None}] + [{"color": colour, "value": value} for value, colour in marks]
    colours = [colour for _, colour in marks] + ["green"]
    return [{"color": colour, "value": value} for colour, value in zip(colours, [None] + [value for value, _ in marks])]


def worst(alert):
    """What an alert of models compares with its limit, where there are calls enough for it to compare at all; the worst model's."""
    measure, sign, conditions = re.fullmatch(r"(\S+) ([<>]) scalar\([^)]*\)(.*)", EXPRESSIONS[alert], re.DOTALL).groups()
    chosen = re.sub(r"\bmodel:[\w:]+", rf"\g<0>{{{RECORDED}}}", " ".join((measure + conditions).split()))
    return f"{'max' if sign == '>' else 'min'}({chosen})"
