"""Which endpoints the stand-in talks to."""

from __future__ import annotations

import pytest

from standin.clients import configure, loopback_endpoint
from standin.problems import Problem


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://ecr.eu-west-1.amazonaws.com",
        "http://192.168.1.10:5000",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://user@10.0.0.1",
        "http://127.0.0.1@example.com",
        "http://[::ffff:8.8.8.8]:80",
        "127.0.0.1:5000",
        "http://[",
    ],
)
def test_an_endpoint_that_leaves_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    with pytest.raises(Problem, match="only talks to an AWS on this machine"):
        loopback_endpoint()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"]
)
def test_a_loopback_endpoint_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)

    assert loopback_endpoint() == url


def test_a_provider_block_cannot_send_one_service_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")

    with pytest.raises(Problem, match="on this machine"):
        configure({"endpoints": [{"ecr": "https://ecr.eu-west-1.amazonaws.com", "sts": None}]})


@pytest.mark.parametrize(
    ("config", "words"),
    [({}, "invalid AWS Region"), ({"region": "eu-west-1"}, "No valid credential sources found")],
)
def test_a_provider_needs_a_region_and_keys(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, object], words: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    if words.startswith("invalid"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    with pytest.raises(Problem, match=words):
        configure(config)
