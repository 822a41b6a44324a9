"""The command line: each command parses, calls the library function of its name and prints.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done, 1 failed, 2 bad usage,
3 a check did not pass, 130 interrupted. Everything heavy is imported inside the commands, so
``fraudsim --help`` answers at once.

One file per command or group; ``shape``, ``options`` and ``printing`` are what they share.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from fraudsim import __version__
from fraudsim.cli import (
    attacks,
    audit,
    benchmark,
    explain,
    export,
    rebalance,
    report,
    scenarios,
    schema,
    simulate,
    verify,
)
from fraudsim.cli.shape import Group, help_if_bare
from fraudsim.errors import FraudsimError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


@click.group(
    cls=Group,
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
    help_if_bare(context)


for command in (  # in the order of use
    simulate.simulate,
    verify.verify,
    export.export,
    schema.schema,
    scenarios.scenarios,
    attacks.attacks_group,
    explain.explain,
    rebalance.rebalance,
    rebalance.rebalance_compare,
    rebalance.rebalance_quality,
    rebalance.rebalance_methods,
    benchmark.benchmark,
    benchmark.benchmark_tracks_list,
    benchmark.benchmark_check,
    benchmark.benchmark_compare,
    benchmark.benchmark_leaderboard,
    benchmark.benchmark_save,
    benchmark.benchmark_serve,
    audit.audit,
    report.report,
):
    cli.add_command(command)


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
