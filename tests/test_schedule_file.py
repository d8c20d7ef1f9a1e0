"""luutru.toml: what it may say, and file, line and key in each message on what it may not."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from crawler.errors import BadInput
from crawler.schedules import when
from crawler.schedules.config import Cluster, Config
from crawler.schedules.reading import opened, parse
from crawler.telling.secrets import filled

WHOLE = """
archive = "archive.db"
operator = "Trung tâm Lưu trữ"
contact = "luutru@example.org"
language = "vi"
zone = "Asia/Ho_Chi_Minh"
digest = "07:30"
metrics = "luutru.prom"
secrets = "secrets.env"

[portals.kimson]
schedule = "mỗi đêm"
window = "22:00-06:00"
budget = 5000
deadline = "6h"
kind = "closing"
delay = 2
notify = ["desk"]

[portals."huyen.thu"]
url = "https://thu.example/"
schedule = "every 6h while changing"

[notify.desk]
kind = "email"
to = ["a@example.org", "b@example.org"]
from = "luutru@example.org"
server = "smtp://mail.example.org:587"
user = "luutru"
password = "${SMTP_PASSWORD}"
alarms = ["failed", "incomplete"]
urgent = ["failed"]

[notify.room]
kind = "slack"
url = "https://hooks.slack.com/services/${SLACK}"

[notify.group]
kind = "telegram"
token = "${BOT}"
chat = "-100123"

[notify.hook]
kind = "webhook"
url = "https://hook.example/x"

[notify.own]
kind = "command"
command = "notify-send --urgency low 'Lưu Trữ'"

[[copies]]
to = "/mnt/second"

[[copies]]
name = "cloud"
to = "s3://bucket/luutru/"
endpoint = "https://s3.example"
key = "${S3_KEY}"
secret = "${S3_SECRET}"

[heartbeat]
url = "https://ping.example/uuid"
every = "30m"

[after]
verify = "5%"
watches = false
reports = "reports"

[limits]
parallel = 3
memory = "1 GB"
disk = "500 MB"
silent = "2d"

[logs]
file = "logs/luutru.jsonl"
size = "1 MB"
keep = 3

[cluster]
scheduler = "tcp://10.0.0.1:8786"
into = "all"
turn = "5m"
parallel = 40
"""
PLAIN = 'archive = "archive.db"\n[portals.kimson]\nschedule = "nightly"\n'


def _read(text: str) -> Config:
    return parse(text, Path("/etc/luutru/luutru.toml"))


def test_everything_that_the_file_may_say() -> None:
    read = _read(WHOLE)
    assert read.archive == Path("/etc/luutru/archive.db")
    assert (read.digest, read.zone.key) == (time(7, 30), "Asia/Ho_Chi_Minh")
    kimson, other = read.portals
    assert (kimson.slug, kimson.budget, kimson.kind) == ("kimson", 5000, "closing")
    assert kimson.deadline == timedelta(hours=6)
    assert (other.name, other.slug) == ("huyen.thu", "thu-example")
    assert other.schedule.while_changing
    assert other.schedule.interval == timedelta(hours=6)
    assert [target.name for target in read.targets(kimson)] == ["desk"]
    assert [target.kind for target in read.targets(other)] == [
        "email",
        "slack",
        "telegram",
        "webhook",
        "command",
    ]
    desk, room, *_, own = read.notify
    assert (desk.sender, desk.password) == (
        "luutru@example.org",
        "${SMTP_PASSWORD}",
    )
    assert room.url == "https://hooks.slack.com/services/${SLACK}"
    assert own.command == ("notify-send", "--urgency", "low", "Lưu Trữ")
    assert [(copy.name, copy.to) for copy in read.copies] == [
        ("/mnt/second", "/mnt/second"),
        ("cloud", "s3://bucket/luutru"),
    ]
    assert read.heartbeat.url == "https://ping.example/uuid"
    assert (read.after.verify, read.after.watches) == (0.05, False)
    assert (read.limits.parallel, read.limits.memory) == (3, 1024**3)
    assert (read.limits.disk, read.limits.silent) == (500 * 1024**2, timedelta(days=2))
    assert (read.logs.size, read.logs.keep) == (1024**2, 3)
    assert read.cluster == Cluster(
        "tcp://10.0.0.1:8786", Path("/etc/luutru/all"), timedelta(minutes=5), 40
    )


def test_in_a_cluster_each_portal_has_its_own_of_what_the_file_names() -> None:
    read = _read(WHOLE)
    own = read.own(read.portals[0])
    folder = Path("/etc/luutru/all/kimson")
    assert (own.archive, own.logs.file) == (folder / "archive.db", folder / "luutru.jsonl")
    assert own.portals == read.portals[:1]
    assert own.metrics == Path("/etc/luutru/luutru-kimson.prom")
    assert own.after.reports == Path("/etc/luutru/reports/kimson")
    assert [(copy.name, copy.to) for copy in own.copies] == [
        ("/mnt/second/kimson", "/mnt/second/kimson"),
        ("cloud/kimson", "s3://bucket/luutru/kimson"),
    ]
    alone = _read(PLAIN)
    assert alone.own(alone.portals[0]) is alone


def test_little_is_needed() -> None:
    read = _read(PLAIN)
    assert (read.notify, read.copies, read.heartbeat.url) == ((), (), "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "luutru.toml: not valid TOML"),
        ('archive = "a.db"', "luutru.toml:1: `portals` is missing"),
        (f"colour = 1\n{PLAIN}", ":1: `colour` is not known; allowed are after, archive, cluster,"),
        (f"zone = 'Hanoi'\n{PLAIN}", ":1: `zone` must be a time zone such as Asia/Ho_Chi_Minh"),
        (f"digest = '25:00'\n{PLAIN}", ":1: `digest` must be a time of the day"),
        (f"language = 'fr'\n{PLAIN}", ":1: `language` must be one of vi, en"),
        (f"{PLAIN}windows = '22:00-06:00'", ":4: `windows` is not known [portals.kimson]; allowed"),
        (f"{PLAIN}window = '22-06'", ":4: `window` '22-06' is no window; write 22:00-06:00"),
        (f"{PLAIN}budget = 0", ":4: `budget` must be a whole number from 1 to"),
        (f"{PLAIN}deadline = 'soon'", ":4: `deadline` soon is no length of time"),
        (f"{PLAIN}kind = 'all'", ":4: `kind` must be one of incremental, full, closing"),
        (f"{PLAIN}notify = 'desk'", ":4: `notify` names desk, but there is no [notify.desk]"),
        (f"{PLAIN}[portals.kimsom]\nschedule = 'nightly'", ":4: `kimsom` is no portal that"),
        (f"{PLAIN}[portals.vnportal]\nschedule = 'nightly'", ":4: `vnportal` is a CMS"),
        (f"{PLAIN}[portals.x]\nurl = 'https://x.vn/'", ":4: `schedule` is missing [portals.x]"),
        (
            f"{PLAIN}[portals.x]\nschedule = 'nightly'\nurl = 'https://kimson.ninhbinh.gov.vn/'",
            ":4: `x` is the same portal as kimson",
        ),
        ("archive = 'a'\n[portals]\nkimson = { schedule = 'x' }", ":3: `schedule` 'x' is no sched"),
        (
            "archive = 'a'\n[portals]\nkimson = 1",
            ":3: `kimson` must be written as a table: [portal",
        ),
        (f"{PLAIN}[notify.a]\nkind = 'fax'", ":5: `kind` must be one of email, webhook, slack"),
        (f"{PLAIN}[notify.a]\nto = 'x'", ":4: `kind` is missing [notify.a]"),
        (f"{PLAIN}[notify.a]\nkind = 'email'\nto = 'x'", ":6: `to` must be a mail address"),
        (f"{PLAIN}[notify.a]\nkind = 'email'", ":4: `to` is missing [notify.a]"),
        (f"{PLAIN}[notify.a]\nkind = 'slack'\nto = 'x'", ":6: `to` is not known [notify.a]"),
        (
            f"{PLAIN}[notify.a]\nkind = 'slack'\nurl = 'https://hooks.slack.com/s/x'",
            ":6: `url` holds a secret: write ${NAME} for it",
        ),
        (
            f"{PLAIN}[notify.a]\nkind = 'email'\nto = 'a@b.vn'\npassword = 'hunter2'",
            ":7: `password` is a secret: write ${NAME}",
        ),
        (f"{PLAIN}[[copies]]\nto = 'gs://x'", ":5: `to` must be a folder, or s3://bucket/folder"),
        (f"{PLAIN}[[copies]]\nto = '/a'\nkey = '${{K}}'", ":6: `key` is for s3:// addresses only"),
        (
            f"{PLAIN}[[copies]]\nto = '/a'\n[[copies]]\nto = '/a'",
            ":7: `to` names the same place tw",
        ),
        (f"{PLAIN}[[copies]]\nto = '/a'\n[[copies]]\nat = '/a'", ":7: `at` is not known [copies]"),
        (f"copies = 'x'\n{PLAIN}", ":1: `copies` must be written as [[copies]] tables"),
        (f"limits = 1\n{PLAIN}", ":1: `limits` must be written as a table: [limits]"),
        (f"{PLAIN}[after]\nverify = 5", ":5: `verify` must be a percentage"),
        (f"{PLAIN}[after]\nverify = '101%'", ":5: `verify` must be a percentage"),
        (f"{PLAIN}[after]\nwatches = 'yes'", ":5: `watches` must be true or false"),
        (f"{PLAIN}[limits]\nmemory = 'much'", ":5: `memory` much is no size; write 500 MB"),
        (f"{PLAIN}[limits]\nparallel = true", ":5: `parallel` must be a whole number from 1 to 64"),
        (f"{PLAIN}[cluster]\nscheduler = '10.0.0.1'", ":5: `scheduler` must be an address: tcp://"),
        (f"{PLAIN}[cluster]\ninto = 'x'", ":4: `scheduler` is missing [cluster]"),
        (
            f"{PLAIN}[cluster]\nscheduler = 'tcp://a:1'\nturn = 5",
            ":6: `turn` must be a text of one line",
        ),
        (
            f"{PLAIN}[cluster]\nscheduler = 'tcp://a:1'\nparallel = 0",
            ":6: `parallel` must be a whole number from 1 to 10000",
        ),
        (f"{PLAIN}[cluster]\nscheduler = 'tcp://a:1'\nthreads = 2", ":6: `threads` is not known"),
        (f"cluster = 'tcp://a:1'\n{PLAIN}", ":1: `cluster` must be written as a table: [cluster]"),
        (f"{PLAIN}[heartbeat]\nevery = '1h'", ":4: `url` is missing [heartbeat]"),
        (
            f"{PLAIN}[heartbeat]\nurl = 'ping.example'",
            ":5: `url` must be an address: http://host, https://host",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        _read(text)
    assert message in str(error.value)
    assert str(error.value).startswith("/etc/luutru/luutru.toml:")


SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
"""19:00 in Vietnam."""


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("daily 02:00", ["29 02:00:00", "30 02:00:00"]),
        ("Hằng  ngày lúc 2h30", ["29 02:30:00", "30 02:30:00"]),
        ("weekly Monday 03:00", ["30 03:00:00", "07 03:00:00"]),
        ("mỗi tuần thứ hai 03:00", ["30 03:00:00", "07 03:00:00"]),
        ("monthly 1 04:00", ["01 04:00:00", "01 04:00:00"]),
        ("hằng tháng ngày 1 lúc 04:00", ["01 04:00:00", "01 04:00:00"]),
        ("every 30m", ["28 19:30:00", "28 20:00:00"]),
        ("mỗi 30 phút", ["28 19:30:00", "28 20:00:00"]),
        ("every 20s", ["28 19:00:20", "28 19:00:40"]),
        # Cron counts days of the week from Sunday, which is 0 and 7, too.
        ("0 5 * * 0", ["29 05:00:00", "06 05:00:00"]),
        ("0 5 * * 7", ["29 05:00:00", "06 05:00:00"]),
        ("0 5 * * 5-7", ["29 05:00:00", "04 05:00:00"]),
        ("0 5 * * mon-tue", ["30 05:00:00", "01 05:00:00"]),
        ("*/15 * * * *", ["28 19:15:00", "28 19:30:00"]),
        ("5/20 20 * dec *", ["01 20:05:00", "01 20:25:00"]),
        ("0 0 29 2 *", ["29 00:00:00", "29 00:00:00"]),
    ],
)
def test_words_and_cron_syntax(text: str, runs: list[str]) -> None:
    schedule = when.parse(text, "kimson")
    first = schedule.next(SATURDAY)
    assert [f"{at:%d %H:%M:%S}" for at in (first, schedule.next(first))] == runs
    assert first.tzinfo == when.ZONE


def test_a_night_and_an_interval_begin_at_another_minute_for_each_portal() -> None:
    slugs = [f"huyen-{n}" for n in range(30)]
    nights = {when.parse("mỗi đêm", slug).next(SATURDAY) for slug in slugs}
    assert len(nights) > 20
    assert all(at.hour in (22, 23, 0, 1) for at in nights)
    assert when.parse("nightly", slugs[0]).next(SATURDAY) in nights
    hours = {when.parse("every 6h", slug).next(SATURDAY).minute for slug in slugs}
    assert len(hours) > 15


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sometimes", '\'sometimes\' is no schedule; write words ("nightly" or "mỗi đêm"'),
        ("daily", "'daily' is no schedule"),
        ("daily 25:00", "'daily 25:00' holds a time that no clock shows"),
        ("weekly someday 02:00", "'someday' is no day of the week"),
        ("monthly 32 02:00", "'32' is no number from 1 to 31"),
        ("every 7h", "'every 7h': `every` takes one of 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h"),
        ("every 0h", "`every` takes one of"),
        ("60 * * * *", "'60' is no number from 0 to 59"),
        ("0 5 * * 8", "'8' is no number from 0 to 7"),
        ("0 5 * * tue-mon", "'tue-mon' ends before it begins"),
        ("0 5 1 * 1", "name days of the month or of the week, not both"),
        ("a-b-c * * * *", "'a-b-c' is no field of cron"),
        ("*/0 * * * *", "'*/0' is no field of cron"),
        ("0 0 31 2 *", "never comes"),
    ],
)
def test_what_is_no_schedule(text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - its text is looked at
        when.parse(text, "kimson")
    assert message in str(error.value)


def test_the_file_says_where_its_secrets_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUUTRU_SECRETS", "")
    monkeypatch.delenv("LUUTRU_SECRETS")
    kept = tmp_path / "secrets.env"
    kept.write_text("BOT=123:abc\n")
    kept.chmod(0o600)
    (tmp_path / "luutru.toml").write_text(f'secrets = "secrets.env"\n{PLAIN}')
    opened(tmp_path / "luutru.toml")
    assert filled("bot${BOT}") == "bot123:abc"


def test_without_a_file_it_is_said_where_one_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"there is no .*luutru.toml; write one, see docs/sched"):
        opened()
