"""Terraform addresses as text: what may stand as a reference in code."""

import re

_REFERENCE = re.compile(
    r'[A-Za-z_][\w-]*(?:\[(?:"[\w/+=.@:-]+"|[0-9]{1,9})\]|\.[A-Za-z_][\w-]*)*'
    r'(?:\[(?:"[\w/+=.@:-]+"|[0-9]{1,9})\]|\.[A-Za-z_][\w-]*)'
)
_KEY = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[[0-9]+\]')
_MODULE = re.compile(r'module\.[\w-]+(?:\["(?:[^"\\]|\\.)*"\]|\[[0-9]+\])?\.')


def is_reference(text: str) -> bool:
    """Whether a text is a reference (`module.a.b["c"]`) and no other expression."""
    return _REFERENCE.fullmatch(text) is not None


def without_keys(address: str) -> str:
    """The address of a block: that of an instance without any `["key"]` or `[0]`."""
    return _KEY.sub("", address)


def resource_type(address: str) -> str:
    """The type of the resource that an address names, `""` where it names a part of one."""
    rest = _MODULE.sub("", address)
    words = without_keys(rest).split(".")
    return words[0] if len(words) == 2 else ""
