"""Arrays in a file: numpy's npz, uncompressed, written by us and read as if by nobody we know.

What is read back may have been damaged or made to do harm: no pickle is opened, nothing is
unpacked that is larger than its file, and every array must have the type that is asked for.
"""

from __future__ import annotations

import io
import zipfile
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from fraudsim.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from fraudsim.sinks.place import Place


def write_arrays(place: Place, name: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write ``arrays`` to the new file ``name`` of ``place``.

    Raises:
        FraudsimError: it cannot be written (a full disk).
    """
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy has a keyword of its own there
    place.write(name, file.getbuffer())


def read_arrays(
    place: Place,
    name: str,
    expected: Mapping[str, npt.DTypeLike],
    width: Mapping[str, int] | None = None,
) -> dict[str, np.ndarray]:
    """Return the arrays of the file ``name`` of ``place``, each by its name.

    Args:
        place: where the run is.
        name: a file that ``write_arrays`` wrote.
        expected: the name and type of every array; they have one axis.
        width: for an array of two axes, the length of the second.

    Raises:
        CheckpointError: the file is missing, damaged, or holds anything else.
    """
    path = place.shown(name)
    try:
        data = place.read(name)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(path, archive, {f"{name}.npy" for name in expected}, len(data))
            return {
                name: _array(path, name, archive.read(f"{name}.npy"), np.dtype(kind), width or {})
                for name, kind in expected.items()
            }
    except (FileNotFoundError, IsADirectoryError):
        raise damaged(path, "it is missing") from None
    except OSError as error:
        raise damaged(path, f"it cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, ValueError, EOFError, RuntimeError, KeyError) as error:
        raise damaged(path, str(error)) from error


def damaged(path: str, what: str) -> CheckpointError:
    """Return the error that says what is wrong with a file of a checkpoint."""
    return CheckpointError(
        f"{path}: damaged: {what}; the run cannot be resumed: start it again with --overwrite"
    )


def _check_members(path: str, archive: zipfile.ZipFile, names: set[str], most_bytes: int) -> None:
    members = archive.infolist()
    if {one.filename for one in members} != names or len(members) != len(names):
        raise damaged(path, f"it should hold {', '.join(sorted(names))} and nothing else")
    stored = all(one.compress_type == zipfile.ZIP_STORED for one in members)
    if not stored or sum(one.file_size for one in members) > most_bytes:
        raise damaged(path, "it should not be compressed")


def _array(
    path: str, name: str, data: bytes, kind: np.dtype[Any], width: Mapping[str, int]
) -> np.ndarray:
    """Return the array in ``data``, whose header is believed only where the bytes bear it out."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise damaged(path, f"{name}: its version should be 1.0")
    shape, by_column, found = np.lib.format.read_array_header_1_0(file)
    second = (width[name],) if name in width else ()
    if found != kind or shape[1:] != second or len(shape) != 1 + len(second):
        raise damaged(path, f"{name}: its type or shape is another")
    if by_column and len(shape) > 1:
        raise damaged(path, f"{name}: it should be written row by row")
    if prod(shape) * kind.itemsize != len(data) - file.tell():
        raise damaged(path, f"{name}: its length is another")
    return np.frombuffer(data, kind, offset=file.tell()).reshape(shape).copy()
