"""Trees as ONNX wants them: the operator ``TreeEnsemble`` of ai.onnx.ml 5, in doubles.

Written here because the usual converters store thresholds and leaves as 32-bit floats, which moves
rows that lie on a threshold and ties scores that differed. The features go in as 32-bit floats, as
our classifiers learn from them, and are widened before they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

UP_TO, MEMBER = 0, 6
"""Modes of a node: ``value <= split``, and ``value`` is one of a set."""


@dataclass
class Trees:
    """An ensemble of one target, filled tree by tree; each list has an entry per node or leaf."""

    feature: list[int] = field(default_factory=list)
    mode: list[int] = field(default_factory=list)
    split: list[float] = field(default_factory=list)
    missing_is_true: list[int] = field(default_factory=list)
    true: list[int] = field(default_factory=list)
    true_is_leaf: list[int] = field(default_factory=list)
    false: list[int] = field(default_factory=list)
    false_is_leaf: list[int] = field(default_factory=list)
    members: list[float] = field(default_factory=list)
    leaf: list[float] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)

    def add_node(
        self, feature: int, *, split: float = 0.0, members: Sequence[float] = (), missing: bool
    ) -> int:
        """Add a question; returns its number. ``branch`` says later where its answers lead.

        Args:
            feature: the column asked about.
            split: yes is up to this, if there are no members.
            members: yes is one of these.
            missing: whether NaN counts as yes.
        """
        self.feature.append(feature)
        self.mode.append(MEMBER if members else UP_TO)
        self.split.append(split)
        self.missing_is_true.append(int(missing))
        if members:
            self.members += [*members, float("nan")]  # NaN ends a set
        for answers in (self.true, self.true_is_leaf, self.false, self.false_is_leaf):
            answers.append(0)
        return len(self.feature) - 1

    def branch(self, node: int, true: tuple[int, bool], false: tuple[int, bool]) -> None:
        """Say where yes and no lead: a number, and whether it is that of a leaf."""
        self.true[node], self.true_is_leaf[node] = true[0], int(true[1])
        self.false[node], self.false_is_leaf[node] = false[0], int(false[1])

    def add_leaf(self, value: float) -> int:
        """Add a leaf; returns its number."""
        self.leaf.append(value)
        return len(self.leaf) - 1

    def add_root(self, number: int, *, is_leaf: bool) -> None:
        """Say where a tree starts; a leaf alone gets a question that does not matter."""
        if is_leaf:
            node = self.add_node(0, missing=False)
            self.branch(node, (number, True), (number, True))
            number = node
        self.roots.append(number)

    def operator(self, features: str, total: str) -> Any:
        """Return the ONNX node that sums the leaves of all trees, a double for each row."""
        from onnx import helper, numpy_helper

        tensor = numpy_helper.from_array
        sets = {"membership_values": tensor(np.array(self.members))} if self.members else {}
        return helper.make_node(
            "TreeEnsemble",
            [features],
            [total],
            domain="ai.onnx.ml",
            n_targets=1,
            aggregate_function=1,  # the sum
            post_transform=0,
            tree_roots=self.roots,
            nodes_featureids=self.feature,
            nodes_modes=tensor(np.array(self.mode, np.uint8)),
            nodes_splits=tensor(np.array(self.split)),
            nodes_missing_value_tracks_true=self.missing_is_true,
            nodes_truenodeids=self.true,
            nodes_trueleafs=self.true_is_leaf,
            nodes_falsenodeids=self.false,
            nodes_falseleafs=self.false_is_leaf,
            leaf_targetids=[0] * len(self.leaf),
            leaf_weights=tensor(np.array(self.leaf)),
            **sets,
        )


def trees_of_lightgbm(booster: Any) -> Trees:
    """Return the trees of a ``lightgbm.Booster`` of one target; their sum is its raw score."""
    trees = Trees()
    for tree in booster.dump_model()["tree_info"]:
        number, is_leaf = _lightgbm_part(trees, tree["tree_structure"])
        trees.add_root(number, is_leaf=is_leaf)
    return trees


def _lightgbm_part(trees: Trees, part: dict[str, Any]) -> tuple[int, bool]:
    if "split_index" not in part:
        return trees.add_leaf(part["leaf_value"]), True
    if part["decision_type"] == "==":
        # a category that is missing is in no set (CategoricalDecision in LightGBM's tree.h)
        members = [float(code) for code in str(part["threshold"]).split("||")]
        node = trees.add_node(part["split_feature"], members=members, missing=False)
    else:
        node = trees.add_node(
            part["split_feature"], split=part["threshold"], missing=_missing_is_left(part)
        )
    true = _lightgbm_part(trees, part["left_child"])
    trees.branch(node, true, _lightgbm_part(trees, part["right_child"]))
    return node, False


def _missing_is_left(part: dict[str, Any]) -> bool:
    """Return where NaN goes: LightGBM reads it as 0 in a column that never missed anything."""
    if part["missing_type"] == "None":
        return bool(part["threshold"] >= 0)
    return bool(part["default_left"])


def trees_of_scikit_learn(estimators: Sequence[Any]) -> Trees:
    """Return fitted ``DecisionTreeClassifier`` of two classes; their sum is that of the shares."""
    trees = Trees()
    for estimator in estimators:
        number, is_leaf = _scikit_learn_part(trees, estimator.tree_, 0)
        trees.add_root(number, is_leaf=is_leaf)
    return trees


def _scikit_learn_part(trees: Trees, tree: Any, at: int) -> tuple[int, bool]:
    if tree.children_left[at] < 0:
        shares = tree.value[at, 0]
        return trees.add_leaf(float(shares[1] / shares.sum())), True
    node = trees.add_node(
        int(tree.feature[at]),
        split=float(tree.threshold[at]),
        missing=bool(tree.missing_go_to_left[at]),
    )
    true = _scikit_learn_part(trees, tree, tree.children_left[at])
    trees.branch(node, true, _scikit_learn_part(trees, tree, tree.children_right[at]))
    return node, False
