"""Which checks of scikit-learn and imbalanced-learn apply to a rebalancer, and why not others."""

from __future__ import annotations

import numpy as np
import pytest
from imblearn.utils import estimator_checks as of_imblearn
from sklearn.utils import estimator_checks as of_sklearn

from fraudsim.rebalancers.kit.generating import Generates
from fraudsim.registry import REBALANCERS, discover

EVERY = {
    name: cls
    for name, cls in discover(REBALANCERS).items()
    if not cls.needs_world and not issubclass(cls, Generates)  # those would train for minutes
}
MAKES_ROWS = {name: cls for name, cls in EVERY.items() if not cls.weighs}
WITHOUT_RATIO = {n: cls for n, cls in MAKES_ROWS.items() if "ratio" not in cls().get_params()}

ABOUT_PARAMETERS = (
    *("check_estimator_cloneable", "check_no_attributes_set_in_init", "check_estimator_repr"),
    *("check_get_params_invariance", "check_set_params", "check_mixin_order"),
    *("check_parameters_default_constructible", "check_estimator_tags_renamed"),
    "check_valid_tag_types",
)
"""scikit-learn's about what every estimator is; those about ``fit`` are for what has one."""

ABOUT_NAMES = (
    "check_sampler_get_feature_names_out",
    "check_sampler_get_feature_names_out_pandas",
)
WITH_FRAUD_IN_THE_MAJORITY = ("check_samplers_fit", "check_samplers_nan", "check_samplers_string")

THREE_CLASSES = "their data has three classes, and fraud or not is two: the error says so"
DO_NOT_APPLY = {
    "check_samplers_2d_target": THREE_CLASSES,
    "check_samplers_fit_resample": THREE_CLASSES,
    "check_samplers_list": f"{THREE_CLASSES}; lists have no types to keep",
    "check_samplers_multiclass_ova": THREE_CLASSES,
    "check_samplers_pandas": f"{THREE_CLASSES}; the contract asks the same of two",
    "check_samplers_pandas_sparse": f"{THREE_CLASSES}; payments are not sparse",
    "check_samplers_preserve_dtype": f"{THREE_CLASSES}; a test below asks the same of two",
    "check_samplers_sample_indices": f"{THREE_CLASSES}; `rebalance` tells more than indices",
    "check_samplers_sampling_strategy_fit_resample": "the ratio is a parameter of its own",
    "check_samplers_sparse": f"{THREE_CLASSES}; payments are not sparse",
    "check_samplers_one_label": "it asks for a ValueError; the contract asks for our UsageError",
}


def made(cls):
    """With a ratio of one fraud to one genuine row: their data is balanced as it is."""
    return cls(ratio=1.0) if "ratio" in cls().get_params() else cls()


@pytest.mark.parametrize("check", ABOUT_PARAMETERS)
@pytest.mark.parametrize("name", EVERY)
def test_scikit_learns_checks_of_every_estimator(name, check):
    getattr(of_sklearn, check)(name, EVERY[name]())


@pytest.mark.parametrize("check", ABOUT_NAMES)
@pytest.mark.parametrize("name", MAKES_ROWS)
def test_imbalanced_learns_checks_of_names(name, check):
    getattr(of_imblearn, check)(name, made(MAKES_ROWS[name]))


@pytest.mark.parametrize("check", WITH_FRAUD_IN_THE_MAJORITY)
@pytest.mark.parametrize("name", WITHOUT_RATIO)
def test_imbalanced_learns_checks_with_fraud_in_the_majority(name, check):
    """Of those without a ratio only: the others refuse to make fraud rarer than it is."""
    getattr(of_imblearn, check)(name, WITHOUT_RATIO[name]())


def test_every_check_of_samplers_is_made_or_has_a_reason():
    theirs = {name for name in dir(of_imblearn) if name.startswith("check_sampler")}
    assert theirs == {*ABOUT_NAMES, *WITH_FRAUD_IN_THE_MAJORITY, *DO_NOT_APPLY}


@pytest.mark.parametrize("name", MAKES_ROWS)
def test_the_types_of_a_matrix_and_of_labels_are_kept(name):
    rng = np.random.default_rng(1)
    labels = np.arange(300) % 20 == 0
    matrix = (rng.normal(size=(300, 3)) + labels[:, None]).astype(np.float32)
    rows, new = MAKES_ROWS[name]().fit_resample(matrix, labels.astype(np.int32))
    assert (rows.dtype, new.dtype) == (np.float32, np.int32)
