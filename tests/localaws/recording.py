"""Keep a list of every AWS call that reached the local AWS, and refuse keys that it has forgotten."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import threading
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CREDENTIAL_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
READING = (
    "AssumeRole",
    "BatchCheck",
    "BatchGet",
    "Decrypt",
    "Describe",
    "Get",
    "GET ",
    "HEAD ",
    "List",
    "Simulate",
    "Validate",
)
COMMAND = re.compile(r"\bforebay-(\w+)")
# The type of content that moto's server gives to whatever moto has told none for.
UNTOLD = "text/html; charset=utf-8"
XML_ERROR = re.compile(r"<Code>([^<]+)</Code>")


class AccountLookup(Protocol):
    """Find the account of an access key; None when the key is not known."""

    def __call__(self, access_key: str, /) -> str | None: ...


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One AWS call as the local AWS saw it.

    `service` is the name that requests are signed for (`ecr`, `iam`, `secretsmanager`). `operation` is the
    API's name; REST services such as S3 have only method and path (`PUT /bucket/key`). `error` is the error
    code of the answer, None when the call succeeded. `command` is the one of forebay's that asked, empty
    for everybody else.
    """

    service: str
    operation: str
    account: str
    region: str
    parameters: str
    error: str | None
    command: str = ""

    @property
    def is_read(self) -> bool:
        """Does this call leave everything as it is?"""
        return self.operation.startswith(READING)


class Recorder:
    """The record of one server; it stands in front of moto as WSGI middleware."""

    def __init__(self, application: WSGIApplication, account_of: AccountLookup) -> None:
        self._application = application
        self._account_of = account_of
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._of_commands: list[Call] = []
        self._beginnings = 0

    @property
    def calls(self) -> list[Call]:
        """The calls so far, oldest first."""
        with self._lock:
            return list(self._calls)

    def take_of_commands(self) -> list[Call]:
        """The calls of forebay's commands since the last time, however often all were forgotten."""
        with self._lock:
            taken, self._of_commands = self._of_commands, []
        return taken

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls.clear()
            self._beginnings += 1

    def __call__(
        self, environment: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Pass one request on and note it with its outcome."""
        scope = CREDENTIAL_SCOPE.search(environment.get("HTTP_AUTHORIZATION", ""))
        if scope is None:
            return self._application(environment, start_response)
        access_key, region, service = scope.groups()
        body = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        environment["wsgi.input"] = io.BytesIO(body)
        # After a reset moto knows no session key any more and would take its owner for the default
        # account: a client that was kept too long would write there without any error.
        account = self._account_of(access_key)
        if account is None:
            return _refuse_unknown_key(start_response)
        outcome: list[str] = []
        beginning = self._beginnings

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> object:
            outcome.append(status)
            for name, value in headers:
                if name.lower() == "x-amzn-errortype":
                    outcome.append(value.split("#")[-1])
            return start_response(status, _of_aws(headers, environment))

        answer = b"".join(self._application(environment, start))
        call = Call(
            service=service,
            operation=operation_of(environment, body),
            account=account,
            region=region,
            parameters=body.decode("utf-8", "replace"),
            error=_error(outcome, answer),
            command=_command_of(environment.get("HTTP_USER_AGENT", "")),
        )
        with self._lock:
            # A call that was slow while its test ended is no call of the next one.
            if self._beginnings == beginning:
                self._calls.append(call)
                self._of_commands.extend([call] if call.command else [])
        return [answer]


def operation_of(environment: WSGIEnvironment, body: bytes) -> str:
    """Return the API's name of an operation, or method and path of a REST service."""
    target = environment.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return str(target).rsplit(".", 1)[-1]
    if environment.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode("utf-8", "replace")).get("Action")
        if action:
            return action[0]
    return f"{environment['REQUEST_METHOD']} {environment.get('PATH_INFO', '/')}"


def _of_aws(headers: list[tuple[str, str]], environment: WSGIEnvironment) -> list[tuple[str, str]]:
    """The headers with the type of content that AWS sends, where moto tells none."""
    sort = environment.get("CONTENT_TYPE") if "HTTP_X_AMZ_TARGET" in environment else "text/xml"
    return [
        (name, str(sort)) if name.lower() == "content-type" and value == UNTOLD else (name, value)
        for name, value in headers
    ]


def _command_of(agent: str) -> str:
    found = COMMAND.search(agent)
    return found[1] if found else ""


def _error(outcome: list[str], answer: bytes) -> str | None:
    if outcome[0].startswith("2"):
        return None
    if len(outcome) > 1:
        return outcome[1]
    code = XML_ERROR.search(answer.decode("utf-8", "replace"))
    return code[1] if code else outcome[0].split()[0]


def _refuse_unknown_key(start_response: StartResponse) -> list[bytes]:
    message = "The security token included in the request is invalid"
    body = json.dumps({"__type": "UnrecognizedClientException", "message": message}).encode()
    start_response(
        "400 Bad Request",
        [
            ("Content-Type", "application/x-amz-json-1.1"),
            ("Content-Length", str(len(body))),
            ("X-Amzn-Errortype", "UnrecognizedClientException"),
        ],
    )
    return [body]
