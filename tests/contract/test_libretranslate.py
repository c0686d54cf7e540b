"""LibreTranslate's routes over real HTTP, with its own Python client and with bare requests."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from libretranslatepy import LibreTranslateAPI
from pydantic import SecretStr

from api.app import create_app
from api.compat import translations
from api.compat.parameters import api_key
from deploy.local.stack import Stack
from jobs.settings import Settings
from jobs.store import connect
from tests.conftest import StartStack

QUESTION = "هل وصل الوفد إلى القاهرة؟"
SENTENCE = "قال الوزير إن الخطة الجديدة تبدأ غدا."
ROUTES = {
    "/translate": "POST",
    "/detect": "POST",
    "/suggest": "POST",
    "/languages": "GET",
    "/frontend/settings": "GET",
    "/health": "GET",
}


def post(api: httpx.Client, q: Any, source: str = "ar", **fields: Any) -> Any:
    response = api.post("/translate", json={"q": q, "source": source, "target": "en", **fields})
    assert response.status_code == 200, response.text
    return response.json()


def translated(api: httpx.Client, q: Any, **fields: Any) -> Any:
    return post(api, q, **fields)["translatedText"]


def is_english(text: str) -> bool:
    return bool(text) and text.isascii()


@pytest.fixture
def client(stack: Stack) -> LibreTranslateAPI:
    return LibreTranslateAPI(stack.url, api_key="any")


def test_its_client_translates(client: LibreTranslateAPI) -> None:
    assert "minister" in client.translate(SENTENCE, "ar", "en").casefold()
    assert is_english(client.translate(SENTENCE, "auto", "en"))


def test_its_client_detects(client: LibreTranslateAPI) -> None:
    (found,) = client.detect(SENTENCE)
    assert found["language"] == "ar"
    assert 50 < found["confidence"] <= 100
    assert client.detect("The minister announced a new plan for schools.")[0]["language"] == "en"


def test_its_client_lists_the_languages(client: LibreTranslateAPI) -> None:
    assert client.languages() == [
        {"code": "ar", "name": "Arabic", "targets": ["ar", "en"]},
        {"code": "en", "name": "English", "targets": ["en"]},
    ]


def test_a_question_keeps_its_mark(api: httpx.Client) -> None:
    english = translated(api, QUESTION)
    assert is_english(english)
    assert english.endswith("?")


def test_a_list_is_answered_text_by_text(api: httpx.Client) -> None:
    texts = [SENTENCE, "", QUESTION, "Hello", "12,5 ٣", " ", SENTENCE, "😀", f"{QUESTION}\n\n{SENTENCE}"]
    given = translated(api, texts)
    assert len(given) == len(texts)
    assert [given[place] for place in (1, 3, 4, 5, 7)] == ["", "Hello", "12,5 ٣", " ", "😀"]
    assert given[0] == given[6] == translated(api, SENTENCE)
    assert given[2] == translated(api, QUESTION)
    assert given[8] == f"{given[2]}\n\n{given[0]}"


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\n\n\n", "\r", "\n \t\n"])
def test_line_breaks_and_the_space_around_a_text_are_kept_exactly(api: httpx.Client, breaks: str) -> None:
    english = translated(api, f" \n{SENTENCE}{breaks}Reuters 2024{breaks}{QUESTION}  \n")
    assert (
        english
        == f" \n{translated(api, SENTENCE)}{breaks}Reuters 2024{breaks}{translated(api, QUESTION)}  \n"
    )


def test_two_sentences_without_a_space_get_one(api: httpx.Client) -> None:
    assert ". " in translated(api, "انتهى الخبر الأول.بدأ الخبر الثاني اليوم.")


def test_a_form_of_either_kind_is_understood(api: httpx.Client) -> None:
    fields = {"q": SENTENCE, "source": "ar", "target": "en", "format": "text", "api_key": ""}
    english = translated(api, SENTENCE)
    assert api.post("/translate", data=fields).json() == {"translatedText": english}
    files = {name: (None, value) for name, value in fields.items()}
    assert api.post("/translate", files=files).json() == {"translatedText": english}
    several = api.post("/translate", data={**fields, "q": [SENTENCE, "Hello"]})
    assert several.json() == {"translatedText": [english, "Hello"]}


def test_a_form_may_be_as_long_as_an_article(api: httpx.Client) -> None:
    digits = "٣" * 100_000
    fields = {"q": digits, "source": "ar", "target": "en"}
    assert api.post("/translate", data=fields).json()["translatedText"] == digits
    files = {name: (None, value) for name, value in fields.items()}
    assert api.post("/translate", files=files).json()["translatedText"] == digits


def test_auto_says_what_it_found(api: httpx.Client) -> None:
    found = post(api, SENTENCE, source="auto")
    assert is_english(found["translatedText"])
    assert found["detectedLanguage"]["language"] == "ar"
    assert 0 < found["detectedLanguage"]["confidence"] <= 100
    assert "detectedLanguage" not in post(api, SENTENCE)


def test_auto_leaves_english_as_it_is(api: httpx.Client) -> None:
    english = "The minister announced a new plan for schools today."
    found = post(api, english, source="auto")
    assert (found["translatedText"], found["detectedLanguage"]["language"]) == (english, "en")


def test_auto_tells_each_text_of_a_list_apart(api: httpx.Client) -> None:
    texts = [SENTENCE, "The minister announced a new plan.", "2024", "Bonjour à tous, le plan est nouveau."]
    found = post(api, texts, source="auto")
    assert [it["language"] for it in found["detectedLanguage"]] == ["ar", "en", "en", "fr"]
    assert found["detectedLanguage"][2]["confidence"] == 0
    assert found["translatedText"][1:] == texts[1:]


def test_alternatives_are_accepted_and_there_are_none(api: httpx.Client) -> None:
    assert post(api, SENTENCE, alternatives=3)["alternatives"] == []
    assert post(api, [SENTENCE, "a"], alternatives="1")["alternatives"] == [[], []]
    assert "alternatives" not in post(api, SENTENCE, alternatives=0)


HTML = [
    pytest.param(
        "<p class=a>قال <b>الوزير</b> إن <a href=\"/x?a=1&amp;b=2\" title='a>b'>الخطة</a> تبدأ غدا.</p>",
        ["<b>minister</b>", "<a href=\"/x?a=1&amp;b=2\" title='a>b'>", "</a>", "<p class=a>", "</p>"],
        id="inline tags",
    ),
    pytest.param(
        "<div>\n  <h1>أخبار اليوم</h1>\n  <!-- تعليق <b> --><p>"
        + QUESTION
        + "<br/>"
        + SENTENCE
        + "</p>\n</div>",
        ["<div>\n  <h1>", "</h1>\n  <!-- تعليق <b> --><p>", "?<br/>", "</p>\n</div>"],
        id="blocks, comments and white space",
    ),
    pytest.param(
        "<style>p::before{content:'قال'}</style><p>"
        + SENTENCE
        + "</p><script>var a = '<b>قال' && 1;</script>",
        ["<style>p::before{content:'قال'}</style><p>", "</p><script>var a = '<b>قال' && 1;</script>"],
        id="style and script",
    ),
    pytest.param(
        "<p>" + SENTENCE + "</p><p>AT&amp;T &copy; 2024 &lt;b&gt;</p><p title='قال'>&nbsp;</p>",
        ["<p>AT&amp;T &copy; 2024 &lt;b&gt;</p><p title='قال'>&nbsp;</p>"],
        id="entities and attributes",
    ),
    pytest.param(
        "<a href=/1>الأخبار</a> | <a href=/2>الرياضة</a>",
        ["<a href=/1>", "</a> | <a href=/2>"],
        id="a menu",
    ),
    pytest.param(SENTENCE, ["minister"], id="no tag at all"),
    pytest.param("<p>" + SENTENCE + "<p>" + QUESTION + "<b>", ["<p>", "?", "<b>"], id="tags that do not end"),
]


@pytest.mark.parametrize(("source", "kept"), HTML)
def test_html_keeps_its_tags(api: httpx.Client, source: str, kept: list[str]) -> None:
    english = translated(api, source, format="html")
    assert all(piece in english for piece in kept), english
    assert sorted(tags_of(english)) == sorted(tags_of(source))


def test_what_was_escaped_stays_escaped(api: httpx.Client) -> None:
    source = "<p>كتب المدير &lt;img src=x onerror=alert(1)&gt; في الصفحة.</p>"
    assert tags_of(translated(api, source, format="html")) == ["p", "/p"]
    kept = translated(api, "<p>" + SENTENCE + " &lt;script&gt;1&lt;/script&gt;</p>", format="html")
    assert tags_of(kept) == ["p", "/p"]


def test_a_list_of_html_and_auto(api: httpx.Client) -> None:
    found = post(api, ["<b>" + SENTENCE + "</b>", "<i>Hello</i>"], source="auto", format="html")
    assert found["translatedText"][1] == "<i>Hello</i>"
    assert found["translatedText"][0].startswith("<b>")
    assert found["detectedLanguage"][0]["language"] == "ar"


MISTAKES = [
    pytest.param({"source": "ar", "target": "en"}, 400, "Invalid request: missing q parameter", id="no q"),
    pytest.param(
        {"q": "", "source": "ar", "target": "en"}, 400, "Invalid request: missing q parameter", id="empty q"
    ),
    pytest.param(
        {"q": [], "source": "ar", "target": "en"},
        400,
        "Invalid request: missing q parameter",
        id="empty list",
    ),
    pytest.param(
        {"q": "a", "target": "en"}, 400, "Invalid request: missing source parameter", id="no source"
    ),
    pytest.param(
        {"q": "a", "source": "ar"}, 400, "Invalid request: missing target parameter", id="no target"
    ),
    pytest.param({"q": "a", "source": "zz", "target": "en"}, 400, "zz is not supported", id="source"),
    pytest.param({"q": "a", "source": "ar", "target": "zz"}, 400, "zz is not supported", id="target"),
    pytest.param(
        {"q": "a", "source": "ar", "target": "auto"}, 400, "auto is not supported", id="target auto"
    ),
    pytest.param(
        {"q": "a", "source": "en", "target": "ar"},
        400,
        "Arabic (ar) is not available as a target language from English (en)",
        id="pair",
    ),
    pytest.param(
        {"q": "Bonjour à tous, le plan est nouveau.", "source": "auto", "target": "en"},
        400,
        "fr is not supported",
        id="found to be French",
    ),
    pytest.param(
        {"q": "a", "source": "ar", "target": "en", "format": "xml"},
        400,
        "xml format is not supported",
        id="format",
    ),
    pytest.param(
        {"q": "a", "source": "ar", "target": "en", "alternatives": "abc"},
        400,
        "Invalid request: alternatives parameter is not a number",
        id="alternatives",
    ),
    pytest.param(
        {"q": "a", "source": "ar", "target": "en", "alternatives": 4},
        400,
        "Invalid request: alternatives parameter must be <= 3",
        id="too many alternatives",
    ),
    pytest.param(
        {"q": ["a"] * 101, "source": "ar", "target": "en"},
        400,
        "Invalid request: request (101) exceeds text limit (100)",
        id="long list",
    ),
    pytest.param(
        {"q": ["a" * 50_000, "b" * 50_001], "source": "ar", "target": "en"},
        413,
        "Invalid request: request (100001) exceeds text limit (100000)",
        id="too many characters",
    ),
    pytest.param(
        {"q": ["a", 1], "source": "ar", "target": "en"},
        400,
        "Invalid request: q parameter is not a string or a list of strings",
        id="a number in the list",
    ),
    pytest.param(
        {"q": "a", "source": ["ar"], "target": "en"},
        400,
        "Invalid request: source parameter is not a string",
        id="a list as source",
    ),
    pytest.param(["not", "an", "object"], 400, "Invalid JSON format", id="a list as body"),
]


@pytest.mark.parametrize(("body", "status", "message"), MISTAKES)
def test_a_mistake_is_told_in_its_own_shape(api: httpx.Client, body: Any, status: int, message: str) -> None:
    response = api.post("/translate", json=body)
    assert (response.status_code, response.json()) == (status, {"error": message})
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("body", [b"", b"{", b'{"q": "\\ud800"}', b'{"q": "\xff"}', b"[" * 100_000])
def test_a_body_that_is_not_json_is_told_in_its_own_shape(api: httpx.Client, body: bytes) -> None:
    response = api.post("/translate", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()) == (400, {"error": "Invalid JSON format"})


def test_other_bodies_are_told_in_its_own_shape(api: httpx.Client) -> None:
    plain = api.post("/translate", content=b"q=a", headers={"Content-Type": "text/plain"})
    assert (plain.status_code, list(plain.json())) == (400, ["error"])
    packed = api.post("/translate", json={}, headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, list(packed.json())) == (400, ["error"])
    for large in ({"json": {"q": "a" * 3_000_000}}, {"data": {"q": "a" * 3_000_000}}):
        response = api.post("/translate", **large)
        assert (response.status_code, list(response.json())) == (413, ["error"])


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_a_wrong_method_is_told_in_its_own_shape(api: httpx.Client, route: str, method: str) -> None:
    response = api.request(method, route)
    if method == ROUTES[route]:
        assert response.status_code in (200, 400, 403)
    else:
        assert (response.status_code, list(response.json())) == (405, ["error"])
        assert response.headers["Allow"] == f"{ROUTES[route]}, OPTIONS"
    assert api.options(route).headers["Allow"] == f"{ROUTES[route]}, OPTIONS"


def test_other_routes_keep_their_problems(api: httpx.Client) -> None:
    assert api.put("/v1/jobs").headers["Content-Type"] == "application/problem+json"
    assert api.get("/nothing").headers["Content-Type"] == "application/problem+json"


def test_suggestions_are_refused(api: httpx.Client) -> None:
    response = api.post("/suggest", data={"q": "a", "s": "b", "source": "ar", "target": "en"})
    assert (response.status_code, list(response.json())) == (403, ["error"])


def test_a_page_learns_what_there_is(api: httpx.Client) -> None:
    settings = api.get("/frontend/settings").json()
    assert settings["charLimit"] == 100_000
    assert settings["suggestions"] is settings["filesTranslation"] is settings["apiKeys"] is False
    assert settings["language"]["target"] == {"code": "en", "name": "English"}
    assert api.get("/health").json() == {"status": "ok"}


def test_a_translation_is_in_no_list_and_is_soon_gone(stack: Stack, api: httpx.Client) -> None:
    text = "وصل رئيس البلدية إلى السوق القديم صباحا."
    listed = api.get("/v1/jobs").json()["jobs"]
    translated(api, text)
    assert api.get("/v1/jobs").json()["jobs"] == listed
    redis = stack.connect_redis()
    (key,) = [it for it in redis.scan_iter("khulasa:job:*") if redis.hget(it, "text") == text]
    assert 0 < redis.ttl(key) <= 300


def test_the_same_request_is_worked_on_once(stack: Stack, api: httpx.Client) -> None:
    texts = ["افتتحت البلدية مكتبة جديدة في الحي.", QUESTION]
    assert stack.worker
    first = translated(api, texts)
    started = stack.worker.log.read_text().count('"step.started"')
    assert translated(api, texts) == first
    assert stack.worker.log.read_text().count('"step.started"') == started


def test_no_text_is_logged(stack: Stack, api: httpx.Client) -> None:
    translated(api, "زار المهندس زنجبيل المصنع اليوم.")
    api.post("/translate", json={"q": "زنجبيل", "source": "زنجبيل", "target": "en"})
    assert stack.api
    assert stack.worker
    for log in (stack.api.log, stack.worker.log):
        logged = log.read_text()
        assert "زنجبيل" not in logged
        assert json.dumps("زنجبيل")[1:-1] not in logged


def test_what_is_not_done_in_time_is_503_and_goes_on(
    redis_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "WAIT_SECONDS", 1)
    client = create_app(redis_settings).test_client()
    body = {"q": SENTENCE, "source": "ar", "target": "en"}
    for _ in range(2):
        response = client.post("/translate", json=body)
        assert (response.status_code, list(response.get_json())) == (503, ["error"])
        assert int(response.headers["Retry-After"]) > 0
    redis = connect(redis_settings, retries=0)
    assert redis.zcard("khulasa:line:translation") == 1  # the second joined the first


def test_a_client_without_a_place_to_wait_is_told_to_come_back(start_stack: StartStack) -> None:
    stack = start_stack(max_waiting_clients=0)
    assert stack.worker
    stack.worker.kill()
    body = {"q": SENTENCE, "source": "ar", "target": "en"}
    response = httpx.post(f"{stack.url}/translate", json=body)
    assert (response.status_code, list(response.json())) == (503, ["error"])


def test_a_redis_that_is_away_is_503(tmp_path: Path) -> None:
    client = create_app(Settings(redis_url=SecretStr(f"unix://{tmp_path}/none"))).test_client()
    for response in (
        client.post("/translate", json={"q": SENTENCE, "source": "ar", "target": "en"}),
        client.get("/health"),
    ):
        assert (response.status_code, list(response.get_json())) == (503, ["error"])
        assert int(response.headers["Retry-After"]) > 0


def test_a_failed_translation_is_500_and_says_why(start_stack: StartStack, tmp_path: Path) -> None:
    stack = start_stack(translation_model=str(tmp_path / "none"))
    body = {"q": SENTENCE, "source": "ar", "target": "en"}
    response = httpx.post(f"{stack.url}/translate", json=body, timeout=60)
    assert response.status_code == 500
    assert response.json()["error"].startswith("Cannot translate text: ")


@pytest.mark.parametrize("body", [{"json": {"api_key": "k1"}}, {"data": {"api_key": "k1"}}])
def test_a_key_in_the_body_can_be_read_before_the_route_runs(body: dict[str, Any]) -> None:
    app = create_app(Settings())
    with app.test_request_context("/translate", method="POST", **body):
        assert api_key() == "k1"
    with app.test_request_context("/translate", method="POST", json=[1]):
        assert api_key() is None


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")


def tags_of(source: str) -> list[str]:
    parser = _Tags()
    parser.feed(source)
    parser.close()
    return parser.found
