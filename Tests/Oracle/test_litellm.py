"""Every chat, responses, completion and embedding model of LiteLLM's table, with random usage, costs here what
LiteLLM's own calculator says, to a billionth of a dollar.

Where the two differ on purpose, the case is named in `DIFFERENCES`, and the test shows that it still differs: a
difference that goes away is to be taken off the list.

    PRICE_ORACLE=path/to/price-oracle python -m pytest Tests/Oracle
"""

import collections
import json
import os
import pathlib
import random
import subprocess
import time

import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
litellm = pytest.importorskip("litellm")
from litellm.types.utils import (  # noqa: E402
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
    Usage,
)

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = pathlib.Path(litellm.__file__).parent / "model_prices_and_context_window_backup.json"
MODES = {"chat", "responses", "completion", "embedding"}
SEED = int(os.environ.get("ORACLE_SEED", "20261121"))
CALLS_PER_MODEL = int(os.environ.get("ORACLE_CALLS", "6"))
TOLERANCE = 1e-9


def oracle_binary():
    named = os.environ.get("PRICE_ORACLE")
    built = [ROOT / ".build" / kind / "price-oracle" for kind in ("release", "debug")]
    found = [path for path in ([pathlib.Path(named)] if named else built) if path.exists()]
    if not found:
        pytest.skip("price-oracle is not built: swift build --product price-oracle")
    return found[0]


def price(calls, table=TABLE):
    lines = "\n".join(json.dumps(call) for call in calls) + "\n"
    done = subprocess.run([oracle_binary(), table], input=lines, text=True, capture_output=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(calls)
    return answers


def provider_of(entry):
    """The name under which LiteLLM dispatches, of the one that its table carries."""
    provider = entry["litellm_provider"]
    for family in ("vertex_ai", "fireworks_ai"):
        if provider.startswith(family):
            return family
    return "bedrock" if provider == "bedrock_converse" else provider


def thresholds(entry):
    found = []
    for key in entry:
        if "_above_" in key and key.split("_tokens")[0].endswith("k"):
            found.append(int(key.split("_tokens")[0].rsplit("_above_", 1)[1][:-1]) * 1000)
    for tier in entry.get("tiered_pricing") or []:
        found += [int(bound) for bound in tier.get("range", []) if bound]
    return sorted(set(found))


def random_call(rng, model, entry):
    """A usage such as a provider might report; counts around the model's own thresholds where it has some."""
    scale = rng.choice([10, 1_000, 100_000, 2_000_000])
    total = rng.randint(1, scale)
    if (near := thresholds(entry)) and rng.random() < 0.6:
        total = max(1, rng.choice(near) + rng.choice([-1, 0, 1, 1000]))
    call = {"model": model, "provider": provider_of(entry), "input": total, "time": time.time_ns()}
    call["output"] = 0 if entry["mode"] == "embedding" else rng.randint(0, scale)
    if entry["mode"] == "embedding":
        return call
    if rng.random() < 0.5:
        call["cached"] = rng.randint(0, total)
    if rng.random() < 0.4:
        call["written"] = rng.randint(0, total - call.get("cached", 0))
        if rng.random() < 0.5:
            ttl = rng.choice(["written1h", "written12h"])
            call[ttl] = rng.randint(0, call["written"])
    if rng.random() < 0.4:
        call["reasoning"] = rng.randint(0, call["output"])
    rest_in = total - call.get("cached", 0) - call.get("written", 0)
    rest_out = call["output"] - call.get("reasoning", 0)
    if rng.random() < 0.2:
        call["audio_input"] = rng.randint(0, rest_in)
        call["image_input"] = rng.randint(0, rest_in - call["audio_input"])
    if rng.random() < 0.2:
        call["audio_output"] = rng.randint(0, rest_out)
        call["image_output"] = rng.randint(0, rest_out - call["audio_output"])
    if rng.random() < 0.5:
        call["tier"] = rng.choice(["priority", "flex", "ultrafast", "balanced", "default", "standard"])
    if provider_of(entry) == "openai" and rng.random() < 0.3:
        call["residency"] = rng.choice(["eu", "us"])
    if provider_of(entry) == "vertex_ai" and rng.random() < 0.5:
        call["region"] = rng.choice(["global", "europe-west1"])
    if provider_of(entry) == "anthropic":
        call["geo"] = rng.choice(["us", "global", "not_available"])
        call["fast"] = rng.random() < 0.3
    call["latency_nanoseconds"] = rng.randint(1, 10**11)
    return call


def as_usage(call):
    """The same usage as LiteLLM holds it."""
    written = call.get("written", 0)
    details = CacheCreationTokenDetails(
        ephemeral_1h_input_tokens=call.get("written1h", 0), ephemeral_12h_input_tokens=call.get("written12h", 0)
    )
    usage = Usage(
        prompt_tokens=call["input"],
        completion_tokens=call["output"],
        total_tokens=call["input"] + call["output"],
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=call.get("cached", 0),
            cache_creation_tokens=written,
            cache_creation_token_details=details if written else None,
            audio_tokens=call.get("audio_input", 0),
            image_tokens=call.get("image_input", 0),
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(
            reasoning_tokens=call.get("reasoning", 0),
            audio_tokens=call.get("audio_output", 0),
            image_tokens=call.get("image_output", 0),
        ),
    )
    if "geo" in call:
        usage.inference_geo = call["geo"]
    if call.get("fast"):
        usage.speed = "fast"
    return usage


def litellm_cost(call):
    return litellm.cost_per_token(
        model=call["model"],
        custom_llm_provider=call["provider"],
        usage_object=as_usage(call),
        response_time_ms=call.get("latency_nanoseconds", 0) / 1e6,
        service_tier=call.get("tier"),
        data_residency=call.get("residency"),
        vertex_location=call.get("region"),
    )


def models():
    table = json.loads(TABLE.read_text())
    return {
        name: entry
        for name, entry in sorted(table.items())
        if isinstance(entry, dict) and entry.get("mode") in MODES and name != "sample_spec"
    }


# What differs on purpose or by what a calculator can know: name -> does it apply to (call, entry, our answer)?
DIFFERENCES = {}


def test_every_model_costs_what_litellm_says():
    rng = random.Random(SEED)
    table = models()
    calls = [random_call(rng, model, entry) for model, entry in table.items() for _ in range(CALLS_PER_MODEL)]
    answers = price(calls)
    agreed, known, wrong = 0, collections.Counter(), []
    for call, answer in zip(calls, answers):
        entry = table[call["model"]]
        try:
            theirs = sum(litellm_cost(call))
        except Exception as error:  # noqa: BLE001
            theirs = error
        ours = sum(float(answer[part]) for part in ("prompt", "completion", "request"))
        if isinstance(theirs, float) and abs(ours - theirs) <= TOLERANCE * max(1, abs(theirs)):
            agreed += 1
            continue
        reason = next((name for name, applies in DIFFERENCES.items() if applies(call, entry, answer)), None)
        if reason:
            known[reason] += 1
        else:
            wrong.append((call, ours, theirs, answer))
    print(f"seed {SEED}: {len(table)} models, {agreed} of {len(calls)} calls agree; on purpose: {dict(known)}")
    for call, ours, theirs, answer in wrong[:20]:
        print(call, "ours", ours, "theirs", theirs, answer)
    assert not wrong, f"{len(wrong)} calls differ"
    assert agreed > 0.9 * len(calls)
