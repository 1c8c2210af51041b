"""What bursts of which size lose at which receive buffer, measured: the table in the documentation.

A burst is sent as fast as one core sends, after a second of rest; then the next. Nothing is lost while a burst fits
into the buffer, whatever the reader does; beyond that it is the reader's speed that counts.
"""

import time

from processes import Daemon, Drain

BUFFERS = [208 << 10, 512 << 10, 1 << 20, 4 << 20]
BURSTS = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]


def lost_of_burst(make, loadgen, size, repeats):
    """The largest part of a burst that was lost, of several."""
    receiver = make()
    worst = 0.0
    with receiver:
        sent = received = 0
        if isinstance(receiver, Daemon):
            # The first events of a label set make its record, which is no part of a burst's price.
            sent = loadgen.send(receiver.unix, count=5_000)["events"]
            received, _ = receiver.wait_for_events(sent)
        for repeat in range(repeats):
            time.sleep(1)
            report = loadgen.send(receiver.udp, count=size, seed=repeat + 1)
            sent += report["datagrams"]
            if isinstance(receiver, Daemon):
                now = receiver.wait_for_events(sent)[0]
                worst = max(worst, 1 - (now - received) / report["datagrams"])
                received = now
        if not isinstance(receiver, Daemon):
            time.sleep(0.2)
            received, _ = receiver.finish()
            worst = 1 - received / sent
    return worst


def table(drain, exporter, loadgen, repeats=3):
    rows = []
    for buffer in BUFFERS:
        row = {"buffer_bytes": buffer, "plain": [], "daemon": []}
        for size in BURSTS:
            row["plain"].append(lost_of_burst(lambda: Drain(drain, 0, buffer), loadgen, size, repeats))
            if exporter:
                make = lambda: Daemon(exporter, f"--events.receive-buffer={buffer}")
                row["daemon"].append(lost_of_burst(make, loadgen, size, repeats))
        rows.append(row)
    return rows


def markdown(rows):
    head = "| receive buffer | reader | " + " | ".join(f"{size:,}" for size in BURSTS) + " |"
    lines = [head, "|---|---|" + "--:|" * len(BURSTS)]
    for row in rows:
        for reader in ("plain", "daemon"):
            if row[reader]:
                cells = " | ".join("0" if lost <= 0 else f"{lost:.1%}" for lost in row[reader])
                name = "C loop" if reader == "plain" else "llm-exporter"
                lines.append(f"| {row['buffer_bytes'] >> 10} KiB | {name} | {cells} |")
    return "\n".join(lines)
