"""Examples: a short article and the job that comes of it, as the document and its tests show them."""

import json

ARTICLE = "أعلن الوزير اليوم عن خطة جديدة للتعليم. وتبدأ الخطة في العام المقبل."
_FIRST, _SECOND = "أعلن الوزير اليوم عن خطة جديدة للتعليم.", "وتبدأ الخطة في العام المقبل."
_ENGLISH = "The minister announced a new plan for education today."
_ENGLISH_SECOND = "The plan starts next year."
_SEGMENT = {"index": 0, "source": _FIRST, "target": _ENGLISH, "start": 0, "end": 39, "flags": []}

FINISHED = {
    "id": "01K2Q8ZV7J4T9D3W5N6M8R0XYA",
    "status": "succeeded",
    "created_at": "2026-03-01T08:00:00Z",
    "started_at": "2026-03-01T08:00:00.040Z",
    "finished_at": "2026-03-01T08:00:00.900Z",
    "expires_at": "2026-03-02T08:00:00.900Z",
    "progress": {"segments_done": 2, "segments_total": 2, "percent": 100},
    "article": {"title": None, "reference": "cms-4711", "characters": 68, "segments": 2, "language": "ar"},
    "receipt": {"segments_in": 2, "segments_out": 2, "truncated": 0, "flagged": 0, "from_cache": 0},
    "problem": None,
    "cached": False,
    "metadata": {},
    "lane": "interactive",
    "webhook": None,
    "results": {
        "translation": {
            "status": "succeeded",
            "problem": None,
            "model": "khulasa-ar-en",
            "text": f"{_ENGLISH} {_ENGLISH_SECOND}",
            "segments": [
                _SEGMENT,
                {
                    "index": 1,
                    "source": _SECOND,
                    "target": _ENGLISH_SECOND,
                    "start": 40,
                    "end": 68,
                    "flags": [],
                },
            ],
            "glossary": None,
        }
    },
}
EVENT = {"event": "segment", "id": "1-3", "data": json.dumps(_SEGMENT, ensure_ascii=False)}
PLAIN = f"{_ENGLISH} {_ENGLISH_SECOND}"
