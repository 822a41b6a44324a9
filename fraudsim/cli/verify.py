"""``fraudsim verify``: run a dataset again and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fraudsim.cli.options import as_json, attacks_option, dataset_argument, quiet, workers
from fraudsim.cli.printing import print_result, progress_on_stderr
from fraudsim.cli.shape import CHECK_EXITS, Command

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@click.command(cls=Command, example="fraudsim verify world", epilog=CHECK_EXITS)
@dataset_argument
@click.option("--files-only", is_flag=True, help="Check the files and do not run again.")
@workers
@attacks_option
@quiet
@as_json
def verify(
    *,
    dataset: Path | str,
    files_only: bool,
    workers: int,
    attack_paths: tuple[Path, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Run a dataset again and compare.

    Check each file of the dataset in DIR against its manifest, then run its scenario again and
    compare what comes out.
    """
    from dataclasses import asdict

    from fraudsim.verify import verify as run

    result = run(
        dataset,
        workers=workers,
        attacks=attack_paths,
        files_only=files_only,
        progress=progress_on_stderr(quiet),
    )

    def text() -> Iterable[str]:
        done = "the files and a second run are equal" if result.run_again else "the files are whole"
        yield f"{result.path}: {done} ({result.files:,} files, {result.bytes:,} bytes)"
        yield f"digest: {result.digest}"
        for change in result.other_versions:
            yield f"versions differ: {change}"

    print_result(asdict(result), as_json, text)
