"""What a plan forgets stays in AWS: whom it lets in is judged, as if it were kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project
from terraform.fixtures import with_both_programs

if TYPE_CHECKING:
    from pathlib import Path

    from terraform.fixtures import TerraformFactory

TOPOLOGY = """\
version: 1
accounts: {hub: {id: "111122223333", regions: [eu-west-1]}}
registries: {hub: {caches: {quay: {}}}}
"""
REPOSITORY = 'resource "aws_ecr_repository" "it" {\n  name = "quay/nginx"\n}\n'
POLICY = """\
resource "aws_ecr_repository_policy" "it" {
  repository = "quay/nginx"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Sid = "All", Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }] })
  depends_on = [aws_ecr_repository.it]
}
"""
FORGET = """\
removed {
  from = aws_ecr_repository_policy.it
  lifecycle { destroy = false }
}
"""


@with_both_programs
@pytest.mark.slow
def test_a_policy_that_a_plan_forgets_still_lets_others_in(
    tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    project = Project(folder=tmp_path)
    assert project.forebay("generate").exit_code == 0
    more = project.file("hub") / "more.tf"
    terraform = terraform_factory(project.file("hub"), account="111122223333")

    def check(code: str) -> tuple[int, set[object]]:
        more.write_text(REPOSITORY + code, encoding="utf-8")
        plan = terraform.show_json(terraform.plan())
        (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        done = project.forebay("check", "--plan", "plan.json", "--format", "json")
        return done.exit_code, {result["rule"] for result in done.results}

    more.write_text(REPOSITORY + POLICY, encoding="utf-8")
    terraform.init()
    kept = check(POLICY)
    terraform.apply()

    assert kept[0] == 2
    assert check(FORGET) == kept
    assert check("")[0] == 0, "what is destroyed lets nobody in"
