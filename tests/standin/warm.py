"""A process that has everything loaded and forks a provider whenever Terraform starts one.

Terraform starts a provider two to five times a command, and most of what such a process does is to load gRPC
and botocore. The start script asks this process for a fork instead, hands over its streams, and stays alive as
long as the fork does, so that Terraform sees one ordinary process. Without this process it loads everything
itself.
"""

from __future__ import annotations

import array
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

STREAMS = 3
SERVICES = ("ecr", "iam", "kms", "secretsmanager", "sts")


class WarmProviders:
    """The process, as a context manager that starts and ends it; `address` is its socket."""

    def __init__(self, address: Path) -> None:
        self.address = address
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = (
            f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); "
            f"from standin.warm import serve; serve({str(self.address)!r})"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the process that forks providers did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def serve(address: str) -> None:
    """Fork a provider for each connection, until standard input closes."""
    _load()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    # Nobody waits for the forks: the start scripts see them end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _become_provider(connection)
        connection.close()


def _load() -> None:
    """Load whatever a provider needs that is the same for all: modules, schemas, AWS's service models."""
    from . import clients, schema, server  # noqa: F401 - loaded for the forks
    from .resources import RESOURCES

    for provider in schema.VERSIONS:
        schema.load(provider)
    for resource_type in RESOURCES:
        schema.replacing_arguments(resource_type)
    nowhere = {"endpoint_url": "http://127.0.0.1:9", "aws_access_key_id": "-"}
    account = clients.AwsClients({**nowhere, "aws_secret_access_key": "-"}, "eu-west-1")
    for service in SERVICES:
        account.client(service)
    gc.collect()
    # What is loaded stays as it is, so forks share its memory.
    gc.freeze()


def _become_provider(connection: socket.socket) -> None:
    """Take on the streams, the environment and the folder of a start script, and serve."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    streams = array.array("i")
    first, ancillary, _, _ = connection.recvmsg(
        1 << 16, socket.CMSG_SPACE(STREAMS * streams.itemsize)
    )
    for _level, _kind, data in ancillary:
        streams.frombytes(data)
    request = first
    while not request.endswith(b"\n"):
        request += connection.recv(1 << 16)
    asked = json.loads(request)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    tempfile.tempdir = None
    # The start script is what Terraform kills; its end of the connection closes then.
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    from . import server

    server.main(*asked["arguments"])
    os._exit(0)


def _end_with(connection: socket.socket) -> None:
    connection.recv(1)
    os._exit(1)
