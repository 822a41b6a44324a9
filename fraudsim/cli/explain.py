"""``fraudsim explain``: what a campaign did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fraudsim.cli.options import ROWS_HELP, as_json, dataset_argument
from fraudsim.cli.printing import aligned, print_result
from fraudsim.cli.shape import Command

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=Command, example="fraudsim explain world --attack card_testing")
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
        print_result(campaigns, as_json, lambda: aligned(listed(campaigns, most=rows)))
        return
    story = explain_campaign(dataset, campaign)
    print_result(story.as_dict(), as_json, lambda: text_lines(story, most=rows))
