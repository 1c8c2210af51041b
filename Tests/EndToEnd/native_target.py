"""A scrape target with histograms made for the purpose, as native ones in protobuf or as classic ones in text: to try what
reads histograms before the daemon itself speaks protobuf."""
import http.server
import math
import struct
import threading

SCHEMA = 3  # 8 buckets for each doubling, each 9% wide


def varint(number):
    out = bytearray()
    while True:
        byte, number = number & 0x7F, number >> 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def field(number, wire, payload):
    return varint(number << 3 | wire) + payload


def message(number, payload):
    return field(number, 2, varint(len(payload)) + payload)


def text(number, value):
    return message(number, value.encode())


def double(number, value):
    return field(number, 1, struct.pack("<d", value))


class Histogram:
    def __init__(self, bounds):
        self.bounds, self.counts, self.native, self.sum = bounds, [0] * (len(bounds) + 1), {}, 0.0

    def observe(self, value, times=1):
        self.counts[next((i for i, bound in enumerate(self.bounds) if value <= bound), len(self.bounds))] += times
        # Bucket i holds what is above 2^((i-1)/8) and at most 2^(i/8).
        index = math.ceil(math.log2(value) * 2**SCHEMA - 1e-9)
        self.native[index] = self.native.get(index, 0) + times
        self.sum += value * times

    @property
    def count(self):
        return sum(self.counts)

    def protobuf(self):
        spans, deltas, last_index, last_count = b"", b"", None, 0
        for index in sorted(self.native):
            # A span each: how far it is from the end of the one before, and that it is one bucket long.
            offset = index if last_index is None else index - last_index - 1
            spans += message(12, field(1, 0, zigzag(offset)) + field(2, 0, varint(1)))
            deltas += field(13, 0, zigzag(self.native[index] - last_count))
            last_index, last_count = index, self.native[index]
        return (field(1, 0, varint(self.count)) + double(2, self.sum) + field(5, 0, zigzag(SCHEMA)) + double(6, 1e-9)
                + field(7, 0, varint(0)) + spans + deltas)


class Target:
    """`histograms` and `counters`: {(name, ((label, value), …)): Histogram or number}."""

    def __init__(self):
        self.histograms, self.counters = {}, {}
        self.lock = threading.Lock()
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                native = "application/vnd.google.protobuf" in self.headers.get("Accept", "")
                with target.lock:
                    body = target.protobuf() if native else target.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                                 "encoding=delimited" if native else "text/plain; version=0.0.4; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def count(self, name, by, labels):
        key = name, tuple(labels.items())
        self.counters[key] = self.counters.get(key, 0) + by

    def observe(self, name, bounds, value, times, labels):
        self.histograms.setdefault((name, tuple(labels.items())), Histogram(bounds)).observe(value, times)

    def protobuf(self):
        def family(name, kind, metrics):
            body = text(1, name) + field(3, 0, varint(kind)) + b"".join(message(4, metric) for metric in metrics)
            return varint(len(body)) + body

        def labelled(labels):
            return b"".join(message(1, text(1, name) + text(2, value)) for name, value in labels)
        out = b""
        for name in dict.fromkeys(name for name, _ in self.counters):
            out += family(name, 0, [labelled(labels) + message(3, double(1, value))
                                    for (of, labels), value in self.counters.items() if of == name])
        for name in dict.fromkeys(name for name, _ in self.histograms):
            out += family(name, 4, [labelled(labels) + message(7, histogram.protobuf())
                                    for (of, labels), histogram in self.histograms.items() if of == name])
        return out

    def text(self):
        def line(name, labels, value):
            return name + "{" + ",".join('%s="%s"' % pair for pair in labels) + "} " + str(value) + "\n"
        out = ""
        for name in dict.fromkeys(name for name, _ in self.counters):
            out += f"# TYPE {name} counter\n"
            out += "".join(line(name, labels, value) for (of, labels), value in self.counters.items() if of == name)
        for name in dict.fromkeys(name for name, _ in self.histograms):
            out += f"# TYPE {name} histogram\n"
            for (of, labels), histogram in self.histograms.items():
                if of == name:
                    below = 0
                    for bound, count in zip([*histogram.bounds, "+Inf"], histogram.counts):
                        below += count
                        out += line(name + "_bucket", (*labels, ("le", str(bound))), below)
                    out += line(name + "_sum", labels, histogram.sum) + line(name + "_count", labels, histogram.count)
        return out

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
