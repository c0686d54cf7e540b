"""What tests say to the API about glossaries."""

import httpx


def put(api: httpx.Client, name: str, *terms: tuple[str, str], **headers: str) -> httpx.Response:
    body = {"terms": [{"ar": arabic, "en": english} for arabic, english in terms]}
    return api.put(f"/v1/glossaries/{name}", json=body, headers=headers)


def problem(response: httpx.Response) -> tuple[int, str, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    return response.status_code, body["code"], body["errors"][0]["pointer"]
