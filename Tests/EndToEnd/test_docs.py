"""The pages under docs/ say what the program does: its metrics, fields and settings, and examples that work."""

import re
import subprocess

import pytest
from daemon import ROOT, Daemon, binary
from documentation import LINK, PAGES, anchors, code_blocks, prose, quoted, tables, text

CONFIGURATION = """
metrics:
  labels: [application, user]
  event_labels: [tenant]
objectives:
  - {application: shop, availability: 0.999, latency_p95_seconds: 5}
reports:
  - {name: monthly, schedule: "@monthly", report: cost, webhook: {url: "http://127.0.0.1:9/"}}
budgets:
  - {name: all, window: month, dollars: 100, tokens: 1000000}
"""
CALL_LABELS = {"model", "provider", "operation", "application", "user", "tenant"}

# In docs/metrics.md, and not to be seen in a daemon that has just started.
UNSEEN = {
    "llm_conversation_turns": "a session is counted when it has been quiet for 30 minutes",
}
# Of a daemon that keeps its counters on disk.
WITH_STORE = "llm_exporter_storage_"

CALL = {"model": "gpt-4o", "application": "shop"}
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100}

# Between them they touch every family.
TRAFFIC = [
    CALL | {"id": "a", "usage": USAGE, "latency_ms": 900, "ttft_ms": 200, "queue_ms": 5, "load_ms": 7},
    CALL | {"usage": USAGE, "cost_usd": 0.01, "finish_reason": "stop", "session": "s", "trace_id": "t-1"},
    CALL | {"usage": USAGE, "cache": "hit"},
    CALL | {"usage": USAGE, "attempt": 2, "fallback_from": "claude-sonnet-4-5"},
    CALL | {"usage": USAGE, "user": "u", "prompt_hash": "h", "labels": {"tenant": "acme"}},
    *[CALL | {"error_type": "rate_limit", "ts": 1_763_720_000 + second} for second in (1, 2, 3)],
    CALL | {"usage": USAGE, "ts": 1_763_720_010},
    {"event": "start", "model": "gpt-4o", "id": "b"},
    {"event": "feedback", "id": "a", "rating": "positive", "category": "factual"},
    {"event": "score", "id": "a", "name": "faithfulness", "score": 0.9, "evaluator": "model"},
    {"event": "gauge", "name": "queue_depth", "queue": "q", "value": 3},
    {"event": "gauge", "name": "ratelimit_remaining", "kind": "tokens", "model": "gpt-4o", "value": 3},
    {"event": "gauge", "name": "gpu_utilization_ratio", "device": "0", "value": 0.5},
    {"event": "gauge", "name": "gpu_memory_used_bytes", "device": "0", "value": 5},
    {"event": "gauge", "name": "memory_used_bytes", "process": "vllm", "value": 5},
]


@pytest.fixture(scope="module")
def exposed():
    """{family: (type, labels, bounds of buckets)} of a daemon that has seen everything."""
    with Daemon(config=CONFIGURATION) as daemon:
        daemon.send_udp(*TRAFFIC)
        daemon.wait_for_events(len(TRAFFIC))
        assert daemon.value("llm_exporter_events_accepted_total") == len(TRAFFIC), daemon.status()["last_rejects"]
        daemon.scrape()
        types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", daemon.scrape().text, re.MULTILINE))
        labels = {family: set() for family in types}
        bounds = {family: set() for family in types}
        for name, own, _ in daemon.samples():
            family = name if name in types else re.sub(r"_(bucket|sum|count)$", "", name)
            labels[family].update(own)
            if "le" in own:
                bounds[family].add(float(own["le"]))
    return {family: (kind, labels[family], bounds[family]) for family, kind in types.items()}


@pytest.fixture(scope="module")
def documented():
    """{metric: its row} of docs/metrics.md."""
    rows = [row for row in tables("docs/metrics.md") if "metric" in row and "type" in row]
    names = [quoted(row["metric"])[0] for row in rows]
    assert len(names) == len(set(names)), "a metric stands twice"
    return dict(zip(names, rows))


def test_every_metric_is_documented(exposed, documented):
    assert set(exposed) - set(documented) == set()


def test_every_documented_metric_is_there(exposed, documented):
    missing = {name for name in documented if name not in exposed and not name.startswith(WITH_STORE)}
    assert missing == set(UNSEEN)


def test_types_are_as_documented(exposed, documented):
    wrong = {
        name: (kind, documented[name]["type"])
        for name, (kind, _, _) in exposed.items()
        if name in documented and documented[name]["type"] != kind
    }
    assert wrong == {}


def test_labels_are_as_documented(exposed, documented):
    for name, (_, labels, _) in exposed.items():
        row = documented[name]
        column = next(column for column in row if column.startswith("labels"))
        named = set(quoted(row[column]))
        takes_call_labels = "beside" in column or "call labels" in row[column]
        own = labels - {"le"} - (CALL_LABELS if takes_call_labels else set())
        assert own <= named, f"{name}: {own - named} not documented"


def test_bucket_bounds_are_as_documented(exposed):
    documented = {
        name: {*map(float, row["upper bounds"].split()), float("inf")}
        for row in tables("docs/metrics.md")
        if "upper bounds" in row
        for name in quoted(row["histogram"])
    }
    found = {name: bounds for name, (kind, _, bounds) in exposed.items() if kind == "histogram"}
    found = {name: bounds for name, bounds in found.items() if not name.startswith(WITH_STORE)}
    assert {name: bounds for name, bounds in documented.items() if name not in UNSEEN} == found


# Events


def names(code):
    """The names in a piece of code: `metrics.latencyMs` is one that may also be a name in an object."""
    whole = re.findall(r"[A-Za-z_.]+", code)
    return {*whole, *[part for name in whole for part in name.split(".")]}


def spellings_in_code():
    """The names of the event's fields: each first string of a row is the field, the rest are its other spellings."""
    code = (ROOT / "Sources/Events/Keys/EventNames.swift").read_text()
    rows = code[code.index("let names"): code.index("static func rows")]
    return set(re.findall(r'"([A-Za-z_.]+)"', rows))


def test_every_spelling_of_a_field_is_documented():
    documented = {word for code in quoted(prose("docs/events.md")) for word in names(code)}
    assert spellings_in_code() - documented == set()


def test_every_documented_spelling_is_known_to_the_decoder():
    code = "".join(path.read_text() for path in (ROOT / "Sources/Events/Keys").glob("*.swift"))
    known = set(re.findall(r'"([^"\n]+)"', code))
    spellings = [
        spelling
        for row in tables("docs/events.md")
        if "field" in row
        for spelling in quoted(row["field"]) + quoted(row.get("also", ""))
    ]
    assert len(spellings) > 100
    assert [spelling for spelling in spellings if not names(spelling) & known] == []


def example_events():
    return [
        line for heading, code in code_blocks("docs/events.md", "json") for line in code.splitlines() if line.strip()
    ]


def test_every_example_event_is_accepted():
    events = example_events()
    assert len(events) > 10
    with Daemon() as daemon:
        for event in events:
            daemon.send_udp(event.encode())
        daemon.wait_for_events(len(events))
        assert daemon.status()["last_rejects"] == []
        assert daemon.value("llm_exporter_events_accepted_total") == len(events)


@pytest.mark.parametrize(
    "model, tokens",
    [
        ("claude-sonnet-4-5", {"input": 950, "cached_input": 100_000, "cache_write": 1_500, "output": 643}),
        ("gemini-2.5-pro", {"input": 220 + 200, "cached_input": 2_000, "output": 160, "reasoning": 300}),
        ("us.anthropic.claude-opus-4-8", {"input": 30, "cached_input": 1_024, "cache_write": 1_024, "output": 628}),
        ("prod-chat", {"input": 1_200, "output": 300}),
        ("llama3.2", {"input": 26, "output": 237}),
    ],
)
def test_example_events_are_read_as_the_page_says(model, tokens):
    with Daemon() as daemon:
        events = [event for event in example_events() if model in event and '"event"' not in event]
        daemon.send_udp(*[event.encode() for event in events])
        daemon.wait_for_events(len(events))
        counted = {
            labels["token_type"]: number
            for name, labels, number in daemon.samples()
            if name == "llm_tokens_total" and labels["model"] == model and number
        }
    assert counted == tokens


# Settings


@pytest.fixture(scope="module")
def help_text():
    return subprocess.run([binary(), "serve", "--help"], capture_output=True, text=True, timeout=60).stdout


def indented(text, name):
    """{what it is about: its lines, joined} of a text that gives each name a line, and indents what it says of it."""
    return {
        match[1]: " ".join(match[2].split())
        for match in re.finditer(rf"^  ({name}).*\n((?:      .*\n?)+)", text, re.MULTILINE)
    }


def test_every_setting_is_documented_as_help_has_it(help_text):
    documented = {
        re.split(r"[ =]", quoted(row["flag"])[0])[0]: (quoted(row["default"])[0], row["meaning"])
        for row in tables("docs/configuration.md")
        if "flag" in row
    }
    found = {}
    for flag, words in indented(help_text, r"--[a-z.-]+").items():
        meaning, default = re.fullmatch(r"(.*) \(default: (.*?)(?:; repeatable.*)?\)\.?", words).groups()
        found[flag] = (default, meaning.rstrip("."))
    assert set(documented) == set(found)
    assert {flag: default for flag, (default, _) in documented.items()} == {
        flag: default for flag, (default, _) in found.items()
    }
    assert [flag for flag, (_, meaning) in found.items() if meaning not in documented[flag][1]] == []


def test_what_stands_only_in_the_file_is_documented(help_text):
    documented = {quoted(row["key"])[0] for row in tables("docs/configuration.md") if "key" in row}
    _, sections = help_text.split("Only in the file:")
    assert documented == set(indented(sections, r"[a-z_.]+"))


@pytest.mark.parametrize("page", ["README.md", "docs/budgets.md", "docs/configuration.md", "docs/pricing.md", "docs/reports.md"])
def test_configuration_examples_pass_the_check(page, tmp_path):
    examples = [code for _, code in code_blocks(page, "yaml") if "scrape_configs" not in code]
    assert examples
    for code in examples:
        path = tmp_path / "config.yml"
        path.write_text(code)
        done = subprocess.run(
            [binary(), "check-config", f"--config.file={path}"], capture_output=True, text=True, timeout=60,
            cwd=tmp_path)
        assert done.returncode == 0, code + done.stdout + done.stderr


# Links


@pytest.mark.parametrize("page", [page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_lead_somewhere(page):
    for target in LINK.findall(text(page)):
        if re.match(r"https?:", target):
            continue
        path, _, fragment = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if fragment:
            assert fragment in anchors(file), target
