"""Scheduled reports: to a webhook, by mail, and the day's calls into a bucket, with real peers; and back out of it."""

import csv
import datetime
import email
import email.policy
import gzip
import io
import json
import re
import socket
import subprocess
import time

import pytest
import yaml

from daemon import Daemon, binary, wait_until
from peers import bucket_server, mail_server, self_signed, webhook
from test_call_log import CALLS, FILE, call, command, rows, wait_for_rows

DAY = datetime.timedelta(days=1)
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret/example"}


@pytest.fixture(scope="module")
def logging():
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(*CALLS)
        wait_for_rows(daemon, len(CALLS))
        yield daemon


def entry(name="r", schedule="0 8 * * *", **more):
    return {"name": name, "schedule": schedule, **more}


def deliver(daemon, report, tmp_path, *arguments, env=None, check=True):
    """What `deliver` says when it makes this one report."""
    path = tmp_path / "config.yml"
    path.write_text(yaml.safe_dump({"reports": [report]}))
    done = subprocess.run(
        [binary(), "deliver", report["name"], f"--config.file={path}", f"--storage.path={daemon.storage}", *arguments],
        capture_output=True, text=True, timeout=60, env=env)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


# Webhooks.


def test_a_webhook_gets_the_report_that_the_command_prints(logging, tmp_path):
    with webhook(200) as receiver:
        report = entry(
            report="cost", webhook={"url": receiver.url + "/hook"},
            parameters={"since": "2020-01-01", "until": "2100-01-01", "by": ["application", "model"]})
        deliver(logging, report, tmp_path)
        [(path, headers, body)] = receiver.received
        assert path == "/hook" and headers["Content-Type"] == "application/json"
        assert body.decode() == command(
            logging, "report", "cost", "--since=2020-01-01", "--until=2100-01-01", "--by=application,model",
            "--zone=UTC", "--format=json")


def test_slack_gets_a_text_with_a_table(logging, tmp_path):
    secret = tmp_path / "url"
    with webhook(200) as receiver:
        secret.write_text(receiver.url + "/services/T0/B0/secret\n")
        done = deliver(logging, entry(report="cost", format="slack", webhook={"url_file": str(secret)}), tmp_path)
        [(path, _, body)] = receiver.received
        message = json.loads(body)
        assert path == "/services/T0/B0/secret" and set(message) == {"text"}
        assert message["text"].startswith("*Cost*\n```\n") and "gpt-4o" in message["text"]
        assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("status", [400, 302, 404])
def test_what_can_not_succeed_is_said(logging, tmp_path, status):
    with webhook(status) as receiver:
        done = deliver(logging, entry(report="cost", webhook={"url": receiver.url}), tmp_path, check=False)
        assert done.returncode != 0 and f"answered {status}" in done.stderr
        assert len(receiver.received) == 1


# Mail.


def test_a_mail_arrives_over_tls_with_a_password(logging, tmp_path):
    certificate = self_signed(tmp_path)
    (tmp_path / "password").write_text("open sesame\n")
    with mail_server(certificate, password="open sesame") as (server, mailbox):
        report = entry(
            report="summary", ca_file=str(certificate[0]), zone="Europe/Berlin",
            mail={"server": f"smtp://{server}", "from": "llm@example.com", "to": ["ada@example.com", "bob@example.com"],
                  "user": "llm", "password_file": str(tmp_path / "password")})
        deliver(logging, report, tmp_path)
        [envelope] = mailbox.messages
        assert envelope.mail_from == "llm@example.com"
        assert envelope.rcpt_tos == ["ada@example.com", "bob@example.com"]
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert message["To"] == "ada@example.com, bob@example.com" and message["Subject"].endswith("Europe/Berlin)") or (
            "· r ·" in message["Subject"])
        assert message.get_content_type() == "text/html" and "<table" in message.get_content()
        assert abs(message["Date"].datetime.timestamp() - time.time()) < 120
        assert message.defects == [] and message["Message-ID"]


def test_a_mail_does_not_go_out_without_tls_unless_told_so(logging, tmp_path):
    with mail_server() as (server, mailbox):
        mail = {"server": f"smtp://{server}", "from": "llm@example.com", "to": "ada@example.com"}
        report = entry(report="cost", format="csv", mail=mail)
        assert deliver(logging, report, tmp_path, check=False).returncode != 0
        assert mailbox.messages == []
        deliver(logging, report | {"mail": mail | {"tls": False}}, tmp_path)
        [envelope] = mailbox.messages
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        [row] = csv.DictReader(io.StringIO(message.get_content()))
        assert row["model"] == "gpt-4o"


def test_a_server_with_an_unknown_certificate_gets_nothing(logging, tmp_path):
    certificate = self_signed(tmp_path)
    with mail_server(certificate) as (server, mailbox):
        mail = {"server": f"smtp://{server}", "from": "llm@example.com", "to": "ada@example.com"}
        done = deliver(logging, entry(report="cost", mail=mail), tmp_path, check=False)
        assert done.returncode != 0 and mailbox.messages == []


# Archives.


@pytest.fixture(scope="module")
def bucket():
    with bucket_server() as url:
        import boto3
        client = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"])
        client.create_bucket(Bucket="calls")
        yield url, client


def archive(url, **more):
    return entry(archive={"url": "s3://calls/team a/llm", "endpoint": url, **more})


def at(days_ago, number, hour=12):
    """A call at some hour of that day, UTC."""
    day = datetime.datetime.now(datetime.timezone.utc).replace(hour=hour, minute=0, second=0) - days_ago * DAY
    return call(id=f"d{days_ago}-{number}", ts=day.timestamp(), user="ada")


def folder(days_ago):
    return (datetime.datetime.now(datetime.timezone.utc) - days_ago * DAY).strftime("%Y/%m/%d")


def test_a_day_is_archived_and_read_back_of_many_hosts(bucket, tmp_path):
    url, client = bucket
    env = KEYS | {"PATH": "/usr/bin"}
    with Daemon("--storage.commit-interval=50ms") as daemon:
        events = [at(days, number) for days in (1, 2, 3) for number in range(5)]
        daemon.send_unix(*events)
        wait_for_rows(daemon, len(events))
        for host in ("host1", "host2"):
            for days_ago in (0, 1, 2):
                done = deliver(
                    daemon, archive(url, host=host), tmp_path, f"--at={days_ago}d", env=env)
                assert f"s3://calls/team a/llm/{folder(days_ago + 1)}/{host}.ndjson.gz" in done.stdout
        exported = command(daemon, "export", "--since=30d")
    names = [item["Key"] for item in client.list_objects_v2(Bucket="calls", Prefix="team a/")["Contents"]]
    assert names == sorted(
        f"team a/llm/{folder(days)}/{host}.ndjson.gz" for days in (1, 2, 3) for host in ("host1", "host2"))
    body = client.get_object(Bucket="calls", Key=f"team a/llm/{folder(1)}/host1.ndjson.gz")["Body"].read()
    assert [json.loads(line)["id"] for line in gzip.decompress(body).decode().splitlines()] == [
        f"d1-{number}" for number in range(5)]
    file = f"--file={tmp_path / 'copy.db'}"

    def run(*arguments):
        done = subprocess.run([binary(), *arguments, file], capture_output=True, text=True, timeout=60, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    options = ["import", "s3://calls/team a/llm", f"--s3.endpoint={url}", "--zone=UTC"]
    assert run(*options, "--since=yesterday", "--until=today") == "5 new calls, 5 known ones, 0 lines refused\n"
    assert run(*options, "--since=30d") == "10 new calls, 20 known ones, 0 lines refused\n"
    assert run("export", "--since=30d") == exported
    [row] = csv.DictReader(io.StringIO(run("report", "cost", "--since=30d", "--format=csv")))
    assert int(row["calls"]) == 15


def test_an_archive_may_be_csv_with_credentials_in_a_file(bucket, tmp_path):
    url, client = bucket
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret/example\naws_session_token=token\n")
    with Daemon("--storage.commit-interval=50ms") as daemon:
        daemon.send_unix(at(1, 1))
        wait_for_rows(daemon, 1)
        report = archive(url, host="h", credentials_file=str(credentials)) | {"format": "csv"}
        report["archive"]["url"] = "s3://calls"
        deliver(daemon, report, tmp_path, env={})
    body = client.get_object(Bucket="calls", Key=f"{folder(1)}/h.csv.gz")["Body"].read()
    [row] = csv.DictReader(io.StringIO(gzip.decompress(body).decode()))
    assert row["call_id"] == "d1-1"


def test_missing_credentials_and_a_missing_bucket_are_said(bucket, logging, tmp_path):
    url, _ = bucket
    done = deliver(logging, archive(url), tmp_path, env={}, check=False)
    assert done.returncode != 0 and "AWS_ACCESS_KEY_ID" in done.stderr
    report = archive(url)
    report["archive"]["url"] = "s3://no-such-bucket/x"
    done = deliver(logging, report, tmp_path, env=KEYS, check=False)
    assert done.returncode != 0 and "404" in done.stderr and "NoSuchBucket" in done.stderr
    assert not list(logging.storage.glob("*.archive-*")), "nothing is left behind"


class Recorder:
    """A port that keeps the head of one request and answers that all is well."""

    def __enter__(self):
        import threading
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.head = b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def _serve(self):
        connection, _ = self.listener.accept()
        with connection:
            while b"\r\n\r\n" not in self.head:
                self.head += connection.recv(65536)
            head, _, body = self.head.partition(b"\r\n\r\n")
            length = int((re.search(rb"(?i)content-length: (\d+)", head) or [0, 0])[1])
            while len(body) < length:
                body += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            self.head = head

    def __exit__(self, *_):
        self.listener.close()


@pytest.mark.parametrize("token", ["", "a session's token"])
@pytest.mark.parametrize("what", ["PUT", "GET"])
def test_what_is_sent_is_signed_as_amazon_computes_it(logging, tmp_path, what, token):
    """The server of the other tests takes any signature: here it is computed again by Amazon's own library."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    env = KEYS | ({"AWS_SESSION_TOKEN": token} if token else {})
    with Recorder() as recorder:
        if what == "PUT":
            deliver(logging, archive(recorder.url, host="host 1"), tmp_path, env=env)
        else:
            # The list that comes back is empty; what matters is how it was asked for.
            command(logging, "import", "s3://calls/team a/llm", f"--s3.endpoint={recorder.url}", "--since=1h", env=env,
                    check=False)
        recorder.thread.join(10)
    lines = recorder.head.decode().split("\r\n")
    method, target, _ = lines[0].split(" ")
    path, _, query = target.partition("?")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
    if what == "PUT":
        assert path.startswith("/calls/team%20a/llm/") and path.endswith("/host%201.ndjson.gz") and not query
    else:
        assert path == "/calls/" and query.startswith("list-type=2&prefix=team%20a%2Fllm%2F20")
    given = headers["authorization"]
    signed = re.search(r"SignedHeaders=([^,]+)", given)[1].split(";")
    assert {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed)
    assert ("x-amz-security-token" in signed) == bool(token)
    request = AWSRequest(method, recorder.url + target, headers={name: headers[name] for name in signed})
    request.context["timestamp"] = headers["x-amz-date"]
    auth = S3SigV4Auth(Credentials(*KEYS.values()), "s3", "us-east-1")
    text = auth.string_to_sign(request, "\n".join([
        method, path, query, *[f"{name}:{headers[name]}" for name in signed], "", ";".join(signed),
        headers["x-amz-content-sha256"]]))
    assert given.endswith(f"Signature={auth.signature(text, request)}")


# By the clock.


def schedule_file(daemon, **ages):
    """As a daemon leaves it that last saw to these reports so many seconds ago."""
    daemon.storage.mkdir(mode=0o700, exist_ok=True)
    now = time.time_ns()
    (daemon.storage / "scheduled-reports").write_text(
        "".join(f"{name} {now - age * 10**9}\n" for name, age in ages.items()))


def test_the_daemon_makes_up_for_what_fell_into_a_stop_tries_again_and_counts():
    with webhook(503, 200) as good, webhook(400) as bad:
        config = yaml.safe_dump({"reports": [
            entry("often", "* * * * *", report="cost", webhook={"url": good.url}),
            entry("refused", "* * * * *", report="cost", webhook={"url": bad.url}),
            entry("later", "0 0 1 1 *", report="cost", webhook={"url": bad.url}),
        ]})
        daemon = Daemon(config=config)
        schedule_file(daemon, often=600, refused=600, later=60)
        daemon.owns_directory = False
        with daemon:
            def count(report, outcome):
                return daemon.value("llm_exporter_reports_total", report=report, outcome=outcome)

            wait_until(lambda: count("often", "sent") >= 1 and count("refused", "failed") >= 1, "both reports")
            assert count("often", "retried") == 1, "503 passes"
            assert count("refused", "retried") == 0, "400 does not"
            assert len(good.received) == 2, "one report for ten missed minutes, tried twice"
            assert len(daemon.values("llm_exporter_reports_total")) == 9, "every series is there from the start"
            assert count("later", "sent") + count("later", "failed") == 0
            assert daemon.log_lines("scheduled report failed") and good.url not in daemon.log_text
            sent = count("often", "sent")
        before = len(good.received)
        assert sent >= 1
        daemon.owns_directory = True
        with daemon as again:
            assert again.value("llm_exporter_reports_total") <= 2, "what was handled is not made again"
            assert len(good.received) <= before + 1


def test_the_daemon_makes_a_report_when_its_minute_comes():
    with webhook(200) as receiver:
        config = yaml.safe_dump({"reports": [entry("r", "* * * * *", report="usage", webhook={"url": receiver.url})]})
        with Daemon(config=config) as daemon:
            wait_until(lambda: receiver.received, "the next minute", timeout=70)
            assert json.loads(receiver.received[0][2])["report"] == "usage"
            wait_until(lambda: daemon.value("llm_exporter_reports_total", outcome="sent") == 1, "the count")


def test_every_missed_day_is_archived(bucket):
    url, client = bucket
    config = yaml.safe_dump({"reports": [entry(
        "days", "5 0 * * *", archive={"url": "s3://calls/missed", "endpoint": url, "host": "h"})]})
    daemon = Daemon("--storage.commit-interval=50ms", config=config, environment=KEYS)
    schedule_file(daemon, days=3 * 86_400)
    with daemon:
        wait_until(lambda: daemon.value("llm_exporter_reports_total", report="days", outcome="sent") == 3, "three days")
    names = [item["Key"] for item in client.list_objects_v2(Bucket="calls", Prefix="missed/")["Contents"]]
    assert len(names) == 3


@pytest.mark.parametrize("wrong, words", [
    ({"schedule": "61 * * * *"}, "five fields"),
    ({"schedule": "0 8 * *"}, "five fields"),
    ({"report": "costs"}, "one of cost"),
    ({"zone": "Mars/Olympus"}, "time zone"),
    ({"name": "a b"}, "letters"),
    ({"format": "pdf"}, "one of json"),
    ({"webhook": {"url": "ftp://example.com"}}, "https://"),
    ({"webhook": {}}, "either url or url_file"),
    ({"webhook": {"url": "https://example.com", "token": "x"}}, "one of"),
    ({"parameters": {"by": "colour"}}, "colour"),
    ({"colour": "red"}, "one of name"),
    ({"mail": {"server": "smtp://m", "from": "a", "to": "b@c"}, "webhook": None}, "plain addresses"),
    ({"mail": {"server": "m", "from": "a@b", "to": "b@c"}}, "smtp://"),
    ({"archive": {"url": "s3://"}, "report": None}, "s3://bucket/prefix"),
    ({"archive": {"url": "s3://b/p"}}, "an archive holds calls"),
])
def test_a_mistake_in_a_report_is_named(tmp_path, wrong, words):
    good = entry(report="cost", webhook={"url": "https://example.com"})
    report = {key: value for key, value in (good | wrong).items() if value is not None}
    if {"mail", "archive"} & set(wrong):
        report.pop("webhook", None)
    path = tmp_path / "config.yml"
    path.write_text(yaml.safe_dump({"reports": [report]}))
    done = subprocess.run(
        [binary(), "check-config", f"--config.file={path}"], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 2 and words in done.stderr and "reports" in done.stderr, done.stderr
