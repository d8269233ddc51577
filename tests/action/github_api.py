"""The part of GitHub's API that comments on pull requests need, on loopback."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class GitHub:
    """The comments of one pull request, and whether the token may write them."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    may_write: bool = True
    url: str = ""

    def add(self, body: str, kind: str = "Bot") -> int:
        comment_id = 1000 + len(self.comments)
        self.comments.append({"id": comment_id, "body": body, "user": {"type": kind}})
        return comment_id


@contextlib.contextmanager
def serving(github: GitHub) -> Iterator[GitHub]:
    """Serve it until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = re.fullmatch(
                r"/repos/acme/platform/issues/7/comments\?per_page=100&page=(\d+)", self.path
            )
            page = int(found.group(1)) if found else 0
            self.answer(200 if found else 404, github.comments[100 * (page - 1) :][:100])

        def do_POST(self) -> None:
            body = self.body()
            if not github.may_write:
                self.answer(403, {"message": "Resource not accessible by integration"})
            elif self.path == "/repos/acme/platform/issues/7/comments":
                github.add(body)
                self.answer(201, github.comments[-1])
            else:
                self.answer(404, {})

        def do_PATCH(self) -> None:
            body = self.body()
            number = self.path.removeprefix("/repos/acme/platform/issues/comments/")
            for comment in github.comments:
                if str(comment["id"]) == number and github.may_write:
                    comment["body"] = body
                    return self.answer(200, comment)
            return self.answer(403, {})

        def body(self) -> str:
            assert self.headers["Authorization"] == "Bearer token-of-the-job"
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert isinstance(sent["body"], str)
            assert len(sent["body"]) <= 65_536
            return sent["body"]

        def answer(self, status: int, document: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    github.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
