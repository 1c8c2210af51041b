"""The call log of a running daemon: what its clients sent is what `report` and the other commands find in its file."""

import concurrent.futures
import csv
import io
import json
import random
import sqlite3
import subprocess
import time
import urllib.parse

import pytest

from daemon import Daemon, binary, wait_until

FILE = "llm-exporter.db"
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100}
# By the shipped table: 1000 × $2.50 and 100 × $10 a million tokens.
COST_OF_GPT_4O = 0.0035


def call(**more):
    return {"model": "gpt-4o", "application": "shop", "usage": USAGE, "latency_ms": 800, **more}


CALLS = [
    *[call(id=f"fast-{number}", user="ada@example.com") for number in range(7)],
    call(id="slow-1", user="bob", latency_ms=12_000, application="search"),
    call(id="failed-1", user="bob", error_type="rate_limit", usage=None, trace_id="chain", attempt=1),
    call(id="retried-1", user="bob", trace_id="chain", attempt=2, session="s"),
]


def command(daemon, *arguments, check=True, **options):
    done = subprocess.run(
        [binary(), *arguments, f"--storage.path={daemon.storage}"], capture_output=True, text=True, timeout=60,
        env=options.pop("env", None), **options)
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def report(daemon, name, *arguments):
    """The rows of the first table."""
    return list(csv.DictReader(io.StringIO(command(daemon, "report", name, *arguments, "--format=csv"))))


def rows(daemon, sql="SELECT count(*) FROM calls"):
    with sqlite3.connect(f"file:{daemon.storage / FILE}?mode=ro", uri=True) as file:
        return file.execute(sql).fetchone()[0]


def wait_for_rows(daemon, count):
    wait_until(lambda: rows(daemon) == count, f"{count} rows")


@pytest.fixture(scope="module")
def logging():
    """A daemon with CALLS in its log."""
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(*CALLS, {"event": "feedback", "id": "slow-1", "rating": "negative"})
        wait_for_rows(daemon, len(CALLS))
        yield daemon


def test_cost_agrees_with_the_counters(logging):
    [row] = report(logging, "cost")
    assert row["model"] == "gpt-4o" and int(row["calls"]) == len(CALLS)
    assert float(row["cost_dollars"]) == pytest.approx(9 * COST_OF_GPT_4O)
    assert float(row["cost_dollars"]) == pytest.approx(logging.value("llm_cost_dollars_total"))
    assert logging.value("llm_exporter_call_log_dropped_total") == 0


def test_a_log_that_is_younger_than_the_question_is_counted_to_the_call(logging):
    assert json.loads(command(logging, "report", "cost", "--since=7d", "--format=json"))["notes"] == []


def test_errors_name_their_type(logging):
    [row] = report(logging, "errors")
    assert int(row["rate_limit"]) == 1, row


def test_slow_begins_with_the_slowest(logging):
    first = report(logging, "slow")[0]
    assert first["call_id"] == "slow-1" and float(first["latency_seconds"]) == 12, first


def test_trace_shows_the_calls_of_a_chain(logging):
    chain = report(logging, "trace", "chain")
    assert [row["call_id"] for row in chain] == ["failed-1", "retried-1"], chain
    assert [row["status"] for row in chain] == ["rate_limit", "success"], chain


@pytest.mark.parametrize("name", [
    "cost", "usage", "errors", "latency", "users", "slow", "anomalies", "prompts", "conversations", "quality", "models",
    "summary", "compare"])
def test_every_report_answers(logging, name):
    answer = json.loads(command(logging, "report", name, "--format=json"))
    assert answer["report"] == name, answer


def test_export_is_imported_as_it_was_and_replayed(logging):
    exported = command(logging, "export")
    assert len(exported.splitlines()) == len(CALLS) + 1, "with the feedback"
    with Daemon("--storage.commit-interval=50ms") as other:
        wait_until(lambda: (other.storage / FILE).exists() and rows(other, "PRAGMA user_version") >= 2, "the file")
        assert command(other, "import", input=exported).startswith(f"{len(CALLS)} new calls, 0 known ones, 1 new judg")
        assert command(other, "import", input=exported).startswith("0 new calls")
        table = command(logging, "export", "--format=csv")
        assert command(other, "import", input=table).startswith(f"0 new calls, {len(CALLS)} known ones")
        assert command(other, "export") == exported
        assert report(other, "cost") == report(logging, "cost")
        assert report(other, "quality") == report(logging, "quality")
    with Daemon("--storage.commit-interval=50ms") as other:
        done = command(logging, "replay", "--speed=0", f"--to=unix:{other.unix}")
        assert done.startswith(f"sent {len(CALLS)} calls")
        wait_until(lambda: other.value("llm_requests_total") == len(CALLS), "the replayed calls")
        assert other.value("llm_cost_dollars_total") == pytest.approx(logging.value("llm_cost_dollars_total"))
        wait_for_rows(other, len(CALLS))
        assert report(other, "cost") == report(logging, "cost")


def test_a_backup_of_a_running_daemons_file_is_read(logging, tmp_path):
    copy = tmp_path / "copy.db"
    with sqlite3.connect(logging.storage / FILE) as live, sqlite3.connect(copy) as target:
        live.backup(target)
    done = subprocess.run(
        [binary(), "report", "cost", f"--file={copy}", "--format=csv"], capture_output=True, text=True, timeout=60)
    assert list(csv.DictReader(io.StringIO(done.stdout))) == report(logging, "cost"), done.stderr


def test_a_plain_user_id_is_forgotten_where_hashes_are_stored():
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(*CALLS, {"event": "feedback", "id": "slow-1", "user": "ada@example.com", "rating": "negative"})
        wait_for_rows(daemon, len(CALLS))
        stored = {row["user"] for row in report(daemon, "cost", "--by=user")}
        assert stored and not stored & {"ada@example.com", "bob"}, "users are stored as hashes"
        assert "deleted 0 calls" in command(daemon, "forget", "--user=nobody")
        assert "deleted 7 calls, 1 judgements, 0 texts, 1 hourly sums" in command(
            daemon, "forget", "--user=ada@example.com")
        assert len(report(daemon, "cost", "--by=user")) == 1
        [bob] = {row["user"] for row in report(daemon, "cost", "--by=user")}
        assert "deleted 3 calls" in command(daemon, "forget", f"--user={bob}"), "a hash is taken too"
        assert daemon.value("llm_requests_total") == len(CALLS), "counters stay"
        wait_until(lambda: daemon.value("llm_exporter_storage_up") == 1, "a commit")


def test_the_log_survives_kill_9_with_the_counts_it_was_committed_with():
    with Daemon("--storage.commit-interval=50ms") as daemon:
        with daemon.stream() as connection:
            lines = [*CALLS, {"event": "flush", "id": "f"}]
            connection.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())
            assert json.loads(connection.makefile("rb").readline())["event"] == "flushed"
        daemon.kill()
        daemon.start()
        assert daemon.value("llm_requests_total") == len(CALLS) == rows(daemon)


@pytest.mark.parametrize("flags, expected", [
    (["--calls.mode=slow-and-failed"], 2),
    (["--calls.mode=slow-and-failed", "--calls.slow=0"], 1),
    (["--calls.mode=slow-and-failed", "--calls.slow=500ms"], 10),
    (["--calls.mode=slow-and-failed", "--calls.large-tokens=1100"], 10),
    (["--calls.mode=slow-and-failed", "--calls.dear-dollars=0.0035"], 10),
    (["--calls.mode=off"], 0),
])
def test_modes_decide_who_gets_a_row(flags, expected):
    with Daemon("--storage.commit-interval=50ms", *flags) as daemon:
        daemon.send_unix(*CALLS)
        daemon.wait_for_events(len(CALLS))
        daemon.stop()
        assert rows(daemon) == expected


def test_sampled_rows_stand_for_all_calls():
    with Daemon("--storage.commit-interval=50ms", "--calls.mode=sampled", "--calls.sample-one-of=5") as daemon:
        for _ in range(20):
            daemon.send_unix(*[call() for _ in range(50)])
        daemon.wait_for_events(1000)
        daemon.stop()
        assert 120 < rows(daemon) < 320
        [row] = report(daemon, "cost")
        assert int(row["calls"]) == 1000, "those since the last sampled one included"


def test_a_storm_of_calls_fills_the_log_up_to_its_rate_and_reports_stay_right():
    def reported(daemon):
        """With one more call: the next row stands for what was skipped before it."""
        daemon.send_unix(call())
        found = report(daemon, "cost")
        return int(found[0]["calls"]) if found else 0

    with Daemon("--calls.max-rows=200", "--storage.commit-interval=50ms") as daemon:
        for _ in range(40):
            daemon.send_unix(*[call() for _ in range(100)])
        daemon.wait_for_events(4000)
        wait_until(lambda: reported(daemon) >= 4000, "rows that stand for all calls")
        assert rows(daemon) < 2000
        assert reported(daemon) <= daemon.value("llm_requests_total")


def test_many_combinations_and_many_judgements_of_one_moment_keep_nobody_waiting():
    combinations, judgements, yesterday = 20_000, 5_000, int(time.time()) - 86_400
    with Daemon("--storage.commit-interval=50ms", "--calls.max-rows=1000000") as daemon:
        lines = [call(prompt_version=f"v{number}") for number in range(combinations)]
        lines += [
            {"event": "feedback", "rating": "positive", "model": "gpt-4o", "ts": yesterday, "user": f"u{number}"}
            for number in range(judgements)]
        with daemon.stream() as connection:
            answers = connection.makefile("rb")
            # As many at a time as the log's queue holds.
            for start in range(0, len(lines), 5_000):
                part = [*lines[start:start + 5_000], {"event": "flush", "id": "f"}]
                connection.sendall("".join(json.dumps(line) + "\n" for line in part).encode())
                assert daemon.value("llm_exporter_call_log_dropped_total") == 0, "a scrape is answered meanwhile"
                assert json.loads(answers.readline())["event"] == "flushed"
        wait_for_rows(daemon, combinations)
        assert rows(daemon, "SELECT count(*) FROM judgements") == judgements
        assert rows(daemon, "SELECT count(DISTINCT set_id) FROM calls") == combinations
        daemon.stop()


def test_captured_text_is_of_notable_calls_only_and_redacted():
    with Daemon("--calls.capture-text", "--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(
            call(id="quick", prompt="nothing to see"),
            call(id="slow", latency_ms=20_000, prompt="write to ada@example.com, please", response="done"))
        wait_for_rows(daemon, 2)
        assert rows(daemon, "SELECT count(*) FROM texts") == 1
        assert rows(daemon, "SELECT prompt FROM texts") == "write to [email], please"


@pytest.mark.parametrize("flag", ["--calls.large-tokens=1100", "--calls.dear-dollars=0.0035"])
def test_text_of_large_and_dear_calls_is_captured(flag):
    with Daemon("--calls.capture-text", "--storage.commit-interval=50ms", flag) as daemon:
        daemon.send_unix(
            call(prompt="small", usage={"prompt_tokens": 10, "completion_tokens": 10}), call(prompt="much"))
        wait_for_rows(daemon, 2)
        assert rows(daemon, "SELECT count(*) FROM texts") == 1
        assert rows(daemon, "SELECT prompt FROM texts") == "much"


@pytest.mark.parametrize("judgement, is_bad", [
    ({"event": "feedback", "id": "c", "rating": "negative"}, True),
    ({"event": "feedback", "trace_id": "t", "rating": "negative"}, True),
    ({"event": "feedback", "id": "c", "rating": "positive"}, False),
    ({"event": "feedback", "id": "other", "rating": "negative"}, False),
    ({"event": "score", "id": "c", "name": "faithfulness", "score": 0.2, "evaluator": "model"}, True),
    ({"event": "score", "id": "c", "name": "faithfulness", "score": 0.5, "evaluator": "model"}, False),
])
@pytest.mark.parametrize("flags", [["--calls.capture-text", "--calls.capture-rated"], ["--calls.capture-text"]])
def test_text_of_calls_that_are_rated_badly_is_captured(judgement, is_bad, flags):
    with Daemon("--storage.commit-interval=50ms", *flags) as daemon:
        daemon.send_unix(
            call(id="c", trace_id="t", prompt="ask ada@example.com", response="no"), call(id="d", prompt="unrated"))
        wait_for_rows(daemon, 2)
        daemon.send_unix(judgement)
        wait_until(lambda: rows(daemon, "SELECT count(*) FROM judgements") == 1, "the judgement")
        is_kept = is_bad and "--calls.capture-rated" in flags
        assert rows(daemon, "SELECT count(*) FROM texts") == is_kept
        if is_kept:
            assert rows(daemon, "SELECT prompt || '/' || response FROM texts") == "ask [email]/no"
            key = rows(daemon, "SELECT key FROM texts")
            assert key == rows(daemon, "SELECT key FROM calls WHERE call_id = 'c'")


def test_new_prices_are_named_in_rows_after_a_reload(tmp_path):
    table = tmp_path / "prices.json"
    table.write_text("{}")
    with Daemon("--storage.commit-interval=50ms", config=f"prices:\n  file: {table}\n") as daemon:
        daemon.send_unix(call(model="house-model", id="1"))
        wait_for_rows(daemon, 1)
        table.write_text(json.dumps({"house-model": {"input_cost_per_token": 1e-3, "output_cost_per_token": 0}}))
        daemon.signal(1)
        wait_until(lambda: daemon.log_lines("configuration reloaded"), "the reload")
        daemon.send_unix(call(model="house-model", id="2"))
        wait_for_rows(daemon, 2)
        assert rows(daemon, "SELECT count(DISTINCT price_version) FROM calls") == 2
        assert rows(daemon, "SELECT sum(cost) FROM calls") == 10**12


# The same over HTTP.

SPAN = "since=2020-01-01&until=2100-01-01"


@pytest.mark.parametrize("name, query, options", [
    ("cost", "", []),
    ("cost", "by=application&by=status&top=1", ["--by=application,status", "--top=1"]),
    ("cost", "by=day,user&zone=Europe%2FBerlin", ["--by=day,user", "--zone=Europe/Berlin"]),
    ("cost", "what_if=gpt-4o-mini", ["--what-if=gpt-4o-mini"]),
    ("usage", "", []),
    ("errors", "where=application=shop", ["--where=application=shop"]),
    ("latency", "where=application=shop&where=status=success", ["--where=application=shop", "--where=status=success"]),
    ("users", "", []),
    ("slow", "top=3", ["--top=3"]),
    ("anomalies", "", []),
    ("prompts", "", []),
    ("conversations", "", []),
    ("quality", "", []),
    ("models", "min_quality=0.5&max_p95=20&max_error_rate=0.5",
     ["--min-quality=0.5", "--max-p95=20", "--max-error-rate=0.5"]),
    ("trace", "id=chain", ["chain"]),
    ("summary", "cycle=weekly", ["--cycle=weekly"]),
    ("compare", "by=application&side=shop&side=search", ["shop", "search", "--by=application"]),
])
def test_http_answers_what_the_command_prints(logging, name, query, options):
    answer = logging.request(f"/api/v1/report/{name}?{SPAN}&{query}".rstrip("&"))
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    zone = [] if "zone" in query else ["--zone=UTC"]
    printed = command(
        logging, "report", name, *options, "--since=2020-01-01", "--until=2100-01-01", *zone, "--format=json")
    assert answer.text == printed
    assert answer.json["report"] in (name, "what-if")


@pytest.mark.parametrize("path, status, words", [
    ("nonsense", 404, "There are cost"),
    ("cost?since=tomorrowish", 400, "tomorrowish"),
    ("cost?zone=Mars/Olympus", 400, "Mars/Olympus"),
    ("cost?by=colour", 400, "colour"),
    ("cost?top=many", 400, "many"),
    ("cost?format=html", 400, "format"),
    ("cost?what_if=no-such-model", 400, "no-such-model"),
    ("models?min_quality=7", 400, "0 to 1"),
    ("models?max_p95=nan", 400, "max_p95"),
    ("trace", 400, "which trace"),
    ("cost?since=%00%ff", 400, "since"),
    ("cost?until=9999-12-31", 400, "9999-12-31"),
    ("cost?since=9999-12-31T00:00Z", 400, "9999-12-31"),
    ("cost?since=0001-01-01&until=2200-01-01", 200, "gpt-4o"),
])
def test_http_says_what_is_wrong_with_a_question(logging, path, status, words):
    answer = logging.request(f"/api/v1/report/{path}")
    assert answer.status == status and (words in answer.text or status == 400), answer.text


def test_no_question_stops_the_daemon(logging):
    """Parameters from the ends of what they may be, in any combination."""
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    times = [
        "0d", "1s", "7d", "106751d", "9999999999w", "now", "today", "month", "0001-01-01", "1950-01-01", "1960-01-01",
        "1969-12-31T23:59:59.999Z", "1970-01-01", "2026-02-30", "2261-04-11", "2262-04-11T23:47:16Z", "9999-12-31", "-1d"]
    numbers = ["0", "1", "-1", "100000", "9223372036854775807", "99999999999999999999", "1e6", "nan", "0.5"]
    values = {
        "since": times, "until": times, "top": numbers, "min_quality": numbers, "max_p95": numbers,
        "max_error_rate": numbers, "zone": ["UTC", "Asia/Kolkata", "Pacific/Kiritimati", "America/New_York", "x/y"],
        "by": ["model", "hour", "day", "week", "month", "weekday", "hour-of-day", "user", "status", "label:x", "?"],
        "where": ["model=gpt-4o", "user=x", "status=error", "hour=1", "="], "cycle": ["daily", "weekly", "x"],
        "side": ["a", "gpt-4o", ""], "id": ["chain", ""], "what_if": ["gpt-4o", "x"]}
    names = ["cost", "usage", "errors", "latency", "users", "slow", "anomalies", "prompts", "conversations", "quality",
             "models", "trace", "summary", "compare"]
    for _ in range(80):
        chosen = dice.choices(list(values), k=dice.randrange(4))
        # Beginnings long past cost a look at each of their days, which is not what is tried here.
        query = "&".join(f"{key}={urllib.parse.quote(dice.choice(values[key]))}" for key in chosen)
        path = f"/api/v1/report/{dice.choice(names)}?{query}"
        assert logging.request(path).status in (200, 400, 503, 504), f"seed {seed}: {path}"
    assert logging.request("/-/healthy").status == 200


def test_without_a_store_there_is_no_report():
    with Daemon("--no-storage") as daemon:
        assert daemon.request("/api/v1/report/cost").status == 404


def test_reports_and_events_do_not_wait_for_each_other():
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(*[call() for _ in range(500)])
        wait_for_rows(daemon, 500)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            asked = [pool.submit(daemon.request, f"/api/v1/report/cost?{SPAN}") for _ in range(60)]
            for _ in range(10):
                daemon.send_unix(*[call() for _ in range(100)])
                assert daemon.request("/-/healthy").status == 200
            statuses = [answer.result().status for answer in asked]
        assert set(statuses) <= {200, 503} and 200 in statuses, statuses
        daemon.wait_for_events(1500)
        assert daemon.value("llm_requests_total") == 1500
        assert daemon.request(f"/api/v1/report/cost?{SPAN}").status == 200, "whoever was refused may ask again"


# Prices that were wrong.


def corrected_table(tmp_path, dollars_per_million):
    table = tmp_path / f"prices-{dollars_per_million}.json"
    table.write_text(json.dumps({
        "gpt-4o": {"input_cost_per_token": dollars_per_million / 1e6, "output_cost_per_token": 0,
                   "litellm_provider": "openai"}}))
    return f"--prices.file={table}"


def costs(daemon):
    return {
        (labels["application"], labels["component"]): number
        for name, labels, number in daemon.samples() if name == "llm_cost_dollars_total" and number
    }


def reported(daemon):
    return sum(float(row["cost_dollars"] or 0) for row in report(daemon, "cost", "--since=2020-01-01"))


@pytest.mark.parametrize("is_running", [True, False])
@pytest.mark.parametrize("price", [5, 1])
def test_counters_carry_a_correction(is_running, price, tmp_path):
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(*CALLS, call(id="stated", cost_usd="0.25"))
        wait_for_rows(daemon, len(CALLS) + 1)
        before = costs(daemon)
        assert before == pytest.approx({
            ("shop", "input"): 8 * 0.0025, ("shop", "output"): 8 * 0.001,
            ("search", "input"): 0.0025, ("search", "output"): 0.001, ("shop", "reported"): 0.25})
        if not is_running:
            daemon.stop()
        command(daemon, "reprice", "--since=2020-01-01", corrected_table(tmp_path, price), "--write")
        if not is_running:
            daemon.start()
        after = {
            ("shop", "input"): 8 * price / 1000, ("search", "input"): price / 1000, ("shop", "reported"): 0.25}
        wait_until(lambda: costs(daemon) == pytest.approx(after), f"{after}, not {costs(daemon)}")
        assert reported(daemon) == pytest.approx(sum(after.values()))
        assert daemon.value("llm_retry_cost_dollars_total") == pytest.approx(price / 1000)
        assert daemon.value("llm_requests_total") == len(CALLS) + 1
        # Once, over restarts and a crash too, and new calls add to it.
        daemon.kill()
        daemon.start()
        wait_until(lambda: rows(daemon, "SELECT count(*) FROM cost_corrections") == 0, "the correction to be done with")
        assert costs(daemon) == pytest.approx(after)
        daemon.send_unix(call(id="new"))
        wait_for_rows(daemon, len(CALLS) + 2)
        assert daemon.value("llm_cost_dollars_total") == pytest.approx(sum(after.values()) + COST_OF_GPT_4O)


HOUSE_PRICES = """
prices:
  aliases: {front-door: gpt-4o}
  overrides:
    house-model: {input_cost_per_token: 0.000002, output_cost_per_token: 0}
"""


def test_prices_of_the_daemons_configuration_take_part_in_a_correction(tmp_path):
    with Daemon("--storage.commit-interval=50ms", config=HOUSE_PRICES) as daemon:
        daemon.send_unix(
            *CALLS, call(model="front-door", id="alias"), *[call(model="house-model", id=f"h{n}") for n in range(3)])
        wait_for_rows(daemon, len(CALLS) + 4)
        assert reported(daemon) == pytest.approx(10 * COST_OF_GPT_4O + 3 * 0.002)
        arguments = ["reprice", "--since=2020-01-01", corrected_table(tmp_path, 5), "--write"]
        done = subprocess.run(
            [binary(), *arguments, f"--storage.path={daemon.storage}"], capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and "4 calls" in done.stderr and "--allow-unpriced" in done.stderr, done.stderr
        assert reported(daemon) == pytest.approx(10 * COST_OF_GPT_4O + 3 * 0.002), "nothing was written"
        config = tmp_path / "prices.yml"
        config.write_text(HOUSE_PRICES)
        command(daemon, *arguments, f"--config.file={config}")
        assert reported(daemon) == pytest.approx(10 * 0.005 + 3 * 0.002)
        by_model = {row["model"]: row["cost_dollars"] for row in report(daemon, "cost")}
        assert float(by_model["house-model"]) == pytest.approx(0.006), by_model
        [what_if] = report(
            daemon, "cost", "--what-if=house-model", f"--config.file={config}", "--where=model=house-model")
        assert float(what_if["after_dollars"]) == pytest.approx(0.006)
        command(daemon, *arguments, "--allow-unpriced")
        assert reported(daemon) == pytest.approx(9 * 0.005)


def test_a_correction_that_is_killed_is_finished_by_the_next(tmp_path):
    with Daemon("--storage.commit-interval=50ms") as daemon:
        for _ in range(40):
            daemon.send_unix(*[call() for _ in range(100)])
        daemon.wait_for_events(4000)
        wait_for_rows(daemon, 4000)
        table = corrected_table(tmp_path, 5)
        arguments = [binary(), "reprice", f"--storage.path={daemon.storage}", "--since=2020-01-01", table, "--write"]
        for _ in range(3):
            running = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_until(
                lambda: running.poll() is not None or rows(daemon, "SELECT count(*) FROM cost_corrections"), "a part")
            running.kill()
            running.wait()
        assert daemon.value("llm_cost_dollars_total") == pytest.approx(4000 * COST_OF_GPT_4O) or not rows(
            daemon, "SELECT count(*) FROM cost_corrections"), "nothing shows before all of it is priced"
        command(daemon, "reprice", "--since=2020-01-01", table, "--write")
        wait_until(lambda: daemon.value("llm_cost_dollars_total") == pytest.approx(4000 * 0.005), "the correction")
        assert reported(daemon) == pytest.approx(4000 * 0.005)


def test_counters_may_be_kept_and_filters_are_refused(tmp_path):
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(*CALLS)
        wait_for_rows(daemon, len(CALLS))
        before = costs(daemon)
        table = corrected_table(tmp_path, 5)
        done = subprocess.run(
            [binary(), "reprice", f"--storage.path={daemon.storage}", table, "--write", "--where=application=shop"],
            capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and "--where" in done.stderr
        command(daemon, "reprice", table, "--write", "--keep-counters")
        assert reported(daemon) == pytest.approx(9 * 0.005)
        daemon.stop()
        daemon.start()
        assert costs(daemon) == before
