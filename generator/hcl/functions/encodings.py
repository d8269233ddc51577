"""Functions that write a value as a text of some format, read one, or digest it."""

import base64
import binascii
import hashlib
import re
import urllib.parse
import uuid
import zlib
from collections.abc import Callable, Mapping

from generator.hcl.conversions import as_text, parts_of, text_of
from generator.hcl.functions.signatures import Arguments, Function, function, text_function
from generator.hcl.json_text import decode, encode_parts
from generator.hcl.values import (
    LONGEST_TEXT,
    Content,
    EvaluationError,
    Fields,
    JsonText,
    NotComputedError,
    UnknownContent,
    Value,
    derived,
    is_small,
)

MOST_UNPACKED = 1_000_000


def _base64decode(arguments: Arguments) -> str:
    try:
        return base64.b64decode(
            re.sub(r"[\r\n]", "", as_text(arguments[0])), validate=True
        ).decode()
    except (binascii.Error, ValueError):
        raise EvaluationError("the text is not base64 of UTF-8") from None


def _hash(name: str) -> Callable[[Arguments], str]:
    def digest(arguments: Arguments) -> str:
        return hashlib.new(name, as_text(arguments[0]).encode(), usedforsecurity=False).hexdigest()

    return digest


def _base64_hash(name: str) -> Callable[[Arguments], str]:
    def digest(arguments: Arguments) -> str:
        value = hashlib.new(name, as_text(arguments[0]).encode(), usedforsecurity=False)
        return base64.b64encode(value.digest()).decode()

    return digest


def _jsondecode(arguments: Arguments) -> Value:
    return decode(arguments[0])


def _jsonencode(arguments: Arguments) -> Content:
    if isinstance(arguments[0].content, UnknownContent) and arguments[0].content.origin is None:
        # Its structure is unknown too, unless it is an attribute that is a text.
        return derived(arguments[0].content)
    if not is_small(arguments[0]):
        raise NotComputedError("the value is too large")
    parts = encode_parts(arguments[0])
    if sum(len(part) for part in parts if isinstance(part, str)) > LONGEST_TEXT:
        raise NotComputedError("the text is too long")
    return JsonText(document=arguments[0])


def _urlencode(arguments: Arguments) -> str:
    return urllib.parse.quote_plus(as_text(arguments[0]))


def _arn_parse(arguments: Arguments) -> Fields:
    words = as_text(arguments[0]).split(":", 5)
    if len(words) != 6 or words[0] != "arn":
        raise EvaluationError("the text is not an ARN")
    names = ("partition", "service", "region", "account_id", "resource")
    return Fields(values={name: Value(word) for name, word in zip(names, words[1:], strict=True)})


def _arn_build(arguments: Arguments) -> Value:
    parts: list[str | UnknownContent] = ["arn"]
    for argument in arguments:
        parts += [":", *parts_of(argument)]
    return text_of(parts, None)


def _trim_iam_role_path(arguments: Arguments) -> str:
    words = as_text(arguments[0]).split(":", 5)
    if len(words) != 6 or words[0] != "arn":
        raise EvaluationError("the text is not an ARN")
    if words[2] != "iam" or words[3] or not words[5].startswith("role/"):
        raise EvaluationError("the ARN is none of a role")
    return ":".join((*words[:5], f"role/{words[5].rpartition('/')[2]}"))


_TEXT_ENCODINGS = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}


def _text_encoding(arguments: Arguments) -> str:
    name = _TEXT_ENCODINGS.get(as_text(arguments[1]).lower())
    if name is None:
        raise NotComputedError("the encoding is not evaluated")
    return name


def _textencodebase64(arguments: Arguments) -> str:
    return base64.b64encode(as_text(arguments[0]).encode(_text_encoding(arguments))).decode()


def _textdecodebase64(arguments: Arguments) -> str:
    encoding = _text_encoding(arguments)
    try:
        content = base64.b64decode(as_text(arguments[0]), validate=True)
    except ValueError:
        raise NotComputedError("the text is not evaluated") from None
    try:
        return content.decode(encoding)
    except ValueError:
        raise NotComputedError("the text is not evaluated") from None


def _urldecode(arguments: Arguments) -> str:
    text = as_text(arguments[0])
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise EvaluationError("the text is no part of an address")
    try:
        return urllib.parse.unquote_plus(text, errors="strict")
    except ValueError:
        raise NotComputedError("the text is not evaluated") from None


def _base64gunzip(arguments: Arguments) -> str:
    try:
        content = base64.b64decode(as_text(arguments[0]), validate=True)
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        found = unpacking.decompress(content, MOST_UNPACKED)
        if not unpacking.eof or unpacking.unused_data:
            raise NotComputedError("the text is not evaluated")
        return found.decode()
    except (ValueError, zlib.error):
        raise NotComputedError("the text is not evaluated") from None


_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "oid": uuid.NAMESPACE_OID,
    "url": uuid.NAMESPACE_URL,
    "x500": uuid.NAMESPACE_X500,
}


def _uuidv5(arguments: Arguments) -> str:
    space, name = map(as_text, arguments)
    if space in _NAMESPACES:
        return str(uuid.uuid5(_NAMESPACES[space], name))
    if re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", space) is None:
        raise NotComputedError("the name space is not evaluated")
    return str(uuid.uuid5(uuid.UUID(space), name))


FUNCTIONS: Mapping[str, Function] = {
    "base64decode": function(_base64decode, 1),
    "base64encode": text_function(lambda text: base64.b64encode(text.encode()).decode()),
    "base64sha256": function(_base64_hash("sha256"), 1),
    "base64sha512": function(_base64_hash("sha512"), 1),
    "jsondecode": function(_jsondecode, 1, needs="nothing"),
    "jsonencode": function(_jsonencode, 1, needs="nothing"),
    "md5": function(_hash("md5"), 1),
    "base64gunzip": function(_base64gunzip, 1),
    "provider::aws::arn_build": function(_arn_build, 5, needs="nothing"),
    "provider::aws::arn_parse": function(_arn_parse, 1),
    "provider::aws::trim_iam_role_path": function(_trim_iam_role_path, 1),
    "textdecodebase64": function(_textdecodebase64, 2),
    "textencodebase64": function(_textencodebase64, 2),
    "urldecode": function(_urldecode, 1),
    "uuidv5": function(_uuidv5, 2),
    "sha1": function(_hash("sha1"), 1),
    "sha256": function(_hash("sha256"), 1),
    "sha512": function(_hash("sha512"), 1),
    "urlencode": function(_urlencode, 1),
}
