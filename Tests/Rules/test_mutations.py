"""The rule tests are worth something only if they notice faults: rules with a seeded fault must fail the cases of
every alert that the fault touches. A fault is put into all alerts at once, since the cases of one see only its own."""
import copy
import functools
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from rulefiles import CASE, RULE_FILES, TEST_FILES, alerts, cases, groups, key, load, seconds, thresholds

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")

GUARDS = """calls_5m calls_30m calls_1h burn_calls model_down_calls retry_cost_dollars cost_spike_dollars
    budget_forecast_elapsed_ratio quality_scores_1h quality_scores_30m ratings_6h cache_share_ratio anomaly_floor_ratio
    anomaly_history_hours exporter_events_1h unowned_cost_dollars compared_dollars""".split()


def turn_comparison(rule):
    if "alert" in rule:
        turned = re.sub(r"(<=|>=|<|>|==)", lambda m: {"<": ">", "<=": ">", ">": "<", ">=": "<", "==": "!="}[m[1]],
                        rule["expr"])
        rule["expr"] = turned if turned != rule["expr"] else "absent(vector(1))"


def move_limit(rule):
    if rule.get("record", "").startswith("llm:threshold:"):
        rule["expr"] = f"({rule['expr']}) * 0.1"


def drop_guard(rule):
    if rule.get("record", "").removeprefix("llm:threshold:") in GUARDS:
        rule["expr"] = "vector(0)"


def delay(rule):
    if "for" in rule:
        rule["for"] = "30d"


def hurry(rule):
    if "for" in rule:
        rule["for"] = f"{seconds(rule['for']) // 3}s"


def take_the_largest(rule):
    rule["expr"] = re.sub(r"\bsum by\b", "max by", rule["expr"])


def count_failures(rule):
    rule["expr"] = re.sub(r'status="success",?', "", rule["expr"])


def forget_offset(rule):
    rule["expr"] = re.sub(r" offset \d+\w", "", rule["expr"])


def misspell_metric(rule):
    if not rule.get("record", "").startswith("llm:threshold:"):
        rule["expr"] = re.sub(r"(?<![\w:])(llm_|up\b|process_|model:|job:|application:|function:|budget:|instance:)", r"x\1",
                              rule["expr"]).replace("absent(", "vector(0) > scalar(")


@functools.cache
def behind(expression):
    """What an expression looks at: itself, and what is behind all that it reads."""
    names = {rule["record"] for group in groups() for rule in group["rules"]
             if "record" in rule and re.search(rf"{re.escape(rule['record'])}(?![\w:])", expression)}
    return "\n".join([expression, *(rule["expr"] for group in needed(groups(), names) for rule in group["rules"])])


def reads(name, rule):
    """Whether an alert compares with this limit, by itself or through what it reads."""
    return re.search(rf"llm:threshold:{name}\b", behind(rule["expr"]))


@functools.cache
def waits_are_seen(of):
    """Whether a case of this alert is evaluated more often than it waits."""
    wait = next(seconds(rule["for"]) for rule in alerts() if key(rule) == of)
    return any(wait >= 2 * seconds(load(path)["evaluation_interval"]) for found, _, path, _ in cases() if found == of)


FAULTS = {
    "a comparison turned round": (turn_comparison, {"fires"}, lambda rule: rule["expr"].strip() != "vector(1)"),
    "a limit moved": (move_limit, {"fires", "boundary"}, 
                      lambda rule: "llm:threshold:" in rule["expr"] and not re.search("absent|llm_objective", rule["expr"])),
    "a guard dropped": (drop_guard, {"quiet", "boundary"}, lambda rule: any(reads(name, rule) for name in GUARDS)),
    "a wait too long": (delay, {"fires"}, lambda rule: "for" in rule),
    "a wait too short": (hurry, {"fires", "boundary"}, lambda rule: "for" in rule and waits_are_seen(key(rule))),
    "a fleet's largest for its sum": (take_the_largest, {"fires"}, lambda rule: "sum by (job, team, provider" in behind(rule["expr"])),
    "failures counted as successes": (count_failures, {"fires", "quiet", "boundary"},
                                      lambda rule: 'status="success"' in behind(rule["expr"])),
    "the past taken for the present": (forget_offset, {"fires", "quiet", "boundary"}, lambda rule: " offset " in behind(rule["expr"])),
    "a metric misspelt": (misspell_metric, {"fires"}, lambda rule: rule["expr"].strip() != "vector(1)"),
}


def needed(content, wanted):
    """The rules that the alerts of these names read, through whatever is recorded in between: the rest costs time."""
    rules = [rule for group in content for rule in group["rules"]]
    names, grown = set(), set(wanted)
    while grown - names:
        names |= grown
        texts = "\n".join(r["expr"] + str(r.get("annotations", "")) for r in rules if r.get("alert", r.get("record")) in names)
        grown = {r["record"] for r in rules if "record" in r and re.search(rf"{re.escape(r['record'])}(?![\w:])", texts)}
        if "llm:threshold:.+" in texts:
            grown |= {r["record"] for r in rules if r.get("record", "").startswith("llm:threshold:")}
    kept = [{**group, "rules": [r for r in group["rules"] if r.get("alert", r.get("record")) in names]} for group in content]
    return [group for group in kept if group["rules"]]


def failed_cases(directory, path, mutate, kinds, alert=None):
    """The alerts' keys of which promtool found a case to fail, among the cases of these kinds, of one alert or of all."""
    tests = [test for test in load(path)["tests"] if (m := CASE.match(test["name"])) and m[4] in kinds and alert in (None, m[1])]
    if not tests:
        return set()
    loaded = {name.rsplit("/", 1)[1] for name in load(path)["rule_files"]}
    content = needed([copy.deepcopy(group) for rules in RULE_FILES if rules.name in loaded for group in load(rules)["groups"]],
                     {CASE.match(test["name"])[1] for test in tests})
    for group in content:
        for rule in group["rules"]:
            mutate(rule)
    (directory / f"{path.stem}.rules.yml").write_text(yaml.safe_dump({"groups": content}, width=10_000))
    test_file = directory / path.name
    test_file.write_text(yaml.safe_dump({
        **load(path), "rule_files": [f"{path.stem}.rules.yml"], "tests": tests,
        "group_eval_order": [group["name"] for group in content]}, width=10_000))
    run = subprocess.run(["promtool", "test", "rules", test_file], capture_output=True, text=True)
    output = run.stdout + run.stderr
    keys = set()
    for name in re.findall(r"^    name: (.+),$", output, re.M):
        match = CASE.match(name)
        keys.add((match[1], match[2], match[3] or ""))
    for labels in re.findall(r"ALERTS\{(.*?)\}", output):
        found = dict(re.findall(r'(\w+)=\\"([^"\\]*)\\"', labels))
        keys.add((found["alertname"], found["severity"], found.get("long_window") or found.get("objective") or ""))
    assert bool(keys) == (run.returncode != 0), f"{path.name} failed for another reason: {output[-2000:]}"
    return keys


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_noticed(fault, tmp_path):
    mutate, kinds, touches = FAULTS[fault]
    with ThreadPoolExecutor(2) as pool:
        red = set().union(*pool.map(lambda path: failed_cases(tmp_path, path, mutate, kinds), TEST_FILES))
    # Guards are shared: one severity or objective of an alert stands for the others.
    name_of = (lambda of: of[0]) if mutate is drop_guard else (lambda of: of)
    missed = {name_of(key(rule)) for rule in alerts() if touches(rule)} - {name_of(of) for of in red}
    assert not missed, f"{fault}: no case of these went red"


MOVED = [(name, labels, factor) for name, labels in thresholds() if name in GUARDS for factor in (0.65, 1.35)]


@pytest.mark.parametrize("name, labels, factor", MOVED, ids=lambda value: "-".join(v for _, v in value) if isinstance(value, tuple) else str(value))
def test_a_guard_moved_by_a_third_is_noticed(name, labels, factor, tmp_path):
    """Each by itself: one alert that has cases on both sides of the guard is enough."""
    def mutate(rule):
        if rule.get("record") == f"llm:threshold:{name}" and rule.get("labels", {}) == dict(labels):
            rule["expr"] = f"({rule['expr']}) * {factor}"
    readers = sorted({rule["alert"] for rule in alerts() if reads(name, rule)})
    assert any(failed_cases(tmp_path, path, mutate, {"boundary"}, alert) for alert in readers for path in TEST_FILES), readers
