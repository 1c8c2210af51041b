"""What counting one event takes, from the received batch to the counters: instructions, allocations, reference counts.

Counted by valgrind, so the same on every machine and at every load: the difference between a long run and a short one."""
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("EVENT_PATH", ROOT / ".build-core/release/event-path"))
EVENTS_PER_BATCH = 64
SHORT, LONG = 10, 110

# Reference points: about 4,650 instructions an event now; some 6,150 before plain usage was read at once and places were
# one word. A tenth above today's is a change that somebody should look at.
INSTRUCTIONS = 5_150

pytestmark = pytest.mark.skipif(
    shutil.which("valgrind") is None or not BINARY.exists(),
    reason="valgrind is not installed, or event-path is not built (make test-performance)")


def measure(binary, batches, series, directory, extra=""):
    """Instructions of the whole run, and calls of every function by its name."""
    out = directory / f"callgrind.{batches}.{series}"
    subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", str(binary), str(batches), str(series), *filter(None, [extra])],
        check=True, capture_output=True, timeout=300)
    names, calls, instructions, callee = {}, Counter(), 0, None
    for line in out.read_text().splitlines():
        if match := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            name = names.setdefault(match[1], match[2])
            callee = name if line.startswith("c") else None
        elif line.startswith("calls=") and callee:
            calls[callee] += int(line[6:].split()[0])
        elif line.startswith("summary:"):
            instructions = int(line.split()[1])
    return instructions, calls


# A tenth above what these take more than an event that names nobody: distinct users and top spenders, then three budgets
# besides.
EXTRAS = {"users": 1_000, "budgets": 2_100}


@pytest.fixture(scope="module", params=[(64, ""), (1_024, ""), (64, "users"), (64, "budgets")])
def difference(request, tmp_path_factory):
    """What the batches between the short and the long run took, and how many there were."""
    directory = tmp_path_factory.mktemp("event-path")
    binary = directory / "event-path"
    # Valgrind of some distributions cannot read the debug information of newer compilers.
    subprocess.run(["strip", "-g", "-o", str(binary), str(BINARY)], check=True)
    series, extra = request.param
    few, many = (measure(binary, batches, series, directory, extra) for batches in (SHORT, LONG))
    many[1].subtract(few[1])
    return many[0] - few[0], many[1], LONG - SHORT, extra


def called(calls, pattern):
    return {name: count for name, count in calls.items() if count and re.fullmatch(pattern, re.sub(r"'\d+$", "", name))}


def test_no_event_allocates_memory(difference):
    _, calls, _, _ = difference
    assert called(calls, r"(__libc_)?(malloc|calloc|realloc|posix_memalign|aligned_alloc|memalign)") == {}
    assert called(calls, r"swift_(slowAlloc|allocObject|bufferAllocate).*") == {}


def test_no_event_counts_references(difference):
    _, calls, batches, _ = difference
    counted = called(calls, r"_?swift_(retain|release|bridgeObjectRetain|bridgeObjectRelease|beginAccess).*")
    # A batch takes its event off a list and gives it back.
    assert sum(counted.values()) <= 16 * batches, counted
    assert 16 < EVENTS_PER_BATCH


def test_the_counter_sees_what_it_looks_for(difference):
    """That nothing was found above means something only if calls are seen at all."""
    _, calls, batches, _ = difference
    events = batches * EVENTS_PER_BATCH
    assert sum(called(calls, r"\$s6Events12EventDecoderV6decode.*").values()) == events
    assert sum(called(calls, r"\$s7Pricing6PricerV4cost.*").values()) >= events


def test_instructions_per_event(difference):
    instructions, _, batches, extra = difference
    per_event = instructions / (batches * EVENTS_PER_BATCH)
    print(f"{per_event:.0f} instructions per event {extra}")
    assert per_event < INSTRUCTIONS + EXTRAS.get(extra, 0)
