"""The shape of commands: their help, their exit codes, and two words for one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

EXITS = "Exit codes: 0 done, 1 failed, 2 bad usage."
AUDIT_EXITS = "Exit codes: 0 nothing failed, 1 failed, 2 bad usage, 3 a check failed."
EXPORT_EXITS = "Exit codes: 0 done, 1 failed, 2 bad usage, 3 a reference leads nowhere."
CHECK_EXITS = "Exit codes: 0 equal, 1 failed, 2 bad usage, 3 not equal."
CONTRACT_EXITS = "Exit codes: 0 all well, 1 failed, 2 bad usage, 3 a check failed."


class Command(click.Command):
    """A command whose help starts with an example and ends with the exit codes."""

    def __init__(self, *args: Any, example: str, **settings: Any) -> None:
        super().__init__(*args, **{"epilog": EXITS, **settings})
        self.example = example

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example, then what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(f"Example: {self.example}")
        super().format_help_text(ctx, formatter)


class Group(Command, click.Group):
    """Commands under one name, which alone shows its help."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, invoke_without_command=True, **settings)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's protocol
        """Return the names in the order of use, not of the alphabet."""
        return list(self.commands)

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


class FolderOrUrl(click.ParamType[Path | str]):
    """A path, or a URL as it was typed: pathlib would take a slash away from it."""

    name = "path"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Return a path, or a URL as text."""
        from fraudsim.sinks.place import is_url

        return value if is_url(value) else click.Path(path_type=Path).convert(value, param, ctx)


def help_if_bare(context: click.Context) -> None:
    """Show the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
