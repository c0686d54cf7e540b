"""The OpenAPI 3.1 document, made from the same models that check submissions and shape results."""

from api.openapi.document import openapi_document

__all__ = ["openapi_document"]
