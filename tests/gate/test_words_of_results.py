"""What results say: each names its own cause, in every partition, under a rule that exists."""

from __future__ import annotations

import re
from pathlib import Path

from gate_support import RULES, TOPOLOGY, WHOLE, judged, rules

import generator
from generator.rules.manuals import rule_names
from generator.topology.mistakes import mistake_rules

TWO_PARTITIONS = """
version: 1
accounts:
  china: {id: "111122223333", regions: [cn-north-1, cn-northwest-1]}
  gov: {id: "222233334444", regions: [us-gov-west-1, us-gov-east-1], registry_policy: create}
  mirror: {id: "333344445555", regions: [us-gov-east-1]}
upstreams:
  gov-images: {registry: ecr, account: gov}
registries:
  china:
    caches: {quay: {}}
    grants: [{to: {role: node}, allow: pull}]
  gov:
    caches: {quay: {}}
    grants: [{to: {role: node}, allow: pull}]
  mirror:
    caches: {gov: {upstream: gov-images, regions: [us-gov-east-1]}}
    grants: [{to: {role: node}, allow: first-pull}]
"""


def generated(folder: Path, topology: str) -> dict[str, str]:
    """The files that `generate` writes for a topology."""
    from generator.generate import file_tree
    from generator.topology import read_topology

    file = folder / "topology.yaml"
    file.write_text(topology, encoding="utf-8")
    read = read_topology(file).topology
    assert read is not None
    tree = file_tree(read)
    return {
        **tree.shared,
        **{
            f"{root.folder}/{name}": text
            for root in tree.roots
            for name, text in root.files.items()
        },
    }


def test_generated_code_for_several_partitions_is_right(tmp_path: Path) -> None:

    result = judged(tmp_path, generated(tmp_path, TWO_PARTITIONS), TWO_PARTITIONS)

    assert result.drift == []
    assert result.check == []


def test_a_role_that_anybody_may_assume_is_found_in_every_partition(tmp_path: Path) -> None:
    files = generated(tmp_path, TWO_PARTITIONS)
    trust = "modules/upstream-access/main.tf"
    assert '"pullthroughcache.ecr.amazonaws.com"' in files[trust]
    files[trust] = files[trust].replace(
        'Service = "pullthroughcache.ecr.amazonaws.com"',
        'AWS = "arn:aws-us-gov:iam::999988887777:root"',
    )

    result = judged(tmp_path, files, TWO_PARTITIONS)

    assert "trust-wrong-principal" in {finding.rule for finding in result.check}


def test_each_changed_statement_shows_a_request_of_its_own(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace("[eu-west-1]", "[eu-west-1, us-east-1]")
    files = generated(tmp_path, topology.replace("allow: pull", "allow: cached"))

    result = judged(tmp_path, files, topology)

    assert rules(result.drift) == [("drift", "different")] * 2
    for finding, region in zip(result.drift, ("eu-west-1", "us-east-1"), strict=True):
        assert f"`ecr:BatchImportUpstreamImage` on `arn:aws:ecr:{region}:" in finding.message
    assert len({finding.fingerprint for finding in result.drift}) == 2


def test_the_same_mistake_in_two_accounts_has_two_fingerprints(tmp_path: Path) -> None:
    files = {
        path: text.replace('"quay.io"', '"quay.example"')
        for path, text in generated(tmp_path, TWO_PARTITIONS).items()
    }

    found = judged(tmp_path, files, TWO_PARTITIONS).drift

    assert [finding.rule for finding in found] == ["different"] * 4
    assert len({finding.fingerprint for finding in found}) == 4


def test_each_of_three_owners_has_a_fingerprint(tmp_path: Path) -> None:
    result = judged(tmp_path, {f"{name}/main.tf": WHOLE for name in ("a", "b", "c")})

    found = [
        finding
        for finding in result.drift
        if "`quay`" in finding.message or "quay," in finding.message
    ]
    assert {finding.rule for finding in found} == {"two-owners"}
    assert len({finding.fingerprint for finding in result.drift}) == len(result.drift)


def test_each_owner_of_two_is_named_with_its_line(tmp_path: Path) -> None:
    again = RULES[
        RULES.index("resource") : RULES.index('resource "aws_ecr_pull_through_cache_rule" "hub"')
    ]
    first = (
        WHOLE[: WHOLE.index('resource "aws_ecr_pull_through_cache_rule" "quay"')].count("\n") + 1
    )

    result = judged(tmp_path, {"main.tf": WHOLE, "more.tf": again.replace('"quay" {', '"again" {')})

    message = result.drift[0].message
    assert f"main.tf`, line {first}" in message
    assert "more.tf`, line 1" in message


def test_access_that_one_cause_takes_from_many_repositories_is_one_finding(tmp_path: Path) -> None:
    code = WHOLE.replace(', "ecr:BatchImportUpstreamImage"', "")

    result = judged(tmp_path, code)

    assert rules(result.check) == [("finding", "grant-missing")]
    message = result.check[0].message
    assert "Missing: ecr:BatchImportUpstreamImage." in message
    assert "The same is missing on `" in message
    assert all(prefix in message for prefix in ("quay/", "docker-hub/"))


def test_a_long_list_of_actions_is_cut_short_with_the_worst_first(tmp_path: Path) -> None:
    code = """
resource "aws_ecr_registry_policy" "open" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*", Resource = "*" }]
  })
}
"""

    result = judged(tmp_path, WHOLE + code)

    message = result.check[0].message
    assert re.search(r"Too much is given to any AWS account: .* and \d+ more\.", message)
    assert message.count("ecr:") < 20
    assert "ecr:SetRepositoryPolicy" in message
    assert "ecr:DescribeImages" not in message


def test_every_rule_in_the_source_can_be_selected() -> None:
    sources = Path(generator.__file__).parent.rglob("*.py")
    of_generate = {
        "edited-file",
        "file-in-the-way",
        "first-plan-changes",
        "link-in-the-way",
        "not-adopted",
        "orphaned-root",
    }
    of_texts = {
        "first-pull-by-digest",
        "large-role-policy",
        "no-cached-name",
        "left-over",
        "not-exported",
        "nothing-found",
        "pull-refused",
        "pull-undecided",
        "text-not-known",
    }
    written = {
        name
        for source in sources
        for name in re.findall(r'\brule="([a-z-]+)"', source.read_text(encoding="utf-8"))
    }

    assert written - {"error"} - of_generate - of_texts <= rule_names()
    assert not (of_generate | of_texts) & rule_names()


def test_titles_of_mistakes_end_without_a_full_stop() -> None:
    assert not [rule.name for rule in mistake_rules() if rule.title.endswith(".")]
