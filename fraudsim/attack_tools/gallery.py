"""The gallery: every pattern of the registry on one page, with a picture and how it is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fraudsim.attack_tools.describe import section_of
from fraudsim.attack_tools.signature import signature
from fraudsim.errors import UsageError
from fraudsim.sinks.whole_file import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fraudsim.attacks.kit.pattern import AttackPattern

FORMAT = "fraudsim.gallery/1"
PICTURES = "gallery"
"""Folder of the pictures, beside the page."""

HEAD = """# The attack patterns

Each pattern with its story, where it stands in published taxonomies, its sources and its numbers.
A picture has three rehearsed campaigns: a dot is a payment, hollow where the bank refused it, its
colour the step; days from the first payment, amounts on a log scale. This page is written from the
code by `python benchmarks/gallery.py write`.
"""


def gallery(
    patterns: Mapping[str, type[AttackPattern]], results: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """Return the text of every file of the gallery by its path beside the page.

    Args:
        patterns: the patterns by name.
        results: what ``benchmarks/gallery.py measure`` found, if it was run.
    """
    files = {"gallery.md": "\n".join(_page(patterns, results)) + "\n"}
    for name, pattern in patterns.items():
        files[f"{PICTURES}/{name}.svg"] = signature(pattern)
    return files


def read_results(path: Path) -> dict[str, Any]:
    """Return the results in a file.

    Raises:
        UsageError: it cannot be read or is something else.
    """
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as results of the gallery: {error}") from None
    if not isinstance(results, dict) or results.get("format") != FORMAT:
        raise UsageError(f"{path}: should be results in the format {FORMAT}")
    return results


def write_gallery(
    folder: Path,
    patterns: Mapping[str, type[AttackPattern]],
    results: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Write the page and its pictures below ``folder``; pictures of other patterns are removed."""
    files = gallery(patterns, results)
    (folder / PICTURES).mkdir(exist_ok=True)
    for name, text in files.items():
        with written_whole(folder / name) as aside:
            aside.write_text(text, encoding="utf-8")
    for path in (folder / PICTURES).glob("*.svg"):
        if f"{PICTURES}/{path.name}" not in files:
            path.unlink()
    return [folder / name for name in files]


def _page(
    patterns: Mapping[str, type[AttackPattern]], results: Mapping[str, Any] | None
) -> Iterator[str]:
    yield HEAD
    if results is not None:
        yield _how_measured(results)
        yield ""
    yield from _contents(patterns, results)
    for name, pattern in patterns.items():
        yield ""
        yield f"## {name}"
        yield ""
        yield from section_of(pattern)
        yield ""
        yield f"![amounts of three campaigns of {name}]({PICTURES}/{name}.svg)"
        if results is not None and name in results["patterns"]:
            yield ""
            yield _found(results["patterns"][name])


def _how_measured(results: Mapping[str, Any]) -> str:
    world = results["world"]
    one_in = round(1 / world["flagged_by_threshold"])
    return (
        f"How hard each is to find was measured in `{world['scenario']}`, seed {world['seed']} "
        f"({world['customers']:,} customers, {world['days']} days): `lightgbm` learns from the "
        "past and is judged on the frauds of one pattern among all genuine payments of the future, "
        "once having seen all patterns, once without this one and the others of its group (of "
        f"{world['folds']} groups). AP is average precision; recall is that of victims within "
        f"{world['budget']} alerts a day. A threshold is the best one on a single feature, "
        f"raw or looking back, that flags at most one genuine payment in {one_in:,}, and the share "
        "of the pattern's payments beyond it."
        f"\n\n{_spread(results)}"
    )


def _spread(results: Mapping[str, Any]) -> str:
    """Say how far the patterns lie apart."""
    found = {name: one for name, one in results["patterns"].items() if one["test_frauds"]}
    recall = sorted((one["seen"]["recall_in_budget"], name) for name, one in found.items())
    threshold = max((one["threshold"]["share"], name) for name, one in found.items())
    middle = recall[len(recall) // 2]
    drop = sum(
        one["unseen"]["recall_in_budget"] < one["seen"]["recall_in_budget"]
        for one in found.values()
    )
    return (
        f"Of {len(found)} patterns with frauds in the test, `{recall[0][1]}` is found least "
        f"(recall {_figure(recall[0][0])}) and `{recall[-1][1]}` most "
        f"({_figure(recall[-1][0])}), with {_figure(middle[0])} in the middle; not having seen it "
        f"lowers recall for {drop} of them. "
        f"The pattern that one threshold finds best is `{threshold[1]}`: "
        f"{_figure(threshold[0])} of its payments."
    )


def _contents(
    patterns: Mapping[str, type[AttackPattern]], results: Mapping[str, Any] | None
) -> Iterator[str]:
    if results is None:
        yield "| pattern | what happens |"
        yield "| --- | --- |"
        for name, pattern in patterns.items():
            yield f"| [{name}](#{name}) | {pattern.summary} |"
        return
    yield (
        "| pattern | what happens | AP, seen | AP, unseen | recall, seen | recall, unseen "
        "| threshold |"
    )
    yield "| --- | --- | --: | --: | --: | --: | --: |"
    for name, pattern in patterns.items():
        one = results["patterns"].get(name, {})
        figures = [
            _figure(one.get(kind, {}).get(metric))
            for metric in ("average_precision", "recall_in_budget")
            for kind in ("seen", "unseen")
        ]
        figures.append(_figure(one.get("threshold", {}).get("share")))
        yield f"| [{name}](#{name}) | {pattern.summary} | {' | '.join(figures)} |"


def _found(one: Mapping[str, Any]) -> str:
    if not one["test_frauds"]:
        return "How hard it is to find is not known: the test has no fraud of it."
    seen, unseen = one["seen"], one["unseen"]
    return (
        f"**Found:** average precision {_figure(seen['average_precision'])} having seen the "
        f"pattern, {_figure(unseen['average_precision'])} not having seen it; recall within the "
        f"budget {_figure(seen['recall_in_budget'])} and {_figure(unseen['recall_in_budget'])}. "
        f"{one['test_frauds']:,} frauds to judge by, {one['known_frauds']:,} known to learn from. "
        f"The best threshold is on {one['threshold']['feature']}: "
        f"{_figure(one['threshold']['share'])}."
    )


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
