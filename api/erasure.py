"""Erasure: a job is taken out of all that remembers it."""

from jobs.segment_store import SegmentStore
from jobs.store import JobStore
from jobs.work import SharedWork


class Erasure:
    def __init__(self, store: JobStore, work: SharedWork, segments: SegmentStore) -> None:
        self._store = store
        self._work = work
        self._segments = segments

    def erase(self, job_id: str) -> None:
        """Raises JobGone, JobNotFound or StoreUnavailable; then it can be asked for again."""
        # The record last but for what is shared: without it nobody could ask again. A worker that is
        # still at it finds it gone, and erases what it has written since.
        self._segments.forget(job_id)
        self._work.forget(self._store.delete(job_id))
