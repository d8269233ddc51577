"""The statements that leave a question open, each with one request in doubt."""

from generator.iam.access import (
    Question,
    Undecided,
)
from generator.iam.cases import (
    Case,
    request_of,
)
from generator.iam.compiled import Compiled, Reading
from generator.iam.document import PolicyKind, Statement
from generator.iam.keys import KeyRole, key_role
from generator.iam.universe import Universe, bits_of


class Doubts:
    """Collects what cannot be decided."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._kind = universe.setting.kind
        self._undecided: dict[tuple[Question, str, tuple[tuple[str, int], ...]], Undecided] = {}

    def note_statements(
        self, question: Question, policy: Compiled, case: Case, principals: int
    ) -> bool:
        """Note the statements whose doubts leave a question open; whether there are any."""
        noted = False
        sides = (
            (policy.may_allow, policy.allows_surely),
            (policy.may_deny, policy.denies_surely),
        )
        for possible, sure in sides:
            surely = {
                id(reading.statement): reading.principals
                for reading in sure
                if reading.holds(case.cell)
            }
            for reading in possible:
                touched = principals & reading.principals & ~surely.get(id(reading.statement), 0)
                if touched and reading.holds(case.cell):
                    noted = True
                    number = self._most_public(touched)
                    self.note(
                        question, _why(reading, self._kind), (reading.statement,), case, number
                    )
        return noted

    def _most_public(self, principals: int) -> int:
        """The first of the principals of the most public kind."""
        found = next(
            members & principals
            for members in self._universe.by_kind.values()
            if members & principals
        )
        return next(bits_of(found))

    def note(
        self,
        question: Question,
        reason: str,
        statements: tuple[Statement, ...],
        case: Case,
        principal: int,
    ) -> None:
        """Note one reason, with the request of a principal in a case, unless it is known."""
        places = tuple((statement.source, statement.index) for statement in statements)
        self._undecided.setdefault(
            (question, reason, places),
            Undecided(
                question=question,
                reason=reason,
                statements=statements,
                request=request_of(self._universe, principal, case.actions[0], case),
            ),
        )

    @property
    def found(self) -> tuple[Undecided, ...]:
        """Everything that was noted."""
        return tuple(self._undecided.values())


def _why(reading: Reading, kind: PolicyKind) -> str:
    """Why a statement has two readings."""
    statement = reading.statement
    if reasons := statement.reasons(kind):
        return "; ".join(reasons)
    if any(key_role(condition.key) is KeyRole.REGION for condition in statement.conditions):
        return "it depends on aws:RequestedRegion, and several regions are asked"
    if statement.principals is not None and statement.principals.negated:
        return (
            "NotPrincipal leaves out a role for sure only when its session, the role and the "
            "account are all listed"
        )
    return "an ARN pattern with fewer than six parts is read in more than one way"
