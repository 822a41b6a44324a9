"""TVAE's networks and training (Xu et al. 2019, section 4.5), told the class of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from fraudsim.rebalancers.kit.generating import balanced_batches

if TYPE_CHECKING:
    import numpy as np

    from fraudsim.rebalancers.kit.generating import Lesson
    from fraudsim.rebalancers.kit.mixed_columns import Parts
    from fraudsim.rebalancers.kit.modes import ModeSpace

HIDDEN, LATENT = 128, 128
RATE, DECAY = 1e-3, 1e-5
REBUILT = 2.0
"""How much more a row rebuilt counts than the shape of the latent space. All as in the paper's
code."""

LEAST_SPREAD, MOST_SPREAD = 0.01, 1.0
"""Between which the spread of a number around what the decoder says is learnt."""


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
        steps: of training.
        batch: rows of a step.
        rng: draws the batches.
    """
    rows = torch.from_numpy(space.matrix(learnt.parts, rng))
    cls = functional.one_hot(torch.from_numpy(learnt.fraud).long(), 2).float()
    encoder = _network(space.width + 2, 2 * LATENT)
    decoder = _network(LATENT + 2, space.width)
    spread = nn.Parameter(torch.full((space.width,), 0.1))
    weights = [*encoder.parameters(), *decoder.parameters(), spread]
    optimiser = torch.optim.Adam(weights, RATE, weight_decay=DECAY)
    for some in balanced_batches(learnt.fraud, batch, steps, rng):
        middle, log_variance = encoder(torch.cat([rows[some], cls[some]], dim=1)).chunk(2, dim=1)
        latent = middle + torch.randn_like(middle) * torch.exp(log_variance / 2)
        raw = decoder(torch.cat([latent, cls[some]], dim=1))
        shape = (middle**2 + log_variance.exp() - 1 - log_variance).sum() / 2
        loss = (REBUILT * _unlike(raw, rows[some], spread, space) + shape) / len(some)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        spread.data.clamp_(LEAST_SPREAD, MOST_SPREAD)
    with torch.no_grad():
        frauds = torch.tensor([[0.0, 1.0]]).expand(wanted, 2)
        raw = decoder(torch.cat([torch.randn(wanted, LATENT), frauds], dim=1))
        return space.parts(_drawn(raw, spread, space).numpy())


def _network(width: int, out: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(width, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
        nn.Linear(HIDDEN, out),
    )  # fmt: skip


def _unlike(
    raw: torch.Tensor, rows: torch.Tensor, spread: torch.Tensor, space: ModeSpace
) -> torch.Tensor:
    """Return the negative log-likelihood of rows under what the decoder put out."""
    loss = torch.zeros(())
    for span in space.spans:
        if span.one_of:
            which = rows[:, span.at].argmax(dim=1)
            loss = loss + functional.cross_entropy(raw[:, span.at], which, reduction="sum")
        else:
            width = spread[span.at]
            off = (rows[:, span.at] - torch.tanh(raw[:, span.at])) / width
            loss = loss + (off**2 / 2 + torch.log(width)).sum()
    return loss


def _drawn(raw: torch.Tensor, spread: torch.Tensor, space: ModeSpace) -> torch.Tensor:
    """Draw rows from what the decoder put out."""
    made = []
    for span in space.spans:
        if span.one_of:  # the largest after Gumbel noise is a draw in proportion
            made.append(functional.gumbel_softmax(raw[:, span.at], hard=True))
        else:
            middle = torch.tanh(raw[:, span.at])
            made.append(middle + spread[span.at] * torch.randn_like(middle))
    return torch.cat(made, dim=1)
