"""A detector of one's own: fraudsim benchmark world --detector night_watch.py:night_watch."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class NightWatch(ClassifierMixin, BaseEstimator):
    """A logistic regression that takes half of what it says back by day."""

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.model_ = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
        return self

    def predict_proba(self, X):
        fraud = self.model_.predict_proba(X)[:, 1]
        fraud = np.where(X[:, 0] < 6, fraud, fraud / 2)  # the first feature is the local hour
        return np.column_stack([1 - fraud, fraud])


night_watch = NightWatch()
