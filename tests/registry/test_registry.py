"""The registry, on a temporary package with a base class of its own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from fraudsim.errors import FraudsimError, UsageError
from fraudsim.registry import PluginKind, combine, discover, get

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BASE = """
from abc import ABC, abstractmethod

class Shape(ABC):
    @abstractmethod
    def area(self): ...
"""


def shape(class_name: str, name: str, base: str = "Shape") -> str:
    return (
        "from shapes.kit.base import Shape\n"
        f"class {class_name}({base}):\n    name = '{name}'\n    def area(self): return 1\n"
    )


@dataclass(frozen=True)
class Shapes:
    """A package of plug-ins that a test fills."""

    root: Path
    kind: PluginKind

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shapes]:
    before = set(sys.modules)
    kind = PluginKind("shape", "shapes", "shapes.kit.base:Shape", "test.shapes")
    result = Shapes(tmp_path, kind)
    result.write("shapes/__init__.py", "")
    result.write("shapes/kit/__init__.py", "")
    result.write("shapes/kit/base.py", BASE)
    monkeypatch.syspath_prepend(tmp_path)
    yield result
    for name in set(sys.modules) - before:
        del sys.modules[name]


def names(found: dict[str, type]) -> list[str]:
    return list(found)


# Ours


def test_ours_are_found_in_sub_packages_sorted_by_name(shapes: Shapes) -> None:
    shapes.write("shapes/square.py", shape("Square", "square"))
    shapes.write("shapes/round/__init__.py", "")
    shapes.write("shapes/round/circle.py", shape("Circle", "circle"))
    shapes.write("shapes/_private.py", "raise RuntimeError('must not be imported')")
    shapes.write("shapes/kit/tools.py", "raise RuntimeError('must not be imported')")
    found = discover(shapes.kind)
    assert names(found) == ["circle", "square"]
    assert found["circle"].__module__ == "shapes.round.circle"


def test_a_class_imported_from_elsewhere_is_not_counted(shapes: Shapes) -> None:
    shapes.write("shapes/square.py", shape("Square", "square"))
    text = "from shapes.square import Square\n" + shape("Rhombus", "rhombus", "Square")
    shapes.write("shapes/rhombus.py", text)
    assert names(discover(shapes.kind)) == ["rhombus", "square"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1", "should define one shape (a subclass of Shape), found none"),
        (
            shape("A", "square") + shape("B", "square"),
            "should define one shape (a subclass of Shape), found A, B",
        ),
        (shape("Square", "box"), "Square.name should be 'square' like the file, not 'box'"),
        (
            "from shapes.kit.base import Shape\nclass Square(Shape): pass\n",
            "Square.name should be 'square' like the file, not None",
        ),
        (
            "from shapes.kit.base import Shape\nclass Square(Shape):\n    name = 'square'\n",
            "Square does not define area",
        ),
    ],
)
def test_one_of_ours_out_of_place_is_an_error_with_its_file(
    shapes: Shapes, text: str, expected: str
) -> None:
    file = shapes.write("shapes/square.py", text)
    with pytest.raises(FraudsimError) as caught:
        discover(shapes.kind)
    assert str(caught.value) == f"{file}: {expected}"
    assert caught.value.exit_code == 1


# Installed packages


@pytest.fixture
def install(shapes: Shapes) -> Callable[[str, str], None]:
    """Install a distribution 'roundish' with one entry point, in the folder of ``shapes``."""

    def _install(point: str, module: str) -> None:
        shapes.write("roundish.py", module)
        shapes.write("roundish-1.dist-info/METADATA", "Name: roundish\nVersion: 1\n")
        shapes.write("roundish-1.dist-info/entry_points.txt", f"[test.shapes]\n{point}\n")

    return _install


def test_an_entry_point_is_a_plug_in_like_ours(
    shapes: Shapes, install: Callable[[str, str], None]
) -> None:
    shapes.write("shapes/square.py", shape("Square", "square"))
    install("circle = roundish:Circle", shape("Circle", "circle"))
    assert metadata.entry_points(group="test.shapes")
    assert names(discover(shapes.kind)) == ["circle", "square"]


@pytest.mark.parametrize(
    ("point", "module", "expected"),
    [
        (
            "circle = roundish:Circle",
            "1 / 0",
            "cannot be loaded: ZeroDivisionError: division by zero",
        ),
        (
            "circle = roundish:Cirle",
            shape("Circle", "circle"),
            "cannot be loaded: AttributeError: module 'roundish' has no attribute 'Cirle'",
        ),
        ("circle = roundish:x", "x = 1", "should be a subclass of Shape"),
        (
            "ring = roundish:Circle",
            shape("Circle", "circle"),
            "the class calls itself 'circle'; the entry point should have that name",
        ),
    ],
)
def test_a_broken_entry_point_names_its_distribution(
    shapes: Shapes,
    install: Callable[[str, str], None],
    point: str,
    module: str,
    expected: str,
) -> None:
    install(point, module)
    with pytest.raises(FraudsimError) as caught:
        discover(shapes.kind)
    assert str(caught.value) == f"roundish: entry point test.shapes: {point}: {expected}"


def test_an_entry_point_cannot_take_the_name_of_ours(
    shapes: Shapes, install: Callable[[str, str], None]
) -> None:
    shapes.write("shapes/circle.py", shape("Circle", "circle"))
    install("circle = roundish:Circle", shape("Circle", "circle"))
    with pytest.raises(FraudsimError, match=r"^roundish: the shape 'circle' .* \(shapes\.circle\)"):
        discover(shapes.kind)


# Files


def test_a_file_and_a_folder_outside_are_found(shapes: Shapes) -> None:
    file = shapes.write("mine/circle.py", shape("Circle", "my_circle"))
    shapes.write("more/a.py", shape("A", "a"))
    shapes.write("more/_helper.py", "raise RuntimeError('must not be run')")
    folder = shapes.root / "more"
    assert names(discover(shapes.kind, [file, folder])) == ["a", "my_circle"]
    assert names(discover(shapes.kind, [str(file), file])) == ["my_circle"]


def test_a_file_is_run_once_per_content_and_leaves_nothing_beside_it(
    shapes: Shapes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = shapes.write("mine/circle.py", shape("Circle", "circle"))
    first = discover(shapes.kind, [file])["circle"]
    assert discover(shapes.kind, [file])["circle"] is first
    file.write_text(shape("Circle", "circle") + "    sides = 1\n")
    assert discover(shapes.kind, [file])["circle"].sides == 1
    assert [path.name for path in file.parent.iterdir()] == ["circle.py"]


def test_a_file_may_use_dataclasses_and_postponed_annotations(shapes: Shapes) -> None:
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "from shapes.kit.base import Shape\n@dataclass\nclass C(Shape):\n"
        "    name = 'c'\n    size: int = 2\n    def area(self): return self.size\n"
    )
    file = shapes.write("mine/c.py", text)
    assert get(shapes.kind, "c", [file])().area() == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n\n)", ":3: cannot be run: SyntaxError: unmatched ')'"),
        ("\n1 / 0", ":2: cannot be run: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", ":2: cannot be run: SystemExit: 3"),
        (
            "\nimport no_such_module_here",
            ":2: cannot be run: ModuleNotFoundError: No module named 'no_such_module_here'",
        ),
        (
            "x = 1",
            ":1: defines no shape: no subclass of Shape (from shapes.kit.base import Shape)",
        ),
        (
            "from shapes.kit.base import Shape\nclass C(Shape):\n    name = 'c'\n",
            ":2: C does not define area",
        ),
        (
            shape("Square", "My Square"),
            (
                ":2: Square.name should be text in lower case, digits and _ "
                "(name: ClassVar[str] = 'my_name'), not 'My Square'"
            ),
        ),
    ],
)
def test_a_file_that_is_no_plug_in_is_an_error_with_its_line(
    shapes: Shapes, text: str, expected: str
) -> None:
    file = shapes.write("mine/it.py", text)
    with pytest.raises(UsageError) as caught:
        discover(shapes.kind, [file])
    assert str(caught.value) == f"{file}{expected}"
    assert not [name for name in sys.modules if name.startswith("_fraudsim_file") and "it" in name]


def test_a_file_that_failed_can_be_mended_and_found(shapes: Shapes) -> None:
    file = shapes.write("mine/it.py", "1 / 0")
    for _ in range(2):
        with pytest.raises(UsageError, match="division by zero"):
            discover(shapes.kind, [file])
    file.write_text(shape("It", "it"))
    assert names(discover(shapes.kind, [file])) == ["it"]


def test_a_file_cannot_take_the_name_of_another(shapes: Shapes) -> None:
    ours = shapes.write("shapes/circle.py", shape("Circle", "circle"))
    file = shapes.write("mine/other.py", "\n\n" + shape("Circle", "circle"))
    with pytest.raises(UsageError) as caught:
        discover(shapes.kind, [file])
    assert str(caught.value) == f"{file}:4: there is another shape named 'circle' in {ours}"


def test_a_missing_path_and_an_empty_folder_are_named(shapes: Shapes) -> None:
    missing = shapes.root / "none.py"
    with pytest.raises(UsageError) as caught:
        discover(shapes.kind, [missing])
    assert str(caught.value) == f"{missing}: no such file or folder"
    empty = shapes.root / "empty"
    empty.mkdir()
    with pytest.raises(UsageError) as caught:
        discover(shapes.kind, [empty])
    assert str(caught.value) == f"{empty}: a folder without .py files: no shape in it"


# By name, and in the library


def test_get_says_the_nearest(shapes: Shapes) -> None:
    shapes.write("shapes/square.py", shape("Square", "square"))
    assert get(shapes.kind, "square").__name__ == "Square"
    with pytest.raises(UsageError, match=r"^unknown shape 'sqare'; did you mean 'square'\?$"):
        get(shapes.kind, "sqare")


class Hexagon:
    name = "hexagon"


class Nameless:
    pass


class OtherHexagon:
    name = "hexagon"


def test_combine_adds_classes_in_order_and_refuses_a_name_twice() -> None:
    found = {"square": int}
    assert names(combine(found, [Hexagon])) == ["hexagon", "square"]
    assert names(combine({"hexagon": Hexagon}, [Hexagon])) == ["hexagon"]
    assert found == {"square": int}
    with pytest.raises(UsageError, match=r"test_registry.py:\d+: the name 'hexagon' is taken by"):
        combine(found, [Hexagon, OtherHexagon])
    with pytest.raises(UsageError, match=r"test_registry.py:\d+: Nameless.name should be text"):
        combine(found, [Nameless])
