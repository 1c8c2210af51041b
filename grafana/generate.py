#!/usr/bin/env python3
"""Writes the dashboards' JSON from grafana/source; with --check says whether what is committed is up to date."""
import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from source import cost, errors, exporter, latency, overview, quality  # noqa: E402

DASHBOARDS = [module.DASHBOARD for module in (overview, cost, latency, errors, quality, exporter)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if a file is out of date")
    check = parser.parse_args().check
    stale = 0
    for dashboard in DASHBOARDS:
        path = HERE / "dashboards" / f"{dashboard['uid']}.json"
        text = json.dumps(dashboard, indent=2, ensure_ascii=False) + "\n"
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if check:
            print(f"{path} is out of date: run grafana/generate.py")
        else:
            path.write_text(text)
            print(f"wrote {path}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
