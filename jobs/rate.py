"""A rate: how many requests in which time."""

from typing import Annotated

from pydantic import StringConstraints

PATTERN = r"^[1-9][0-9]{0,8}/(second|minute|hour|day)$"
Rate = Annotated[str, StringConstraints(pattern=PATTERN)]
