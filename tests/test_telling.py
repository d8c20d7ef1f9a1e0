"""Sending: shapes of webhooks, programs, secrets, and what a failure may say."""

import json
import os
import sys
from pathlib import Path

import pytest

from crawler.errors import BadInput
from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import filled, secret
from crawler.telling.sending import checked, send
from tests.receivers import Hook

TOLD = Message("Kim Sơn: <thất bại> & chờ", "Từ 03/07.\n", {"alarms": [1]})


def test_a_plain_webhook_gets_the_data(hook: Hook) -> None:
    send("webhook", hook.url, TOLD)
    assert hook.got == [("application/json", {"alarms": [1]})]


def test_slack_gets_text_with_its_three_letters_escaped(hook: Hook) -> None:
    send("webhook", f"slack+{hook.url}", TOLD)
    ((_, body),) = hook.got
    assert body == {"text": "Kim Sơn: &lt;thất bại&gt; &amp; chờ\n\nTừ 03/07.\n"}


def test_telegram_gets_text_for_the_chat_that_the_address_names(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:abc")
    base = hook.url.removesuffix("/hook")
    target = f"telegram+{base}/bot${{BOT_TOKEN}}/sendMessage?chat_id=-100123"
    long = Message("x", "đ😀" * 4000, {})
    send("webhook", target, long)
    ((_, body),) = hook.got
    assert hook.paths == ["/bot123:abc/sendMessage"]
    assert body["chat_id"] == "-100123"
    assert len(body["text"].encode("utf-16-le")) // 2 <= 4096
    assert body["text"].startswith("x\n\nđ😀")
    assert body["text"].endswith("…")


def test_a_program_gets_json_and_text(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = 'printf "%s|%s|" "$LUUTRU_SUBJECT" "$LUUTRU_TEXT" > "$0"; cat >> "$0"'
    send("command", f"sh -c '{script}' {out}", TOLD)
    assert out.read_text() == f"{TOLD.subject}|{TOLD.text}|{json.dumps(TOLD.data)}"


def test_a_failure_is_tried_again_and_names_no_secret(hook: Hook) -> None:
    hook.answer = 500
    with pytest.raises(NotDelivered) as told:
        send("webhook", hook.url + "/T0/SECRET", TOLD)
    assert str(told.value) == "127.0.0.1: HTTP 500"
    assert hook.asked == ["/hook/T0/SECRET"] * 2
    with pytest.raises(NotDelivered) as told:
        send("command", f"{sys.executable} -c 'raise SystemExit(3)' SECRET", TOLD)
    assert str(told.value) == f"{sys.executable}: exit code 3"
    with pytest.raises(NotDelivered) as told:
        send("webhook", "http://127.0.0.1:1/SECRET", TOLD)
    assert "SECRET" not in str(told.value)


def test_secrets_come_from_the_environment_or_a_file_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets"
    file.write_text("# for the bot\nTOKEN = 1=2\nSHARED=file\n")
    monkeypatch.setenv("LUUTRU_SECRETS", str(file))
    monkeypatch.setenv("SHARED", "environment")
    file.chmod(0o640)
    with pytest.raises(BadInput, match="chmod 600"):
        secret("TOKEN")
    file.chmod(0o600)
    assert filled("a/${TOKEN}/${SHARED}") == "a/1=2/environment"
    with pytest.raises(BadInput, match="NONE is not set"):
        filled("${NONE}")
    file.unlink()
    with pytest.raises(BadInput, match="can't be read"):
        secret("TOKEN")


def test_mail_signs_in_by_the_file_of_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets"
    file.write_text("LUUTRU_SMTP=smtp://127.0.0.1:1\n")
    os.chmod(file, 0o600)
    monkeypatch.delenv("LUUTRU_SMTP", raising=False)
    monkeypatch.setenv("LUUTRU_SECRETS", str(file))
    with pytest.raises(NotDelivered, match=r"127\.0\.0\.1"):
        send("email", "a@example.org", TOLD)


@pytest.mark.parametrize("target", ["slack+https://hooks.example/x", "https://x.example/${T}"])
def test_addresses_of_webhooks_are_understood(target: str) -> None:
    assert checked("webhook", target) == target


@pytest.mark.parametrize("target", ["slack+", "teams+https://x.example/", "slack+ftp://x.example"])
def test_other_addresses_are_refused(target: str) -> None:
    with pytest.raises(BadInput, match="no address"):
        checked("webhook", target)
