"""Glossaries: write, list, read and delete the terms that translations are to keep to."""

import re
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from api.caller import owner
from api.glossaries import COMMA, TAB, check_name, read_json, read_table
from jobs.errors import GlossaryChanged, UnsupportedBody
from jobs.glossaries import GlossaryFacts, GlossaryStore

_REVISION = re.compile("[0-9]{1,18}")
_MAX_BYTES = 4_194_304  # five thousand terms of the longest, in Arabic's two bytes a letter


def glossary_routes(store: GlossaryStore) -> Blueprint:
    routes = Blueprint("glossaries", __name__, url_prefix="/v1/glossaries")

    @routes.get("")
    def list_all() -> Response:
        return jsonify({"glossaries": [_view(facts) for facts in store.all(owner())]})

    @routes.put("/<name>")
    def write(name: str) -> Response:
        request.max_content_length = _MAX_BYTES
        check_name(name)
        if request.content_encoding not in (None, "identity"):
            raise UnsupportedBody("send the glossary not compressed")
        if request.mimetype == "application/json":
            terms = read_json(request.get_data())
        elif request.mimetype in (COMMA, TAB):
            terms = read_table(request.get_data(), "," if request.mimetype == COMMA else "\t")
        else:
            raise UnsupportedBody(f"send application/json, {COMMA} or {TAB}")
        facts, is_new = store.put(owner(), name, terms, _expected(store, owner(), name))
        response = jsonify(_view(facts))
        response.status_code = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        response.set_etag(str(facts.revision))
        return response

    @routes.get("/<name>")
    def read(name: str) -> Response:
        glossary = store.get(owner(), name)
        terms = [{"ar": arabic, "en": english} for arabic, english in glossary.terms]
        response = jsonify(_view(glossary) | {"terms": terms})
        response.set_etag(str(glossary.revision))
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
        return response

    @routes.delete("/<name>")
    def erase(name: str) -> Response:
        store.delete(owner(), name)
        return Response(status=HTTPStatus.NO_CONTENT)

    return routes


def _expected(store: GlossaryStore, whose: str, name: str) -> set[int] | None:
    """The revisions that `If-Match` allows; None where the client does not mind."""
    if not request.if_match:
        return None
    if request.if_match.star_tag:
        found = {facts.revision for facts in store.all(whose) if facts.name == name}
        if not found:
            raise GlossaryChanged("there is none of this name; leave If-Match out")
        return found
    # An empty tag is read as None, and int() refuses to read thousands of digits.
    return {int(tag) for tag in request.if_match if _REVISION.fullmatch(tag or "")}


def _view(facts: GlossaryFacts) -> dict[str, object]:
    return facts.model_dump(mode="json", exclude={"terms"})
