"""The reference: the OpenAPI document arranged for reading."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Row:
    """A field of a body, or a parameter; `depth` is how far inside the body it stands."""

    name: str
    kind: str
    required: bool
    description: str
    depth: int = 0


@dataclass(frozen=True)
class Body:
    media_type: str
    rows: list[Row]
    examples: list[tuple[str, Any]]  # what it shows, and the JSON value or text


@dataclass(frozen=True)
class Reply:
    status: str
    description: str
    headers: list[str]
    bodies: list[Body]

    @property
    def is_problem(self) -> bool:
        return self.status >= "4"


@dataclass(frozen=True)
class Entry:
    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    bodies: list[Body]
    replies: list[Reply]
    curl: str


@dataclass(frozen=True)
class Section:
    name: str
    description: str
    entries: list[Entry]


def sections_of(document: Json) -> list[Section]:
    """In the order of the document's tags."""
    return [
        Section(
            tag["name"],
            tag["description"],
            [
                _entry(document, path, method, item)
                for path, item in document["paths"].items()
                for method in _METHODS
                if tag["name"] in item.get(method, {}).get("tags", ())
            ],
        )
        for tag in document["tags"]
    ]


def _entry(document: Json, path: str, method: str, item: Json) -> Entry:
    operation = item[method]
    content = operation.get("requestBody", {}).get("content", {})
    return Entry(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation["description"],
        parameters=[
            _parameter(document, it) for it in [*item.get("parameters", ()), *operation["parameters"]]
        ],
        bodies=_bodies(document, content),
        replies=[
            Reply(
                status,
                it["description"],
                list(it.get("headers", ())),
                _bodies(document, it.get("content", {})),
            )
            for status, it in operation["responses"].items()
        ],
        curl=_curl(path, method, content),
    )


def _parameter(document: Json, parameter: Json) -> Row:
    kind = _kind(document, parameter["schema"])
    return Row(
        name=parameter["name"],
        kind=f"{parameter['in']}, {kind}",
        required=parameter.get("required", False),
        description=parameter.get("description", ""),
    )


def _bodies(document: Json, content: Json) -> list[Body]:
    return [
        Body(media_type, list(_rows(document, it["schema"])), list(_examples(it)))
        for media_type, it in content.items()
    ]


def _examples(content: Json) -> Iterator[tuple[str, Any]]:
    if "example" in content:
        yield "example", content["example"]
    for name, example in content.get("examples", {}).items():
        yield name, example["value"]


def _curl(path: str, method: str, content: Json) -> str:
    command = f'curl "$KHULASA{path}"'.replace("{job_id}", "$ID").replace("{step}", "translation")
    if method != "get":
        command = command.replace("curl", f"curl -X {method.upper()}", 1)
    for media_type, it in content.items():
        for _, example in _examples(it):
            body = json.dumps(example, ensure_ascii=False)
            return f"{command} -H 'Content-Type: {media_type}' \\\n  -d '{body}'"
    return command


def _rows(document: Json, schema: Json, depth: int = 0) -> Iterator[Row]:
    """The fields, each followed by those inside it; nothing for a body that has none."""
    inner = _fields_inside(document, schema)
    for name, field in inner.get("properties", {}).items():
        yield Row(
            name=name,
            kind=_kind(document, field),
            required=name in inner.get("required", ()),
            description=field.get("description", ""),
            depth=depth,
        )
        yield from _rows(document, field, depth + 1)


def _fields_inside(document: Json, schema: Json) -> Json:
    """The object that a schema is, holds as items, or is where it is not null."""
    schema = _resolved(document, schema)
    if "properties" in schema:
        return schema
    choices = [it for it in schema.get("anyOf", ()) if it.get("type") != "null"]
    if len(choices) == 1:
        return _fields_inside(document, choices[0])
    return _fields_inside(document, schema["items"]) if "items" in schema else {}


def _kind(document: Json, schema: Json) -> str:
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        return " or ".join(_kind(document, it) for it in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(it) for it in schema.get("enum", [schema.get("const")]))
    if "items" in schema:
        return f"list of {_kind(document, schema['items'])}"
    return f"{schema.get('type', 'any')}{_bounds(schema)}"


def _bounds(schema: Json) -> str:
    told = [
        f"{word} {schema[name]}"
        for name, word in (
            ("minimum", "from"),
            ("exclusiveMinimum", "above"),
            ("maximum", "to"),
            ("maxLength", "to length"),
            ("default", "default"),
        )
        if schema.get(name) is not None
    ]
    return f" ({', '.join(told)})" if told else ""


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema
