"""The area of glossaries: the terms that translations are to keep to."""

from pydantic import BaseModel

from api.glossaries import COMMA, TAB, GlossarySubmission, TermSubmission
from api.openapi.words import Area, Json, Operation, answer, body_of, text_of
from api.problems import BodyTooLarge, MalformedRequest
from jobs import errors
from jobs.glossaries import GlossaryFacts

_STORE = (errors.StoreUnavailable,)
_EXAMPLE: Json = {"terms": [{"ar": "الكاظمي", "en": "al-Kadhimi"}, {"ar": "رويترز", "en": ""}]}
_NAME: Json = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Your name for it.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "description": "The `ETag` that you have: 412 if it has changed since. `*`: only if there is one.",
    "schema": {"type": "string"},
}


class GlossaryView(GlossaryFacts):
    terms: list[TermSubmission]


class GlossaryList(BaseModel):
    glossaries: list[GlossaryFacts]


def glossaries_area() -> Area:
    write = Operation(
        name="writeGlossary",
        summary="Write a glossary",
        description="It takes the place of the one of that name. A job keeps the terms as they were when it "
        "was submitted.",
        parameters=[_IF_MATCH],
        body=body_of("GlossarySubmission", two_terms=_EXAMPLE)
        | text_of(COMMA, "Arabic and English, a term a line.", "الكاظمي,al-Kadhimi\n")
        | text_of(TAB, "The same with a tab between them.", "الكاظمي\tal-Kadhimi\n"),
        answers={
            200: answer("It is replaced.", body_of("GlossaryFacts"), headers=["ETag"]),
            201: answer("It is new.", body_of("GlossaryFacts"), headers=["ETag"]),
        },
        errors=[
            errors.MalformedBody,
            MalformedRequest,
            errors.TooManyGlossaries,
            errors.GlossaryChanged,
            BodyTooLarge,
            errors.UnsupportedBody,
            errors.InvalidSubmission,
            errors.InvalidGlossary,
            errors.UnknownField,
            errors.StoreUnavailable,
            errors.StoreFull,
        ],
    )
    list_all = Operation(
        name="listGlossaries",
        summary="List your glossaries",
        description="Without their terms.",
        answers={200: answer("All of them.", body_of("GlossaryList"))},
        errors=_STORE,
    )
    read = Operation(
        name="readGlossary",
        summary="Read a glossary",
        description="With its terms, in the order in which they were written.",
        answers={
            200: answer("The glossary.", body_of("GlossaryView"), headers=["ETag"]),
            304: answer("It has not changed since that `ETag`.", headers=["ETag"]),
        },
        errors=[errors.GlossaryNotFound, *_STORE],
    )
    erase = Operation(
        name="deleteGlossary",
        summary="Delete a glossary",
        description="Jobs that were submitted with it keep its terms.",
        answers={204: answer("It is gone.")},
        errors=[errors.GlossaryNotFound, *_STORE],
    )
    return Area(
        name="Glossaries",
        description="Arabic terms with the English that must stand for them.",
        paths={
            "/v1/glossaries": {"get": list_all.described("Glossaries")},
            "/v1/glossaries/{name}": {
                "parameters": [_NAME],
                "put": write.described("Glossaries"),
                "get": read.described("Glossaries"),
                "delete": erase.described("Glossaries"),
            },
        },
        inputs=[GlossarySubmission],
        outputs=[GlossaryFacts, GlossaryView, GlossaryList],
    )
