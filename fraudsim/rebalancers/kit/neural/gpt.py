"""A small transformer that writes a row column by column (Vaswani et al. 2017).

A row is a sentence: its class, its codes, then its numbers as the bins of their ranks. Each word is
drawn given those before it, as a language model does; unlike GReaT (Borisov et al. 2023) it starts
from nothing and its words are the values, so that no row is anything but valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fraudsim.rebalancers.kit.generating import balanced_batches
from fraudsim.rebalancers.kit.mixed_columns import Parts, Ranks

if TYPE_CHECKING:
    from fraudsim.rebalancers.kit.generating import Lesson

WIDTH, HEADS, LAYERS, DROPPED = 64, 4, 2, 0.1
RATE, DECAY = 2e-3, 0.1
"""A model of some 100,000 weights: rows have a few dozen words of a few dozen values."""

AT_ONCE = 4096
"""Rows that are written side by side, which bounds the memory."""


@dataclass(frozen=True)
class _Words:
    """Rows as words: the class first, then codes, then bins.

    Attributes:
        ranks: of the values.
        sizes: how many words there are at each place.
        bins: of each number; one word more says that there is no value.
    """

    ranks: Ranks
    sizes: tuple[int, ...]
    bins: int

    def of(self, learnt: Lesson) -> torch.Tensor:
        """Return the words of each row, shape (rows, places)."""
        ranks = self.ranks.ranks(learnt.parts.values)
        none = np.isnan(ranks)
        bins = np.where(none, self.bins, (np.nan_to_num(ranks) * self.bins).astype(np.int64))
        return torch.from_numpy(
            np.column_stack([learnt.fraud.astype(np.int64), learnt.parts.codes, bins])
        )

    def parts(self, words: torch.Tensor, coded: int, rng: np.random.Generator) -> Parts:
        """Return rows; a number lies anywhere in its bin, by rank.

        Where the word says that there is no value and the code that there is one, any will do.
        """
        bins = words[:, 1 + coded :].numpy()
        chance = rng.random(bins.shape)
        ranks = np.where(bins == self.bins, chance, (bins + chance) / self.bins)
        return Parts(self.ranks.values(ranks), words[:, 1 : 1 + coded].numpy())


class _Seen:
    """Keys and values of the words of rows so far, with room for those to come."""

    def __init__(self, rows: int, places: int) -> None:
        room = (rows, HEADS, places, WIDTH // HEADS)
        self.keys, self.values = torch.empty(room), torch.empty(room)
        self.places = 0

    def with_next(
        self, key: torch.Tensor, value: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add those of one word; return all, without moving those before."""
        self.keys[:, :, self.places] = key[:, :, 0]
        self.values[:, :, self.places] = value[:, :, 0]
        self.places += 1
        return self.keys[:, :, : self.places], self.values[:, :, : self.places]


class _Layer(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """Attention to the words before, then a perceptron."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.asked, self.told = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.thought = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )
        self.dropped = nn.Dropout(DROPPED)

    def forward(self, words: torch.Tensor, seen: _Seen | None = None) -> torch.Tensor:
        """Return what is thought of whole rows, or of one word more of rows that were ``seen``."""
        rows, places, _ = words.shape
        query, key, value = (
            part.reshape(rows, places, HEADS, -1).transpose(1, 2)
            for part in self.asked(self.before(words)).chunk(3, dim=2)
        )
        if seen is not None:
            key, value = seen.with_next(key, value)
        heard = functional.scaled_dot_product_attention(query, key, value, is_causal=seen is None)
        told = self.told(heard.transpose(1, 2).reshape(rows, places, WIDTH))
        words = words + self.dropped(told)
        return words + self.dropped(self.thought(self.between(words)))


class _Writer(nn.Module):  # type: ignore[misc]  # torch's types are not read
    """Says of the words so far which word may come next."""

    def __init__(self, sizes: tuple[int, ...]) -> None:
        super().__init__()
        self.sizes = sizes
        self.starts = [0, *np.cumsum(sizes).tolist()]
        self.word = nn.Embedding(self.starts[-1], WIDTH)
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))
        self.after = nn.LayerNorm(WIDTH)
        self.out = nn.Linear(WIDTH, self.starts[-1])
        nn.init.normal_(self.word.weight, std=0.02)

    def loss(self, words: torch.Tensor) -> torch.Tensor:
        """Return the mean surprise at the words of rows, given their class."""
        hidden = self.word(words[:, :-1] + torch.tensor(self.starts[:-2]))
        for layer in self.layers:
            hidden = layer(hidden)
        hidden = self.after(hidden)
        surprise = [
            functional.cross_entropy(self._next(hidden[:, place - 1], place), words[:, place])
            for place in range(1, len(self.sizes))
        ]
        return torch.stack(surprise).mean()

    def written(self, count: int) -> torch.Tensor:
        """Write rows of frauds, word by word; shape (rows, places)."""
        words = torch.ones(count, 1, dtype=torch.long)
        seen = [_Seen(count, len(self.sizes)) for _ in range(LAYERS)]
        for place in range(1, len(self.sizes)):
            hidden = self.word(words[:, -1:] + self.starts[place - 1])
            for layer, before in zip(self.layers, seen, strict=True):
                hidden = layer(hidden, before)
            chance = self._next(self.after(hidden[:, 0]), place).softmax(dim=1)
            words = torch.cat([words, torch.multinomial(chance, 1)], dim=1)
        return words

    def _next(self, hidden: torch.Tensor, place: int) -> torch.Tensor:
        """Return the logits of the words at a place; each place has words of its own."""
        of = slice(self.starts[place], self.starts[place + 1])
        return functional.linear(hidden, self.out.weight[of], self.out.bias[of])


def trained_and_sampled(
    learnt: Lesson,
    wanted: int,
    *,
    bins: int,
    steps: int,
    batch: int,
    rng: np.random.Generator,
) -> Parts:
    """Train and return ``wanted`` frauds.

    Args:
        learnt: what to learn from.
        wanted: frauds to draw.
        bins: that a number is cut into, by rank.
        steps: of training.
        batch: rows of a step.
        rng: draws the batches, and where in its bin a number lies.
    """
    coded = learnt.parts.codes.shape[1]
    sizes = (2, *learnt.columns.sizes, *(bins + 1 for _ in range(learnt.columns.width)))
    words = _Words(Ranks(learnt.for_scales.values), sizes, bins)
    sentences = words.of(learnt)
    writer = _Writer(sizes)
    optimiser = torch.optim.AdamW(writer.parameters(), RATE, weight_decay=DECAY)
    falling = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    for some in balanced_batches(learnt.fraud, batch, steps, rng):
        loss = writer.loss(sentences[some])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(writer.parameters(), 1.0)
        optimiser.step()
        falling.step()
    writer.eval()
    with torch.no_grad():
        written = [writer.written(min(AT_ONCE, wanted - at)) for at in range(0, wanted, AT_ONCE)]
    return words.parts(torch.cat(written), coded, rng)
