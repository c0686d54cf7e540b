"""The base of what clients send as JSON: no field that does not exist, no value of another type."""

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def _whole(value: object) -> object:
    """60.0 is an integer to JSON Schema, and to programs that have but one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)  # stands last in Annotated: bounds after it are lost to the JSON Schema
