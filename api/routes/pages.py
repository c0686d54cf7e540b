"""Pages: what this is, the reference of the API, and the document that programs and the reference read."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from api.pages.reference import sections_of
from api.pages.typography import listing, prose


def page_routes(document: dict[str, Any]) -> Blueprint:
    routes = Blueprint(
        "pages",
        "api.pages",
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    routes.add_app_template_filter(prose)
    routes.add_app_template_filter(listing)
    sections = sections_of(document)

    @routes.get("/")
    def welcome() -> Response:
        return _unchanging(render_template("welcome.html"), "text/html")

    @routes.get("/docs")
    def reference() -> Response:
        page = render_template("reference.html", info=document["info"], sections=sections)
        return _unchanging(page, "text/html")

    @routes.get("/openapi.json")
    def show_document() -> Response:
        return _unchanging(current_app.json.dumps(document), "application/json")

    return routes


def _unchanging(body: str, mimetype: str) -> Response:
    """The same until the service is replaced: a browser asks, and is mostly told 304."""
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response
