"""Make the local AWS fail as a test wants: an error, a delay, a hang, by who calls what and where."""

from __future__ import annotations

import dataclasses
import io
import json
import threading
from typing import TYPE_CHECKING

from .recording import CREDENTIAL_SCOPE, AccountLookup, operation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

XML_SERVICES = frozenset({"iam", "sts"})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, and for which calls; a part that is `None` matches every call.

    `error` is an error code, sent with HTTP `status` and `message`; without one the call is only slower
    by `delay` seconds. `every` lets only each nth matching call fail, `times` only so many in all. `answer` is
    what stands in for AWS's own, with 200, as content of the type `sort`; `#` in it is the number of the call.
    """

    service: str | None = None
    operation: str | None = None
    account: str | None = None
    region: str | None = None
    error: str | None = None
    status: int = 400
    message: str = "a fault of the local AWS"
    delay: float = 0
    every: int = 1
    times: int | None = None
    answer: str | None = None
    sort: str = "application/x-amz-json-1.1"


class Faults:
    """The faults of one server; WSGI middleware between the record of calls and moto."""

    def __init__(self, application: WSGIApplication, account_of: AccountLookup) -> None:
        self._application = application
        self._account_of = account_of
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._seen: list[int] = []
        self._over = threading.Event()

    def set(self, faults: Sequence[Fault]) -> None:
        """Have these faults and no others from now on."""
        with self._lock:
            self._faults = list(faults)
            self._seen = [0] * len(self._faults)
            self._over.set()
            self._over = threading.Event()

    def __call__(
        self, environment: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Fail, or pass the request on."""
        scope = CREDENTIAL_SCOPE.search(environment.get("HTTP_AUTHORIZATION", ""))
        if scope is None or not self._faults:
            return self._application(environment, start_response)
        key, region, service = scope.groups()
        body = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        environment["wsgi.input"] = io.BytesIO(body)
        call = {
            "service": service,
            "operation": operation_of(environment, body),
            "account": self._account_of(key),
            "region": region,
        }
        fault, number = self._pick(call)
        if fault is None:
            return self._application(environment, start_response)
        self._over.wait(fault.delay)
        if fault.answer is not None:
            content = fault.answer.replace("#", str(number)).encode()
            start_response("200 OK", [("Content-Type", fault.sort)])
            return [content]
        if fault.error is None:
            return self._application(environment, start_response)
        return _answer(fault, service, start_response)

    def _pick(self, call: dict[str, str | None]) -> tuple[Fault | None, int]:
        with self._lock:
            for position, fault in enumerate(self._faults):
                if any(getattr(fault, part) not in {None, value} for part, value in call.items()):
                    continue
                self._seen[position] += 1
                turn, left = divmod(self._seen[position], fault.every)
                if left == 0 and (fault.times is None or turn <= fault.times):
                    return fault, self._seen[position]
        return None, 0


def _answer(fault: Fault, service: str, start_response: StartResponse) -> list[bytes]:
    if service in XML_SERVICES:
        kind = "text/xml"
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{fault.error}</Code>"
            f"<Message>{fault.message}</Message></Error></ErrorResponse>"
        )
    else:
        kind = "application/x-amz-json-1.1"
        text = json.dumps({"__type": fault.error, "message": fault.message})
    body = text.encode()
    start_response(
        f"{fault.status} Fault",
        [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("X-Amzn-Errortype", str(fault.error)),
        ],
    )
    return [body]
