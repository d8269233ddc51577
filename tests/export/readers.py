"""Readers of the exports, each written from the format's own manual and not from ours."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import celpy
import yaml
from celpy import celtypes

if TYPE_CHECKING:
    from collections.abc import Mapping


def by_map(document: str, image: str) -> str:
    """What docs/how-to/export.md tells a program to do with the map of one registry."""
    read = json.loads(document)
    names = read["names"]
    (registry,) = read["registries"]
    first, slash, rest = image.partition("/")
    if not slash or not (set(".:") & set(first) or first == "localhost"):
        first, rest = names["default_host"], image
    host = names["host_aliases"].get(first.lower(), first.lower())
    if host == names["official_images"]["host"] and "/" not in rest:
        rest = names["official_images"]["path"] + rest
    whole = f"{host}/{rest}"
    for rewrite in registry["rewrites"]:
        if whole.startswith(rewrite["from"]):
            if rewrite["to"] is None:
                return image
            cached = rewrite["to"] + whole[len(rewrite["from"]) :]
            repository = re.split("[:@]", cached.split("/", 1)[1])[0]
            return cached if len(repository) <= names["max_repository_length"] else image
    return image


def by_renovate(document: str, image: str) -> str:
    """The name under which Renovate looks for tags."""
    for alias, meaning in json.loads(document)["registryAliases"].items():
        if image.startswith(f"{alias}/"):
            return f"{meaning}/{image[len(alias) + 1 :]}"
    return image


def by_containerd(files: Mapping[str, str], host: str, path: str) -> str | None:
    """Where containerd asks first for a repository: a URL; none when it knows no mirror."""
    if f"{host}/hosts.toml" not in files:
        return None
    hosts = tomllib.loads(files[f"{host}/hosts.toml"])["host"]
    ((url, settings),) = hosts.items()
    assert set(settings["capabilities"]) == {"pull", "resolve"}
    root = urlsplit(url).path
    if not settings["override_path"]:
        root = f"{root}/v2"
    return f"https://{urlsplit(url).netloc}{root}/{path}"


def by_kyverno(policy: str, pod: Mapping[str, Any]) -> dict[str, str]:
    """The images of a new Pod's containers after the policy, by the containers' names."""
    return mutated(policy, operation="CREATE", pod=pod, before=None)


def mutated(
    policy: str, *, operation: str, pod: Mapping[str, Any], before: Mapping[str, Any] | None
) -> dict[str, str]:
    """The images of all containers after the policy, by the containers' names."""
    kinds = ("containers", "initContainers", "ephemeralContainers")
    images = {one["name"]: one.get("image") for kind in kinds for one in pod["spec"].get(kind, [])}
    for patch in patches(policy, operation=operation, pod=pod, before=before):
        for kind, some in patch.get("spec", {}).items():
            for one in some:
                assert one["name"] in {each["name"] for each in pod["spec"][kind]}
                images[one["name"]] = one["image"]
    return images


def patches(
    policy: str, *, operation: str, pod: Mapping[str, Any], before: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """What each mutation of the policy lays over the Pod; a real CEL interpreter evaluates them."""
    spec = yaml.safe_load(policy)["spec"]
    activation: dict[str, Any] = {
        "object": celpy.json_to_cel(pod),
        "oldObject": celpy.json_to_cel(before),
        "request": celpy.json_to_cel({"operation": operation}),
        "variables": celtypes.MapType({}),
    }
    for variable in spec["variables"]:
        value = program(variable["expression"]).evaluate(activation)
        known = {**activation["variables"], celtypes.StringType(variable["name"]): value}
        activation["variables"] = celtypes.MapType(known)
    assert all(mutation["patchType"] == "ApplyConfiguration" for mutation in spec["mutations"])
    expressions = [one["applyConfiguration"]["expression"] for one in spec["mutations"]]
    found = [program(as_maps(expression)).evaluate(activation) for expression in expressions]
    return [json.loads(json.dumps(patch, cls=celpy.CELJSONEncoder)) for patch in found]


def as_maps(expression: str) -> str:
    """Kubernetes' objects (`Object.spec{containers: …}`) as maps, which are a part of CEL itself."""
    named = re.sub(r"Object[\w.]*\{", "{", expression)
    return re.sub(r"(?<=[{,\s])(\w+): ", r'"\1": ', named)


def new_environment() -> celpy.Environment:
    """CEL's environment, which raises Python's recursion limit for everybody: that is undone."""
    limit = sys.getrecursionlimit()
    try:
        return celpy.Environment()
    finally:
        sys.setrecursionlimit(limit)


ENVIRONMENT = new_environment()


@cache
def program(expression: str) -> celpy.Runner:
    """A CEL program with the functions that Kubernetes adds to strings."""
    return ENVIRONMENT.program(ENVIRONMENT.compile(expression), functions=STRINGS)


def _split(text: celtypes.StringType, by: celtypes.StringType) -> celtypes.ListType:
    return celtypes.ListType([celtypes.StringType(part) for part in str(text).split(str(by))])


def _substring(text: celtypes.StringType, start: celtypes.IntType) -> celtypes.StringType:
    return celtypes.StringType(str(text)[int(start) :])


def _index_of(text: celtypes.StringType, part: celtypes.StringType) -> celtypes.IntType:
    return celtypes.IntType(str(text).find(str(part)))


def _lower(text: celtypes.StringType) -> celtypes.StringType:
    return celtypes.StringType(str(text).lower())


STRINGS = {
    "split": _split,
    "substring": _substring,
    "indexOf": _index_of,
    "lowerAscii": _lower,
}
