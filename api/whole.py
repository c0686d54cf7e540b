"""Whole numbers as JSON has them."""

from pydantic import BeforeValidator


def _whole(value: object) -> object:
    """60.0 is an integer to JSON Schema, and to programs that have but one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
"""For a field of integers; after its bounds, or its schema has none."""
