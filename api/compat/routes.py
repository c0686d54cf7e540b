"""The routes themselves: translate, detect, languages, settings, health, and suggestions refused."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import Forbidden, MethodNotAllowed

from api.compat.languages import AUTO, Guess, check_pair, check_target, guess, list_languages
from api.compat.markup import Markup
from api.compat.parameters import TranslationRequest, read_text, read_translation
from api.compat.passages import Content, PlainText
from api.compat.refusals import register_refusals
from api.compat.translations import Translations
from jobs.keys import KeyRing
from jobs.settings import Settings
from jobs.store import JobStore

LIBRETRANSLATE = "libretranslate"  # the blueprint's name
_METHODS = {"OPTIONS", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY"}
# Its jobs are in no list: who asked for a translation has its text, and knows of no job.
_OWNER = "/libretranslate"
_TYPING_MILLISECONDS = 500  # that a page waits for the next key before it translates


class CompatRoutes:
    def __init__(
        self, translations: Translations, store: JobStore, keys: KeyRing, settings: Settings
    ) -> None:
        self._translations = translations
        self._store = store
        self._keys = keys
        self._most_chars = settings.max_article_chars

    def blueprint(self) -> Blueprint:
        routes = Blueprint(LIBRETRANSLATE, __name__)
        register_refusals(routes)
        for path, method, view in [
            ("/translate", "POST", self.translate),
            ("/detect", "POST", self.detect),
            ("/suggest", "POST", self.suggest),
            ("/languages", "GET", self.languages),
            ("/frontend/settings", "GET", self.frontend_settings),
            ("/health", "GET", self.health),
        ]:
            routes.add_url_rule(path, view_func=view, methods=[method], provide_automatic_options=False)
            # Else a wrong method would be answered outside this blueprint, in another shape.
            others = sorted(_METHODS - {method} - ({"HEAD"} if method == "GET" else set()))
            routes.add_url_rule(path, f"{view.__name__}_only", _only(method), methods=others)
        return routes

    def translate(self) -> Response:
        asked = read_translation(self._most_chars)
        contents: list[Content] = [Markup(it) if asked.is_html else PlainText(it) for it in asked.texts]
        guesses = [guess(it.text) for it in contents] if asked.source == AUTO else None
        self._check_languages(asked, contents)
        given = self._rendered(asked, contents, guesses)
        answer: dict[str, Any] = {"translatedText": given if asked.is_list else given[0]}
        if guesses is not None:
            found = [it.as_json() for it in guesses]
            answer["detectedLanguage"] = found if asked.is_list else found[0]
        if asked.alternatives:
            answer["alternatives"] = [[] for _ in given] if asked.is_list else []
        return jsonify(answer)

    def detect(self) -> Response:
        return jsonify([guess(read_text(self._most_chars)).as_json()])

    def languages(self) -> Response:
        return jsonify(list_languages())

    def frontend_settings(self) -> Response:
        required = self._keys.required()
        return jsonify(
            charLimit=self._most_chars,
            frontendTimeout=_TYPING_MILLISECONDS,
            apiKeys=required,
            keyRequired=required,
            suggestions=False,
            filesTranslation=False,
            supportedFilesFormat=[],
            language={
                "source": {"code": AUTO, "name": "Auto Detect"},
                "target": {"code": "en", "name": "English"},
            },
        )

    def health(self) -> Response:
        self._store.unfinished()  # raises where Redis is away
        return jsonify(status="ok")

    def suggest(self) -> Response:
        raise Forbidden("Suggestions are disabled on this server.")

    def _check_languages(self, asked: TranslationRequest, contents: list[Content]) -> None:
        """Of all texts together: a word in a third language does not spoil a list in Arabic."""
        check_target(asked.target)
        source = asked.source
        if source == AUTO:
            source = guess("\n".join(it.text for it in contents)).language
        check_pair(source, asked.target)

    def _rendered(
        self, asked: TranslationRequest, contents: list[Content], guesses: list[Guess] | None
    ) -> list[str]:
        """Each text in English, or as it is where it is not Arabic or Arabic is wanted."""
        languages = [it.language for it in guesses] if guesses else [asked.source] * len(contents)
        is_due = [language == "ar" != asked.target for language in languages]
        due = [content for content, it in zip(contents, is_due, strict=True) if it]
        passages = list(dict.fromkeys(passage for content in due for passage in content.passages()))
        if not passages:
            return asked.texts
        translated = self._translations.of(passages, _OWNER)
        return [
            content.rendered(translated) if it else text
            for content, it, text in zip(contents, is_due, asked.texts, strict=True)
        ]


def _only(method: str) -> Callable[[], Response]:
    allowed = [method, "OPTIONS"]

    def refuse() -> Response:
        if request.method == "OPTIONS":
            return Response(headers={"Allow": ", ".join(allowed)})
        raise MethodNotAllowed(allowed, f"The method {request.method} is not allowed here; use {method}")

    return refuse
