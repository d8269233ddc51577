"""What a run of `check` has proved, in numbers."""

from collections.abc import Iterable

from generator.frozen_data import frozen


@frozen
class Proof:
    """How many grants and registries there are, and of how many all is proved.

    A grant is one consumer's level on one cache in one region, as `show` lists them. It is proved on
    both sides where the registry lets the consumer in and the consumer's own policy gives it the
    access, and on one side where nobody has read the other. A registry is proved where its policy
    gives exactly what is declared.
    """

    grants: int
    on_both_sides: int
    on_one_side: int
    registries: int
    exact_registries: int


def least(proofs: Iterable[Proof]) -> Proof | None:
    """What is proved of several readings of one estate together: what each of them proves."""
    given = list(proofs)
    if not given:
        return None
    both = min(proof.on_both_sides for proof in given)
    either = min(proof.on_both_sides + proof.on_one_side for proof in given)
    return Proof(
        grants=max(proof.grants for proof in given),
        on_both_sides=both,
        on_one_side=max(either - both, 0),
        registries=max(proof.registries for proof in given),
        exact_registries=min(proof.exact_registries for proof in given),
    )
