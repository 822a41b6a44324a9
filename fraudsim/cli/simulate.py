"""``fraudsim simulate``: run a scenario, or foretell what that would take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fraudsim.cli.options import MAX_SEED, as_json, attacks_option, overrides_option, quiet
from fraudsim.cli.printing import aligned, print_result, progress_on_stderr
from fraudsim.cli.shape import Command, FolderOrUrl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fraudsim.scenario import Scenario


@click.command(cls=Command, example="fraudsim simulate tiny --seed 7 -o world")
@click.argument("scenario_name", metavar="SCENARIO")
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=1,
    show_default=True,
    help="Seed of the run.",
)
@click.option(
    "-o",
    "--out",
    type=FolderOrUrl(),
    help="Folder to write, or a URL like s3://bucket/world.  [default: NAME-SEED here]",
)
@click.option("--overwrite", is_flag=True, help="Replace the dataset if it exists.")
@click.option("--resume", is_flag=True, help="Go on with a killed run, from its last checkpoint.")
@click.option(
    "--engine",
    metavar="NAME",
    help="Who holds the customers: serial, processes or ray.  [default: as --workers needs]",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes; the result does not depend on them.  [default: 1, or the engine's cores]",
)
@click.option(
    "--dry-run", is_flag=True, help="Write nothing: print the rows, bytes, time and memory."
)
@overrides_option
@attacks_option
@quiet
@as_json
def simulate(
    *,
    scenario_name: str,
    seed: int,
    out: Path | str | None,
    overwrite: bool,
    resume: bool,
    engine: str | None,
    workers: int | None,
    dry_run: bool,
    overrides: tuple[str, ...],
    attack_paths: tuple[Path, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Run a scenario and write its dataset.

    SCENARIO is a preset (fraudsim scenarios list) or a YAML file. The dataset is a folder of
    Parquet tables with a manifest. The same scenario and seed give the same bytes, whatever the
    engine; so does a run that was killed and is resumed. With --dry-run, a small sample in a
    temporary folder tells what the run would come to, within some 30 %.
    """
    from fraudsim.scenario_files import load_scenario

    scenario = load_scenario(scenario_name, overrides=overrides)
    if dry_run:
        _foretell(scenario, seed, engine, workers, attack_paths, as_json)
        return

    from fraudsim.engine import simulate as run  # seconds: not for a scenario that is wrong

    folder = out or Path(f"{scenario.name}-{seed}")
    dataset = run(
        scenario,
        seed,
        folder,
        engine=engine,
        workers=workers,
        resume=resume,
        attacks=attack_paths,
        overwrite=overwrite,
        progress=progress_on_stderr(quiet),
    )
    rows = dataset.row_counts
    value = {
        "path": dataset.where,
        "scenario": scenario.name,
        "seed": seed,
        "digest": dataset.digest,
        "rows": rows,
        "fraud_rows": rows["labels"],
    }

    def text() -> Iterable[str]:
        yield f"wrote {dataset.where}"
        yield from aligned(("", name, count) for name, count in rows.items())
        yield f"fraud rows: {rows['labels']:,} of {rows['transactions']:,} transactions"
        yield f"digest: {dataset.digest}"
        if isinstance(dataset.where, Path):
            yield f"next: fraudsim benchmark {dataset.where}"

    print_result(value, as_json, text)


def _foretell(
    scenario: Scenario,
    seed: int,
    engine: str | None,
    workers: int | None,
    attacks: Sequence[Path],
    as_json: bool,
) -> None:
    """Print what a run would come to."""
    from dataclasses import asdict

    from fraudsim.cost import estimate
    from fraudsim.cost.shown import lines_of
    from fraudsim.engine.engines import choose
    from fraudsim.engine.population import block_count

    _engine, holders = choose(engine, workers, block_count(scenario))
    result = estimate(scenario, seed, workers=holders, attacks=attacks)
    print_result(asdict(result), as_json, lambda: lines_of(result))
