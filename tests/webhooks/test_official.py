"""What official verifiers say of deliveries signed as ours are."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.webhooks.official import signed_headers, verify_with_node, verify_with_python

NEW, OLD = "whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8
BODY = json.dumps(
    {"type": "job.succeeded", "data": {"article": {"title": "أعلنت الوزارة: «افتتاح» المستشفى؟"}}},
    ensure_ascii=False,
).encode()
Verify = Callable[[bytes, dict[str, str], str], bool]
each_verifier = pytest.mark.parametrize("verify", [verify_with_python, verify_with_node])


@each_verifier
def test_a_receiver_with_either_secret_accepts_what_both_signed(verify: Verify) -> None:
    headers = signed_headers(BODY, NEW, OLD)
    assert headers["webhook-signature"].count("v1,") == 2
    assert verify(BODY, headers, NEW)
    assert verify(BODY, headers, OLD)


@each_verifier
@pytest.mark.parametrize(
    "changed",
    [BODY.replace("الوزارة".encode(), "الوزاره".encode()), BODY + b" ", b""],
    ids=["letter", "space", "all"],
)
def test_a_receiver_refuses_a_changed_body(verify: Verify, changed: bytes) -> None:
    assert not verify(changed, signed_headers(BODY, NEW, OLD), NEW)


@each_verifier
def test_a_receiver_refuses_a_changed_header(verify: Verify) -> None:
    headers = signed_headers(BODY, NEW)
    later = str(int(headers["webhook-timestamp"]) + 1)
    assert not verify(BODY, headers | {"webhook-id": "msg_2"}, NEW)
    assert not verify(BODY, headers | {"webhook-timestamp": later}, NEW)
    assert not verify(BODY, headers | {"webhook-signature": "v1,AAAA"}, NEW)


@each_verifier
def test_a_receiver_refuses_what_another_secret_signed(verify: Verify) -> None:
    assert not verify(BODY, signed_headers(BODY, OLD), NEW)


@each_verifier
def test_a_receiver_refuses_a_delivery_of_six_minutes_ago(verify: Verify) -> None:
    at = datetime.now(UTC) - timedelta(minutes=6)
    assert not verify(BODY, signed_headers(BODY, NEW, at=at), NEW)
