#!/usr/bin/env python3
"""Makes prices.json, the price table that ships, and PRICES.md, the report on it.

The facts (names, rates, limits, dates) come from the two public tables on PyPI: litellm's, whose format is also ours,
and genai-prices', which knows when a price changed. Nothing is fetched: the installed packages are read.

    pip install litellm genai-prices
    python Sources/CPriceTable/build_table.py --date 2026-11-21

The same packages and date make the same bytes.
"""

import argparse
import collections
import importlib.metadata
import importlib.util
import json
import pathlib
import re
from decimal import Decimal

from genai_prices import data as genai

HERE = pathlib.Path(__file__).resolve().parent

# What Sources/Pricing reads; everything else of an entry is left out.
FACTS = {"litellm_provider", "mode", "max_input_tokens"}
TIERS = "(_flex|_priority|_batches|_balanced|_ultrafast|_decisions)?"
TOKEN_RATES = (
    "input_cost_per_token|output_cost_per_token|cache_read_input_token_cost|cache_creation_input_token_cost"
    "|cache_creation_input_token_cost_above_1hr|cache_creation_input_token_cost_above_12hr"
    "|output_cost_per_reasoning_token|input_cost_per_audio_token|output_cost_per_audio_token"
    "|cache_read_input_audio_token_cost|input_cost_per_image_token|output_cost_per_image_token"
    "|cache_read_input_image_token_cost|input_cost_per_video_token|output_cost_per_video_token|citation_cost_per_token"
)
UNIT_RATES = (
    "cost_per_second|input_cost_per_second|output_cost_per_second|input_cost_per_audio_per_second"
    "|input_cost_per_video_per_second|output_cost_per_video_per_second|input_cost_per_character|input_cost_per_query"
    "|input_cost_per_request|input_cost_per_image|output_cost_per_image|ocr_cost_per_page|annotation_cost_per_page"
)
FACTORS = (
    "regional_processing_uplift_multiplier_eu|regional_processing_uplift_multiplier_us"
    "|regional_endpoint_uplift_multiplier"
)
RATE = re.compile(rf"^(?:(?:{TOKEN_RATES})(?:_above_\d+k_tokens)?{TIERS}|(?:{UNIT_RATES}){TIERS}|(?:{FACTORS}))$")

# genai-prices' providers: the prefix of LiteLLM's keys, and LiteLLM's name of the provider. Left out: subscriptions
# (cursor, github-copilot), the routes of Hugging Face (each is a provider of its own here), and `google`, `aws` and
# `azure` beyond the names that LiteLLM has too, since one id there stands for several ways in.
PROVIDERS = {
    "anthropic": ("", "anthropic"),
    "arcee": ("arcee/", "arcee"),
    "avian": ("avian/", "avian"),
    "baseten": ("baseten/", "baseten"),
    "cerebras": ("cerebras/", "cerebras"),
    "cloudflare": ("cloudflare/", "cloudflare"),
    "cohere": ("", "cohere"),
    "databricks": ("databricks/", "databricks"),
    "deepseek": ("deepseek/", "deepseek"),
    "doubleword": ("doubleword/", "doubleword"),
    "fireworks": ("fireworks_ai/accounts/fireworks/models/", "fireworks_ai"),
    "groq": ("groq/", "groq"),
    "meta": ("meta/", "meta"),
    "minimax": ("minimax/", "minimax"),
    "mistral": ("mistral/", "mistral"),
    "modal": ("modal/", "modal"),
    "moonshotai": ("moonshot/", "moonshot"),
    "novita": ("novita/", "novita"),
    "openai": ("", "openai"),
    "openrouter": ("openrouter/", "openrouter"),
    "ovhcloud": ("ovhcloud/", "ovhcloud"),
    "perplexity": ("perplexity/", "perplexity"),
    "together": ("together_ai/", "together_ai"),
    "voyageai": ("voyage/", "voyage"),
    "x-ai": ("xai/", "xai"),
    "zai": ("zai/", "zai"),
    "zhipuai": ("zhipuai/", "zhipuai"),
}
COMPARED_ONLY = {"google": ("gemini/", "gemini"), "aws": ("", "bedrock"), "azure": ("azure/", "azure")}

MILLION = Decimal(1_000_000)
THOUSAND = Decimal(1_000)
HOUR = Decimal(3_600)
GENAI_KEYS = {
    "input_mtok": ("input_cost_per_token", MILLION),
    "output_mtok": ("output_cost_per_token", MILLION),
    "cache_read_mtok": ("cache_read_input_token_cost", MILLION),
    "cache_write_mtok": ("cache_creation_input_token_cost", MILLION),
    "cache_write_1h_mtok": ("cache_creation_input_token_cost_above_1hr", MILLION),
    "output_reasoning_mtok": ("output_cost_per_reasoning_token", MILLION),
    "input_audio_mtok": ("input_cost_per_audio_token", MILLION),
    "output_audio_mtok": ("output_cost_per_audio_token", MILLION),
    "cache_audio_read_mtok": ("cache_read_input_audio_token_cost", MILLION),
    "input_image_mtok": ("input_cost_per_image_token", MILLION),
    "output_image_mtok": ("output_cost_per_image_token", MILLION),
    "cache_image_read_mtok": ("cache_read_input_image_token_cost", MILLION),
    "input_video_mtok": ("input_cost_per_video_token", MILLION),
    "output_video_mtok": ("output_cost_per_video_token", MILLION),
    "input_mchars": ("input_cost_per_character", MILLION),
    "requests_kcount": ("input_cost_per_request", THOUSAND),
    "web_searches_kcount": ("search_context_cost_per_query", THOUSAND),
    "input_document_kpages": ("ocr_cost_per_page", THOUSAND),
    "input_annotated_document_kpages": ("annotation_cost_per_page", THOUSAND),
    "input_audio_hours": ("input_cost_per_second", HOUR),
}
COMPARED = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
)


def number(value):
    """The shortest text of a number, float noise (9.499999999999999e-07) taken off."""
    value = Decimal(value).quantize(Decimal("1e-15")) if abs(Decimal(value)) >= Decimal("1e-3") else Decimal(value)
    value = round_to(value, 12).normalize()
    if value == 0:
        return "0"
    sign, digits, exponent = value.as_tuple()
    plain = format(value, "f")
    if plain.startswith("0."):
        plain = plain.rstrip("0")
    scientific = "".join(map(str, digits)) + f"e{exponent}"
    return min(plain, scientific, key=len)


def round_to(value, digits):
    if value == 0:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1))


# LiteLLM


def kept(entry):
    """What we price by, of an entry of LiteLLM's."""
    out = {}
    for key, value in entry.items():
        if value is None:
            continue
        if key in FACTS:
            out[key] = value
        elif RATE.match(key) and isinstance(value, (int, Decimal)):
            out[key] = Decimal(value)
        elif key == "search_context_cost_per_query":
            medium = value.get("search_context_size_medium") if isinstance(value, dict) else value
            if medium is not None:
                out[key] = Decimal(medium)
        elif key == "web_search_billing_unit":
            out[key] = value
        elif key == "provider_specific_entry":
            factors = {k: Decimal(v) for k, v in value.items() if k in ("us", "eu", "fast") and not isinstance(v, str)}
            if factors:
                out[key] = factors
        elif key == "tiered_pricing" and all("range" in tier for tier in value):
            out[key] = [{k: decimals(v) for k, v in tier.items() if k == "range" or RATE.match(k)} for tier in value]
        elif key == "off_peak_pricing":
            out[key] = {k: decimals(v) for k, v in value.items()}
    return out


def decimals(value):
    return Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def litellm_table(path):
    raw = json.loads(path.read_text(), parse_float=Decimal)
    models = {name: entry for name, entry in raw.items() if name not in ("sample_spec", "fallback_generalizations")}
    return {name: kept(entry) for name, entry in models.items()}, {
        name: entry.get("source", "") for name, entry in models.items()
    }


# genai-prices


def rates(price, inclusive):
    """A genai price under LiteLLM's keys."""
    out = {}
    for name, value in sorted(vars(price).items()):
        if value is None or name not in GENAI_KEYS:
            continue
        key, per = GENAI_KEYS[name]
        out[key] = Decimal(getattr(value, "base", value)) / per
        for tier in getattr(value, "tiers", []):
            # xAI's tiers begin at their threshold, which is written as one token less.
            start = tier.start + 1 if inclusive and tier.start % 1000 == 999 else tier.start
            if start % 1000 == 0:
                out[f"{key}_above_{start // 1000}k_tokens"] = Decimal(tier.price) / per
    return out


def dated_rates(model, date, inclusive):
    """(today's rates, [(until, former rates)…]); None where prices go by the time of day."""
    prices = model.prices if isinstance(model.prices, list) else None
    if prices is None:
        return rates(model.prices, inclusive), []
    steps = []
    for conditional in prices:
        constraint = conditional.constraint
        if constraint is not None and not hasattr(constraint, "start_date"):
            return None, []
        start = constraint.start_date.isoformat() if constraint else ""
        if start <= date:
            steps.append((start, rates(conditional.prices, inclusive)))
    steps.sort(key=lambda step: step[0])
    if not steps:
        return None, []
    former = [(steps[i + 1][0], steps[i][1]) for i in range(len(steps) - 1) if steps[i][1]]
    return steps[-1][1], former


def same(a, b):
    return round_to(Decimal(a), 9) == round_to(Decimal(b), 9)


def merge(table, sources, date):
    """Adds what only genai-prices knows; returns the disagreements and the counts for the report."""
    names = {name.lower(): name for name in table}
    rows, counts = [], collections.Counter()
    for provider in sorted(genai.providers, key=lambda p: p.id):
        if provider.id not in PROVIDERS and provider.id not in COMPARED_ONLY:
            continue
        prefix, litellm_provider = PROVIDERS.get(provider.id) or COMPARED_ONLY[provider.id]
        for model in sorted(provider.models, key=lambda m: m.id):
            current, former = dated_rates(model, date, provider.id == "x-ai")
            if current is None or not current:
                continue
            key = next((names[k.lower()] for k in (prefix + model.id, model.id) if k.lower() in names), None)
            if key and not matches(table[key].get("litellm_provider", ""), litellm_provider):
                key = names.get((prefix + model.id).lower())
            if key is None:
                if provider.id in PROVIDERS:
                    entry = {"litellm_provider": litellm_provider, **current}
                    if model.context_window:
                        entry["max_input_tokens"] = model.context_window
                    if former:
                        entry["price_history"] = history(former)
                    table[prefix + model.id] = entry
                    names[(prefix + model.id).lower()] = prefix + model.id
                    counts["added"] += 1
                continue
            counts["in both"] += 1
            differing = compare(key, table[key], current, former, sources.get(key, ""), rows)
            counts["agree" if not differing else "differ"] += 1
            # Former prices of service tiers are known to nobody; Sources/Pricing leaves such calls unpriced.
            if former and not differing and not unknown_tiers(table[key], current):
                table[key]["price_history"] = history(former)
                counts["with history"] += 1
    return rows, counts


def matches(entry_provider, provider):
    return entry_provider == provider or entry_provider.startswith(provider + "_") or not entry_provider


def unknown_tiers(entry, current):
    """Prices of long prompts that genai-prices does not have: its former prices lack them too, and would be wrong."""
    return any("k_tokens" in key and re.sub(f"{TIERS}$", "", key) not in current for key in entry)


def history(former):
    return [{"until": until, **past} for until, past in former]


def compare(name, entry, current, former, source, rows):
    """Appends a row for each rate that differs, and takes the newer price where the dates tell which it is."""
    differing = [
        key for key in COMPARED if key in entry and key in current and not same(entry[key], current[key])
    ]
    if not differing:
        return []
    ended = next(
        (
            until
            for until, past in former
            if all(key in past and same(entry[key], past[key]) for key in COMPARED if key in entry and key in current)
        ),
        None,
    )
    plain = not any("_above_" in key or key.endswith(("_flex", "_priority", "_batches")) for key in entry)
    takes_genai = ended is not None and plain and "tiered_pricing" not in entry
    for key in differing:
        if takes_genai:
            why = f"litellm's is the price that ended on {ended}"
        elif ended:
            why = f"litellm's ended on {ended}, but its tiers and batch prices would no longer fit together"
        else:
            why = "names its source" if source else "one whole price list is not mixed with another"
        rows.append((name, key, entry[key], current[key], "genai-prices" if takes_genai else "litellm", why))
    if takes_genai:
        entry.update({key: current[key] for key in COMPARED if key in current})
        entry["price_history"] = history(former)
        return []
    return differing


# output


def render(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{render(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(render(item) for item in value) + "]"
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number(value)
    return json.dumps(value)


def write_table(table, about):
    lines = [f'"_table":{render(about)}'] + [f"{json.dumps(name)}:{render(table[name])}" for name in sorted(table)]
    (HERE / "prices.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def write_report(table, rows, counts, about):
    providers = collections.Counter(entry.get("litellm_provider", "") for entry in table.values())
    priced = sum(any(RATE.match(key) or key == "tiered_pricing" for key in entry) for entry in table.values())
    out = [
        "# The price table that ships",
        "",
        f"Made by `build_table.py` on {about['date']} from the tables of litellm {about['litellm']} and genai-prices "
        f"{about['genai_prices']} (both on PyPI, both under the MIT licence). Do not edit `prices.json` by hand.",
        "",
        f"- {len(table)} models of {len(providers)} providers, {priced} of them with a price.",
        f"- {counts['added']} models are from genai-prices alone; {counts['in both']} are in both tables: "
        f"{counts['agree']} agree on what input, output, cached and cache-written tokens cost, {counts['differ']} do not.",
        f"- {sum('price_history' in entry for entry in table.values())} models have former prices with the day they ended: a call is priced "
        "at its own time.",
        "- Left out: prices in units other than US dollars, prices that depend on what events do not say (resolution, "
        "quality and size of images, pixels), and everything that is no price.",
        "",
        "## Where the two disagree",
        "",
        "Dollars per million tokens. Where the dates of genai-prices show that litellm's price has ended, and litellm "
        "has that one list of prices only, genai-prices' is taken; else litellm's whole entry stands, so that the "
        "prices of one model fit together.",
        "",
        "| model | rate | litellm | genai-prices | taken | why |",
        "|---|---|---|---|---|---|",
    ]
    for name, key, ours, theirs, taken, why in sorted(rows, key=lambda row: row[:2]):
        out.append(
            f"| `{name}` | `{key}` | {number(ours * MILLION)} | {number(theirs * MILLION)} | {taken} | {why} |"
        )
    out += ["", "## Models by provider", "", "| provider | models |", "|---|---|"]
    out += [f"| {name or '(none)'} | {count} |" for name, count in sorted(providers.items())]
    (HERE / "PRICES.md").write_text("\n".join(out) + "\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--date", required=True, help="the day the table is made for, YYYY-MM-DD")
    date = arguments.parse_args().date
    # Found without importing it, which takes seconds.
    package = pathlib.Path(importlib.util.find_spec("litellm").origin).parent
    table, sources = litellm_table(package / "model_prices_and_context_window_backup.json")
    rows, counts = merge(table, sources, date)
    about = {
        "date": date,
        "litellm": importlib.metadata.version("litellm"),
        "genai_prices": importlib.metadata.version("genai-prices"),
    }
    write_table(table, about)
    write_report(table, rows, counts, about)
    print(f"{len(table)} models, {len(rows)} differing rates, {dict(counts)}")


if __name__ == "__main__":
    main()
