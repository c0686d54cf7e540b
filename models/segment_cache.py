"""The segment cache as steps see it: what was worked out before, by keys that say all that decides it."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class SegmentCache(Protocol):
    """Values by key, for one job. Whatever is wrong with it is a miss: no method raises or takes long."""

    def take(self, keys: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
        """What is there, and which keys are the caller's to work out and give back.

        The others are being worked out elsewhere: ask again.
        """
        ...

    def renew(self, keys: Sequence[str]) -> None:
        """They are still being worked out."""
        ...

    def give_back(self, keys: Sequence[str], values: Mapping[str, str]) -> None:
        """With what there is of them now; where that is nothing, somebody else takes them."""
        ...


class NoCache:
    """Nothing is there, and all is the caller's to work out."""

    def take(self, keys: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
        return {}, keys

    def renew(self, keys: Sequence[str]) -> None:
        pass

    def give_back(self, keys: Sequence[str], values: Mapping[str, str]) -> None:
        pass
