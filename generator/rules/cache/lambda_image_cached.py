"""A Lambda function whose image is named as one of a cache.

Lambda does not pull through a cache: it takes only images that already lie in a private repository (Lambda
developer guide, images-create; ECR user guide, pull-through-cache). Whether one lies there depends on who
pulled it before, and for how long the cache keeps it.

To fix it, copy the image into a repository of your own, and name that.

**Bad**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = "arn:aws:iam::111122223333:role/app"
  package_type  = "Image"
  image_uri     = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/acme/app:1"
}
```

**Good**

```hcl
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = "arn:aws:iam::111122223333:role/app"
  package_type  = "Image"
  image_uri     = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:1"
}
```
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from generator.model.finding import Finding, Severity
from generator.rules.rule import CodeRule, Rule

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies

RULE = Rule(name="lambda-image-cached", severity=Severity.MEDIUM)


def check(code: "CodePolicies") -> Iterator[Finding]:
    """Look for images of functions that lie below the prefix of a cache."""
    from generator.model.estate import Kind
    from generator.rules.cache.cached_images import cached_images

    for image in cached_images(code, Kind.FUNCTION):
        if image.is_made_by_code:
            continue
        yield RULE.about(
            image.user,
            title="Lambda does not pull through a cache",
            message=(
                f"`{image.user.address}` runs `{image.shown}`, a name below the cache "
                f"`{image.rule.address}`. Lambda takes only images that lie in a repository already. "
                "Copy the image into a repository of your own."
            ),
            subject=image.shown,
            location=image.span,
        )


LAMBDA_IMAGE_CACHED = CodeRule(rule=RULE, check=check)
