"""The log: identifiers, never what an error quotes."""

import json
import logging
import sys
from contextvars import Context

from jobs.logs import REQUEST_ID, JsonFormatter


def test_a_record_is_one_json_line_with_its_identifiers() -> None:
    record = logging.makeLogRecord({"name": "khulasa.x", "msg": "step.started", "job_id": "01A"})
    line = json.loads(JsonFormatter().format(record))
    assert (line["event"], line["job_id"], line["logger"]) == ("step.started", "01A", "khulasa.x")


def test_a_record_made_while_a_request_is_answered_has_its_id() -> None:
    record = logging.makeLogRecord({"name": "kombu", "msg": "retrying"})
    answering, idle = Context(), Context()
    answering.run(REQUEST_ID.set, "r-1")
    assert json.loads(answering.run(JsonFormatter().format, record))["request_id"] == "r-1"
    assert "request_id" not in json.loads(idle.run(JsonFormatter().format, record))


def test_what_a_library_attaches_to_its_record_is_left_out() -> None:
    record = logging.makeLogRecord(
        {"name": "celery.app.trace", "msg": "failed", "data": {"exc": "نص المقال"}}
    )
    assert "نص المقال" not in JsonFormatter().format(record)


def test_the_message_of_an_error_is_left_out_as_it_may_quote_the_article() -> None:
    try:
        raise ValueError("نص المقال")
    except ValueError:
        record = logging.makeLogRecord(
            {"name": "khulasa.x", "msg": "step.crashed", "exc_info": sys.exc_info()}
        )
    line = JsonFormatter().format(record)
    assert "نص المقال" not in line
    assert json.loads(line)["error"] == "ValueError"
