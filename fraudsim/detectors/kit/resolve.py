"""From what somebody names to a detector: one line plugs in whatever can score payments.

A saved object of Python (pickle, joblib, a checkpoint of torch) is refused: to open it is to run
whatever it holds. An ONNX file holds no code, and ``module:object`` says openly that code is run.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from hashlib import sha256
from inspect import isclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraudsim.detectors.base import Detector
from fraudsim.detectors.kit.estimator import EstimatorDetector, way_of
from fraudsim.detectors.kit.naming import free_name, named, short_name
from fraudsim.detectors.kit.river_learner import LearnerDetector, is_learner
from fraudsim.errors import UsageError, nearest
from fraudsim.registry import DETECTORS, discover, module_of_file, source_file

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import ModuleType

FORMS = """a detector is one of
  NAME                    a built-in one, or one of an installed package
  module:object           an estimator, a pipeline, a River learner, a Detector, or what makes one
  path/to/file.py         a file with one Detector; file.py:object for anything else in it
  model.onnx              a model that runs no code
  http://127.0.0.1:8000   a server that answers POST /score
  scores.parquet, .csv    scores by tx_id (or row)"""

PICKLES = (
    ".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle", ".sav", ".pt", ".pth", ".npy", ".model",
)  # fmt: skip
"""Files whose loading may run whatever is in them, or that only their own library can read."""

SCORES = (".parquet", ".csv")
_PYTHON_FILE = re.compile(r"(?P<path>.+\.py)(?::(?P<object>[\w.]+))?")
_OBJECT = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<object>[A-Za-z_][\w.]*)")


def resolve(spec: str, taken: Collection[str] = ()) -> Detector:
    """Return the detector that somebody named, in one of the ``FORMS``.

    Args:
        spec: what was named. **A module or a Python file is run**, with all that Python can do.
        taken: names that other detectors of the same results have.

    Raises:
        UsageError: there is no such thing, or it is no detector; says what would be right.
    """
    path = Path(spec)
    if "://" in spec:
        return _endpoint(spec, taken)
    if path.suffix.lower() in PICKLES:
        raise UsageError(_no_pickles(path))
    if path.suffix.lower() == ".onnx":
        return _onnx(_existing(path), taken)
    if path.suffix.lower() in SCORES:
        return _scores(_existing(path), taken)
    if found := _PYTHON_FILE.fullmatch(spec):
        return _from_file(Path(found["path"]), found["object"], taken)
    if found := _OBJECT.fullmatch(spec):
        return _from_module(found["module"], found["object"], taken)
    return _registered(spec)


def resolve_all(specs: Sequence[str]) -> tuple[Detector, ...]:
    """Return the detectors in the order named, each under a name of its own.

    Raises:
        UsageError: as of ``resolve``.
    """
    found: list[Detector] = []
    for spec in dict.fromkeys(specs):
        found.append(resolve(spec, [one.name for one in found]))
    return tuple(found)


def digest_of(spec: str, detector: Detector) -> str:
    """Return a digest of where a detector is from: what was scored by another one is not its own.

    Args:
        spec: what was named; the file or module of it counts.
        detector: what that is; the file of its class counts.
    """
    module = sys.modules.get(spec.partition(":")[0]) if ":" in spec else None
    python = _PYTHON_FILE.fullmatch(spec)
    files = [
        python["path"] if python else spec,
        getattr(module, "__file__", None),
        source_file(type(detector)),
    ]
    found = sha256()
    for file in files:
        if file is not None and Path(file).is_file():
            found.update(Path(file).read_bytes())
    return found.hexdigest()[:16]


def detector_of(thing: Any, called: str, taken: Collection[str] = ()) -> Detector:
    """Return the detector that an object of Python is or makes.

    Args:
        thing: a ``Detector``, an estimator, a pipeline, an outlier detector, a River learner; an
            instance, a class, or a function without arguments that returns one.
        called: what to call it, if it has no name of its own.
        taken: names that are taken, beside those of the registry.

    Raises:
        UsageError: it is something else.
    """
    made = _made(thing, called)
    if isinstance(made, Detector):
        return _own_name(made, called, taken)
    name = _name(called, taken)
    if is_learner(made):
        return named(LearnerDetector, name, summary=f"River: {type(made).__name__}")(made)
    way = way_of(made)
    if way is None:
        raise UsageError(
            f"{called} is a {type(made).__name__}, which is no detector: it should have fit and "
            "predict_proba (or decision_function), or learn_one and predict_proba_one, or be a "
            "fraudsim.detectors.base.Detector"
        )
    kind = named(
        EstimatorDetector,
        name,
        summary=f"{type(made).__module__.partition('.')[0]}: {type(made).__name__}",
        learns=way.learns,
        probabilities=way.probabilities,
    )
    return kind(made)


def _made(thing: Any, called: str) -> Any:
    """Return an instance of a class, what a function returns, or the thing itself."""
    if not isclass(thing) and (
        isinstance(thing, Detector) or is_learner(thing) or way_of(thing) or not callable(thing)
    ):
        return thing
    try:
        return thing()
    except TypeError as error:
        raise UsageError(
            f"{called} cannot be called without arguments ({error}): "
            "name an object that is ready, or a function without arguments that makes one"
        ) from error


def _own_name(detector: Detector, called: str, taken: Collection[str]) -> Detector:
    name = getattr(detector, "name", None)
    if not isinstance(name, str) or name != short_name(name):
        raise UsageError(
            f"{called}: {type(detector).__name__}.name should be text in lower case, digits and _ "
            f"(name: ClassVar[str] = 'my_name'), not {name!r}"
        )
    if name in taken or (name in discover(DETECTORS) and not _is_registered(detector)):
        raise UsageError(f"{called}: there is another detector named '{name}': rename this one")
    return detector


def _is_registered(detector: Detector) -> bool:
    return discover(DETECTORS).get(detector.name) is type(detector)


def _name(called: str, taken: Collection[str]) -> str:
    return free_name(short_name(called), {*discover(DETECTORS), *taken})


# One way each


def _registered(spec: str) -> Detector:
    found = discover(DETECTORS)
    if spec in found:
        detector: Detector = found[spec]()
        return detector
    raise UsageError(f"unknown detector '{spec}'{nearest(spec, found)}\n{FORMS}")


def _from_module(module: str, inside: str, taken: Collection[str]) -> Detector:
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise UsageError(f"{module}:{inside}: needs {error.name}, which is missing") from error
        raise UsageError(
            f"{module}:{inside}: there is no module '{error.name}' where Python looks; "
            "for a file, name its path: path/to/file.py:object"
        ) from error
    except Exception as error:  # somebody's code may raise anything
        raise UsageError(
            f"{module}:{inside}: cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return detector_of(_inside(loaded, inside, module), _last(inside), taken)


def _from_file(path: Path, inside: str | None, taken: Collection[str]) -> Detector:
    module = module_of_file(_existing(path))
    if inside is not None:
        return detector_of(_inside(module, inside, str(path)), _last(inside), taken)
    names = [name for name, value in vars(module).items() if _is_plugin(value, module)]
    if not names:
        others = [name for name, value in vars(module).items() if _could_be(value)]
        hint = f"; name the object: {path}:{others[0]}" if others else f"\n{FORMS}"
        raise UsageError(f"{path}: defines no subclass of fraudsim.detectors.base.Detector{hint}")
    if len(names) > 1:
        raise UsageError(
            f"{path}: defines {len(names)} detectors ({', '.join(names)}): "
            f"name one: {path}:{names[0]}"
        )
    found = discover(DETECTORS, [path])  # refuses names that are taken, and what is abstract
    kind = getattr(module, names[0])
    return _own_name(found[kind.name](), str(path), set(taken))


def _endpoint(url: str, taken: Collection[str]) -> Detector:
    from fraudsim.detectors.kit import http_endpoint

    address = re.sub(r"^https?://", "", url)
    kind = named(http_endpoint.HttpEndpoint, _name(f"http {address}", taken))
    return kind(
        url,
        timeout_s=_seconds(http_endpoint.TIMEOUT, http_endpoint.TIMEOUT_S),
        allow_remote=os.environ.get(http_endpoint.ALLOW_REMOTE) == "1",
    )


def _seconds(variable: str, otherwise: float) -> float:
    given = os.environ.get(variable, "")
    try:
        return float(given) if given else otherwise
    except ValueError:
        raise UsageError(f"{variable} should be a number of seconds, not {given!r}") from None


def _onnx(path: Path, taken: Collection[str]) -> Detector:
    from fraudsim.detectors.kit.onnx_file import OnnxFile

    return named(OnnxFile, _name(path.stem, taken))(path)


def _scores(path: Path, taken: Collection[str]) -> Detector:
    from fraudsim.detectors.kit.scores_file import ScoresFile, are_probabilities, read_scores

    calibrated = are_probabilities(read_scores(path))
    return named(ScoresFile, _name(path.stem, taken), probabilities=calibrated)(path)


def _is_plugin(value: Any, module: ModuleType) -> bool:
    return (
        isclass(value)
        and issubclass(value, Detector)
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    )


def _could_be(value: Any) -> bool:
    return not isclass(value) and (is_learner(value) or way_of(value) is not None)


def _inside(module: ModuleType, inside: str, where: str) -> Any:
    """Return the object of a dotted name in a module."""
    thing: Any = module
    for part in inside.split("."):
        try:
            thing = getattr(thing, part)
        except AttributeError:
            known = [name for name in vars(thing) if not name.startswith("_")]
            raise UsageError(f"{where} has no '{part}'{nearest(part, known)}") from None
    return thing


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _existing(path: Path) -> Path:
    if not path.is_file():
        near = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise UsageError(f"{path}: no such file{nearest(path.name, near) if near else ''}")
    return path


def _no_pickles(path: Path) -> str:
    return (
        f"{path}: fraudsim opens no saved objects of Python or of one library, as opening them may "
        "run code. Save the model as ONNX (fraudsim.detectors.kit.onnx_file.export_onnx, skl2onnx, "
        "torch.onnx), or name where Python finds it: module:object, path/to/file.py:object"
    )
