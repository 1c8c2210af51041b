"""The rule tests are worth something only if they notice faults: rules with a seeded fault must fail the cases of
every alert that the fault touches. A fault is put into all alerts at once, since the cases of one see only its own."""
import copy
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from rulefiles import CASE, RULE_FILES, TEST_FILES, alerts, key, load

pytestmark = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")

GUARDS = """calls_5m calls_30m calls_1h burn_calls model_down_calls retry_cost_dollars cost_spike_dollars
    budget_forecast_elapsed_ratio quality_scores_1h ratings_6h cache_share_ratio anomaly_history_hours
    exporter_events_1h unowned_cost_dollars compared_dollars""".split()


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


def misspell_metric(rule):
    if not rule.get("record", "").startswith("llm:threshold:"):
        rule["expr"] = re.sub(r"(?<![\w:])(llm_|up\b|process_|model:|job:|application:|function:|budget:|instance:)", r"x\1",
                              rule["expr"]).replace("absent(", "vector(0) > scalar(")


def reads(name, rule):
    """Whether an alert compares with this limit, by itself or through what it reads."""
    return f"llm:threshold:{name}" in rule["expr"] or (name.startswith("budget_forecast_e") and ":forecast_" in rule["expr"])


FAULTS = {
    "a comparison turned round": (turn_comparison, {"fires"}, lambda rule: rule["expr"].strip() != "vector(1)"),
    "a limit moved": (move_limit, {"fires", "boundary"}, 
                      lambda rule: "llm:threshold:" in rule["expr"] and not re.search("absent|llm_objective", rule["expr"])),
    "a guard dropped": (drop_guard, {"quiet", "boundary"}, lambda rule: any(reads(name, rule) for name in GUARDS)),
    "a wait too long": (delay, {"fires"}, lambda rule: "for" in rule),
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


def failed_cases(directory, path, mutate, kinds):
    """The alerts' keys of which promtool found a case to fail, among the cases of these kinds."""
    tests = [test for test in load(path)["tests"] if (m := CASE.match(test["name"])) and m[4] in kinds]
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
