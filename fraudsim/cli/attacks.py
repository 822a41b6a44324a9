"""``fraudsim attacks``: list, show, begin, check and preview patterns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fraudsim.cli.options import ROWS_HELP, as_json, attacks_option, quiet, seed_option
from fraudsim.cli.printing import aligned, print_result, progress_on_stderr
from fraudsim.cli.shape import CONTRACT_EXITS, Group, help_if_bare

if TYPE_CHECKING:
    from collections.abc import Iterable


@click.group("attacks", cls=Group, example="fraudsim attacks list")
@click.pass_context
def attacks_group(context: click.Context) -> None:
    """List, show, begin, check and preview attack patterns."""
    help_if_bare(context)


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
    print_result(value, as_json, lambda: aligned(rows))


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

    print_result(value, as_json, text)


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

    print_result(asdict(made), as_json, text)


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

    print_result([result.as_dict() for result in results], as_json, text)
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

    result = preview(
        what, seed=seed, attacks=attack_paths, out=out, progress=progress_on_stderr(quiet)
    )

    def text() -> Iterable[str]:
        yield from (f"{key}: {value}" for key, value in result.about.items())
        if result.campaign is not None:
            yield ""
            yield from text_lines(result.campaign, most=rows)
        if result.path:
            yield f"wrote {result.path}"

    print_result(result.as_dict(), as_json, text)
