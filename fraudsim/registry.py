"""Finds plug-ins: those in our folders, those of installed packages, and files named by path.

Each of ours is one file that defines one class whose ``name`` is the file's; an installed package
offers a class under an entry point of its name; a file outside holds one class or more. Where a
kind has playbooks, a YAML file is one plug-in: it is read and never run. All are equal once found,
in the order of their names, and anything out of place is an error that says where.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
import traceback
from dataclasses import dataclass
from hashlib import blake2b
from importlib.abc import SourceLoader
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.errors import FraudsimError, UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.metadata import EntryPoint
    from types import ModuleType

NOT_PLUGINS = frozenset({"base", "kit", "evasion"})
"""Modules of our plug-in packages that serve the plug-ins beside them."""


PLAYBOOK_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class PluginKind:
    """A kind of plug-in.

    Attributes:
        label: what one is called in messages.
        package: our package of them; every module in it defines one.
        base: what they derive from, as ``module:Class``.
        group: the entry-point group of other packages.
        playbooks: what makes a plug-in of a YAML file, as ``module:function``; empty where a kind
            is written in Python alone.
    """

    label: str
    package: str
    base: str
    group: str
    playbooks: str = ""

    def base_class(self) -> type[Any]:
        """Import and return the class that every plug-in of this kind derives from."""
        base: type[Any] = _imported(self.base)
        return base

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of the files that plug-ins of this kind are in."""
        return (".py", *PLAYBOOK_ENDINGS) if self.playbooks else (".py",)


ATTACKS = PluginKind(
    "attack pattern",
    "fraudsim.attacks",
    "fraudsim.attacks.kit.pattern:AttackPattern",
    "fraudsim.attacks",
    "fraudsim.attacks.kit.playbook.pattern:playbook_pattern",
)
EVASIONS = PluginKind(
    "evasion",
    "fraudsim.attacks.evasion",
    "fraudsim.attacks.kit.evasion:Evasion",
    "fraudsim.evasions",
)
REBALANCERS = PluginKind(
    "rebalancer",
    "fraudsim.rebalancers",
    "fraudsim.rebalancers.base:Rebalancer",
    "fraudsim.rebalancers",
)
DETECTORS = PluginKind(
    "detector",
    "fraudsim.detectors",
    "fraudsim.detectors.base:Detector",
    "fraudsim.detectors",
)


def discover(kind: PluginKind, extra: Sequence[str | Path] = ()) -> dict[str, type[Any]]:
    """Return every plug-in of a kind by name, sorted by name.

    Args:
        kind: ``ATTACKS``, ``EVASIONS``, ``REBALANCERS`` or ``DETECTORS``.
        extra: Python files, YAML playbooks, or folders of them (files directly inside whose
            names do not start with ``_``). **Python files are run**, with all that Python can do:
            whoever names a file asks for that. Playbooks are only read.

    Raises:
        UsageError: a file of ``extra`` is missing, does not run, holds no plug-in or one whose
            name is taken.
        FraudsimError: one of ours or of an installed package is not as it should be.
    """
    found: dict[str, type[Any]] = {}
    for cls in _ours(kind):
        found[cls.name] = cls
    for name, cls in _installed(kind):
        if name in found:
            raise FraudsimError(
                f"{cls.__module__}: the {kind.label} '{name}' of an installed package has the "
                f"name of another ({found[name].__module__}); uninstall or rename one"
            )
        found[name] = cls
    for path in _files_in(extra, kind):
        for cls in _in_file(path, kind):
            _add_from_file(found, cls, path, kind)
    return dict(sorted(found.items()))


def get(kind: PluginKind, name: str, extra: Sequence[str | Path] = ()) -> type[Any]:
    """Return the plug-in of that name.

    Raises:
        UsageError: there is none; says the nearest.
    """
    found = discover(kind, extra)
    if name not in found:
        raise UsageError(f"unknown {kind.label} '{name}'{nearest(name, found)}")
    return found[name]


def combine(
    found: Mapping[str, type[Any]], extra_classes: Iterable[type[Any]]
) -> dict[str, type[Any]]:
    """Return ``found`` and classes handed over in the library, by name, sorted.

    Raises:
        UsageError: a class has no usable name, or the name of another.
    """
    combined = dict(found)
    for cls in extra_classes:
        name = _name_of(cls)
        if name is None:
            raise UsageError(f"{_spot(cls)}: {_wants_a_name(cls)}")
        if combined.get(name, cls) is not cls:
            taken_by = combined[name].__module__
            raise UsageError(f"{_spot(cls)}: the name '{name}' is taken by {taken_by}")
        combined[name] = cls
    return dict(sorted(combined.items()))


# Ours


def _ours(kind: PluginKind) -> Iterator[type[Any]]:
    package = importlib.import_module(kind.package)
    base = kind.base_class()
    for module_name in _modules_of(package):
        yield _only_plugin_of(importlib.import_module(module_name), base, kind)
    if kind.playbooks:
        yield from _our_playbooks(package, kind)


def _our_playbooks(package: ModuleType, kind: PluginKind) -> Iterator[type[Any]]:
    """Read the YAML files of the folders directly below ``package``."""
    folders = [folder for root in package.__path__ for folder in Path(root).iterdir()]
    for path in sorted(one for folder in folders for one in folder.glob("*.yaml")):
        if path.parent.name in NOT_PLUGINS:
            continue
        cls = _playbook_in(path, kind, f"{package.__name__}.{path.parent.name}.{path.stem}")
        if cls.name != path.stem:
            raise FraudsimError(f"{path}: name should be '{path.stem}' like the file")
        yield cls


def _modules_of(package: ModuleType) -> list[str]:
    """Return the full names of the plug-in modules below ``package``, sorted."""
    names: list[str] = []
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("_") or info.name in NOT_PLUGINS:
            continue
        full_name = f"{package.__name__}.{info.name}"
        if info.ispkg:
            names += _modules_of(importlib.import_module(full_name))
        else:
            names.append(full_name)
    return sorted(names)


def _only_plugin_of(module: ModuleType, base: type[Any], kind: PluginKind) -> type[Any]:
    classes = _plugins_in(module, base)
    stem = module.__name__.rpartition(".")[2]
    if len(classes) != 1:
        listed = ", ".join(cls.__name__ for cls in classes) or "none"
        raise FraudsimError(
            f"{module.__file__}: should define one {kind.label} (a subclass of {base.__name__}), "
            f"found {listed}"
        )
    cls = classes[0]
    if _name_of(cls) != stem:
        raise FraudsimError(
            f"{module.__file__}: {cls.__name__}.name should be '{stem}' like the file, "
            f"not {getattr(cls, 'name', None)!r}"
        )
    _refuse_abstract(cls, FraudsimError, str(module.__file__))
    return cls


def _plugins_in(module: ModuleType, base: type[Any]) -> list[type[Any]]:
    """Return the public subclasses of ``base`` that ``module`` itself defines, as they stand."""
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module.__name__
        and value.__name__ == name
        and not name.startswith("_")
    ]


def _name_of(cls: type[Any]) -> str | None:
    name = getattr(cls, "name", None)
    return name if isinstance(name, str) and re.fullmatch("[a-z][a-z0-9_]*", name) else None


def _wants_a_name(cls: type[Any]) -> str:
    return (
        f"{cls.__name__}.name should be text in lower case, digits and _ "
        f"(name: ClassVar[str] = 'my_name'), not {getattr(cls, 'name', None)!r}"
    )


def _refuse_abstract(cls: type[Any], error: type[FraudsimError], where: str) -> None:
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    if missing:
        raise error(f"{where}: {cls.__name__} does not define {', '.join(missing)}")


# Installed packages


def _installed(kind: PluginKind) -> Iterator[tuple[str, type[Any]]]:
    base = kind.base_class()
    for point in sorted(entry_points(group=kind.group), key=lambda one: (one.name, one.value)):
        yield point.name, _loaded(point, base)


def _loaded(point: EntryPoint, base: type[Any]) -> type[Any]:
    distribution = point.dist.name if point.dist else "an unnamed package"
    where = f"{distribution}: entry point {point.group}: {point.name} = {point.value}"
    try:
        cls = point.load()
    except Exception as error:  # another package may raise anything
        raise FraudsimError(f"{where}: cannot be loaded: {_one_line(error)}") from error
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise FraudsimError(f"{where}: should be a subclass of {base.__name__}")
    if _name_of(cls) != point.name:
        raise FraudsimError(
            f"{where}: the class calls itself {getattr(cls, 'name', None)!r}; "
            "the entry point should have that name"
        )
    _refuse_abstract(cls, FraudsimError, where)
    return cls


# Files named by path


class _GivenSource(SourceLoader):
    """Runs the bytes that were hashed, and leaves no ``__pycache__`` beside somebody's file."""

    def __init__(self, path: Path, source: bytes) -> None:
        self._path = path
        self._source = source

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 -- the protocol of loaders
        return str(self._path)

    def get_data(self, path: str | bytes) -> bytes:  # noqa: ARG002 -- the protocol of loaders
        return self._source


def _files_in(extra: Sequence[str | Path], kind: PluginKind) -> list[Path]:
    """Return the files that ``extra`` names, each once, in the order of their paths."""
    files: dict[Path, Path] = {}  # resolved -> as the user wrote it
    for path in map(Path, extra):
        if path.is_dir():
            inside = sorted(
                one
                for one in path.iterdir()
                if one.suffix in kind.endings and not one.name.startswith("_") and one.is_file()
            )
            if not inside:
                endings = " or ".join(kind.endings)
                raise UsageError(f"{path}: a folder without {endings} files: no {kind.label} in it")
        elif path.is_file():
            inside = [path]
        else:
            raise UsageError(f"{path}: no such file or folder")
        files.update({one.resolve(): one for one in inside})
    return [files[resolved] for resolved in sorted(files)]


def _in_file(path: Path, kind: PluginKind) -> list[type[Any]]:
    if path.suffix in PLAYBOOK_ENDINGS and kind.playbooks:
        # no module of ours: the manifest of a dataset names it with the hash of its file
        return [_playbook_in(path, kind, "_fraudsim_playbook")]
    base = kind.base_class()
    classes = _plugins_in(module_of_file(path), base)
    if not classes:
        where = f"from {base.__module__} import {base.__name__}"
        raise UsageError(
            f"{path}:1: defines no {kind.label}: no subclass of {base.__name__} ({where})"
        )
    for cls in classes:
        _refuse_abstract(cls, UsageError, _spot(cls))
    return classes


def _playbook_in(path: Path, kind: PluginKind, module: str) -> type[Any]:
    cls: type[Any] = _imported(kind.playbooks)(path, module=module)
    return cls


def _imported(name: str) -> Any:
    """Import what ``module:name`` names."""
    module, _, inside = name.partition(":")
    return getattr(importlib.import_module(module), inside)


def _add_from_file(
    found: dict[str, type[Any]], cls: type[Any], path: Path, kind: PluginKind
) -> None:
    where = f"{path}:{_line_of(cls)}"
    name = _name_of(cls)
    if name is None:
        raise UsageError(f"{where}: {_wants_a_name(cls)}")
    if name in found:
        taken_by = source_file(found[name]) or found[name].__module__
        raise UsageError(f"{where}: there is another {kind.label} named '{name}' in {taken_by}")
    found[name] = cls


def module_of_file(path: Path) -> ModuleType:
    """Run a Python file as a private module, once per content in a process.

    Raises:
        UsageError: it cannot be read, or raises when it runs.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    where = path.resolve()
    digest = blake2b(str(where).encode() + b"\0" + source, digest_size=8).hexdigest()
    name = f"_fraudsim_file_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, where, loader=_GivenSource(where, source))
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: Python cannot import it")
    module = module_from_spec(spec)
    sys.modules[name] = module  # before it runs: annotations are resolved through it
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # somebody's code may raise anything
        del sys.modules[name]
        line = _line_of_error(error, where)
        raise UsageError(f"{path}:{line}: cannot be run: {_one_line(error)}") from error
    return module


def _line_of_error(error: BaseException, path: Path) -> int:
    """Return the last line of ``path`` that took part in ``error``."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path) and frame.lineno]
    return lines[-1] if lines else 1


def _one_line(error: BaseException) -> str:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return " ".join(f"{type(error).__name__}: {message}".split())


def source_file(cls: type[Any]) -> str | None:
    """Return the file of a plug-in, Python or playbook; None for a class that stands in no file."""
    playbook: str | None = getattr(cls, "playbook_file", None)
    if playbook is not None:
        return playbook or None
    try:
        return inspect.getsourcefile(cls)
    except (OSError, TypeError):  # inspect's answers for a class that stands in no file
        return None


def _spot(cls: type[Any]) -> str:
    """Return ``file:line`` of a class, or its full name where it has no file."""
    try:
        return f"{source_file(cls) or cls.__module__}:{_line_of(cls)}"
    except (OSError, TypeError):
        return f"{cls.__module__}.{cls.__qualname__}"


def _line_of(cls: type[Any]) -> int:
    return 1 if hasattr(cls, "playbook_file") else inspect.getsourcelines(cls)[1]
