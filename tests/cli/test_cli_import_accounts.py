"""`import`: whose each root module is, and that one account may have several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import Ran, forebay
from import_support import drift_of, topology_in

if TYPE_CHECKING:
    from pathlib import Path

MAIN, SHOP = "111122223333", "222233334444"
HOSTS = {"quay": "quay.io", "k8s": "registry.k8s.io", "public": "public.ecr.aws"}


def rule(prefix: str, host: str, more: str = "") -> str:
    return (
        f'resource "aws_ecr_pull_through_cache_rule" "{prefix}" {{\n'
        f'  ecr_repository_prefix = "{prefix}"\n  upstream_registry_url = "{host}"\n{more}}}\n'
    )


def secret_of(account: str) -> str:
    arn = f"arn:aws:secretsmanager:eu-west-1:{account}:secret:ecr-pullthroughcache/hub-AbCdEf"
    return rule("hub", "registry-1.docker.io", f'  credential_arn = "{arn}"\n')


def provider(*lines: str) -> str:
    return 'provider "aws" {\n' + "".join(f"  {line}\n" for line in lines) + "}\n"


REGION = 'region = "eu-west-1"'


def code(folder: Path, **roots: str) -> None:
    for name, text in roots.items():
        file = folder / "code" / name / "main.tf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def imported(folder: Path, *options: str) -> Ran:
    return forebay(
        folder,
        "import",
        "--code",
        "code",
        "--root",
        ".",
        "--out",
        "t.yaml",
        "--format",
        "json",
        *options,
    )


def listed(ran: Ran) -> set[str]:
    return {one["address"] or one["title"] for one in ran.document["results"]}


def test_several_roots_of_one_account_are_one_account_with_several_folders(tmp_path: Path) -> None:
    code(
        tmp_path,
        ecr=provider(REGION) + rule("quay", "quay.io"),
        k8s=provider(REGION) + rule("k8s", "registry.k8s.io"),
    )

    ran = imported(tmp_path, f"--account=ecr={MAIN}", f"--account=k8s={MAIN}")

    assert (ran.code, listed(ran)) == (0, set())
    (account,) = topology_in(tmp_path / "t.yaml").accounts.values()
    assert account.code_folders == ("ecr", "k8s")
    assert drift_of(tmp_path / "t.yaml", tmp_path / "code") == []


def test_the_folder_that_all_roots_of_an_account_lie_in_names_it(tmp_path: Path) -> None:
    code(
        tmp_path,
        **{
            "live/shop/ecr": provider(REGION) + rule("quay", "quay.io"),
            "live/shop/more": provider(REGION) + rule("k8s", "registry.k8s.io"),
            "live/main/ecr": provider(REGION) + rule("quay", "quay.io"),
        },
    )

    imported(
        tmp_path,
        f"--account=live/shop/ecr={SHOP}",
        f"--account=live/shop/more={SHOP}",
        f"--account=live/main/ecr={MAIN}",
    )

    assert "shop" in topology_in(tmp_path / "t.yaml").accounts


@pytest.mark.parametrize(("folder", "name"), [("shop", "shop"), ("terraform", f"account-{MAIN}")])
def test_the_code_folder_names_the_account_where_it_says_anything(
    tmp_path: Path, folder: str, name: str
) -> None:
    code(tmp_path, **{f"../{folder}": provider(REGION) + rule("quay", "quay.io")})

    ran = forebay(
        tmp_path, "import", "--code", str(tmp_path / folder), f"--account=.={MAIN}", "--root", "."
    )

    assert f'  {name}: {{id: "{MAIN}"' in ran.out
    assert f"# {folder}/main.tf:" in ran.out


@pytest.mark.parametrize(
    "text",
    [
        secret_of(MAIN),
        rule(
            "base",
            f"{SHOP}.dkr.ecr.eu-west-1.amazonaws.com",
            f'  custom_role_arn = "arn:aws:iam::{MAIN}:role/caches"\n',
        ),
        rule("quay", "quay.io")
        + """
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" },
    Action = "ecr:BatchGetImage", Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*" }] })
}
""",
    ],
)
def test_an_arn_that_can_only_be_of_the_own_account_tells_it(tmp_path: Path, text: str) -> None:
    code(tmp_path, ecr=provider(REGION) + text)

    ran = imported(tmp_path)

    (account,) = topology_in(tmp_path / "t.yaml").accounts.values()
    assert str(account.id) == MAIN
    assert any("is taken to act in" in one["title"] for one in ran.document["results"])


def test_arns_of_two_accounts_tell_none(tmp_path: Path) -> None:
    other = secret_of(SHOP).replace('"hub"', '"more"')
    code(tmp_path, ecr=provider(REGION) + secret_of(MAIN) + other)

    ran = imported(tmp_path)

    assert ran.code == 3
    assert not (tmp_path / "t.yaml").exists()


def test_the_account_that_is_given_wins_over_a_role_that_nobody_knows(tmp_path: Path) -> None:
    role = 'variable "role" {}\n' + provider(REGION, "assume_role { role_arn = var.role }")
    code(tmp_path, ecr=role + rule("quay", "quay.io"))

    ran = imported(tmp_path, f"--account=ecr={MAIN}")

    assert (ran.code, listed(ran)) == (0, set())
    assert drift_of(tmp_path / "t.yaml", tmp_path / "code") == []


def test_the_account_that_is_given_wins_over_what_the_provider_says(tmp_path: Path) -> None:
    own = provider(REGION, f'allowed_account_ids = ["{SHOP}"]')
    code(tmp_path, ecr=own + rule("quay", "quay.io"))

    imported(tmp_path, f"--account=ecr={MAIN}")

    (account,) = topology_in(tmp_path / "t.yaml").accounts.values()
    assert str(account.id) == MAIN


def test_a_region_that_no_code_says_can_be_given_to_all_who_read_it(tmp_path: Path) -> None:
    code(tmp_path, ecr=rule("quay", "quay.io"))

    unknown = imported(tmp_path, f"--account=ecr={MAIN}")
    given = imported(tmp_path, f"--account=ecr={MAIN}", "--region", "eu-west-1")

    assert unknown.code == 3
    assert "--region 'ecr=REGION'" in unknown.document["results"][0]["message"]
    assert given.code == 0
    drift = forebay(
        tmp_path, "drift", "-t", "t.yaml", "--code", "code", "--root", ".", "--region", "eu-west-1"
    )
    assert drift.code == 0


def test_a_region_for_one_folder_wins_there_alone(tmp_path: Path) -> None:
    code(
        tmp_path,
        ecr=provider(REGION) + rule("quay", "quay.io"),
        us=provider(REGION) + rule("quay", "quay.io"),
    )

    imported(tmp_path, f"--account=ecr={MAIN}", f"--account=us={MAIN}", "--region", "us=us-east-1")

    (account,) = topology_in(tmp_path / "t.yaml").accounts.values()
    assert account.regions == ("eu-west-1", "us-east-1")


def test_a_secret_that_is_not_known_leaves_its_cache_with_a_name_to_fill_in(tmp_path: Path) -> None:
    text = (
        rule("hub", "registry-1.docker.io", "  credential_arn = module.secret.arn\n")
        + 'module "secret" {\n  source = "git::https://example.com/secret.git"\n}\n'
    )
    code(tmp_path, ecr=provider(REGION, f'allowed_account_ids = ["{MAIN}"]') + text)

    ran = imported(tmp_path)

    assert ran.code == 3
    (cache,) = topology_in(tmp_path / "t.yaml").caches
    assert cache.credential is not None
    assert cache.credential.secret == "ecr-pullthroughcache/hub"
    messages = [one["message"] for one in ran.document["results"]]
    assert any("put the secret's own name there" in each for each in messages)
    assert not any("ECR refuses the cache without" in each for each in messages)


def test_a_folder_of_two_accounts_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(
        f"""\
version: 1
accounts:
  a: {{id: "{MAIN}", regions: [eu-west-1], code_folders: [ecr]}}
  b: {{id: "{SHOP}", regions: [eu-west-1], code_folders: [ecr]}}
registries:
  a: {{caches: {{quay: {{}}}}}}
""",
        encoding="utf-8",
    )

    ran = forebay(tmp_path, "validate")

    assert ran.code == 2
    assert "a root module acts in one account" in " ".join(ran.out.split())
