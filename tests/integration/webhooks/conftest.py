"""Senders that may reach this machine, and an authority whose certificates they trust."""

from pathlib import Path

import pytest
import trustme

from jobs.webhooks.targets import TargetRules
from worker.outbound import Outbound

LOCAL = TargetRules.from_settings(allow_http=True, networks="127.0.0.0/8, ::1/128", ports="443")


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def hurried() -> Outbound:
    """A sender with little time."""
    return Outbound(LOCAL, timeout_seconds=0.4)


@pytest.fixture(scope="session")
def patient() -> Outbound:
    return Outbound(LOCAL, timeout_seconds=10)
