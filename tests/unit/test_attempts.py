"""What pool processes tell their parent."""

import os
import signal

from worker.attempts import Attempt, Journal, Note

ATTEMPT = Attempt("01TEST", "summary", "t")


def test_what_an_attempt_goes_through_is_told_in_order() -> None:
    journal = Journal()
    journal.begin(ATTEMPT)
    with journal.loading():
        pass
    journal.progress()
    journal.end()
    told = [(note.attempt, note.is_loading) for note in journal.read()]
    assert told == [(ATTEMPT, False), (ATTEMPT, True), (ATTEMPT, False), (ATTEMPT, False), (None, False)]
    assert journal.read() == []


def test_what_a_killed_process_has_said_can_still_be_read() -> None:
    journal = Journal()
    if not (child := os.fork()):
        journal.begin(ATTEMPT)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert journal.read() == [Note(child, ATTEMPT, is_loading=False)]


def test_a_parent_that_does_not_read_holds_nobody_up() -> None:
    journal = Journal()
    for _ in range(5_000):
        journal.begin(ATTEMPT)
    assert {note.attempt for note in journal.read()} == {ATTEMPT}
    journal.end()
    assert [note.attempt for note in journal.read()] == [None]
