"""Signatures after Standard Webhooks (standardwebhooks.com), made by its own library."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

_PREFIX = "whsec_"
_FEWEST_BYTES, _MOST_BYTES, _OUR_BYTES = 24, 64, 32  # of the key in a secret


def signed_headers(keys: Sequence[str], message_id: str, body: str, now: datetime) -> dict[str, str]:
    """The headers of one attempt; a receiver is content with the signature of any one of `keys`."""
    signatures = [Webhook(key).sign(message_id, now, body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_OUR_BYTES)).decode()


def read_secrets(setting: str) -> list[str]:
    """One secret, or two with a comma between: both sign. Raises ValueError, which shows neither."""
    found = [part.strip() for part in setting.split(",")]
    if len(found) > 2 or not all(_is_secret(secret) for secret in found):
        raise ValueError(
            f"must be {_PREFIX} and {_FEWEST_BYTES} to {_MOST_BYTES} random bytes in base64, "
            "or two of those with a comma between"
        )
    return found


def _is_secret(text: str) -> bool:
    encoded = text.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        return False
    return text.startswith(_PREFIX) and _FEWEST_BYTES <= len(key) <= _MOST_BYTES
