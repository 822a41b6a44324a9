"""Makes an attack pattern of a playbook, equal to one that is written in Python."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import create_model

from fraudsim.attacks.kit.expectation import Expectation
from fraudsim.attacks.kit.pattern import AttackPattern, parameter
from fraudsim.attacks.kit.playbook.meaning import stages_of
from fraudsim.attacks.kit.playbook.play import Play
from fraudsim.attacks.kit.playbook.reading import MAX_BYTES, read_playbook
from fraudsim.attacks.kit.taxonomy import Taxonomy
from fraudsim.errors import UsageError

if TYPE_CHECKING:
    from fraudsim.attacks.kit.pattern import Campaign
    from fraudsim.attacks.kit.playbook.form import ParameterForm, Playbook
    from fraudsim.attacks.kit.scene import Scene


class PlaybookPattern(AttackPattern):
    """A pattern whose story is data."""

    playbook: ClassVar[Playbook]
    playbook_file: ClassVar[str]

    def run(self, scene: Scene) -> Campaign:
        """Play the playbook."""
        parameters = {name: float(getattr(self, name)) for name in type(self).model_fields}
        return (yield from Play(self.playbook, parameters, scene).run())


def playbook_pattern(
    source: str | Path, *, file: str = "", module: str = "fraudsim_playbook"
) -> type[AttackPattern]:
    """Return the attack pattern that a playbook describes.

    Args:
        source: the YAML as text, or the path of its file.
        file: what to call a text in errors; default: ``playbook``.
        module: name of the module that the class says it is of.

    Raises:
        UsageError: it is no playbook; the message has the path within it.
    """
    if isinstance(source, Path):
        return _pattern_of(_text_of(source), str(source), module)
    return _pattern_of(source, file, module)


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES // 1024} KiB, too large for a playbook")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from None


@lru_cache(maxsize=256)  # a class once per content: two of them are not equal
def _pattern_of(text: str, file: str, module: str) -> type[AttackPattern]:
    playbook = read_playbook(text, file or "playbook")
    fields: dict[str, Any] = {
        name: (float, _parameter(form)) for name, form in playbook.parameters.items()
    }
    words = playbook.name.split("_")
    pattern: type[PlaybookPattern] = create_model(
        "".join(word.capitalize() for word in words),
        __base__=PlaybookPattern,
        __module__=module,
        __doc__=playbook.story.strip(),
        **fields,
    )
    pattern.playbook = playbook
    pattern.playbook_file = file
    pattern.name = playbook.name
    pattern.summary = playbook.summary
    pattern.taxonomy = Taxonomy(**playbook.taxonomy.model_dump())
    pattern.sources = playbook.sources
    pattern.look_alike = playbook.look_alike
    pattern.stages = stages_of(playbook)
    pattern.expectations = tuple(
        Expectation(one.measure, one.low, one.high, one.because) for one in playbook.expectations
    )
    return pattern


def _parameter(form: ParameterForm) -> Any:
    return parameter(form.default, form.meaning, form.source, ge=form.least, le=form.most)
