"""The alerts' limits, read where the alerts read them."""
import pathlib
import re

import yaml

RULES = pathlib.Path(__file__).resolve().parents[2] / "alerts" / "thresholds.rules.yml"
COLOURS = {"info": "yellow", "warning": "orange", "critical": "red"}


def _read():
    for group in yaml.safe_load(RULES.read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["record"].removeprefix("llm:threshold:"), rule.get("labels", {}), \
                float(re.fullmatch(r"vector\((.+)\)", rule["expr"])[1])


LIMITS = list(_read())


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
