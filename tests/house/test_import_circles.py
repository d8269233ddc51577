"""No module of the package imports itself by way of others, not even inside a function."""

import ast
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import generator

PACKAGE = Path(generator.__file__).parent


def test_no_modules_import_each_other_in_a_circle() -> None:
    sources = {_module(path): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert len(sources) > 100

    assert _circle(_imports(sources)) == ()


def test_an_import_inside_a_function_closes_a_circle() -> None:
    sources = {
        "generator.a": "from generator.b import name\n",
        "generator.b": "def ask():\n    from generator import c\n",
        "generator.c": "if TYPE_CHECKING:\n    import generator.a\n",
    }

    assert set(_circle(_imports(sources))) == set(sources)


def test_imports_one_way_are_no_circle() -> None:
    sources = {
        "generator.a": "from generator.b import name\nfrom generator.c import name\n",
        "generator.b": "from generator.c import name\n",
        "generator.c": "import re\n",
    }

    assert _circle(_imports(sources)) == ()


def _module(path: Path) -> str:
    parts = ("generator", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


def _imports(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """What each module imports of the others, wherever in the file the import stands."""
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        named: set[str] = set()
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Import():
                    named.update(alias.name for alias in node.names)
                case ast.ImportFrom(module=str() as origin, level=0):
                    for alias in node.names:
                        whole = f"{origin}.{alias.name}"
                        named.add(whole if whole in sources else origin)
                case ast.ImportFrom():
                    raise AssertionError(f"{module}: relative imports are not followed here")
                case _:
                    pass
        graph[module] = named & sources.keys() - {module}
    return graph


def _circle(graph: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The modules of one circle in their order; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()
