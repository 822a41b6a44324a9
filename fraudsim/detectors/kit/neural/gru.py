"""A gated recurrent unit that reads the last payments of an account and judges the last of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fraudsim.rebalancers.kit.neural.repeatable import repeatable

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH = 48
"""Units of each layer (a choice: small, so that 100,000 rows train in seconds)."""

RATE = 2e-3
"""Step of Adam at first; it falls to a twentieth (a choice)."""

SCORED_AT_ONCE = 4096


class _Reader(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """From the rows of windows to the log odds of fraud of the last row of each."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Linear(columns, WIDTH), nn.ReLU())
        self.remember = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.judge = nn.Linear(2 * WIDTH, 1)

    def forward(self, rows: torch.Tensor, windows: torch.Tensor) -> torch.Tensor:
        """Each row enters once, though many windows have it; a step without one is all zeros."""
        nothing = torch.zeros(1, rows.shape[1])
        entered = self.enter(torch.cat([rows, nothing]))[windows]  # -1 is the last row
        _, memory = self.remember(entered)
        return self.judge(torch.cat([memory[0], entered[:, -1]], dim=1))[:, 0]


class GruNetwork:
    """A network that is trained; made by ``trained``."""

    def __init__(self, reader: _Reader, seed: int) -> None:
        self.reader = reader
        self.seed = seed

    def scores(self, rows: NDArray[np.float32], windows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the probability of fraud of the last row of each window.

        Args:
            rows: the columns of each row.
            windows: for each answer the positions of its rows, -1 for none; the last one is judged.
        """
        parts = []
        with repeatable(self.seed), torch.no_grad():
            for start in range(0, len(windows), SCORED_AT_ONCE):
                some = _read(rows, windows[start : start + SCORED_AT_ONCE])
                parts.append(torch.sigmoid(self.reader(*some).double()).numpy())
        return np.concatenate(parts) if parts else np.empty(0)


def trained(
    rows: NDArray[np.float32],
    windows: NDArray[np.int64],
    fraud: NDArray[np.bool_],
    weight: NDArray[np.float64],
    *,
    epochs: int,
    batch: int,
    seed: int,
    stream: np.random.Generator,
) -> GruNetwork:
    """Return a network that learnt the labels of the last rows of windows.

    Args:
        rows: the columns of each row.
        windows: positions in ``rows``, -1 for none.
        fraud: label of each window.
        weight: how much each window counts; only its size beside the others' matters.
        epochs: how often all windows are seen.
        batch: windows of a step.
        seed: of the first weights.
        stream: orders the windows.
    """
    counted = torch.from_numpy((weight / weight.mean()).astype(np.float32))
    labels = torch.from_numpy(fraud.astype(np.float32))
    with repeatable(seed):
        reader = _Reader(rows.shape[1])
        optimiser = torch.optim.Adam(reader.parameters(), RATE)
        steps = max(1, epochs * -(-len(windows) // batch))
        falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, steps)
        for _ in range(epochs):
            order = stream.permutation(len(windows))
            for start in range(0, len(order), batch):
                some = order[start : start + batch]
                loss = functional.binary_cross_entropy_with_logits(
                    reader(*_read(rows, windows[some])), labels[some], counted[some]
                )
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
                optimiser.step()
                falling.step()
    return GruNetwork(reader, seed)


def _read(
    rows: NDArray[np.float32], windows: NDArray[np.int64]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the rows that windows have, each once, and the windows as positions in those."""
    used, places = np.unique(windows, return_inverse=True)
    places = places.reshape(windows.shape)
    if used.size and used[0] < 0:
        used, places = used[1:], places - 1
    return torch.from_numpy(rows[used]), torch.from_numpy(places)
