#!/usr/bin/env python3
"""Measures llm-exporter beside C loops that do nothing, in one run, and prints the ratios against their targets.

    bench.py [--exporter PATH] [--loadgen PATH] [--static-server COMMAND] [--rounds 5] [--only udp,stream,…]

Absolute figures are of this machine and this hour; ratios travel. Rounds alternate between the contestants, and a
figure is the median of its rounds. Results go to --out as results.json, series.csv and series.svg.
"""

import argparse
import json
from pathlib import Path

import bursts
import chart
import ingestion
import memory
import scrapes
from processes import LoadGenerator, build_drain, machine

ROOT = Path(__file__).resolve().parents[2]
PARTS = ["udp", "stream", "series", "scrape", "load", "memory", "bursts"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exporter", type=Path, default=ROOT / ".build/release/llm-exporter")
    parser.add_argument("--loadgen", type=Path, default=ROOT / ".build/release/llm-loadgen")
    parser.add_argument("--static-server", help="command that is given a file and a port, and serves it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="length of one load")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run: " + ", ".join(PARTS))
    parser.add_argument("--out", type=Path, default=ROOT / ".build/bench")
    return parser.parse_args()


class Report:
    """Lines of 'what, measured, target, verdict', and the numbers behind them."""

    def __init__(self):
        self.lines, self.numbers = [], {"machine": machine()}

    def compare(self, what, value, target, unit=""):
        verdict = "ok" if value <= target else f"missed by {value / target - 1:.0%}" if target else "missed"
        self.lines.append((what, f"{value:.3g}{unit}", f"≤ {target:g}{unit}", verdict))
        print(f"  {what}: {value:.3g}{unit} (target ≤ {target:g}{unit}): {verdict}", flush=True)

    def tell(self, what, value):
        self.lines.append((what, value, "", ""))
        print(f"  {what}: {value}", flush=True)

    def markdown(self):
        rows = ["| what | measured | target | |", "|---|--:|--:|---|"]
        return "\n".join(rows + [f"| {a} | {b} | {c} | {d} |" for a, b, c, d in self.lines])


def run_udp(options, tools, report):
    result = ingestion.udp(tools.drain, options.exporter, tools.loadgen, options.rounds, options.seconds)
    report.numbers["udp"] = result
    fast, slow = result["fast"], result["slow"]
    for name, runs in fast.items():
        report.tell(
            f"UDP, {name}: µs of processor per event, events/s, lost",
            f"{ingestion.median(runs):.3f}, {ingestion.median(runs, 'rate'):,.0f}, {sum(r['lost'] for r in runs)}")
    report.compare("UDP at the highest rate, to the plain loop", ingestion.ratio(fast, "daemon", "plain"), 0.9)
    report.compare("UDP at the highest rate, to the loop with a pause", ingestion.ratio(fast, "daemon", "paused"), 1.7)
    report.compare("8 events per datagram, to the plain loop", ingestion.ratio(fast, "batched", "plain"), 0.35)
    for name, runs in slow.items():
        report.tell(f"UDP at 10,000/s, {name}: µs of processor per event", f"{ingestion.median(runs):.2f}")
    report.compare("UDP at 10,000/s, to the plain loop", ingestion.ratio(slow, "daemon", "plain"), 0.6)
    report.compare("UDP at 10,000/s, events lost", sum(r["lost"] for r in slow["daemon"]), 0)


def run_stream(options, tools, report):
    kinds = {"plain": lambda: ingestion.Drain(tools.drain)}
    plain = ingestion.alternate(
        kinds, options.rounds, lambda make: ingestion.highest_rate_run(make, tools.loadgen, options.seconds))["plain"]
    runs = ingestion.stream(options.exporter, tools.loadgen, options.rounds, 3_000_000)
    report.numbers["stream"] = {"plain": plain, "stream": runs}
    report.tell("stream: µs of processor per event", f"{ingestion.median(runs):.3f}")
    report.tell("stream: events per second and core", f"{1e6 / ingestion.median(runs):,.0f}")
    report.compare("stream, to the plain UDP loop", ingestion.median(runs) / ingestion.median(plain), 0.35)
    report.compare("stream, events lost", sum(r["lost"] for r in runs), 0)


def run_series(options, tools, report):
    counts = [1, 10, 100, 300, 1_000, 3_000, 10_000]
    rows = ingestion.cost_by_records(options.exporter, tools.loadgen, min(options.rounds, 3), counts, 500_000)
    report.numbers["series"] = rows
    header = "records,series,us_per_event"
    lines = [f"{row['records']},{row['series']},{row['us_per_event']:.4f}" for row in rows]
    (options.out / "series.csv").write_text("\n".join([header, *lines, ""]))
    points = [(row["series"], row["us_per_event"]) for row in rows]
    (options.out / "series.svg").write_text(
        chart.line_chart(points, "Cost of an event", "exposed series", "µs of processor per event"))
    for row in rows:
        report.tell(f"{row['series']:,} series: µs of processor per event", f"{row['us_per_event']:.3f}")


def run_scrape(options, tools, report):
    result = scrapes.scrapes(
        options.exporter, tools.loadgen, options.rounds, options.static_server, options.out)
    report.numbers["scrape"] = result
    size = f"{result['series']:,} series, {result['bytes'] / 1e6:.1f} MB"
    for name, seconds in result["seconds"].items():
        report.tell(f"scrape of {size}, {name}", f"{seconds * 1e3:.1f} ms")
    if "plain_to_static" in result:
        report.compare("plain scrape, to the static file", result["plain_to_static"], 4)
        report.compare("gzip scrape, to static file and zlib", result["gzip_to_static_and_zlib"], 2)


def run_load(options, tools, report):
    top = ingestion.highest_rate_run(
        lambda: ingestion.Daemon(options.exporter), tools.loadgen, options.seconds)["rate"]
    result = ingestion.during_scrapes(options.exporter, tools.loadgen, top / 2, 3 * options.seconds, 1_000)
    report.numbers["load"] = result
    what = f"lost at {result['rate']:,.0f} events/s beside {result['scrapes']} scrapes"
    report.compare(what, result["lost"], 0)


def run_memory(options, tools, report):
    rest = memory.at_rest(options.exporter, options.rounds)
    series = memory.per_series(options.exporter, tools.loadgen, rest["resident_bytes"])
    growth = memory.growth(options.exporter, tools.loadgen, 1_000, 10_000_000)
    report.numbers["memory"] = {"rest": rest, "series": series, "growth": growth}
    report.compare("resident at rest", rest["resident_bytes"] / 1e6, 16, " MB")
    report.compare("start to first scrape", rest["start_to_first_scrape_seconds"] * 1e3, 20, " ms")
    report.compare("resident per exposed series", series["bytes_per_series"], 64, " bytes")
    report.tell("resident before, after 1,000 scrapes, after 10 million events", " → ".join(
        f"{growth[key] / 1e6:.1f} MB" for key in ("before_bytes", "after_scrapes_bytes", "after_events_bytes")))


def run_bursts(options, tools, report):
    rows = bursts.table(tools.drain, options.exporter if options.exporter.exists() else None, tools.loadgen)
    report.numbers["bursts"] = rows
    text = bursts.markdown(rows)
    (options.out / "bursts.md").write_text(text + "\n")
    print(text)


class Tools:
    def __init__(self, options):
        self.drain = build_drain(options.out)
        self.loadgen = LoadGenerator(options.loadgen)


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    tools, report = Tools(options), Report()
    load = report.numbers["machine"]["load_average"]
    if load > 0.5:
        print(f"warning: other processes run (load average {load:.1f}): do not trust the figures", flush=True)
    for part in options.only.split(","):
        print(part, flush=True)
        globals()[f"run_{part}"](options, tools, report)
    (options.out / "results.json").write_text(json.dumps(report.numbers, indent=1))
    print("\n" + report.markdown())


if __name__ == "__main__":
    main()
