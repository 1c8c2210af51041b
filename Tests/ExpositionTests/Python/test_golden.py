"""Whether the parsers of others take every golden file, and read in it what was meant.

The Swift tests compare what is rendered with these files, so what holds for the files holds for the renderer.
"""

import pathlib
import re
import shutil
import subprocess

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as text
from prometheus_client.utils import floatToGoString

GOLDEN = pathlib.Path(__file__).parent.parent / "Golden"
TEXT_FILES = sorted(GOLDEN.glob("*.txt"))
OPENMETRICS_FILES = sorted(GOLDEN.glob("*.om"))


def read(path):
    return path.read_bytes().decode("utf-8", errors="strict")


def parse(path):
    parser = openmetrics if path.suffix == ".om" else text
    return list(parser.text_string_to_metric_families(read(path)))


def samples(path):
    """Every sample by name and labels; `le` as a number, because the formats spell it differently."""
    found = {}
    for family in parse(path):
        for sample in family.samples:
            labels = {k: float(v) if k == "le" else v for k, v in sample.labels.items()}
            key = (sample.name, tuple(sorted(labels.items(), key=lambda label: label[0])))
            assert key not in found, f"twice: {key}"
            found[key] = repr(sample.value)
    return found


def name(path):
    return path.name


def test_there_are_golden_files():
    assert len(TEXT_FILES) >= 8 and len(OPENMETRICS_FILES) >= 9


@pytest.mark.parametrize("path", TEXT_FILES + OPENMETRICS_FILES, ids=name)
def test_is_parsed(path):
    families = parse(path)
    assert ("empty" in path.name) == (families == [])
    assert all(family.type != "unknown" and family.documentation for family in families)


@pytest.mark.parametrize("path", OPENMETRICS_FILES, ids=name)
def test_openmetrics_ends_as_it_must(path):
    assert read(path).endswith("# EOF\n")


@pytest.mark.parametrize("path", [p for p in OPENMETRICS_FILES if "created" not in p.name], ids=name)
def test_all_formats_of_a_snapshot_say_the_same(path):
    snapshot = path.name.split(".")[0]
    assert samples(path) == samples(GOLDEN / f"{snapshot}.0.0.4.txt") == samples(GOLDEN / f"{snapshot}.1.0.0.txt")


@pytest.mark.parametrize("path", OPENMETRICS_FILES, ids=name)
def test_bounds_are_canonical(path):
    for bound in re.findall(r'le="([^"]*)"', read(path)):
        assert bound == floatToGoString(float(bound))


def test_hostile_values_arrive_as_they_were_sent():
    expected = [
        "", '"', "\\", "\n", "\\n", 'a"b', "}", "{}", "# EOF", '"} 1\nllm_evil 1\n', 'a="b",c="d"', "é✓😀", "\ufffd",
        "\t", "trailing\\", "\x7f", " ", "\ufeff", "e\u0301", "\u2028",
    ]
    for path in GOLDEN.glob("hostile.*"):
        families = {family.name: family for family in parse(path)}
        assert [sample.labels["value"] for sample in families["llm_labels"].samples] == expected, path.name
        assert families["llm_requests"].documentation == 'Back\\slash, "quotes" and a\nnew line'
        assert set(families) == {"llm_context_used_ratio", "llm_labels", "llm_requests"}


def test_exemplars_are_read():
    families = {family.name: family for family in parse(GOLDEN / "calls.1.0.0.om")}
    exemplars = [s.exemplar for s in families["llm_request_duration_seconds"].samples if s.exemplar]
    assert [(e.labels["trace_id"], e.value, float(e.timestamp)) for e in exemplars] == [
        ("4bf92f3577b34da6a3ce929d0e0e4736", 0.123456789, 1763715890.0),
        ("00f067aa0ba902b7", 2.5, 1763715896.25),
    ]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.0.0.4.txt")), ids=name)
def test_promtool_has_nothing_to_say(path):
    result = subprocess.run(["promtool", "check", "metrics"], input=path.read_bytes(), capture_output=True)
    assert (result.returncode, result.stdout + result.stderr) == (0, b"")
