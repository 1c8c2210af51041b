"""send and prices."""

import json
import socket
import subprocess

import pytest
from daemon import TRANSPORTS, Daemon, binary, wait_until


def run(*arguments, stdin=""):
    return subprocess.run([binary(), *arguments], input=stdin, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def running():
    with Daemon() as daemon:
        yield daemon


def destination(daemon, transport):
    host, port = daemon.udp_address
    return {"udp": f"udp:{host}:{port}", "unixgram": f"unixgram:{daemon.unixgram}", "unix": f"unix:{daemon.unix}"}[
        transport]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_event_of_flags(running, transport):
    application = f"flags-{transport}"
    done = run(
        "send", "--to", destination(running, transport), "--model=gpt-4o", "--input-tokens=100", "--output-tokens=10",
        "--latency-ms=1500", f"--application={application}", "--field", "attempt=2", "--field", 'labels={"a":"b"}')
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"sent 1 of 1 events to {destination(running, transport)}\n"
    running.wait_for_events(1)
    assert running.value("llm_requests_total", application=application) == 1
    assert running.value("llm_tokens_total", application=application, token_type="input") == 100
    assert running.value("llm_retries_total", application=application) == 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_lines_from_standard_input(running, transport):
    application = f"lines-{transport}"
    event = json.dumps({"model": "gpt-4o", "application": application})
    done = run("send", "--to", destination(running, transport), stdin=f"{event}\n\n{event}\n" * 100)
    assert done.stdout.startswith("sent 200 of 200 events")
    wait_until(lambda: running.value("llm_requests_total", application=application) == 200, "200 calls")


def test_a_file_goes_whole_over_a_socket_with_a_short_queue(running):
    before = running.value("llm_exporter_events_received_total")
    event = '{"model": "gpt-4o", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}'
    done = run("send", "--to", destination(running, "unixgram"), stdin=f"{event}\n" * 20_000)
    assert (done.returncode, done.stdout.split(" events")[0]) == (0, "sent 20000 of 20000")
    running.wait_for_events(before + 20_000)


def test_events_are_sent_as_they_come(running):
    before = running.value("llm_exporter_events_received_total")
    with subprocess.Popen([binary(), "send", "--to", destination(running, "unix")], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as sender:
        for count in (1, 2):
            sender.stdin.write(b'{"model": "gpt-4o"}\n')
            sender.stdin.flush()
            running.wait_for_events(before + count)
        out, _ = sender.communicate(timeout=20)
    assert out.startswith(b"sent 2 of 2 events")


def test_what_could_not_be_sent_is_said(tmp_path):
    done = run("send", "--to", f"unix:{tmp_path}/nobody", "--model=gpt-4o")
    assert done.returncode == 1
    assert done.stdout == f"sent 0 of 1 events to unix:{tmp_path}/nobody\n"
    assert "cannot connect" in done.stderr
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = run("send", "--to", f"udp:127.0.0.1:{port}", "--model=gpt-4o")
    assert done.returncode == 1 and "Connection refused" in done.stderr


def test_a_destination_that_is_none_is_named():
    done = run("send", "--to", "tcp:127.0.0.1:1", "--model=gpt-4o")
    assert done.returncode != 0 and "--to" in done.stderr


def test_prices_list():
    done = run("prices", "list", "gpt-4o-mini")
    assert done.returncode == 0
    [line] = [line for line in done.stdout.splitlines() if line.startswith("gpt-4o-mini\t")]
    assert "input $0.15" in line and "output $0.6" in line


def test_prices_lookup_says_which_entry_and_why():
    done = run("prices", "lookup", "gpt-4o", "--provider", "openai")
    assert done.returncode == 0
    assert "priced by gpt-4o" in done.stdout and "input_cost_per_token" in done.stdout
    done = run("prices", "lookup", "no-such-model-at-all")
    assert done.returncode == 1 and "no entry: unpriced" in done.stdout


def test_prices_price_shows_each_step():
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}}
    done = run("prices", "price", "--model", "gpt-4o", stdin=json.dumps(usage, indent=1))
    assert done.returncode == 0, done.stderr
    for text in ("600 × $0.0000025 = $0.0015", "400 × $0.00000125 = $0.0005", "100 × $0.00001 = $0.001", "$0.003"):
        assert text in done.stdout
    whole = run("prices", "price", stdin=json.dumps({"model": "gpt-4o", "usage": usage}))
    assert whole.stdout == done.stdout


def test_prices_price_says_what_is_wrong_with_its_input():
    done = run("prices", "price", stdin="{")
    assert done.returncode != 0 and "invalid_json" in done.stderr


def test_prices_validate(tmp_path):
    good = tmp_path / "good.json"
    good.write_text(json.dumps({"m": {"input_cost_per_token": 1e-6, "litellm_provider": "openai", "mode": "chat"}}))
    done = run("prices", "validate", good)
    assert done.returncode == 0 and "1 models, 1 of them with prices" in done.stdout
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    done = run("prices", "validate", bad)
    assert done.returncode == 1 and "byte 1" in done.stdout
