"""The fingerprint of a job's work: two jobs with the same one have the same results."""

import hashlib
import json
from collections.abc import Iterator, Mapping

from jobs.errors import KhulasaError
from jobs.job import StepRecord
from models.article import Article
from models.engines import Engines
from models.steps import Steps

_VERSION = "3"  # to be raised when the same models give other results, or flags choose others


def work_of(
    article: Article, records: Mapping[str, StepRecord], steps: Steps, engines: Engines
) -> str | None:
    """Of the article's normal form, the steps, their options and the models that would do them now.

    None where a model is missing: such a job fails, and must not be joined.
    """
    digest = hashlib.sha256()
    try:
        for field in _fields(article, records, steps, engines):
            data = field.encode("utf-8", "surrogatepass")
            digest.update(b"%d:%b" % (len(data), data))  # with its length: no text can pass for two fields
    except KhulasaError:
        return None
    return digest.hexdigest()


def _fields(
    article: Article, records: Mapping[str, StepRecord], steps: Steps, engines: Engines
) -> Iterator[str]:
    yield _VERSION
    for name, record in sorted(records.items()):
        yield name
        yield json.dumps(record.options, sort_keys=True)
        yield steps[name].fingerprint(steps[name].options.model_validate(record.options), engines)
    yield from article.normal_form
