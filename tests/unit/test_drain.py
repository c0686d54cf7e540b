"""The drain, on the clock that processes share."""

import os

from worker.drain import Drain


def test_nothing_is_over_before_it_has_begun() -> None:
    drain = Drain(0)
    assert (drain.is_on, drain.is_over, drain.is_hurried) == (False, False, False)


def test_attempts_may_go_on_for_the_set_time() -> None:
    drain = Drain(60)
    drain.begin()
    assert (drain.is_on, drain.is_over) == (True, False)
    assert -60 <= drain.overdue_seconds < -50


def test_a_second_beginning_ends_it_and_a_third_does_not_put_that_off() -> None:
    drain = Drain(60)
    drain.begin()
    drain.begin()
    assert (drain.is_over, drain.is_hurried) == (True, True)
    overdue = drain.overdue_seconds
    drain.begin()
    assert drain.overdue_seconds >= overdue


def test_a_process_forked_before_it_sees_it() -> None:
    drain = Drain(0)
    told_reader, told_writer = os.pipe()
    if not (child := os.fork()):
        os.read(told_reader, 1)
        os._exit(0 if drain.is_over else 1)
    drain.begin()
    os.write(told_writer, b".")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(told_reader)
    os.close(told_writer)
