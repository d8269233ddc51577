"""Branches and tokens of a tree that the grammar's parser gives."""

from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from typing import TypeAlias

    from lark import Token, Tree

    Branch: TypeAlias = Tree[Token]
    Node: TypeAlias = Branch | Token


_OFFSETS, _WORDS = "forebay offsets", "forebay words"


def any_node(_: "Node") -> bool:
    """Say yes: every token counts."""
    return True


def is_branch(node: "Node") -> TypeGuard["Branch"]:
    """Whether a node is a branch, not a token."""
    return not isinstance(node, str)  # a token is a text


def branches_of(branch: "Branch") -> list["Branch"]:
    """A branch's own branches, without its tokens."""
    return [child for child in branch.children if not isinstance(child, str)]


def offsets_of(branch: "Branch") -> tuple[int, int]:
    """Where a branch begins and ends in its text; every branch but the body of an empty block has a token.

    A tree is asked again for each file like it, so the branch remembers the answer.
    """
    known: dict[str, object] = vars(branch)
    found = known.get(_OFFSETS)
    if not isinstance(found, tuple):
        start, end = _outermost(branch, 1).start_pos, _outermost(branch, -1).end_pos
        found = known[_OFFSETS] = (start or 0, end or 0)
    return found


def words_of(branch: "Branch") -> str:
    """The text of all tokens of a branch, which it remembers as well."""
    known: dict[str, object] = vars(branch)
    found = known.get(_WORDS)
    if not isinstance(found, str):
        found = known[_WORDS] = "".join(str(token) for token in branch.scan_values(any_node))
    return found


def _outermost(branch: "Branch", step: int) -> "Token":
    """The first token, or with a step of -1 the last; what is empty counts for nothing."""
    node: Node = branch
    while not isinstance(node, str):
        for child in node.children if step > 0 else reversed(node.children):
            if isinstance(child, str) or child.children:
                node = child
                break
        else:
            raise ValueError(f"a branch without a token: {node.data}")
    return node
