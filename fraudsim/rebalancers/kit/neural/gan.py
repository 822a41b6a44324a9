"""CTGAN's networks and training (Xu et al. 2019, section 4): conditional, by sampling, packed.

Beside the paper's condition, one value of one coded column, generator and critic are told the class
of the row; condition and real row are drawn within the class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fraudsim.rebalancers.kit.generating import Lesson
    from fraudsim.rebalancers.kit.mixed_columns import Parts
    from fraudsim.rebalancers.kit.modes import ModeSpace, Span

NOISE, HIDDEN, PACKED = 128, 256, 10
TEMPERATURE, PENALTY = 0.2, 10.0
RATE, BETAS, DECAY = 2e-4, (0.5, 0.9), 1e-6
"""The paper's networks, and the rates of its code."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a batch of rows.

    Attributes:
        vector: the condition: class, then one 1 among all codes if there are any.
        column: which coded column each row's condition is on.
        rows: positions of real rows that meet the condition.
    """

    vector: torch.Tensor
    column: NDArray[np.int64]
    rows: NDArray[np.int64]


class Conditions:
    """Draws conditions, and real rows that meet them."""

    def __init__(self, learnt: Lesson, sizes: Sequence[int]) -> None:
        """Count the values of each coded column by class."""
        self._codes = learnt.parts.codes
        self._sizes = sizes
        self._starts = np.cumsum([0, *sizes])
        self._of_class = [np.flatnonzero(learnt.fraud == cls) for cls in (False, True)]
        self.width = 2 + int(self._starts[-1])

    def training(self, batch: int, rng: np.random.Generator) -> Asked:
        """Draw classes alike, columns alike, and values by the logarithm of their frequency."""
        present = [cls for cls in (0, 1) if self._of_class[cls].size]
        parts = [self._of(cls, batch // len(present), rng, in_logarithms=True) for cls in present]
        return Asked(
            torch.cat([part.vector for part in parts]),
            np.concatenate([part.column for part in parts]),
            np.concatenate([part.rows for part in parts]),
        )

    def frauds(self, count: int, rng: np.random.Generator) -> Asked:
        """Draw conditions of frauds, values by their frequency among the frauds."""
        return self._of(1, count, rng, in_logarithms=False)

    def _of(self, cls: int, count: int, rng: np.random.Generator, *, in_logarithms: bool) -> Asked:
        vector = np.zeros((count, self.width), np.float32)
        vector[:, cls] = 1.0
        among = self._of_class[cls]
        rows = rng.choice(among, count)
        column = rng.integers(0, max(1, len(self._sizes)), count)
        for j, size in enumerate(self._sizes):
            mine = np.flatnonzero(column == j)
            if in_logarithms:
                rows[mine] = _rows_by_logarithm(self._codes[among, j], size, mine.size, rng, among)
            vector[mine, 2 + self._starts[j] + self._codes[rows[mine], j]] = 1.0
        return Asked(torch.from_numpy(vector), column, rows)


def _rows_by_logarithm(
    codes: NDArray[np.int64],
    size: int,
    count: int,
    rng: np.random.Generator,
    among: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return rows whose codes occur in proportion to the logarithm of their frequency."""
    often = np.bincount(codes, minlength=size)
    weight = np.log1p(often)
    share = (weight / np.maximum(often, 1))[codes]
    return rng.choice(among, count, p=share / share.sum())


class _Residual(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """A layer whose input goes on beside its output."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inside = nn.Sequential(nn.Linear(width, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU())

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.inside(rows), rows], dim=1)


def trained_and_sampled(
    learnt: Lesson,
    space: ModeSpace,
    wanted: int,
    *,
    steps: int,
    batch: int,
    rng: np.random.Generator,
) -> Parts:
    """Train and return ``wanted`` frauds.

    Args:
        learnt: what to learn from.
        space: turns it into a matrix.
        wanted: frauds to draw.
        steps: of the critic and of the generator.
        batch: rows of a step, a multiple of 2 x ``PACKED``.
        rng: draws conditions.
    """
    conditions = Conditions(learnt, learnt.columns.sizes)
    real = torch.from_numpy(space.matrix(learnt.parts, rng))
    width = NOISE + conditions.width
    generator = nn.Sequential(
        _Residual(width), _Residual(width + HIDDEN), nn.Linear(width + 2 * HIDDEN, space.width)
    )
    critic = _critic(space.width + conditions.width)
    ahead = torch.optim.Adam(generator.parameters(), RATE, BETAS, weight_decay=DECAY)
    behind = torch.optim.Adam(critic.parameters(), RATE, BETAS, weight_decay=DECAY)
    for _ in range(steps):
        asked = conditions.training(batch, rng)
        with torch.no_grad():
            made, _ = _generated(generator, asked.vector, space.spans)
        _step(behind, _critics_loss(critic, real[asked.rows], made, asked.vector))
        asked = conditions.training(batch, rng)
        made, raw = _generated(generator, asked.vector, space.spans)
        score = _score(critic, made, asked.vector).mean()
        _step(ahead, _missed(raw, asked, space.coded) - score)
    generator.eval()
    with torch.no_grad():
        vector = conditions.frauds(wanted, rng).vector
        drawn = [_generated(generator, some, space.spans)[0] for some in vector.split(10_000)]
    return space.parts(torch.cat(drawn).numpy())


def _critic(width: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(PACKED * width, HIDDEN),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.5),
        nn.Linear(HIDDEN, HIDDEN),
        nn.LeakyReLU(0.2),
        nn.Dropout(0.5),
        nn.Linear(HIDDEN, 1),
    )


def _generated(
    generator: nn.Module, vector: torch.Tensor, spans: Sequence[Span]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return rows as a matrix, and what the generator put out."""
    raw = generator(torch.cat([torch.randn(len(vector), NOISE), vector], dim=1))
    made = [
        functional.gumbel_softmax(raw[:, span.at], tau=TEMPERATURE)
        if span.one_of
        else torch.tanh(raw[:, span.at])
        for span in spans
    ]
    return torch.cat(made, dim=1), raw


def _packed(rows: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
    """Put rows of one class together, ``PACKED`` at a time: the critic sees a lack of variety."""
    both = torch.cat([rows, vector], dim=1)
    return both.reshape(len(both) // PACKED, -1)


def _score(critic: nn.Module, rows: torch.Tensor, vector: torch.Tensor) -> torch.Tensor:
    return critic(_packed(rows, vector))


def _critics_loss(
    critic: nn.Module, real: torch.Tensor, made: torch.Tensor, vector: torch.Tensor
) -> torch.Tensor:
    """Return the Wasserstein loss with the penalty on the gradient (Gulrajani et al. 2017)."""
    packs_real, packs_made = _packed(real, vector), _packed(made, vector)
    share = torch.rand(len(packs_real), 1)
    between = (share * packs_real + (1 - share) * packs_made).requires_grad_()
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = ((slope.norm(2, dim=1) - 1) ** 2).mean()
    return critic(packs_made).mean() - critic(packs_real).mean() + PENALTY * penalty


def _missed(raw: torch.Tensor, asked: Asked, coded: Sequence[Span]) -> torch.Tensor:
    """Return the cross-entropy between the value asked for and the one that was made."""
    loss = torch.zeros(())
    at = 2
    for j, span in enumerate(coded):
        mine = torch.from_numpy(np.flatnonzero(asked.column == j))
        value = asked.vector[mine, at : at + span.width].argmax(dim=1)
        loss = loss + functional.cross_entropy(raw[mine][:, span.at], value, reduction="sum")
        at += span.width
    return loss / len(raw)


def _step(optimiser: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
