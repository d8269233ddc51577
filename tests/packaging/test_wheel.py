"""What ships: the wheel built through the sdist, installed into a fresh environment."""

import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from generator.version import release

CHECKOUT = Path(__file__).parents[2]
IGNORED = (".terraform", ".tfstate", "__pycache__", ".venv")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def checkout_with_litter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git tracks or would track, with ignored files of a Terraform run in it."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = run(
        "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=CHECKOUT
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((CHECKOUT / name).read_bytes())
    litter = copy / "modules" / "pull-through-cache"
    (litter / ".terraform" / "providers").mkdir(parents=True)
    (litter / ".terraform" / "providers" / "lock.json").write_text("{}")
    (litter / "terraform.tfstate").write_text('{"secret": "in state"}')
    return copy


@pytest.fixture(scope="module")
def wheel(checkout_with_litter: Path) -> Path:
    """The wheel, built from the sdist as `pip install forebay` from source would."""
    dist = checkout_with_litter / "dist"
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", cwd=checkout_with_litter)
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
        archive.extractall(dist / "unpacked", filter="data")
    assert not [name for name in names if any(word in name for word in IGNORED)]
    (source,) = (dist / "unpacked").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", cwd=source)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.mark.slow
def test_nothing_that_git_ignores_ships(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert not [name for name in names if any(word in name for word in IGNORED)]
    assert "generator/_data/modules/pull-through-cache/main.tf" in names
    assert "generator/_data/templates/root/modules.tf.j2" in names
    assert "generator/_data/examples/brown-field/policies/registry.json" in names
    assert "generator/_data/upstreams/docker-hub.md" in names
    assert not [
        name for name in names if name.startswith("generator/_data/examples/") and ".tf" in name
    ]
    assert {name.split("/")[0] for name in names} <= {"generator", f"forebay-{release()}.dist-info"}


@pytest.mark.slow
def test_an_installed_wheel_generates_from_the_root_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    site_packages = "import site; print(site.getsitepackages()[0])"
    packages = Path(run(python, "-c", site_packages, cwd=tmp_path).stdout.strip())
    # The dependencies are the ones of the test environment: what is tested is our own wheel.
    own = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("\n".join(own) + "\n")
    example = tmp_path / "topology.yaml"
    example.write_bytes(
        (CHECKOUT / "examples" / "private-to-private" / "topology.yaml").read_bytes()
    )

    done = subprocess.run(
        [python, "-I", "-m", "generator", "generate", "-t", example, "--format", "json"],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    written = {file["path"] for file in json.loads(done.stdout)["files"]}
    assert "shop/main.tf" in written
    where = run(python, "-I", "-c", "import generator; print(generator.__file__)", cwd=tmp_path)
    assert str(packages) in where.stdout
