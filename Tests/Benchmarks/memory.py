"""Resident memory at rest, per series, and whether it grows; and the time from start to the first scrape."""

import statistics
import time

from ingestion import fill
from processes import Daemon, resident_bytes
from scrapes import SERIES, filled


def at_rest(exporter, rounds):
    sizes, starts = [], []
    for _ in range(rounds):
        with Daemon(exporter) as daemon:
            starts.append(daemon.first_scrape_seconds)
            time.sleep(0.3)
            sizes.append(resident_bytes(daemon.pid))
    return {"resident_bytes": statistics.median(sizes), "start_to_first_scrape_seconds": statistics.median(starts)}


def per_series(exporter, loadgen, rest_bytes):
    """Resident bytes of 100,000 series, after they were scraped once in each way."""
    with Daemon(exporter) as daemon:
        records, series = filled(daemon, loadgen, SERIES)
        daemon.scrape(gzip=True)
        time.sleep(0.5)
        size = resident_bytes(daemon.pid)
    return {
        "records": records, "series": series, "resident_bytes": size,
        "bytes_per_series": (size - rest_bytes) / series,
    }


def growth(exporter, loadgen, scrapes, events):
    """Resident bytes before and after many scrapes, and before and after many events."""
    with Daemon(exporter) as daemon:
        fill(daemon, loadgen, 200)
        for turn in range(20):
            daemon.scrape(gzip=turn % 2 == 1)
        before = resident_bytes(daemon.pid)
        for turn in range(scrapes):
            daemon.scrape(gzip=turn % 2 == 1)
        after_scrapes = resident_bytes(daemon.pid)
        sent = loadgen.send(daemon.unix, count=events, series=200)["events"]
        daemon.wait_for_events(sent)
        after_events = resident_bytes(daemon.pid)
    return {
        "scrapes": scrapes, "events": events, "before_bytes": before, "after_scrapes_bytes": after_scrapes,
        "after_events_bytes": after_events,
    }
