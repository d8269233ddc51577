"""Check requests and answers against botocore's service models.

botocore itself checks little of what it sends (no pattern, no upper limit, no enum) and nothing of what it
receives. A local AWS that invents a member or forgets a limit would make tests pass for the wrong reason.
"""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime.datetime,),
    "blob": (bytes,),
}


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of one service."""
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's model of one operation, named as in the API (`PutRegistryPolicy`)."""
    return service_model(service).operation_model(operation)


def request_problems(operation: OperationModel, parameters: object) -> list[str]:
    """Say what the service would refuse in a request, in the words that ECR uses."""
    if operation.input_shape is None:
        return [] if not parameters else [f"{operation.name} takes no parameters"]
    from botocore.validate import ParamValidator

    report = ParamValidator().validate(parameters, operation.input_shape)
    problems = [report.generate_report()] if report.has_errors() else []
    problems.extend(_problems(operation.input_shape, parameters, ""))
    return problems


def response_problems(
    operation: OperationModel, answer: object, expected: Collection[str] = ()
) -> list[str]:
    """Say where an answer departs from the model: unknown members, wrong types, missing members.

    Models of answers require nothing, so `expected` names the top-level members that must be there.
    """
    if operation.output_shape is None:
        return [] if not answer else [f"{operation.name} answers nothing"]
    problems = list(_problems(operation.output_shape, answer, ""))
    if isinstance(answer, dict):
        problems.extend(f"{name}: missing" for name in expected if name not in answer)
    return problems


def _problems(shape: Shape, value: object, where: str) -> Iterator[str]:
    match shape.type_name:
        case "structure":
            yield from _structure_problems(shape, value, where)
        case "list":
            yield from _list_problems(shape, value, where)
        case "map":
            if not isinstance(value, dict):
                yield f"{where}: {value!r} is not a map"
        case _:
            yield from _scalar_problems(shape, value, where)


def _structure_problems(shape: StructureShape, value: object, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is not a structure"
        return
    for name, member in value.items():
        path = f"{where}.{name}" if where else name
        if name in shape.members:
            yield from _problems(shape.members[name], member, path)
        else:
            yield f"{path}: {shape.name} has no such member"
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name}: missing" if where else f"{name}: missing"


def _list_problems(shape: ListShape, value: object, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {value!r} is not a list"
        return
    yield from _range_problems(shape, len(value), where)
    for index, item in enumerate(value):
        yield from _problems(shape.member, item, f"{where}[{index}]")


def _scalar_problems(shape: Shape, value: object, where: str) -> Iterator[str]:
    accepted = SCALARS[shape.type_name]
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        yield f"{where}: {value!r} is not a {shape.type_name}"
        return
    if isinstance(value, str):
        yield from _range_problems(shape, len(value), where)
        pattern = shape.metadata.get("pattern")
        # Java, which AWS checks with, knows \w and the rest as ASCII only and anchors both ends.
        if pattern and not re.fullmatch(f"(?:{pattern})", value, re.ASCII):
            yield _constraint(where, f"must satisfy regular expression '{pattern}'")
        allowed = shape.metadata.get("enum")
        if allowed and value not in allowed:
            yield _constraint(where, f"Member must satisfy enum value set: {allowed}")
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _range_problems(shape, value, where)


def _range_problems(shape: Shape, size: int, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _constraint(where, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        yield _constraint(where, f"Member must have length less than or equal to {most}")


def _constraint(where: str, text: str) -> str:
    return f"Invalid parameter at '{where}' failed to satisfy constraint: '{text}'"
