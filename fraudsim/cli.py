"""The command line: each command parses, calls the library function of its name and prints.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 failed, 2 bad usage,
3 a check did not pass, 130 interrupted. Everything heavy is imported inside the commands, so
``fraudsim --help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fraudsim import __version__
from fraudsim.errors import FraudsimError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fraudsim.progress import Progress
    from fraudsim.scenario import Scenario

ROWS_HELP = "Rows to print at most; JSON has all."
INTERRUPTED = 130  # 128 + SIGINT, as shells have it
MAX_SEED = 2**63 - 1
EXITS = "Exit codes: 0 done, 1 failed, 2 bad usage."
AUDIT_EXITS = "Exit codes: 0 nothing failed, 1 failed, 2 bad usage, 3 a check failed."
MAPS = ("amlsim", "baf", "handbook", "ieee-cis", "paysim", "sparkov", "ulb")  # a test holds them
EXPORT_EXITS = "Exit codes: 0 done, 1 failed, 2 bad usage, 3 a reference leads nowhere."
CHECK_EXITS = "Exit codes: 0 equal, 1 failed, 2 bad usage, 3 not equal."
CONTRACT_EXITS = "Exit codes: 0 all well, 1 failed, 2 bad usage, 3 a check failed."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are one line on stderr.

    A reader that has gone (``| head``) ends it quietly: click raises ``SystemExit(1)`` then.
    """
    try:
        code = cli.main(
            args=None if argv is None else list(argv), prog_name="fraudsim", standalone_mode=False
        )
    except FraudsimError as error:
        return _fail(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        return _fail(_usage_message(error), error.exit_code)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(f"{where}{error.strerror or error}", 1)
    return code if isinstance(code, int) else 0


def _fail(message: str, code: int) -> int:
    print(f"fraudsim: error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _usage_message(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    return error.format_message() + hint


# What commands share


class _Command(click.Command):
    """A command whose help starts with an example and ends with the exit codes."""

    def __init__(self, *args: Any, example: str, **settings: Any) -> None:
        super().__init__(*args, **{"epilog": EXITS, **settings})
        self.example = example

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(f"Example: {self.example}")
        super().format_help_text(ctx, formatter)


class _Group(_Command, click.Group):
    """Commands under one name, which alone shows its help."""

    command_class = _Command
    group_class = type

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, invoke_without_command=True, **settings)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's protocol
        return list(self.commands)  # in the order of use, not of the alphabet

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take two words for the command of that name, if there is one: ``rebalance compare``.

        ``rebalance DATA`` is a command itself, so it cannot be a group of others.
        """
        two = " ".join(args[:2])
        if len(args) > 1 and two in self.commands:
            return two, self.commands[two], args[2:]
        return super().resolve_command(ctx, args)


class _FolderOrUrl(click.ParamType[Path | str]):
    """A path, or a URL as it was typed: pathlib would take a slash away from it."""

    name = "path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        from fraudsim.sinks.place import is_url

        return value if is_url(value) else click.Path(path_type=Path).convert(value, param, ctx)


as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
quiet = click.option("--quiet", is_flag=True, help="Show no progress.")
workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; the result does not depend on them.",
)
attacks_option = click.option(
    "--attacks",
    "attack_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file or folder with attack patterns of yours: .py is run, .yaml read. Can be repeated.",
)
overrides_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a value of the scenario, as calendar.days=30. Can be repeated.",
)
data_argument = click.argument("data", metavar="DATA", type=_FolderOrUrl())
label_option = click.option("--label", help="Own table: the column that is 1 for fraud.")
time_option = click.option("--time", help="Own table: the column that says when.")
amount_option = click.option("--amount", help="Own table: the column of amounts.")
entity_option = click.option(
    "--entity", multiple=True, help="Own table: a column that says who. Can be repeated."
)
ratio_option = click.option(
    "--ratio",
    type=click.FloatRange(min=0, min_open=True),
    help="Frauds per genuine row, for methods that have a ratio.  [default: the method's]",
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=1,
    show_default=True,
    help="Seed of everything random.",
)
dataset_argument = click.argument("dataset", metavar="DIR", type=_FolderOrUrl())


def _print(value: Any, as_json: bool, text: Callable[[], Iterable[str]]) -> None:
    """Print ``value`` as JSON, or the lines of ``text``."""
    if as_json:
        click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
    else:
        for line in text():
            click.echo(line)


def _aligned(rows: Iterable[Sequence[object]]) -> list[str]:
    """Return rows as lines with columns of equal width; numbers to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return []
    widths = [max(len(text) for text, _ in column) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            text.rjust(width) if is_number else text.ljust(width)
            for (text, is_number), width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def _cell(value: object) -> tuple[str, bool]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ("" if value is None else str(value)), False
    return (f"{value:,}" if isinstance(value, int) else f"{value:.4g}"), True


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given; the library knows the defaults of the others."""
    return {name: value for name, value in settings.items() if value not in (None, ())}


def _progress(quiet: bool = False) -> Progress:
    from fraudsim.progress import progress_for

    return progress_for(sys.stderr, quiet=quiet)


def _help_if_bare(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@click.group(
    cls=_Group,
    example="fraudsim simulate tiny --seed 7 -o world",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 failed, 2 bad usage, 3 a check did not pass.",
)
@click.version_option(__version__, prog_name="fraudsim")
@click.pass_context
def cli(context: click.Context) -> None:
    """Simulate payments and fraud, and learn from them.

    Simulate a bank's payments and its fraudsters; build balanced training sets and benchmark
    fraud detectors on what comes out, or on a table of your own.
    """
    _help_if_bare(context)


# Simulating


@cli.command(example="fraudsim simulate tiny --seed 7 -o world")
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
    type=_FolderOrUrl(),
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
        progress=_progress(quiet),
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
        yield from _aligned(("", name, count) for name, count in rows.items())
        yield f"fraud rows: {rows['labels']:,} of {rows['transactions']:,} transactions"
        yield f"digest: {dataset.digest}"
        if isinstance(dataset.where, Path):
            yield f"next: fraudsim benchmark {dataset.where}"

    _print(value, as_json, text)


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
    _print(asdict(result), as_json, lambda: lines_of(result))


@cli.command(example="fraudsim verify world", epilog=CHECK_EXITS)
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
        progress=_progress(quiet),
    )

    def text() -> Iterable[str]:
        done = "the files and a second run are equal" if result.run_again else "the files are whole"
        yield f"{result.path}: {done} ({result.files:,} files, {result.bytes:,} bytes)"
        yield f"digest: {result.digest}"
        for change in result.other_versions:
            yield f"versions differ: {change}"

    _print(asdict(result), as_json, text)


@cli.command(example="fraudsim export sql world -o world-sql --check", epilog=EXPORT_EXITS)
@click.argument("form", metavar="FORMAT")
@dataset_argument
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder or file to write."
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier export.")
@click.option(
    "--truth/--no-truth",
    default=True,
    show_default=True,
    help="With labels, campaigns and balances, which no bank has.",
)
@click.option("--full-pans", is_flag=True, help="Whole card numbers: valid, on test prefixes.")
@click.option("--check", is_flag=True, help="Look for references to nothing in what was written.")
@as_json
def export(*, form: str, dataset: Path | str, as_json: bool, **settings: Any) -> None:
    """Write a dataset for a database or a spreadsheet.

    FORMAT is sql (a folder with CSV files and scripts for PostgreSQL's psql), duckdb (one file,
    which needs the package duckdb) or csv (a folder, safe to open in a spreadsheet).
    """
    from dataclasses import asdict

    from fraudsim.export import export as run

    result = run(dataset, form=form, **settings)

    def text() -> Iterable[str]:
        yield f"wrote {result.path}"
        yield from _aligned(("", name, count) for name, count in result.rows.items())
        if result.checked:
            yield "every reference leads somewhere"
        if result.full_pans:
            yield "card numbers are whole: valid, on test prefixes that no issuer has"
        if result.format == "sql":
            yield f"next: cd {result.path} && psql -f all.sql"

    _print(asdict(result), as_json, text)


# Looking things up


@cli.command(example="fraudsim schema > scenario.schema.json")
@click.option("--tables", is_flag=True, help="The data dictionary of a dataset, as Markdown.")
@click.option("--playbook", is_flag=True, help="The JSON Schema of a playbook.")
@as_json
def schema(*, tables: bool, playbook: bool, as_json: bool) -> None:
    """Print the format of scenarios, of playbooks or of datasets.

    The JSON Schema of a scenario file, or with --playbook of an attack pattern in YAML, is JSON
    with or without --json. With --tables, print every table and column of a dataset instead.
    """
    if playbook:
        from fraudsim.attacks.kit.playbook.form import json_schema as playbook_schema

        _print(playbook_schema(), True, list)
    elif tables:
        from fraudsim.data_dictionary import data_dictionary, data_dictionary_markdown

        _print(data_dictionary(), as_json, lambda: data_dictionary_markdown().splitlines())
    else:
        from fraudsim.scenario_files import json_schema

        _print(json_schema(), True, list)


@cli.group(example="fraudsim scenarios list")
@click.pass_context
def scenarios(context: click.Context) -> None:
    """List, show and explain scenarios."""
    _help_if_bare(context)


@scenarios.command("list", example="fraudsim scenarios list")
@as_json
def scenarios_list(*, as_json: bool) -> None:
    """List the presets, the scenarios that come with fraudsim."""
    from fraudsim.scenario_files import load_scenario, preset_names

    rows = [(name, load_scenario(name).description) for name in preset_names()]
    value = [{"name": name, "description": description} for name, description in rows]
    _print(value, as_json, lambda: _aligned(rows))


@scenarios.command("show", example="fraudsim scenarios show tiny --set calendar.days=7")
@click.argument("scenario_name", metavar="SCENARIO")
@overrides_option
@as_json
def scenarios_show(*, scenario_name: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Print a scenario with every default.

    Print SCENARIO as YAML with everything it extends and every default written out.
    """
    from fraudsim.scenario_files import load_scenario, to_yaml

    scenario = load_scenario(scenario_name, overrides=overrides)
    _print(scenario.as_dict(), as_json, lambda: to_yaml(scenario).splitlines())


@scenarios.command("explain", example="fraudsim scenarios explain cards")
@click.argument("scenario_name", metavar="SCENARIO")
@overrides_option
@attacks_option
@as_json
def scenarios_explain(
    *,
    scenario_name: str,
    overrides: tuple[str, ...],
    attack_paths: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Print every number and its source.

    Print every value of SCENARIO, what it means and where it comes from: its source, or that it
    is an assumption.
    """
    from dataclasses import asdict

    from fraudsim.registry import ATTACKS, discover
    from fraudsim.scenario_files import explain, load

    loaded = load(scenario_name, overrides=overrides)
    rows = explain(loaded.scenario, patterns=discover(ATTACKS, attack_paths), notes=loaded.notes)

    def text() -> Iterable[str]:
        for row in rows:
            was = "" if row.value == row.default else f"  (default {json.dumps(row.default)})"
            yield f"{row.key} = {json.dumps(row.value)}{was}"
            yield f"    {row.meaning}"
            yield f"    source: {row.source}"

    _print([asdict(row) for row in rows], as_json, text)


@cli.group("attacks", example="fraudsim attacks list")
@click.pass_context
def attacks_group(context: click.Context) -> None:
    """List, show, begin, check and preview attack patterns."""
    _help_if_bare(context)


@attacks_group.command("list", example="fraudsim attacks list --attacks my_pattern.py")
@attacks_option
@as_json
def attacks_list(*, attack_paths: tuple[Path, ...], as_json: bool) -> None:
    """List all patterns.

    List ours, those of installed packages and those of --attacks.
    """
    from fraudsim.registry import ATTACKS, discover

    rows = [(name, cls.summary) for name, cls in discover(ATTACKS, attack_paths).items()]
    value = [{"name": name, "summary": summary} for name, summary in rows]
    _print(value, as_json, lambda: _aligned(rows))


@attacks_group.command("show", example="fraudsim attacks show card_testing")
@click.argument("name")
@click.option("--markdown", is_flag=True, help="As a page in Markdown.")
@attacks_option
@as_json
def attacks_show(
    *, name: str, markdown: bool, attack_paths: tuple[Path, ...], as_json: bool
) -> None:
    """Print a pattern and its parameters.

    Print the story of the pattern NAME, its place in published taxonomies, its sources and its
    parameters.
    """
    from fraudsim.attack_descriptions import describe_attack
    from fraudsim.attack_tools.describe import page_of
    from fraudsim.registry import ATTACKS, get

    pattern = get(ATTACKS, name, attack_paths)
    if markdown and not as_json:
        click.echo(page_of(pattern), nl=False)
        return
    value = describe_attack(pattern)

    def text() -> Iterable[str]:
        yield f"{value['name']}: {value['summary']}"
        yield ""
        yield value["story"]
        yield ""
        yield f"stages: {', '.join(value['stages'])}"
        yield f"look-alike: {value['look_alike']}"
        for scheme, code in value["taxonomy"].items():
            yield f"{scheme}: {code if isinstance(code, str) else ', '.join(code)}"
        yield "sources:"
        yield from (f"  {source}" for source in value["sources"])
        yield "parameters:"
        for parameter in value["parameters"]:
            yield f"  {parameter['name']} = {json.dumps(parameter['default'])}"
            yield f"      {parameter['meaning']}"
            yield f"      source: {parameter['source']}"

    _print(value, as_json, text)


@attacks_group.command("new", example="fraudsim attacks new gift_card_drain --folder mine")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(),
    show_default=True,
    help="Where to write.",
)
@click.option("--playbook", is_flag=True, help="A playbook (YAML), not Python.")
@as_json
def attacks_new(*, name: str, folder: Path, playbook: bool, as_json: bool) -> None:
    """Begin a pattern of your own.

    Write the pattern NAME, which works as it stands, with its test in tests/ and its page in
    docs/. Nothing that exists is replaced.
    """
    from dataclasses import asdict

    from fraudsim.attack_tools.new import new

    made = new(name, folder=folder, playbook=playbook)

    def text() -> Iterable[str]:
        yield from (f"wrote {path}" for path in (made.pattern, made.test, made.page))
        yield f"next: fraudsim attacks check {made.pattern}"

    _print(asdict(made), as_json, text)


@attacks_group.command(
    "check", example="fraudsim attacks check my_pattern.py", epilog=CONTRACT_EXITS
)
@click.argument("what", metavar="FILE_OR_NAME...", nargs=-1, required=True)
@attacks_option
@as_json
def attacks_check(*, what: tuple[str, ...], attack_paths: tuple[Path, ...], as_json: bool) -> None:
    """Hold patterns to the contract.

    Check that a pattern repeats itself, ends whatever the bank says, survives a small world, stays
    inside the run, leaks nothing by its form, is bounded work and does what it says of itself. A
    file is run. Each fault comes with what to change.
    """
    from fraudsim.attack_tools.check import check, complaint
    from fraudsim.errors import CheckFailedError

    results = check(what, attacks=attack_paths)

    def text() -> Iterable[str]:
        for result in results:
            if not result.faults:
                yield f"{result.name}: all {result.checks} checks pass"
                continue
            count = len(result.faults)
            yield f"{result.name}: {count} fault{'' if count == 1 else 's'} ({result.file})"
            for fault in result.faults:
                yield f"  {', '.join(fault.checks)}:"
                yield f"      {fault.message}"

    _print([result.as_dict() for result in results], as_json, text)
    if failed := complaint(results):
        raise CheckFailedError(failed)


@attacks_group.command("preview", example="fraudsim attacks preview card_testing -o preview.html")
@click.argument("what", metavar="NAME_OR_FILE")
@seed_option
@click.option("--rows", type=click.IntRange(min=1), default=40, show_default=True, help=ROWS_HELP)
@attacks_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="HTML page to write as well.")
@quiet
@as_json
def attacks_preview(
    *,
    what: str,
    seed: int,
    rows: int,
    attack_paths: tuple[Path, ...],
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """See a pattern at work.

    Simulate a small world with some campaigns of a pattern and print the story and the timeline
    of the largest, and its amounts as a plot.
    """
    from fraudsim.attack_tools.preview import preview
    from fraudsim.explain.shown import text_lines

    result = preview(what, seed=seed, attacks=attack_paths, out=out, progress=_progress(quiet))

    def text() -> Iterable[str]:
        yield from (f"{key}: {value}" for key, value in result.about.items())
        if result.campaign is not None:
            yield ""
            yield from text_lines(result.campaign, most=rows)
        if result.path:
            yield f"wrote {result.path}"

    _print(result.as_dict(), as_json, text)


@cli.command(example="fraudsim explain world --attack card_testing")
@dataset_argument
@click.option("--campaign", type=int, metavar="ID", help="Tell the story of this campaign.")
@click.option("--attack", help="List only campaigns of this pattern.")
@click.option("--rows", type=click.IntRange(min=1), default=60, show_default=True, help=ROWS_HELP)
@as_json
def explain(
    *, dataset: Path | str, campaign: int | None, attack: str | None, rows: int, as_json: bool
) -> None:
    """Tell what a campaign did, figure by figure.

    List the campaigns of the dataset in DIR, largest first; or, with --campaign, tell the story
    of one and print its timeline. Each figure says how many rows it is from, and names one.
    """
    from fraudsim.explain import explain_campaign, list_campaigns
    from fraudsim.explain.shown import listed, text_lines

    if campaign is None:
        campaigns = list_campaigns(dataset, attack=attack)
        _print(campaigns, as_json, lambda: _aligned(listed(campaigns, most=rows)))
        return
    story = explain_campaign(dataset, campaign)
    _print(story.as_dict(), as_json, lambda: text_lines(story, most=rows))


# Learning


@cli.command(example="fraudsim rebalance world --method smotenc -o balanced.parquet")
@data_argument
@click.option(
    "--method", default="random_under", show_default=True, help="The rebalancer, by name."
)
@ratio_option
@click.option(
    "--by",
    metavar="KIND",
    help="Give every kind of fraud an equal share: attack, or a column of your table.",
)
@label_option
@time_option
@amount_option
@entity_option
@seed_option
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="Parquet file to write."
)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@as_json
def rebalance(*, data: Path | str, as_json: bool, **settings: Any) -> None:
    """Make a balanced training set of a dataset or a table.

    Only the past of DATA, with the labels known then, is rebalanced and written, with a manifest
    beside it. DATA is a dataset, or a CSV or Parquet table of your own, whose columns you name.
    (Data in a folder called compare or methods is ./compare or ./methods.)
    """
    from fraudsim.rebalance import rebalance as run

    result = run(data, **_given(settings))

    def text() -> Iterable[str]:
        yield f"wrote {result.path} ({result.rows:,} rows, {result.frauds:,} frauds)"
        yield f"method: {result.method} {json.dumps(result.parameters)}"
        yield from _aligned(("", f"{origin} rows", n) for origin, n in result.origins.items())
        for kinds in result.by.values():
            yield from _aligned(
                ("", kind, n["known"], "known,", n["rows"], "rows,", n["weight"], "by weight")
                for kind, n in kinds.items()
            )
        yield from (f"note: {note}" for note in result.notes)
        yield f"manifest: {result.manifest_path}"

    _print(result.as_dict(), as_json, text)


@cli.command(
    "rebalance compare",
    example="fraudsim rebalance compare world --seeds 5 -o compared.json",
)
@data_argument
@click.option(
    "--detector", default="lightgbm", show_default=True, help="What is fitted behind each method."
)
@click.option(
    "--methods",
    metavar="NAME,NAME,...",
    help="Rebalancers, also as 'NAME by attack'.  [default: all, and some by attack]",
)
@click.option(
    "--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="Fits per method."
)
@label_option
@time_option
@amount_option
@entity_option
@ratio_option
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Alerts a day.  [default: 100 per 100,000 rows a day]",
)
@click.option(
    "--recalibrate/--no-recalibrate",
    default=True,
    show_default=True,
    help="Try isotonic recalibration as well, which takes a second fit.",
)
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="JSON file to write as well.")
@quiet
@as_json
def rebalance_compare(
    *, data: Path | str, methods: str | None, quiet: bool, as_json: bool, **settings: Any
) -> None:
    """Ask whether rebalancing helps.

    Fit a detector behind every rebalancer on the past of DATA, judge it on the future as it is,
    and set it beside no rebalancing and class weights: what is better, what is worse, what is a
    tie. A method that fails is named. With -o, the same call goes on after it was killed.
    """
    from fraudsim.comparison import compare_rebalancers
    from fraudsim.comparison.shown import text_lines

    names = None if methods is None else methods.split(",")
    result = compare_rebalancers(data, methods=names, progress=_progress(quiet), **_given(settings))

    def text() -> Iterable[str]:
        yield from text_lines(result)
        if result.path:
            yield f"wrote {result.path}"

    _print(result.as_dict(), as_json, text)


@cli.command("rebalance methods", example="fraudsim rebalance methods")
@click.option("--markdown", is_flag=True, help="Print the page docs/rebalancers.md.")
@as_json
def rebalance_methods(*, markdown: bool, as_json: bool) -> None:
    """List the rebalancers.

    List what fraudsim rebalance --method takes: what each does, where it is from, its parameters.
    """
    from fraudsim.rebalancers.kit.catalogue import catalogue, catalogue_markdown

    if markdown:
        click.echo(catalogue_markdown(), nl=False)
        return
    found = catalogue()
    _print(found, as_json, lambda: _aligned((one["name"], one["summary"]) for one in found))


@cli.command(example="fraudsim benchmark world -o results.json")
@data_argument
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    help="A detector to judge. Can be repeated.  [default: rules, logistic, lightgbm]",
)
@click.option(
    "--rebalancer",
    "rebalancers",
    multiple=True,
    help="A rebalancer of what they learn from. Can be repeated.  [default: none]",
)
@label_option
@time_option
@amount_option
@entity_option
@ratio_option
@click.option(
    "--budget",
    type=click.IntRange(min=1),
    help="Alerts a day.  [default: 100 per 100,000 rows a day]",
)
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="JSON file to write as well.")
@quiet
@as_json
def benchmark(*, data: Path | str, quiet: bool, as_json: bool, **settings: Any) -> None:
    """Judge fraud detectors on a dataset or a table.

    Fit each detector on the past of DATA and judge it on the future. DATA is a dataset, or a
    CSV or Parquet table of your own, whose columns you then name.
    """
    from fraudsim.benchmark import benchmark as run
    from fraudsim.benchmark import render_table

    result = run(data, progress=_progress(quiet), **_given(settings))

    def text() -> Iterable[str]:
        yield render_table(result)
        if result.path:
            yield f"wrote {result.path}"

    _print(result.as_dict(), as_json, text)


@cli.command(example="fraudsim audit payments.csv --map map.yaml -o audit.html", epilog=AUDIT_EXITS)
@data_argument
@click.option(
    "--map",
    "map",
    help="What the columns of a table mean: a YAML file, or one that comes along: "
    f"{', '.join(MAPS)}.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="GROUP_OR_CHECK",
    help="A group (shortcuts) or a check (invariants.keys) to make. Can be repeated.",
)
@click.option(
    "--bands", type=click.Path(path_type=Path), help="YAML file with bands that go before ours."
)
@click.option(
    "--profile",
    type=click.Choice(["cards", "payments", "mixed", "any"]),
    help="Which bands apply.  [default: what the data is]",
)
@seed_option
@click.option("-o", "--out", type=click.Path(path_type=Path), help="HTML or JSON file to write.")
@quiet
@as_json
def audit(*, data: Path | str, quiet: bool, as_json: bool, **settings: Any) -> None:
    """Ask whether a dataset or table is worth learning from.

    Look for shortcuts and leaks in DATA, for life that is none, and for what cannot be. DATA is
    a dataset, or a CSV or Parquet table of your own with a map of its columns.
    """
    from fraudsim.errors import CheckFailedError
    from fraudsim.quality.audit import audit as run
    from fraudsim.quality.shown import text_lines

    result = run(data, progress=_progress(quiet), **_given(settings))

    def text() -> Iterable[str]:
        yield from text_lines(result)
        if result.path:
            yield f"wrote {result.path}"

    _print(result.as_dict(), as_json, text)
    if result.failed:
        raise CheckFailedError(result.complaint)


@cli.command(example="fraudsim report world -o world.html")
@dataset_argument
@click.option(
    "--benchmark",
    type=click.Path(path_type=Path),
    help="Results of fraudsim benchmark -o, to draw as well.",
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help="HTML file to write."
)
@as_json
def report(*, dataset: Path | str, benchmark: Path | None, out: Path, as_json: bool) -> None:
    """Write the HTML page of a dataset.

    Write one HTML page that shows the dataset in DIR and needs no network.
    """
    from dataclasses import asdict

    from fraudsim.report import report as run

    result = run(dataset, out=out, benchmark=benchmark)

    def text() -> Iterable[str]:
        yield f"wrote {result.path} ({result.bytes:,} bytes, {len(result.charts)} charts)"

    _print(asdict(result), as_json, text)
