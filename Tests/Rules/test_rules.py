"""The alert rules: what promtool and amtool say of them, and the conventions that neither tool checks."""
import re
import shutil
import subprocess
from unittest.mock import ANY

import pytest

from catalogue import FAMILIES, PROMETHEUS, family_of, metric_names, without_labels
from rulefiles import ALERTS, RULE_FILES, TEST_FILES, alerts, cases, groups, key, load, records, thresholds

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")


def label_of(rule):
    return rule.get("record") or " ".join(filter(None, key(rule)))


every_alert = pytest.mark.parametrize("rule", alerts(), ids=label_of)
every_rule = pytest.mark.parametrize("rule", records() + alerts(), ids=label_of)


# What the tools say.

@needs_promtool
@pytest.mark.parametrize("path", RULE_FILES, ids=lambda p: p.name)
def test_promtool_loads_the_rules_without_lint(path):
    run = subprocess.run(["promtool", "check", "rules", "--lint=all", "--lint-fatal", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@needs_promtool
@pytest.mark.parametrize("path", TEST_FILES, ids=lambda p: p.name)
def test_promtool_passes_every_case(path):
    run = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@needs_amtool
def test_amtool_accepts_the_example_configuration():
    run = subprocess.run(["amtool", "check-config", ALERTS / "alertmanager.example.yml"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


ROUTES = [
    ("severity=critical alertname=LLMModelDown", "log,pager"),
    ("severity=critical alertname=LLMModelDown team=search", "log,pager-search"),
    ("severity=critical alertname=LLMModelDown team=unheard-of", "log,pager"),
    ("severity=warning alertname=LLMCostSpike", "log,chat"),
    ("severity=warning alertname=LLMCostSpike team=search", "log,chat-search"),
    ("severity=info alertname=LLMBudgetUsed", "log,email"),
    ("severity=info alertname=LLMBudgetUsed team=search", "log,email-search"),
    ("severity=none alertname=LLMExporterWatchdog", "dead-man"),
    ("severity=unheard-of alertname=SomethingElse", "log"),
]


def route(labels, receivers):
    return subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={ALERTS / 'alertmanager.example.yml'}",
         f"--verify.receivers={receivers}", *labels.split()], capture_output=True, text=True)


@needs_amtool
@pytest.mark.parametrize("labels, receivers", ROUTES)
def test_an_alert_reaches_its_receivers(labels, receivers):
    run = route(labels, receivers)
    assert run.returncode == 0, run.stdout + run.stderr


@needs_amtool
def test_a_wrong_receiver_would_be_noticed():
    assert route("severity=critical", "log,chat").returncode != 0


def test_every_severity_in_use_has_a_route():
    assert {rule["labels"]["severity"] for rule in alerts()} <= {labels.split()[0].split("=")[1] for labels, _ in ROUTES}


# Alerts are tested, explained and named.

@every_alert
@pytest.mark.parametrize("kind", ["fires", "quiet", "boundary"])
def test_an_alert_has_a_case_of_each_kind(rule, kind):
    if rule["alert"] == "LLMExporterWatchdog" and kind != "fires":
        pytest.skip("fires always")
    found = [test for of, of_kind, _, test in cases() if of == key(rule) and of_kind == kind]
    assert found, f"no test named '{label_of(rule)} {kind}: …'"
    for test in found:
        checked = test.get("alert_rule_test", []) + test.get("promql_expr_test", [])
        assert checked and all(rule["alert"] in (c.get("alertname") or c["expr"]) for c in checked)
        if kind == "fires":
            expected = [alert for c in test["alert_rule_test"] for alert in c["exp_alerts"]]
            assert any(alert["exp_labels"]["severity"] == rule["labels"]["severity"] for alert in expected)
            assert all("$" not in text and "<" not in text for a in expected for text in a["exp_annotations"].values())
        if kind == "boundary":
            outcomes = [sample["labels"] for c in checked for sample in c["exp_samples"]]
            inputs = test["input_series"]
            assert outcomes and (len(inputs) > len(outcomes) or any(not c["exp_samples"] for c in checked)), \
                "a boundary has two sides"


def test_every_case_belongs_to_an_alert():
    assert {of for of, *_ in cases()} == {key(rule) for rule in alerts()}


@every_alert
def test_an_alert_says_what_is_wrong_and_what_to_do(rule):
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert "{{" not in notes["summary"], "a summary is the same for every instance of the alert"
    if "absent" not in rule["expr"] and rule["alert"] != "LLMExporterWatchdog" and " == 0" not in rule["expr"]:
        assert "$value" in notes["description"]
    base, anchor = notes["runbook_url"].rsplit("#", 1)
    assert base == '{{ or $externalLabels.llm_runbooks "alerts/README.md" }}'
    headings = re.findall(r"^### (.+)$", (ALERTS / "README.md").read_text(), re.M)
    assert anchor in [heading.lower() for heading in headings]
    assert anchor == rule["alert"].lower()


DASHBOARDS = {board["uid"]: {variable["name"] for variable in board["templating"]["list"]}
              for board in map(load, (ALERTS.parent / "grafana/dashboards").glob("*.json"))}


@every_alert
def test_an_alert_opens_a_dashboard_at_what_it_is_about(rule):
    base, rest = rule["annotations"]["dashboard_url"].split(" }}/", 1)
    assert base == '{{ or $externalLabels.llm_dashboards "http://localhost:3000/d"'
    uid, _, query = rest.partition("?")
    for variable in filter(None, query.split("&")):
        name = re.fullmatch(r"var-(\w+)=\{\{ \$labels\.\1 \| urlquery \}\}", variable)[1]
        assert name in DASHBOARDS[uid], f"{uid} has no variable {name}"
    assert uid in DASHBOARDS


WATCHDOG = """
rule_files: ["{rules}"]
tests:
  - interval: 1m
    {external}
    input_series: []
    alert_rule_test:
      - eval_time: 1m
        alertname: LLMExporterWatchdog
        exp_alerts:
          - exp_labels: {{severity: none}}
            exp_annotations:
              summary: "{notes[summary]}"
              description: "{notes[description]}"
              runbook_url: "{runbooks}#llmexporterwatchdog"
              dashboard_url: "{dashboards}/llm-exporter"
"""
LOCAL = "http://localhost:3000/d"


def check_watchdog(directory, rules, runbooks, dashboards=LOCAL, external=""):
    [rule] = [rule for rule in alerts() if rule["alert"] == "LLMExporterWatchdog"]
    test = directory / "watchdog.test.yml"
    test.write_text(WATCHDOG.format(rules=rules, notes=rule["annotations"], runbooks=runbooks, dashboards=dashboards, external=external))
    run = subprocess.run(["promtool", "test", "rules", test], capture_output=True, text=True)
    return run.returncode == 0, run.stdout + run.stderr


@needs_promtool
def test_external_labels_say_where_the_runbooks_and_the_dashboards_are(tmp_path):
    rules = ALERTS / "exporter.rules.yml"
    own = "https://wiki.example.org/llm-runbooks"
    grafana = "https://grafana.example.org/d"
    label = f"external_labels: {{llm_runbooks: '{own}', llm_dashboards: '{grafana}'}}"
    assert check_watchdog(tmp_path, rules, "alerts/README.md") == (True, ANY)
    assert check_watchdog(tmp_path, rules, own, grafana, label) == (True, ANY)
    assert check_watchdog(tmp_path, rules, "alerts/README.md", external=label) == (False, ANY)


@needs_promtool
def test_the_readme_s_other_way_to_say_it_does(tmp_path):
    for path in ALERTS.glob("*.rules.yml"):
        shutil.copy(path, tmp_path)
    command = re.search(r"`(sed -i .*)`", (ALERTS / "README.md").read_text())[1]
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    runbooks, dashboards = (re.search(r"https://[\w./]+(?:-runbooks)?", part)[0] for part in command.split(" -e ")[1:])
    dashboards = dashboards.removesuffix("/llm")
    text = "".join(path.read_text() for path in tmp_path.glob("*.yml"))
    urls = re.findall(r"runbook_url: (.*)$", text, re.M)
    assert len(urls) == len(alerts()) and all(re.fullmatch(runbooks + r"#llm[a-z]+", url) for url in urls)
    assert text.count(f"dashboard_url: '{dashboards}/llm-") == len(alerts())
    assert check_watchdog(tmp_path, tmp_path / "exporter.rules.yml", runbooks, dashboards) == (True, ANY)


def test_every_runbook_belongs_to_an_alert():
    text = (ALERTS / "README.md").read_text()
    assert set(re.findall(r"^### (LLM.+)$", text, re.M)) == {rule["alert"] for rule in alerts()}
    for anchor in re.findall(r"\]\(#([\w-]+)\)", text):
        assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.M)}
    for section in re.split(r"^### ", text, flags=re.M)[1:]:
        assert "**See:**" in section and "**First:**" in section, section.splitlines()[0]


@every_alert
def test_names_and_severities_follow_the_convention(rule):
    of_exporter = f"alert: {rule['alert']}\n" in (ALERTS / "exporter.rules.yml").read_text()
    assert re.fullmatch(r"LLMExporter([A-Z][a-z]+)+" if of_exporter else r"LLM(?!Exporter)([A-Z][a-z]+)+", rule["alert"])
    severity = rule["labels"]["severity"]
    assert severity in {"critical", "warning", "info"} or (severity == "none" and rule["alert"].endswith("Watchdog"))


@every_alert
def test_what_only_hints_never_pages(rule):
    if rule["alert"].startswith("LLMAnomalous") or "Band" in rule["alert"] or "Forecast" in rule["alert"]:
        assert rule["labels"]["severity"] == "warning"


# Limits are data, in one place.

def used_thresholds(text):
    return {(name, tuple(sorted(re.findall(r"(\w+)=[\"']([^\"']*)[\"']", labels or ""))))
            for name, labels in re.findall(r"llm:threshold:(\w+)(\{[^}]*\})?", text)}


def test_every_limit_is_used_and_every_limit_used_is_there():
    texts = [rule["expr"] for rule in records() + alerts()] + [rule["annotations"]["description"] for rule in alerts()]
    used = set().union(*map(used_thresholds, texts))
    for name, labels in used:
        matching = [have for n, have in thresholds() if n == name and set(labels) <= set(have)]
        assert matching, f"no limit {name} {dict(labels)}"
        assert len(matching) == 1, f"scalar() of {name} {dict(labels)} would be NaN: {len(matching)} limits match"
    for name, labels in thresholds():
        assert any(n == name and set(want) <= set(labels) for n, want in used), f"{name} {dict(labels)} is not used"
    assert thresholds()["limits", ()] == len(thresholds()), "llm:threshold:limits is the number of limits"


@every_alert
def test_an_alert_states_no_limit_of_its_own(rule):
    numbers = re.findall(r"(?:[<>]=?|==)\s*(-?[\d.]+)", without_labels(rule["expr"]))
    allowed = {"0", "1"} if rule["alert"] == "LLMExporterThresholdsMissing" else {"0"}  # Twice is more than once.
    assert set(numbers) <= allowed, f"{numbers} belong into thresholds.rules.yml"


# What pint would check.

RECORDED = {rule["record"] for rule in records()}


@every_rule
def test_only_known_metrics_are_used(rule):
    for name in metric_names(rule["expr"]):
        assert family_of(name) or name in RECORDED or name in PROMETHEUS, f"{name} is not in the catalogue"


@every_alert
def test_templates_query_only_known_metrics(rule):
    for query in re.findall(r"(?:query|printf) \"((?:[^\"\\]|\\.)*)\" (?:\$|\}\}|\|)", rule["annotations"]["description"]):
        for name in re.findall(r"\b(llm[\w:]+|model:[\w:]+)", query.replace("llm:threshold:.+", "")):
            assert family_of(name) or name in RECORDED, name


def test_every_recorded_series_is_read_by_a_rule_or_a_dashboard():
    dashboards = "".join(path.read_text() for path in (ALERTS.parent / "grafana").rglob("*.json"))
    read = set().union(*(metric_names(rule["expr"]) for rule in records() + alerts()))
    texts = "".join(rule["annotations"]["description"] for rule in alerts())
    for name in RECORDED:
        assert name in read or name in texts or name in dashboards, f"{name} is recorded for nobody"


@every_rule
def test_rates_are_taken_of_counters_and_counters_only_by_rate(rule):
    exact_difference = rule.get("record", "").endswith(":delta1m")
    expression = rule["expr"]
    for name in metric_names(expression):
        family = family_of(name)
        if family is None:
            continue
        counts = FAMILIES[family][0] == "counter" or FAMILIES[family][0] == "histogram"
        for match in re.finditer(rf"(\w+)\(\s*{re.escape(name)}(?![\w:])", expression):
            rated = match[1] in {"rate", "increase", "irate"}
            assert rated == counts or exact_difference, f"{match[0]}…"
        if counts and not exact_difference:
            bare = re.findall(rf"(?<![\w:(]){re.escape(name)}(?![\w:])", without_labels(expression))
            assert not bare, f"{name} without rate()"


@every_rule
def test_ranges_hold_several_scrapes_and_stay_within_retention(rule):
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    longest = 30 if "30d" in rule.get("record", "") else 8
    for amount, unit in re.findall(r"\[(\d+)([smhdw])", rule["expr"]):
        assert 4 * 60 <= int(amount) * seconds[unit] <= longest * 86400
    for amount, unit in re.findall(r"offset (\d+)([smhdw])", rule["expr"]):
        assert int(amount) * seconds[unit] <= 8 * 86400


@every_rule
def test_instances_are_summed_and_jobs_kept_apart(rule):
    if rule.get("record", "").startswith("llm:threshold:") or rule.get("alert") == "LLMExporterWatchdog":
        return
    for labels in re.findall(r"\b(?:sum|max|avg|min) by \(([^)]*)\)", rule["expr"]):
        assert "job" in re.split(r",\s*", labels), labels
    assert not re.search(r"\b(sum|max|avg|min|count)\s*\(", rule["expr"]), "an aggregation without by () drops the job"
    assert "avg by" not in rule["expr"], "a mean of means"
    if rule.get("record", "").startswith("instance:") or rule.get("alert", "").startswith("LLMExporter"):
        return
    assert "instance" not in rule["expr"].replace("and on (job, instance) up", "")


@every_rule
def test_counters_add_up_over_instances(rule):
    """The largest or smallest of a fleet's rates is nobody's rate."""
    counted = r"(?:rate|increase|irate)\(|[\w:]+:(?:increase|count|sum|delta)\d+[mhd]"
    assert not re.search(rf"\b(?:max|min|avg) (?:by|without) \([^)]*\) \([^\n]*(?:{counted})", rule["expr"])


@every_rule
def test_quantiles_are_taken_of_summed_buckets(rule):
    for argument in re.findall(r"histogram_quantile\([\d.]+, (\w+ by \([^)]*\))", rule["expr"]):
        assert argument.startswith("sum by")
    assert not re.search(r"(avg|sum|max)[^(]*\(\s*histogram_quantile", rule["expr"])
    assert not re.search(r"(avg|sum|max)\w*(?: by \([^)]*\))?\s*\([^()]*:(mean|p95|p99)", rule["expr"])


@every_rule
def test_a_histogram_is_read_in_both_formats(rule):
    classic, native = set(), set()
    for name in metric_names(rule["expr"]):
        family = family_of(name)
        if family and FAMILIES[family][0] == "histogram":
            (native if name == family else classic).add(family)
    assert classic == native, "every classic reading needs `or` and its native twin"
    assert not classic or re.search(r"^\s*or\b", rule["expr"], re.M)
    for matcher in re.findall(r"\ble(=~?|!=|!~)\"([^\"]*)\"", rule["expr"]):
        assert matcher[0] == "=~" and matcher[1].endswith(r"(\\.0)?"), matcher


@every_alert
def test_alerts_are_stable(rule):
    assert "topk" not in rule["expr"] and "bottomk" not in rule["expr"], "an alert that changes its labels flaps"
    assert "$value" not in str(rule["labels"]), "a value in a label makes a new alert at every evaluation"
    # What counts rare events over hours holds by itself.
    if rule["alert"] not in {"LLMExporterWatchdog", "LLMExporterRestarting", "LLMExporterReportFailing"}:
        assert re.fullmatch(r"[1-9]\d*[mh]", rule["for"]), "one bad evaluation is no alert"


@every_alert
def test_an_alert_compares(rule):
    if rule["alert"] != "LLMExporterWatchdog" and "absent(" not in rule["expr"]:
        assert re.search(r"[<>]=?|==", without_labels(rule["expr"]))


@every_rule
def test_regular_expressions_are_needed(rule):
    for value in re.findall(r"[=!]~\"([^\"]*)\"", rule["expr"]):
        assert re.search(r"[|.*+?()\[\]]", value), f"{value} is no pattern"


@every_alert
def test_labels_in_the_text_survive_the_aggregation(rule):
    """A label that the expression drops would leave a hole in the text: what fires in the tests has all of them."""
    wanted = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["description"])) - {"team", "application", "function"}
    for of, kind, _, test in cases():
        if of == key(rule) and kind == "fires":
            for check in test["alert_rule_test"]:
                for alert in check["exp_alerts"]:
                    if alert["exp_labels"]["severity"] == rule["labels"]["severity"]:
                        assert wanted <= set(alert["exp_labels"]) | {"alertname"}


def test_groups_are_evaluated_often_and_named_once():
    names = [group["name"] for group in groups()]
    assert len(names) == len(set(names))
    assert all(group.get("interval", "1m") in {"1m", "5m"} for group in groups())
