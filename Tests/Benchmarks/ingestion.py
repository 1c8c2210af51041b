"""What an event costs on its way in, next to a C loop that throws it away."""

import json
import signal
import statistics
import time

from processes import Daemon, Drain, processor_seconds, quiet

BATCH = 8
HIGHEST_RATE_STEPS = 10
SCRAPE_PAUSE_SECONDS = 0.2


def cost_of_load(receiver, loadgen, to, **load):
    """(processor seconds of the receiver, the generator's report) for one load."""
    quiet()
    before = processor_seconds(receiver.pid)
    report = loadgen.send(to, **load)
    quiet()
    return processor_seconds(receiver.pid) - before, report


def one_udp_run(make, loadgen, rate, duration, batch=1):
    """A fresh receiver under one load: microseconds of processor per event, events per second, loss."""
    receiver = make()
    with receiver:
        if isinstance(receiver, Daemon):
            # The first calls of each label set make its record: that is not the steady state.
            warm = loadgen.send(receiver.udp, rate=20_000, count=20_000)["events"]
            receiver.wait_for_events(warm)
        seconds, report = cost_of_load(receiver, loadgen, receiver.udp, rate=rate, duration=duration, batch=batch)
        if isinstance(receiver, Daemon):
            received, dropped = receiver.counts()
            lost = warm + report["events"] - received
        else:
            received, dropped = receiver.finish()
            lost = report["datagrams"] - received
    return {
        "us_per_event": seconds * 1e6 / report["events"],
        "rate": report["events_per_second"],
        "lost": lost,
        "dropped_by_kernel": dropped,
    }


def highest_rate_run(make, loadgen, duration, batch=1):
    """As fast as the generator goes, and slower until nothing is lost."""
    rate = 0
    for _ in range(HIGHEST_RATE_STEPS):
        run = one_udp_run(make, loadgen, rate, duration, batch)
        if run["lost"] == 0:
            return run
        rate = run["rate"] * 0.9
    return run


def alternate(kinds, rounds, run):
    """Runs each kind in turn, so that what else the machine does falls on all. {name: [runs]}"""
    results = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, make in kinds.items():
            results[name].append(run(make))
    return results


def median(runs, key="us_per_event"):
    return statistics.median(run[key] for run in runs)


def ratio(results, name, baseline):
    """The median over rounds of the ratio within a round."""
    pairs = zip(results[name], results[baseline])
    return statistics.median(a["us_per_event"] / b["us_per_event"] for a, b in pairs)


def udp(drain, exporter, loadgen, rounds, duration):
    """One event per datagram, at the highest rate without loss and at 10,000 a second; and eight per datagram."""
    fast = alternate(
        {
            "plain": lambda: Drain(drain),
            "paused": lambda: Drain(drain, 200),
            "daemon": lambda: Daemon(exporter),
        },
        rounds,
        lambda make: highest_rate_run(make, loadgen, duration),
    )
    slow = alternate(
        {"plain": lambda: Drain(drain), "paused": lambda: Drain(drain, 1000), "daemon": lambda: Daemon(exporter)},
        rounds,
        lambda make: one_udp_run(make, loadgen, 10_000, duration),
    )
    batched = alternate(
        {"daemon": lambda: Daemon(exporter)}, rounds, lambda make: highest_rate_run(make, loadgen, duration, BATCH))
    fast["batched"] = batched["daemon"]
    return {"fast": fast, "slow": slow}


def stream(exporter, loadgen, rounds, count):
    """As fast as one client writes 250-byte lines."""
    runs = []
    for _ in range(rounds):
        with Daemon(exporter) as daemon:
            warm = loadgen.send(daemon.unix, count=20_000)["events"]
            daemon.wait_for_events(warm)
            quiet()
            before = processor_seconds(daemon.pid)
            report = loadgen.send(daemon.unix, count=count)
            seconds = settled_processor_seconds(daemon.pid) - before
            received, _ = daemon.counts()
            runs.append({
                "us_per_event": seconds * 1e6 / report["events"],
                "rate": report["events_per_second"],
                "lost": warm + report["events"] - received,
            })
    return runs


def during_scrapes(exporter, loadgen, rate, duration, records):
    """Half of the highest rate while /metrics is read five times a second, much more often than any Prometheus
    does: nothing may be lost."""
    with Daemon(exporter) as daemon:
        sent = fill(daemon, loadgen, records)
        load = loadgen.start(daemon.udp, rate=rate, series=records)
        scrapes = 0
        end = time.monotonic() + duration
        while time.monotonic() < end:
            daemon.scrape(gzip=scrapes % 2 == 1)
            scrapes += 1
            time.sleep(SCRAPE_PAUSE_SECONDS)
        load.send_signal(signal.SIGTERM)
        report = json.loads(load.communicate(timeout=10)[0])
        received, dropped = daemon.wait_for_events(sent + report["events"])
        return {
            "rate": report["events_per_second"], "scrapes": scrapes, "lost": sent + report["events"] - received,
            "dropped_by_kernel": dropped,
        }


def fill(daemon, loadgen, records):
    """Makes so many records; returns the events that it took. By the stream, which loses nothing."""
    sent = loadgen.send(daemon.unix, count=max(4 * records, 10_000), series=records)["events"]
    daemon.wait_for_events(sent)
    return sent


def cost_by_records(exporter, loadgen, rounds, counts, events):
    """What an event costs when so many label sets take turns, over the stream where the kernel's part is smallest."""
    rows = []
    for records in counts:
        runs = []
        for _ in range(rounds):
            with Daemon(exporter) as daemon:
                sent = fill(daemon, loadgen, records)
                lines = sum(1 for line in daemon.scrape().splitlines() if not line.startswith(b"#"))
                quiet()
                before = processor_seconds(daemon.pid)
                report = loadgen.send(daemon.unix, count=events, series=records)
                # Wait by processor time: a scrape of many series would be charged to the events.
                seconds = settled_processor_seconds(daemon.pid) - before
                runs.append(seconds * 1e6 / report["events"])
                received, _ = daemon.counts()
                if received != sent + report["events"]:
                    raise RuntimeError(f"{sent + report['events'] - received} events lost on a stream")
        rows.append({"records": records, "series": lines, "us_per_event": statistics.median(runs)})
    return rows


def settled_processor_seconds(pid):
    """Its processor time once it has come to rest."""
    latest = processor_seconds(pid)
    while True:
        quiet()
        now = processor_seconds(pid)
        if now - latest < 0.002:
            return latest
        latest = now
