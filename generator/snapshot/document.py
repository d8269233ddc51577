"""The file of a snapshot: JSON of one version, written so that the same AWS gives the same bytes."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from generator.frozen_data import frozen
from generator.model.errors import InvalidValueError
from generator.model.snapshot import (
    GLOBAL_FACTS,
    REGIONAL_FACTS,
    Answer,
    Fact,
    Key,
    Layer,
    NotRead,
    Reason,
    Snapshot,
    Unit,
)
from generator.model.values import AccountId, Region

VERSION = 1
"""The version of the format; a reader knows its own and all before it."""

MOST_BYTES = 256 * 1024 * 1024
"""A larger file is refused before it is parsed, unpacked or not."""

MOST_GROUPS = 3_000_000
MOST_VALUES = 10_000_000
"""More lists, objects and values take too much memory to be parsed."""

_TOO_MANY = "holds more values than are read"
_PIECE = 1024 * 1024
_DEEPEST = 100
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_GZIP = b"\x1f\x8b"


class UnusableSnapshotError(ValueError):
    """A file that is no snapshot; the message goes on behind the file's name."""


def snapshot_bytes(snapshot: Snapshot, *, packed: bool = False) -> bytes:
    """The file of a snapshot; packed as `gzip` does it, without a time in its head."""
    document = {
        "forebay_snapshot": VERSION,
        "forebay": snapshot.forebay,
        "by": snapshot.by,
        "endpoint": snapshot.endpoint,
        "deep": snapshot.is_deep,
        "units": [_unit_object(unit) for unit in snapshot.units],
    }
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    content = text.encode(errors="surrogatepass")
    if not packed:
        return content
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def parse_snapshot(content: bytes) -> Snapshot:
    """The snapshot in a file's bytes, `.gz` or not; raises `UnusableSnapshotError`."""
    document = _object(_parsed(_unpacked(content)), "the file")
    version = document.get("forebay_snapshot")
    if not isinstance(version, int) or isinstance(version, bool):
        raise UnusableSnapshotError(
            "is no snapshot: `forebay snapshot --out FILE` writes one, and a plan or state is given "
            "with `--plan` or `--state`"
        )
    if version > VERSION:
        raise UnusableSnapshotError(
            f"has version {version} of the format, and this forebay knows {VERSION}: a newer forebay "
            "wrote it"
        )
    units = tuple(_unit(item) for item in _list(document, "units"))
    seen = {(unit.account, unit.region) for unit in units}
    if len(seen) != len(units):
        raise UnusableSnapshotError(
            "names an account and region twice, so it was not written by us"
        )
    endpoint = document.get("endpoint")
    return Snapshot(
        forebay=_text(document, "forebay"),
        by=_text(document, "by"),
        endpoint=endpoint if isinstance(endpoint, str) else None,
        is_deep=document.get("deep") is True,
        units=units,
    )


@frozen
class Merged:
    """Several snapshots as one, and the units that a later reading replaced."""

    snapshot: Snapshot
    replaced: tuple[Unit, ...]


def merged(snapshots: Iterable[Snapshot]) -> Merged:
    """One snapshot of all units; of a unit that stands in several the one that was read last."""
    snapshots = tuple(snapshots)
    units: dict[tuple[AccountId, Region | None], Unit] = {}
    replaced: list[Unit] = []
    for unit in (unit for snapshot in snapshots for unit in snapshot.units):
        place = (unit.account, unit.region)
        other = units.get(place)
        if other is None or unit.read_at >= other.read_at:
            units[place] = unit
        replaced.extend(() if other is None else (other if units[place] is unit else unit,))
    last = snapshots[-1]
    return Merged(
        snapshot=Snapshot(
            forebay=last.forebay,
            by=last.by,
            endpoint=next((one.endpoint for one in snapshots if one.endpoint), None),
            is_deep=any(one.is_deep for one in snapshots),
            units=tuple(sorted(units.values(), key=lambda unit: (unit.account, unit.region or ""))),
        ),
        replaced=tuple(replaced),
    )


def _unit_object(unit: Unit) -> Mapping[str, object]:
    facts: dict[str, object] = {}
    for (fact, item), answer in unit.facts.items():
        if fact.has_items:
            some = facts.setdefault(fact.value, {})
            assert isinstance(some, dict)  # noqa: S101 - made on the line before
            some[item] = answer
        else:
            facts[fact.value] = answer
    return {
        "account": unit.account,
        "region": unit.region,
        "read_at": unit.read_at.astimezone(UTC).strftime(_TIME),
        "facts": facts,
        "not_read": [
            {
                "fact": entry.fact,
                "item": entry.item,
                "call": entry.call,
                "reason": entry.reason,
                "layer": entry.layer,
                "code": entry.code,
                "words": entry.words,
            }
            for entry in sorted(
                unit.not_read, key=lambda entry: (entry.fact or "", entry.item, entry.call)
            )
        ],
    }


def _unit(value: object) -> Unit:
    item = _object(value, "a unit")
    try:
        account = AccountId.parse(_text(item, "account"))
        region = None if item.get("region") is None else Region.parse(_text(item, "region"))
        read_at = datetime.strptime(_text(item, "read_at"), _TIME).replace(tzinfo=UTC)
    except (InvalidValueError, ValueError) as error:
        raise UnusableSnapshotError(f"has a unit that is none: {error}") from None
    unit = Unit(
        account=account,
        region=region,
        read_at=read_at,
        facts=dict(_facts(_object(item.get("facts"), "`facts`"))),
        not_read=tuple(_not_read(entry) for entry in _list(item, "not_read")),
    )
    for fact in GLOBAL_FACTS if region is None else REGIONAL_FACTS:
        if (fact, "") not in unit.facts and unit.why_not_read(fact) is None:
            raise UnusableSnapshotError(
                f"says nothing about `{fact}` of account {account} in {region or 'no region'}, not "
                "even that it was not read: it was cut or changed"
            )
    return unit


def _facts(facts: Mapping[str, object]) -> Iterator[tuple[Key, Answer]]:
    for name, answer in facts.items():
        try:
            fact = Fact(name)
        except ValueError:
            raise UnusableSnapshotError(f"has a fact `{name[:40]}`, which is none") from None
        if fact.has_items:
            for item, one in _object(answer, f"`{name}`").items():
                yield (fact, item), _answer(one)
        else:
            yield (fact, ""), _answer(answer)


def _not_read(value: object) -> NotRead:
    entry = _object(value, "`not_read`")
    fact, layer = entry.get("fact"), entry.get("layer")
    try:
        return NotRead(
            fact=None if fact is None else Fact(_text(entry, "fact")),
            item=_text(entry, "item"),
            call=_text(entry, "call"),
            reason=Reason(_text(entry, "reason")),
            layer=None if layer is None else Layer(_text(entry, "layer")),
            code=_text(entry, "code"),
            words=_text(entry, "words"),
        )
    except ValueError as error:
        raise UnusableSnapshotError(f"has a line in `not_read` that is none: {error}") from None


def _answer(value: object) -> Answer:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list():
            return tuple(_answer(item) for item in value)
        case dict():
            return {str(name): _answer(item) for name, item in value.items()}
        case _:
            raise UnusableSnapshotError("is no JSON")


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        if len(content) > MOST_BYTES:
            raise UnusableSnapshotError(_TOO_LARGE)
        return content
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size = groups = values = 0
    # Piece by piece: a small file can become a large one, which need not be held to be refused.
    while not unpacker.eof:
        try:
            piece = unpacker.decompress(content, _PIECE)
        except zlib.error as error:
            raise UnusableSnapshotError(f"is packed, and cannot be unpacked ({error})") from None
        content = unpacker.unconsumed_tail
        if not piece and not content:
            break
        pieces.append(piece)
        size += len(piece)
        groups += _groups(piece)
        values += piece.count(b",")
        if size > MOST_BYTES:
            raise UnusableSnapshotError(_TOO_LARGE)
        if groups > MOST_GROUPS or values > MOST_VALUES:
            raise UnusableSnapshotError(_TOO_MANY)
    if not unpacker.eof:
        raise UnusableSnapshotError("is packed, and its end is missing")
    return b"".join(pieces)


def _groups(content: bytes) -> int:
    return content.count(b"{") + content.count(b"[")


_TOO_LARGE = f"is larger than {MOST_BYTES // (1024 * 1024)} MiB, which is more than is read"


def _parsed(content: bytes) -> object:
    if _groups(content) > MOST_GROUPS or content.count(b",") > MOST_VALUES:
        raise UnusableSnapshotError(_TOO_MANY)
    too_deep = f"nests deeper than {_DEEPEST} levels, which no snapshot does"
    try:
        parsed: object = json.loads(content.decode("utf-8-sig", "surrogatepass"))
    except json.JSONDecodeError as error:
        raise UnusableSnapshotError(
            f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        ) from None
    except UnicodeDecodeError as error:
        raise UnusableSnapshotError(f"is not text in UTF-8 (byte {error.start})") from None
    except RecursionError:
        raise UnusableSnapshotError(too_deep) from None
    except ValueError as error:
        raise UnusableSnapshotError(f"is not JSON ({error})") from None
    level = [parsed]
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return parsed
    raise UnusableSnapshotError(too_deep)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise UnusableSnapshotError(f"is no snapshot: {what} is no JSON object")
    return value


def _list(item: Mapping[str, object], name: str) -> list[object]:
    value = item.get(name)
    if not isinstance(value, list):
        raise UnusableSnapshotError(f"is no snapshot: `{name}` is no list")
    return value


def _text(item: Mapping[str, object], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise UnusableSnapshotError(f"is no snapshot: `{name}` is no text")
    return value
