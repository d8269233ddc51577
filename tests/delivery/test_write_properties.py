"""What holds for any old tree, any new tree and any files of a person."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from write_trees import on_disk, root

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.model.filetree import CacheLine, FileTree, RootFiles, narrowed

TEXTS = st.sampled_from(["", "a\n", "b\n", "no line end", "line\r\nends\r\n", "ü\n"])
NAMES = st.sampled_from(["main.tf", "access.tf", "README.md", "registry-policy.eu-west-1.json"])
ACCOUNTS = {"a": "111122223333", "b": "222233334444", "c": "333344445555"}
CACHES = st.lists(
    st.builds(
        CacheLine,
        region=st.just("eu-west-1"),
        prefix=st.sampled_from(["quay", "k8s"]),
        upstream=st.sampled_from(["quay.io", "registry.k8s.io"]),
    ),
    unique_by=lambda cache: cache.prefix,
    max_size=2,
).map(tuple)


@st.composite
def roots(draw: st.DrawFn) -> tuple[RootFiles, ...]:
    accounts = draw(st.sets(st.sampled_from(sorted(ACCOUNTS)), max_size=3))
    alone = len(accounts) == 1 and draw(st.booleans())
    deep = draw(st.booleans())
    return tuple(
        root(
            account,
            account_id=ACCOUNTS[account],
            folder="." if alone else f"roots/{account}" if deep else account,
            files=draw(st.dictionaries(NAMES, TEXTS, max_size=3)),
            caches=draw(CACHES),
            modules=draw(st.sampled_from([(), ("modules/x",), ("modules/x", "modules/y")])),
        )
        for account in sorted(accounts)
    )


TREES = st.builds(
    FileTree,
    roots=roots(),
    shared=st.dictionaries(
        st.sampled_from(["modules/x/main.tf", "modules/y/main.tf", "handover/d/a.json"]),
        TEXTS,
        max_size=3,
    ),
)
PERSON = st.dictionaries(
    st.sampled_from(["a/own.tf", "b/x/own.tf", "own.tf", "modules/x/own.tf", "a/main.tf"]),
    st.sampled_from([b"own\n", b"a\n", b"\xff\xfe"]),
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(trees=st.lists(TREES, min_size=1, max_size=4))
def test_after_any_sequence_of_trees_the_last_is_on_disk_and_nothing_is_left_to_do(
    trees: list[FileTree],
) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        for tree in trees:
            apply_write(plan_write(tree, out))
            again = plan_write(tree, out)

            assert not again.changes
            assert again.interrupted_pulls == ()
            found = on_disk(out)
            for path, text in tree.shared.items():
                assert found[path] == text.encode()
            for one in tree.roots:
                for name, text in one.files.items():
                    assert found[str(Path(one.folder, name))] == text.encode()


@settings(max_examples=150, deadline=None)
@given(
    before=TREES,
    after=TREES,
    ids=st.sets(st.sampled_from(sorted(ACCOUNTS.values()))),
    prune=st.booleans(),
)
def test_a_part_touches_nothing_of_other_accounts_and_all_parts_are_the_whole(
    before: FileTree, after: FileTree, ids: set[str], prune: bool
) -> None:
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        out = Path(folder)
        apply_write(plan_write(before, out))
        apply_write(plan_write(before, Path(other)))
        found = on_disk(out)
        part = narrowed(after, frozenset(ids))

        plan = plan_write(part, out, prune=prune)
        # Where one root would take the place of another's, a part of the tree cannot be written.
        if not plan.refused:
            apply_write(plan)

        left = on_disk(out)
        theirs = {
            Path(one.folder, name).as_posix()
            for one in before.roots
            if one.account_id not in ids
            for name in one.files
        }
        for path in theirs:
            assert left[path] == found[path]
        for path in before.shared:
            if path.rpartition("/")[0] not in part.needed_modules:
                assert left[path] == found[path]
        # Whatever was done in parts, a whole run ends where it would have ended without them.
        apply_write(plan_write(after, out, prune=True))
        apply_write(plan_write(after, Path(other), prune=True))
        assert on_disk(out) == on_disk(Path(other))


@settings(max_examples=150, deadline=None)
@given(before=TREES, after=TREES, person=PERSON, force=st.booleans())
def test_files_of_a_person_stay_byte_for_byte(
    before: FileTree, after: FileTree, person: dict[str, bytes], force: bool
) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        apply_write(plan_write(before, out))
        own = {path: content for path, content in person.items() if not (out / path).exists()}
        for path, content in own.items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(content)
        earlier = on_disk(out)

        plan = plan_write(after, out, force=force)
        if plan.refused:
            assert on_disk(out) == earlier
        else:
            apply_write(plan)
            assert not plan_write(after, out).changes

        assert {path: (out / path).read_bytes() for path in own} == own


@settings(max_examples=100, deadline=None)
@given(before=TREES, after=TREES, edit=st.sampled_from(["", "mine\n"]), data=st.data())
def test_an_edit_is_never_lost_without_force(
    before: FileTree, after: FileTree, edit: str, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        apply_write(plan_write(before, out))
        generated = [path for path in on_disk(out) if not path.endswith(".forebay.json")]
        if not generated:
            return
        edited = data.draw(st.sampled_from(generated))
        original = (out / edited).read_bytes()
        (out / edited).write_text(edit, encoding="utf-8")

        plan = plan_write(after, out)
        if not plan.refused:
            apply_write(plan)

        kept = (out / edited).read_text(encoding="utf-8") if (out / edited).exists() else None
        assert kept == edit or edit.encode() == original
