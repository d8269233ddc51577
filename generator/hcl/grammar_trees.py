"""Branches and tokens of a tree that the grammar's parser gives."""

from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from typing import TypeAlias

    from lark import Token, Tree

    Branch: TypeAlias = Tree[Token]
    Node: TypeAlias = Branch | Token


def any_node(_: "Node") -> bool:
    """Say yes: every token counts."""
    return True


def is_branch(node: "Node") -> TypeGuard["Branch"]:
    """Whether a node is a branch, not a token."""
    return not isinstance(node, str)  # a token is a text


def branches_of(branch: "Branch") -> list["Branch"]:
    """A branch's own branches, without its tokens."""
    return [child for child in branch.children if not isinstance(child, str)]


def first_token(branch: "Branch") -> "Token":
    """The token that a branch begins with; every branch but the body of an empty block has one."""
    return _outermost(branch, 1)


def last_token(branch: "Branch") -> "Token":
    """The token that a branch ends with."""
    return _outermost(branch, -1)


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


def words_of(branch: "Branch") -> str:
    """The text of all tokens of a branch."""
    return "".join(str(token) for token in branch.scan_values(any_node))
