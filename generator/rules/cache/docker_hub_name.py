"""An image below a cache of Docker Hub under a name that Docker Hub does not have.

Every repository there has an owner: the official images are `library/nginx` and so on, and only Docker's own
programs fill in `library/` (ECR user guide, pull-through-cache-working-pulling). Through a cache the whole
name is needed: `docker-hub/library/nginx`.

Looked at are the containers of ECS task definitions, and the resources of policies.

To fix it, put `library/` before the name.

**Bad**

```hcl
data "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = data.aws_secretsmanager_secret.hub.arn
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/nginx:1.27"
  }])
}
```

**Good**

```hcl
data "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = data.aws_secretsmanager_secret.hub.arn
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/nginx:1.27"
  }])
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="docker-hub-name", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for names of one part below the caches of Docker Hub."""
    from generator.estate.wording import capital
    from generator.model.estate import Kind
    from generator.rules.cache.cached_images import cached_images, docker_hub_caches

    for image in cached_images(code, Kind.TASK):
        name = image.name_upstream
        if image.is_of_docker_hub and "/" not in name and not image.is_made_by_code:
            yield RULE.about(
                image.user,
                title="Docker Hub has no image of this name",
                message=(
                    f"`{image.user.address}` runs `{image.shown}`, and every image of Docker Hub has an "
                    f"owner. An official one is `{image.prefix}/library/{name}`."
                ),
                subject=image.shown,
                location=image.span,
            )
    prefixes = docker_hub_caches(code)
    for statement in code.statements:
        for prefix in prefixes.get(statement.record.root, ()):
            for text in statement.shapes("Resource"):
                repository = text.rpartition(":repository/")[2]
                name = repository.removeprefix(f"{prefix}/")
                if repository in (text, name) or set("/*?\0$") & set(name) or not name:
                    continue
                yield RULE.about_statement(
                    statement,
                    title="Docker Hub has no image of this name",
                    message=(
                        f"{capital(statement.what)} is about `{repository}`, and every image of Docker "
                        f"Hub has an owner. An official one is `{prefix}/library/{name}`."
                    ),
                    subject=repository,
                )


DOCKER_HUB_NAME = CodeRule(rule=RULE, check=check)
