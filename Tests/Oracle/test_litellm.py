"""Every chat, responses, completion and embedding model of LiteLLM's table, with random usage, costs here what
LiteLLM's own calculator says, to a billionth of a dollar.

Where the two differ on purpose, a test of its own (`test_difference_…`) shows what each says. Where a calculator of
LiteLLM's leaves out what its own rules and table say, the case is in `SHORTCUTS`, and must agree with those rules.

    pip install pytest genai-prices litellm
    pip install --no-deps litellm==1.109.1    # where the index lacks what a plain install of it asks for
    PRICE_ORACLE=path/to/price-oracle python -m pytest Tests/Oracle

The rules are those of litellm 1.109; calculators before it priced cached tokens without a rate at nothing.
"""

import collections
import decimal
import json
import os
import pathlib
import random
import subprocess
import sys
import time

import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
litellm = pytest.importorskip("litellm")
from importlib.metadata import version  # noqa: E402

from litellm.litellm_core_utils.llm_cost_calc.utils import generic_cost_per_token  # noqa: E402
from litellm.types.utils import (  # noqa: E402
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    PromptTokensDetailsWrapper,
    Usage,
)

if tuple(map(int, version("litellm").split(".")[:2])) < (1, 109):
    pytest.skip(f"litellm {version('litellm')} is older than 1.109", allow_module_level=True)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Sources" / "CPriceTable"))
pytest.importorskip("genai_prices")
from build_table import RATE  # noqa: E402

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


def test_the_published_table_is_read_as_it_is():
    """Each model, and each rate of the keys that Sources/CPriceTable/build_table.py names, digit by digit."""
    done = subprocess.run([oracle_binary(), "--rates", TABLE], text=True, capture_output=True, check=True)
    assert done.stderr == ""  # no problem was reported
    read = {entry["name"]: entry["rates"] for entry in map(json.loads, done.stdout.splitlines())}
    raw = json.loads(TABLE.read_text(), parse_float=decimal.Decimal)
    del raw["sample_spec"], raw["fallback_generalizations"]
    assert set(read) == set(raw)
    counts = collections.Counter()
    for name, entry in raw.items():
        for key, value in entry.items():
            if value is None or not RATE.match(key):
                continue
            digits = 6 if "uplift" in key else 18 if "token" in key else 15
            unit = decimal.Decimal(1).scaleb(-digits)
            expected = decimal.Decimal(value).quantize(unit, decimal.ROUND_HALF_EVEN)
            assert decimal.Decimal(read[name][key]) == expected, (name, key)
            counts[key] += 1
    print(f"\n{len(read)} models, {sum(counts.values())} rates, {counts['input_cost_per_token']} of input tokens")
    assert counts["input_cost_per_token"] > 3000


def generic_cost(call):
    """LiteLLM's rules for all providers, without the shortcuts that some providers' calculators take."""
    return sum(
        generic_cost_per_token(
            model=call["model"],
            usage=as_usage(call),
            custom_llm_provider=call["provider"],
            service_tier=call.get("tier"),
        )
    )


def cost_without_tier(call):
    return sum(litellm_cost({key: value for key, value in call.items() if key != "tier"}))


def bills_long_write_over_threshold(call, entry):
    """Written to live long, over a threshold that has a rate for it, in a tier that has none."""
    return "tier" in call and any(
        call.get(ttl) and f"cache_creation_input_token_cost_above_{hours}" in key and key.endswith("k_tokens")
        for ttl, hours in (("written1h", "1hr_above"), ("written12h", "12hr_above"))
        for key in entry
    )


# Where LiteLLM's calculators of single providers leave out what its own rules and its own table say. For each: whether
# it applies to a call of an entry, and what LiteLLM says when it is asked in a way that does not leave it out.
SHORTCUTS = {
    "Perplexity's calculator prices cached and written tokens as input, though the table has rates for them": (
        lambda call, entry: call["provider"] == "perplexity",
        generic_cost,
    ),
    "Fireworks' calculator does not pass the service tier on": (
        lambda call, entry: call["provider"] == "fireworks_ai" and "tier" in call,
        generic_cost,
    ),
    "a service tier without a rate for long-lived writes forgets the rate over the threshold": (
        bills_long_write_over_threshold,
        cost_without_tier,
    ),
}


def close(ours, theirs):
    return abs(ours - theirs) <= TOLERANCE * max(1, abs(theirs))


def total(answer):
    return sum(float(answer[part]) for part in ("prompt", "completion", "request"))


def has_no_price(entry):
    return not any("cost" in key and "dbu" not in key for key in entry) and "tiered_pricing" not in entry


def test_every_model_costs_what_litellm_says():
    rng = random.Random(SEED)
    table = models()
    calls = [random_call(rng, model, entry) for model, entry in table.items() for _ in range(CALLS_PER_MODEL)]
    agreed, shortcuts, unpriced, wrong = 0, collections.Counter(), 0, []
    for call, answer in zip(calls, price(calls)):
        entry = table[call["model"]]
        try:
            theirs = sum(litellm_cost(call))
        except Exception as error:  # noqa: BLE001
            wrong.append((call, answer, repr(error)))
            continue
        if has_no_price(entry):
            # First difference: what has no price is said to have none.
            assert (theirs, answer["verdict"]) == (0.0, "unpriced"), (call, theirs, answer)
            unpriced += 1
        elif close(total(answer), theirs + float(entry.get("input_cost_per_request", 0))):
            # The fee of a request is no token's; LiteLLM's function leaves it out.
            agreed += 1
        else:
            known = [
                name
                for name, (applies, asked_in_full) in SHORTCUTS.items()
                if applies(call, entry) and close(total(answer), asked_in_full(call))
            ]
            shortcuts.update(known[:1])
            if not known:
                wrong.append((call, answer, theirs))
    print(f"\nseed {SEED}, litellm {version('litellm')}: {len(table)} models, {len(calls)} calls")
    print(f"{agreed} agree; {unpriced} without a price; left out by LiteLLM: {dict(shortcuts)}")
    for case in wrong[:20]:
        print(*case, sep="\n  ")
    assert not wrong, f"{len(wrong)} calls differ"
    assert agreed > 0.9 * len(calls)


def test_batches_cost_what_litellm_says():
    """By its own calculator for batches, of the classes that it prices: text, cached and written tokens, output."""
    rng = random.Random(SEED)
    table = models()
    calls = []
    for model, entry in table.items():
        if "input_cost_per_token_batches" not in entry or "output_cost_per_token_batches" not in entry:
            continue
        scale = rng.randint(1, 500_000)
        cached = rng.randint(0, scale)
        call = {"model": model, "provider": provider_of(entry), "input": scale, "output": rng.randint(0, scale)}
        calls.append(call | {"cached": cached, "written": rng.randint(0, scale - cached), "tier": "batch"})
    wrong = []
    for call, answer in zip(calls, price(calls)):
        if "input_cost_per_token_batches" not in table[answer["entry"]]:
            continue  # `bedrock/model` stands before `model`, and has no batch price
        theirs = sum(
            litellm.cost_per_token(
                model=call["model"],
                custom_llm_provider=call["provider"],
                usage_object=as_usage(call),
                call_type="aretrieve_batch",
            )
        )
        if not close(total(answer), theirs):
            wrong.append((call, answer, theirs))
    print(f"\n{len(calls)} models with batch prices")
    for case in wrong[:20]:
        print(*case, sep="\n  ")
    assert not wrong and calls


# The differences on purpose, one by one: what LiteLLM says, and what we say.


def one(**call):
    return price([call])[0]


def test_difference_no_rate_is_unpriced_not_free():
    for model, provider in (("claude-newfamily-5", "anthropic"), ("ollama/llama3.2", "ollama")):
        call = {"model": model, "provider": provider, "input": 100, "output": 50}
        answer = one(**call)
        assert answer["verdict"] == "unpriced" and total(answer) == 0
        try:
            assert sum(litellm_cost(call)) == 0.0
        except Exception:  # noqa: BLE001
            pass  # newer versions may say instead that the model is not known


def test_difference_size_of_context_window_keeps_the_geography():
    call = {"model": "us.anthropic.claude-opus-4-8[1m]", "provider": "bedrock", "input": 1_000_000, "output": 0}
    assert total(one(**call)) == pytest.approx(5.5)
    assert sum(litellm_cost(call)) == pytest.approx(5.0)


def test_difference_batch_tier_is_the_batch_price():
    call = {"model": "gpt-4o", "provider": "openai", "input": 1_000_000, "output": 0, "tier": "batch"}
    assert total(one(**call)) == pytest.approx(1.25)
    assert sum(litellm_cost(call)) == pytest.approx(2.5)


def test_difference_dumped_usage_is_priced_once():
    call = {"model": "claude-sonnet-4-5", "provider": "anthropic", "input": 101_550, "output": 503}
    call |= {"cached": 100_000, "written": 1_500}
    assert total(one(**call)) == pytest.approx(0.035775 + 0.007545)
    twice = litellm.cost_per_token(
        model=call["model"],
        custom_llm_provider="anthropic",
        prompt_tokens=101_550,
        completion_tokens=503,
        cache_read_input_tokens=100_000,
        cache_creation_input_tokens=1_500,
        custom_cost_per_token={
            "input_cost_per_token": 3e-6,
            "output_cost_per_token": 1.5e-5,
            "cache_read_input_token_cost": 3e-7,
            "cache_creation_input_token_cost": 3.75e-6,
        },
    )
    assert twice[0] == pytest.approx(0.340275)


def test_difference_dated_anthropic_name_falls_back():
    call = {"model": "claude-sonnet-4-5-20991231", "provider": "anthropic", "input": 1_000_000, "output": 0}
    assert total(one(**call)) == pytest.approx(3.0)
    assert sum(litellm_cost(call)) == 0.0


def test_difference_iterations_are_tiered_each_by_itself():
    model = next(
        name
        for name, entry in models().items()
        if provider_of(entry) == "anthropic" and "input_cost_per_token_above_100k_tokens" in entry
    )
    half = {"model": model, "provider": "anthropic", "input": 99_000, "output": 0}
    both = half | {"input": 198_000}
    alone = total(one(**half))
    assert total(one(**both, iterations=[half, half])) == pytest.approx(2 * alone)
    assert sum(litellm_cost(both)) > 2.5 * alone


def test_difference_callers_zero_beside_tokens_is_no_price():
    call = {"model": "gpt-4o", "provider": "openai", "input": 1_000_000, "output": 0, "caller_cost": 0}
    assert (one(**call)["reason"], total(one(**call))) == ("table", pytest.approx(2.5))
