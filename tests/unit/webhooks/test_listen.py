"""What `khulasa webhooks listen` says of deliveries, to people and to scripts, and how it starts and ends."""

import json
import re
import shlex
import signal
import threading
from base64 import b64decode
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby

import httpx
import pytest

from tests.unit.webhooks.running import BODY, EVENT, OTHER, ROOT, SECRET, Listen, command
from tests.webhooks.official import signed_headers


def test_a_good_delivery_is_told_in_a_few_lines(listen: Listen) -> None:
    listener = listen()
    assert listener.post().status_code == 204
    told, errors = listener.stop()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d UTC job\.succeeded · msg_1 · new\n"
        r"  job 01M8JOB succeeded · reference cms-4711 · title زيارة \[2Jإلى بغداد\n"
        r"  summary: وصل الوزير\.\n"
        r"  translation failed: poisoned · The worker died\n"
        r"  segments: 21 in, 20 out, 0 truncated, 3 flagged\n"
        r"  signature good, answered 204\n"
        r"\nReceived 1 \(of 1 webhook-ids\), refused 0\.\n",
        told,
    ), told
    assert errors == ""


def test_a_ping_is_told_too(listen: Listen) -> None:
    body = json.dumps({"type": "ping", "timestamp": "2026-11-22T07:12:04Z", "data": {}}).encode()
    listener = listen()
    assert listener.post(body).status_code == 204
    assert "ping · msg_1 · new\n  signature good" in listener.stop()[0]


def test_a_repeated_webhook_id_is_told_from_a_new_one(listen: Listen) -> None:
    listener = listen("--answer", "500")
    for webhook_id in ("msg_1", "msg_2", "msg_1"):
        assert listener.post(headers=signed_headers(BODY, SECRET, webhook_id=webhook_id)).status_code == 500
    told, _ = listener.stop()
    assert re.findall(r"msg_\d · .*", told) == [
        "msg_1 · new",
        "msg_2 · new",
        "msg_1 · came before, this is time 2",
    ]
    assert "Received 3 (of 2 webhook-ids), refused 0." in told


def test_while_secrets_are_rotated_either_is_believed(listen: Listen) -> None:
    listener = listen(secret=None, env_secret=f"{SECRET},{OTHER}")
    for secrets in ([SECRET], [OTHER], [OTHER, SECRET]):
        assert listener.post(headers=signed_headers(BODY, *secrets)).status_code == 204
    assert listener.post(headers=signed_headers(BODY, "whsec_" + "YWFh" * 8)).status_code == 400
    assert SECRET not in listener.first_words


def test_scripts_get_one_object_a_line_and_nothing_else(listen: Listen) -> None:
    listener = listen("--json")
    listener.post()
    listener.post(headers={})
    listener.post()
    lines, words = listener.stop()
    found = [json.loads(line) for line in lines.splitlines()]
    assert [(it["webhook_id"], it["times"], it["answered"]) for it in found] == [
        ("msg_1", 1, 204),
        ("msg_1", 2, 204),
    ]
    assert [it["event"] for it in found] == [EVENT, EVENT]
    assert datetime.now(UTC) - datetime.fromisoformat(found[0]["attempted_at"]) < timedelta(minutes=1)
    assert "REFUSED: it is not signed" in words
    assert "Received 2 (of 1 webhook-ids), refused 1." in words


def test_a_script_may_stop_reading(listen: Listen) -> None:
    listener = listen("--json")
    assert listener.process.stdout
    listener.process.stdout.close()
    with suppress(httpx.TransportError):  # it may end before it has answered; whoever delivers tries again
        listener.post()
    assert listener.process.wait(timeout=30) == 0
    assert listener.process.stderr
    assert "Traceback" not in listener.process.stderr.read()


def test_deliveries_at_the_same_time_keep_their_lines_together(listen: Listen) -> None:
    listener = listen()
    bodies = [
        json.dumps(
            {
                "type": "x",
                "data": {"results": {f"{of}.{step}": {"problem": {"code": of}} for step in range(300)}},
            }
        )
        for of in range(8)
    ]
    threads = [threading.Thread(target=listener.post, args=(body.encode(),)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [line.split(".")[0].strip() for line in listener.stop()[0].splitlines() if " failed" in line]
    assert [of for of, _ in groupby(told)] == list(dict.fromkeys(told))
    assert Counter(told) == {str(of): 300 for of in range(8)}


def test_without_a_secret_one_is_made_with_the_commands_that_go_with_it(listen: Listen) -> None:
    first, second = listen(secret=None), listen(secret=None)
    words = shlex.split(first.first_words)
    told = dict(word.split("=", 1) for word in words if word.startswith("KHULASA_"))
    secret = told["KHULASA_WEBHOOK_SECRET"]
    assert 24 <= len(b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert secret not in second.first_words
    assert told | {"KHULASA_WEBHOOK_SECRET": ""} == {
        "KHULASA_WEBHOOK_SECRET": "",
        "KHULASA_WEBHOOK_ALLOW_HTTP": "true",
        "KHULASA_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32",
    }
    assert (
        json.loads(next(word for word in words if word.startswith("webhook=")).partition("=")[2])["url"]
        == first.url
    )
    assert (ROOT / next(word for word in words if word.startswith("file=@")).removeprefix("file=@")).is_file()
    assert first.post(headers=signed_headers(BODY, secret)).status_code == 204
    assert second.post(headers=signed_headers(BODY, secret)).status_code == 400


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_with_a_tally(listen: Listen, how: signal.Signals) -> None:
    listener = listen()
    listener.post()
    listener.post(headers={})
    told, errors = listener.stop(how)
    assert told.endswith("\nReceived 1 (of 1 webhook-ids), refused 1.\n")
    assert errors == ""


def test_a_port_that_is_taken_is_said_so(listen: Listen) -> None:
    port = str(listen().port)
    with command("webhooks", "listen", "--port", port) as second:
        told, error = second.communicate(timeout=30)
    assert (second.returncode, told, len(error.splitlines())) == (1, "", 1)
    assert f"cannot listen on 127.0.0.1:{port} (Address already in use)" in error
    assert "--port" in error


@pytest.mark.parametrize(
    "secret", ["hunter2", "whsec_c2hvcnQ=", "whsec_" + "bmV3!" * 10, "whsec_" + "é" * 40, f"{SECRET},"]
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with command("webhooks", "listen", "--port", "0", secret=secret) as process:
        told, error = process.communicate(timeout=30)
    assert (process.returncode, told, len(error.splitlines())) == (1, "", 1)
    assert "a secret is whsec_" in error
    assert secret.removeprefix("whsec_") not in error


@pytest.mark.parametrize(
    "words", [("--answer", "99"), ("--answer", "600"), ("--port", "65536"), ("--port", "x")]
)
def test_a_number_out_of_range_is_refused(words: tuple[str, ...]) -> None:
    with command("webhooks", "listen", *words) as process:
        error = process.communicate(timeout=30)[1]
    assert process.returncode == 2
    assert words[0] in error
