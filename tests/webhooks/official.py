"""The official verifiers of Standard Webhooks, as receivers in Python and JavaScript have them."""

import atexit
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

_HERE = Path(__file__).parent
_AWAY = re.compile(
    r"npm error code (E(?:CONN|TIMEDOUT|AI_AGAIN|NOTFOUND|HOSTUNREACH|NETUNREACH|NOTCACHED)\w*)"
)
_REFUSED = 3  # as verify.mjs has it


def signed_headers(
    body: bytes, *secrets: str, webhook_id: str = "msg_1", at: datetime | None = None
) -> dict[str, str]:
    """As Khulasa signs: by every secret, whole seconds, signatures with spaces between."""
    at = (at or datetime.now(UTC)).replace(microsecond=0)
    signatures = [Webhook(secret).sign(webhook_id, at, body.decode()) for secret in secrets]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def verify_with_python(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def verify_with_node(body: bytes, headers: dict[str, str], secret: str) -> bool:
    """Skips the test where there is no Node, or, outside CI, no registry."""
    given = {"secret": secret, "headers": headers, "body": base64.b64encode(body).decode()}
    command = ["node", str(node_folder() / "verify.mjs")]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode in {0, _REFUSED}, done.stderr
    return done.returncode == 0


@cache
def node_folder() -> Path:
    """Where the verifier is installed, exactly as package-lock.json has it; gone when Python ends."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("no node or no npm on the PATH")
    folder = Path(tempfile.mkdtemp(prefix="khulasa-npm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("package.json", "package-lock.json", "verify.mjs"):
        shutil.copy(_HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    away = _AWAY.search(done.stderr)
    if away and not os.environ.get("CI"):
        pytest.skip(f"the npm registry cannot be reached ({away[1]})")
    assert done.returncode == 0, done.stderr
    return folder
