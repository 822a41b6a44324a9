"""TabDDPM: a diffusion of rows of mixed types (Kotelnikov, Baranchuk, Rubachev and Babenko 2023).

Numbers, as normal scores, are blurred by Gaussian noise (Ho et al. 2020); codes are replaced by
chance ones (Hoogeboom et al. 2021). A perceptron, told the class and how blurred the row is, learns
to take both back.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fraudsim.rebalancers.kit.generating import balanced_batches
from fraudsim.rebalancers.kit.mixed_columns import Parts, Ranks, one_hot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fraudsim.rebalancers.kit.generating import Lesson

HIDDEN, TIME = 256, 128
RATE = 1e-3
LEAST = 1e-30
"""Stands for a probability of nothing where a logarithm is taken."""


class _Noise:
    """How much of a row is left at each level, after Nichol and Dhariwal's (2021) cosine."""

    def __init__(self, levels: int) -> None:
        at = torch.arange(levels + 1, dtype=torch.float64) / levels
        left = torch.cos((at + 0.008) / 1.008 * math.pi / 2) ** 2
        left = left / left[0]
        step = (left[1:] / left[:-1]).clamp(min=0.001)
        self.levels = levels
        self.kept = step.float()  # from one level to the next
        self.left = torch.cumprod(step, 0).float()  # since the beginning
        self.left_before = torch.cat([torch.ones(1), self.left[:-1]])


class _Denoiser(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """Says of a blurred row which noise its numbers have, and which codes it had."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enter = nn.Linear(width + 2, HIDDEN)
        self.when = nn.Sequential(nn.Linear(TIME, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN))
        self.inside = nn.Sequential(
            nn.SiLU(), nn.Linear(HIDDEN, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, width)
        )

    def forward(self, rows: torch.Tensor, cls: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        return self.inside(self.enter(torch.cat([rows, cls], dim=1)) + self.when(_waves(level)))


class _Codes:
    """The diffusion of codes, as one column per code."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = list(sizes)
        self.columns = len(self.sizes)
        which = torch.repeat_interleave(torch.arange(self.columns), torch.tensor(self.sizes).long())
        self.member = functional.one_hot(which, max(1, self.columns)).float()
        self.even = 1.0 / torch.tensor(self.sizes, dtype=torch.float32)[which]

    def softmax(self, raw: torch.Tensor) -> torch.Tensor:
        """Return the probability of each code within its column."""
        if not self.columns:
            return raw
        return torch.cat([part.softmax(dim=1) for part in raw.split(self.sizes, dim=1)], dim=1)

    def blurred(self, codes: torch.Tensor, left: torch.Tensor) -> torch.Tensor:
        """Return codes of which a share of ``left`` is still the row's own."""
        return self.drawn(left * codes + (1 - left) * self.even)

    def before(
        self,
        codes: torch.Tensor,
        origin: torch.Tensor,
        kept: torch.Tensor,
        left_before: torch.Tensor,
    ) -> torch.Tensor:
        """Return the probability of each code one level earlier, given now and the origin."""
        chance = (kept * codes + (1 - kept) * self.even) * (
            left_before * origin + (1 - left_before) * self.even
        )
        return chance / (chance @ self.member @ self.member.T).clamp(min=LEAST)

    def drawn(self, probability: torch.Tensor) -> torch.Tensor:
        """Draw one code for each column."""
        if not self.columns:
            return probability
        noise = -torch.log(-torch.log(torch.rand_like(probability).clamp(LEAST, 1 - 1e-7)))
        score = torch.log(probability.clamp(min=LEAST)) + noise
        return torch.cat(
            [
                functional.one_hot(part.argmax(dim=1), part.shape[1]).float()
                for part in score.split(self.sizes, dim=1)
            ],
            dim=1,
        )


def trained_and_sampled(
    learnt: Lesson,
    wanted: int,
    *,
    levels: int,
    steps: int,
    batch: int,
    rng: np.random.Generator,
) -> Parts:
    """Train and return ``wanted`` frauds.

    Args:
        learnt: what to learn from.
        wanted: frauds to draw.
        levels: of noise.
        steps: of training.
        batch: rows of a step.
        rng: draws the batches.
    """
    from scipy.special import ndtr, ndtri

    ranks = Ranks(learnt.for_scales.values)
    scores = np.nan_to_num(ndtri(ranks.ranks(learnt.parts.values))).astype(np.float32)
    hot = one_hot(learnt.parts.codes, learnt.columns.sizes)
    codes, noise = _Codes(learnt.columns.sizes), _Noise(levels)
    width = scores.shape[1]
    denoiser = _Denoiser(width + hot.shape[1])
    _train(
        denoiser,
        torch.from_numpy(np.hstack([scores, hot])),
        functional.one_hot(torch.from_numpy(learnt.fraud).long(), 2).float(),
        codes,
        noise,
        [torch.from_numpy(some) for some in balanced_batches(learnt.fraud, batch, steps, rng)],
    )
    with torch.no_grad():
        made = torch.cat(
            [
                _sampled(denoiser, min(10_000, wanted - at), width, codes, noise)
                for at in range(0, wanted, 10_000)
            ]
        ).numpy()
    columns = np.split(made[:, width:], np.cumsum(codes.sizes)[:-1], axis=1) if codes.sizes else []
    found = [column.argmax(axis=1) for column in columns]
    return Parts(
        ranks.values(ndtr(made[:, :width].astype(np.float64))),
        np.column_stack(found).astype(np.int64) if found else np.empty((wanted, 0), np.int64),
    )


def _train(
    denoiser: _Denoiser,
    rows: torch.Tensor,
    cls: torch.Tensor,
    codes: _Codes,
    noise: _Noise,
    batches: Sequence[torch.Tensor],
) -> None:
    """Learn to take the noise back; the rate falls to nothing over the batches."""
    optimiser = torch.optim.AdamW(denoiser.parameters(), RATE, weight_decay=0.0)
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, max(1, len(batches)))
    width = rows.shape[1] - sum(codes.sizes)
    for some in batches:
        level = torch.randint(noise.levels, (len(some),))
        left = noise.left[level].unsqueeze(1)
        numbers, own = rows[some][:, :width], rows[some][:, width:]
        added = torch.randn_like(numbers)
        blurred = codes.blurred(own, left)
        mixed = left.sqrt() * numbers + (1 - left).sqrt() * added
        raw = denoiser(torch.cat([mixed, blurred], dim=1), cls[some], level)
        loss = functional.mse_loss(raw[:, :width], added) if width else torch.zeros(())
        if codes.columns:
            kept, before = noise.kept[level].unsqueeze(1), noise.left_before[level].unsqueeze(1)
            true = codes.before(blurred, own, kept, before)
            said = codes.before(blurred, codes.softmax(raw[:, width:]), kept, before)
            unlike = true * (true.clamp(min=LEAST).log() - said.clamp(min=LEAST).log())
            loss = loss + unlike.sum() / len(some) / codes.columns
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        falling.step()


def _sampled(
    denoiser: _Denoiser, count: int, width: int, codes: _Codes, noise: _Noise
) -> torch.Tensor:
    """Start from noise and take it back, level by level."""
    numbers = torch.randn(count, width)
    own = codes.drawn(codes.even.expand(count, -1))
    cls = torch.tensor([[0.0, 1.0]]).expand(count, 2)
    for level in reversed(range(noise.levels)):
        at = torch.full((count,), level)
        raw = denoiser(torch.cat([numbers, own], dim=1), cls, at)
        kept, left, before = noise.kept[level], noise.left[level], noise.left_before[level]
        middle = (numbers - (1 - kept) / (1 - left).sqrt() * raw[:, :width]) / kept.sqrt()
        spread = ((1 - kept) * (1 - before) / (1 - left)).sqrt()  # 0 at the last level
        numbers = middle + spread * torch.randn_like(numbers)
        own = codes.drawn(codes.before(own, codes.softmax(raw[:, width:]), kept, before))
    return torch.cat([numbers, own], dim=1)


def _waves(level: torch.Tensor) -> torch.Tensor:
    """Return sines and cosines of the level, of many wavelengths (Vaswani et al. 2017)."""
    half = TIME // 2
    speed = torch.exp(-math.log(10_000) * torch.arange(half) / half)
    angle = level.unsqueeze(1).float() * speed
    return torch.cat([angle.cos(), angle.sin()], dim=1)
