"""Sending: shapes of webhooks, programs, secrets, and what a failure may say."""

import json
import socket
import sys
from dataclasses import replace
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from crawler.errors import BadInput
from crawler.telling.message import Message, NotDelivered
from crawler.telling.secrets import filled, secret
from crawler.telling.sending import send
from crawler.telling.target import Target
from crawler.watching.target import target_of
from tests.receivers import Hook, receiving_mail

TOLD = Message("Kim Sơn: <thất bại> & chờ", "Từ 03/07.\n", {"alarms": [1]})


def test_a_plain_webhook_gets_the_data(hook: Hook) -> None:
    send(Target("x", "webhook", url=hook.url), TOLD)
    assert hook.got == [("application/json", {"alarms": [1]})]


def test_slack_gets_text_with_its_three_letters_escaped(hook: Hook) -> None:
    send(Target("x", "slack", url=hook.url), TOLD)
    ((_, body),) = hook.got
    assert body == {"text": "Kim Sơn: &lt;thất bại&gt; &amp; chờ\n\nTừ 03/07.\n"}


def test_telegram_gets_text_for_its_chat(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:abc")
    server = hook.url.removesuffix("/hook")
    long = Message("x", "đ😀" * 4000, {})
    send(Target("x", "telegram", url=server, token="${BOT_TOKEN}", chat="-100123"), long)
    ((_, body),) = hook.got
    assert hook.asked == ["/bot123:abc/sendMessage"]
    assert body["chat_id"] == "-100123"
    assert len(body["text"].encode("utf-16-le")) // 2 <= 4096
    assert body["text"].startswith("x\n\nđ😀")
    assert body["text"].endswith("…")


def test_a_program_gets_json_and_text(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = 'printf "%s|%s|" "$LUUTRU_SUBJECT" "$LUUTRU_TEXT" > "$0"; cat >> "$0"'
    send(Target("x", "command", command=("sh", "-c", script, str(out))), TOLD)
    assert out.read_text() == f"{TOLD.subject}|{TOLD.text}|{json.dumps(TOLD.data)}"


def test_a_failure_is_tried_again_and_names_no_secret(hook: Hook) -> None:
    hook.answer = 500
    with pytest.raises(NotDelivered) as told:
        send(Target("x", "webhook", url=f"{hook.url}/T0/SECRET"), TOLD)
    assert str(told.value) == "127.0.0.1: HTTP 500"
    assert hook.asked == ["/hook/T0/SECRET"] * 2
    fails = (sys.executable, "-c", "raise SystemExit(3)", "SECRET")
    with pytest.raises(NotDelivered) as told:
        send(Target("x", "command", command=fails), TOLD)
    assert str(told.value) == f"{sys.executable}: exit code 3"
    with pytest.raises(NotDelivered) as told:
        send(Target("x", "slack", url="http://127.0.0.1:1/SECRET"), TOLD)
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


def test_a_saved_search_finds_its_mail_server_in_the_file_of_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets"
    file.write_text("LUUTRU_SMTP=smtp://me:PASSWORD@127.0.0.1:1\n")
    file.chmod(0o600)
    monkeypatch.delenv("LUUTRU_SMTP", raising=False)
    monkeypatch.setenv("LUUTRU_SECRETS", str(file))
    with pytest.raises(NotDelivered) as told:
        send(target_of("email", "a@example.org"), TOLD)
    assert str(told.value).startswith("127.0.0.1: ")
    assert "PASSWORD" not in str(told.value)


def test_mail_signs_in_with_the_targets_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[tuple[str, str]] = []

    def check(*asked: object) -> AuthResult:
        given = asked[-1]
        assert isinstance(given, LoginPassword)
        signed.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=True)

    monkeypatch.setenv("SMTP_PASSWORD", "p w")
    ways = {"authenticator": check, "auth_require_tls": False}
    with receiving_mail(**ways) as (server, box):
        target = Target("x", "email", to=("a@example.org",), sender="b@example.org", server=server,
                        user="me", password="${SMTP_PASSWORD}")  # fmt: skip
        send(target, TOLD)
    assert signed == [("me", "p w")]
    subject = str(make_header(decode_header(box[0]["Subject"])))
    assert (box[0]["From"], subject) == ("b@example.org", TOLD.subject)


def test_no_password_goes_unencrypted_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Nothing is sent; it tells by which of its addresses this machine speaks to others.
        if probe.connect_ex(("192.0.2.1", 9)):
            pytest.skip("this machine has no address but its own")
        own = probe.getsockname()[0]
    signed: list[object] = []

    def check(*asked: object) -> AuthResult:
        signed.append(asked)
        return AuthResult(success=True)

    monkeypatch.setenv("SMTP_PASSWORD", "p w")
    ways = {"authenticator": check, "auth_require_tls": False}
    with receiving_mail(own, **ways) as (server, box):
        target = Target("x", "email", to=("a@example.org",), server=server,
                        user="me", password="${SMTP_PASSWORD}")  # fmt: skip
        with pytest.raises(NotDelivered, match="it offers no encryption"):
            send(target, TOLD)
        send(replace(target, user=""), TOLD)
    assert (signed, len(box)) == ([], 1)
