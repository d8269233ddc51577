"""The process that is the local AWS: `python -m localaws.server`.

It binds a free port of 127.0.0.1, prints the URL as its first line, and ends when its standard input
closes, so it never outlives the test run that started it.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from moto.core.responses import BaseResponse
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.utilities.utils import PARTITION_NAMES
from werkzeug.serving import make_server

from . import ecr, secrets, simulation
from .faults import Fault, Faults
from .recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT_ACCOUNT = "123456789012"


class Control:
    """Routes for tests, beside the AWS API: the record of calls, faults, what no API call can make."""

    def __init__(self, recorder: Recorder, faults: Faults) -> None:
        self._recorder = recorder
        self._faults = faults

    def __call__(
        self, environment: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a control route, or pass the request on to AWS."""
        path = environment.get("PATH_INFO", "")
        if not path.startswith("/local-aws/"):
            return self._recorder(environment, start_response)
        body = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        answer = json.dumps(self._answer(path.removeprefix("/local-aws/"), body)).encode()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [answer]

    def _answer(self, route: str, body: bytes) -> object:
        match route:
            case "calls":
                return [dataclasses.asdict(call) for call in self._recorder.calls]
            case "take-of-commands":
                return [dataclasses.asdict(call) for call in self._recorder.take_of_commands()]
            case "forget-calls":
                self._recorder.clear()
                return None
            case "account-setting":
                ecr.seed_account_setting(**json.loads(body))
                return None
            case "faults":
                self._faults.set([Fault(**fault) for fault in json.loads(body)])
                return None
            case "seed":
                from .seeding import seed_topology

                seed_topology(Path(json.loads(body)["topology"]))
                return None
            case _:
                raise ValueError(f"unknown route {route}")


def account_of(access_key: str) -> str | None:
    """Find the account of an access key.

    Keys that nobody made are the default account's, as in moto, but session keys (`ASIA…`) must be known.
    """
    for account, backends in list(iam_backends.items()):
        if any(access_key in backends[partition].access_keys for partition in PARTITION_NAMES):
            return account
    return None if access_key.startswith("ASIA") else DEFAULT_ACCOUNT


def answer_missing_operations() -> None:
    """Make moto say at once that it lacks an operation, where it would send a page that clients retry."""
    original = BaseResponse.call_action

    def call_action(response: BaseResponse) -> tuple[int, dict[str, str], str]:
        try:
            return original(response)
        except NotImplementedError as error:
            answer = {"__type": "NotImplemented", "message": f"The local AWS lacks this: {error}"}
            return 501, {"X-Amzn-Errortype": "NotImplemented"}, json.dumps(answer)

    BaseResponse.call_action = call_action


class QuietHandler(MotoRequestHandler):
    """moto's handler of HTTP requests without a log line for each."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def application() -> WSGIApplication:
    """Build the whole local AWS as one WSGI application."""
    ecr.install()
    secrets.install()
    simulation.install()
    answer_missing_operations()
    faults = Faults(DomainDispatcherApplication(create_backend_app), account_of)
    return Control(Recorder(faults, account_of), faults)


def main() -> None:
    """Serve until standard input closes."""
    server = make_server("127.0.0.1", 0, application(), threaded=True, request_handler=QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
