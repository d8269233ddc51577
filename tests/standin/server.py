"""The provider process: go-plugin's handshake and the gRPC service of plugin protocol 6."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf.message import Message

from . import messages
from .engine import Engine
from .problems import Problem, attribute_path, diagnostic
from .values import conform, decode, encode

CERTIFICATE_START = b"-----BEGIN CERTIFICATE-----"
Handler = Callable[[Message], Message]


class Service:
    """The calls that Terraform makes to one provider process."""

    def __init__(self, provider: str, schema_response: bytes) -> None:
        self.schema_response = schema_response
        self._engine = Engine(provider)

    def validate_provider(self, _request: Message) -> Message:
        """Answer ValidateProviderConfig."""
        return messages.new("ProviderValidation")

    def validate_resource(self, request: Message) -> Message:
        """Answer ValidateResourceConfig."""
        return self._validation("resource", request)

    def validate_data(self, request: Message) -> Message:
        """Answer ValidateDataResourceConfig."""
        return self._validation("data", request)

    def validate_ephemeral(self, request: Message) -> Message:
        """Answer ValidateEphemeralResourceConfig."""
        return self._validation("ephemeral", request)

    def configure(self, request: Message) -> Message:
        """Answer ConfigureProvider."""
        self._engine.configure(decode(request.config))
        return messages.new("Diagnostics")

    def upgrade(self, request: Message) -> Message:
        """Answer UpgradeResourceState: the state is taken as it is."""
        block = self._engine.block("resource", request.type_name)
        state = conform(block, json.loads(request.raw_state.json))
        return messages.new("Upgraded", upgraded_state=encode(state))

    def read(self, request: Message) -> Message:
        """Answer ReadResource."""
        state = self._engine.read(request.type_name, decode(request.current_state))
        return messages.new("WasRead", new_state=encode(state), private=request.private)

    def plan(self, request: Message) -> Message:
        """Answer PlanResourceChange."""
        planned, replacing = self._engine.plan(
            request.type_name,
            decode(request.prior_state),
            decode(request.proposed_new_state),
            decode(request.config),
        )
        return messages.new(
            "Planned",
            planned_state=encode(planned),
            requires_replace=[attribute_path(name) for name in replacing],
            planned_private=request.prior_private,
            legacy_type_system=self._engine.resource(request.type_name).is_sdk,
        )

    def apply(self, request: Message) -> Message:
        """Answer ApplyResourceChange; after an error the prior state stays."""
        answer = messages.new(
            "Applied",
            private=request.planned_private,
            legacy_type_system=self._engine.resource(request.type_name).is_sdk,
        )
        prior = decode(request.prior_state)
        try:
            state = self._engine.apply(
                request.type_name, prior, decode(request.planned_state), decode(request.config)
            )
            answer.new_state.CopyFrom(encode(state))
        except Problem as problem:
            answer.new_state.CopyFrom(encode(prior))
            answer.diagnostics.append(diagnostic(problem))
        return answer

    def import_state(self, request: Message) -> Message:
        """Answer ImportResourceState."""
        state = self._engine.import_state(request.type_name, request.id)
        resource = messages.new(
            "ImportedResource", type_name=request.type_name, state=encode(state)
        )
        return messages.new("Imported", imported_resources=[resource])

    def data(self, request: Message) -> Message:
        """Answer ReadDataSource."""
        state = self._engine.data(request.type_name, decode(request.config))
        return messages.new("DataRead", state=encode(state))

    def open(self, request: Message) -> Message:
        """Answer OpenEphemeralResource."""
        result = self._engine.open(request.type_name, decode(request.config))
        return messages.new("Opened", result=encode(result))

    def close(self, _request: Message) -> Message:
        """Answer CloseEphemeralResource."""
        return messages.new("Diagnostics")

    def functions(self, _request: Message) -> Message:
        """Answer GetFunctions: there are none."""
        return messages.new("Functions")

    def stop(self, _request: Message) -> Message:
        """Answer StopProvider."""
        return messages.new("Empty")

    def _validation(self, kind: str, request: Message) -> Message:
        problems = self._engine.problems(kind, request.type_name, decode(request.config))
        return messages.new("Diagnostics", diagnostics=[diagnostic(one) for one in problems])


# Name of the call: method of Service, message in, message out.
CALLS: Mapping[str, tuple[str, str, str]] = {
    "ValidateProviderConfig": ("validate_provider", "ProviderConfig", "ProviderValidation"),
    "ValidateResourceConfig": ("validate_resource", "TypedConfig", "Diagnostics"),
    "ValidateDataResourceConfig": ("validate_data", "TypedConfig", "Diagnostics"),
    "ValidateEphemeralResourceConfig": ("validate_ephemeral", "TypedConfig", "Diagnostics"),
    "ConfigureProvider": ("configure", "Configure", "Diagnostics"),
    "UpgradeResourceState": ("upgrade", "Upgrade", "Upgraded"),
    "ReadResource": ("read", "Read", "WasRead"),
    "PlanResourceChange": ("plan", "Plan", "Planned"),
    "ApplyResourceChange": ("apply", "Apply", "Applied"),
    "ImportResourceState": ("import_state", "Import", "Imported"),
    "ReadDataSource": ("data", "TypedConfig", "DataRead"),
    "OpenEphemeralResource": ("open", "TypedConfig", "Opened"),
    "CloseEphemeralResource": ("close", "Close", "Diagnostics"),
    "GetFunctions": ("functions", "Empty", "Functions"),
    "StopProvider": ("stop", "Empty", "Empty"),
}


def make_server(service: Service, shut_down: Callable[[], None]) -> grpc.Server:
    """Put a service behind a gRPC server that is not started yet."""
    handlers = {
        name: _handler(name, getattr(service, method), request, response)
        for name, (method, request, response) in CALLS.items()
    }
    handlers["GetProviderSchema"] = grpc.unary_unary_rpc_method_handler(
        lambda _raw, _context: service.schema_response
    )

    def stop(_raw: bytes, _context: object) -> bytes:
        shut_down()
        return b""

    controller = {"Shutdown": grpc.unary_unary_rpc_method_handler(stop)}
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=24),
        options=[
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ],
    )
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("tfplugin6.Provider", handlers),
            grpc.method_handlers_generic_handler("plugin.GRPCController", controller),
        )
    )
    return server


def _handler(name: str, handle: Handler, request: str, response: str) -> grpc.RpcMethodHandler:
    def call(raw: bytes, _context: object) -> bytes:
        try:
            answer = handle(messages.parse(request, raw))
        except Problem as problem:
            answer = messages.new(response, diagnostics=[diagnostic(problem)])
        except Exception as error:  # noqa: BLE001 - the edge: a bug must reach Terraform as a text
            text = traceback.format_exc()
            problem = Problem(f"The stand-in provider failed in {name}: {error!r}", text)
            answer = messages.new(response, diagnostics=[diagnostic(problem)])
        return answer.SerializeToString()

    return grpc.unary_unary_rpc_method_handler(call)


def main(provider: str, schema_file: str, certificate_file: str) -> None:
    """Run as the provider `aws` or `time` until Terraform shuts the process down."""
    if "TF_PLUGIN_MAGIC_COOKIE" not in os.environ:
        sys.exit("This is a provider plugin for tests. Terraform starts it.")
    folder = tempfile.mkdtemp(prefix="stand-in-")
    server = make_server(
        Service(provider, Path(schema_file).read_bytes()), lambda: _exit_soon(folder)
    )
    socket = f"{folder}/s"
    certificate = ""
    if os.environ.get("PLUGIN_CLIENT_CERT"):
        key, rest = Path(certificate_file).read_bytes().split(CERTIFICATE_START)
        pem = CERTIFICATE_START + rest
        server.add_secure_port(f"unix:{socket}", grpc.ssl_server_credentials([(key, pem)]))
        der = base64.b64decode(b"".join(pem.strip().splitlines()[1:-1]))
        certificate = "|" + base64.b64encode(der).decode().rstrip("=")
    else:
        server.add_insecure_port(f"unix:{socket}")
    server.start()
    sys.stdout.write(f"1|6|unix|{socket}|grpc{certificate}\n")
    sys.stdout.flush()
    server.wait_for_termination()


def _exit_soon(folder: str) -> None:
    """End the process once the answer to Shutdown is on its way."""

    def leave() -> None:
        time.sleep(0.02)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    threading.Thread(target=leave, daemon=True).start()
