"""Opens what is to be audited: a dataset of ours, or anybody's table with a map of its columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fraudsim.dataset import Dataset, open_dataset
from fraudsim.errors import UsageError
from fraudsim.manifest import MANIFEST_NAME
from fraudsim.sinks.place import is_url

if TYPE_CHECKING:
    from fraudsim.quality.subject import Subject


def open_subject(
    data: str | Path | Dataset,
    map: str | Path | None = None,  # noqa: A002 -- named after the option
    *,
    profile: str | None = None,
    seed: int = 1,
) -> Subject:
    """Return labelled payments, ready for the checks.

    Args:
        data: a dataset or its folder; or a ``.csv`` or ``.parquet`` file.
        map: name of a map that comes with fraudsim, or a YAML file; for a table only.
        profile: which bands apply, instead of what the data or the map says.
        seed: of everything random in the checks.

    Raises:
        UsageError: the data or the map cannot be used; one line says what would be right.
    """
    from fraudsim.quality.of_dataset import subject_of_dataset
    from fraudsim.quality.of_table import subject_of_table

    if isinstance(data, Dataset):
        return subject_of_dataset(data, profile=profile, seed=seed)
    if is_url(data):
        open_dataset(data)  # says what to do
    path = Path(data)
    if map is not None:
        if (path / MANIFEST_NAME).is_file():
            raise UsageError(f"{path} is a fraudsim dataset, which needs no --map")
        return subject_of_table(path, map, profile=profile, seed=seed)
    if path.is_file():
        raise UsageError(
            f"{path} is a file: say what its columns mean (--map NAME or --map map.yaml); "
            "a fraudsim dataset is a folder"
        )
    return subject_of_dataset(open_dataset(path), profile=profile, seed=seed)
