"""Where a pattern stands in the published taxonomies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Taxonomy:
    """Codes of one pattern; an empty value says that the taxonomy has no place for it.

    Attributes:
        f3: techniques of MITRE Fight Fraud Framework v1.1.
        visa: Visa TC40 fraud type.
        mastercard: Mastercard SAFE fraud type.
        eba: class of the EBA fraud reporting guidelines (PSD2).
        fraud_classifier: branch of the Federal Reserve FraudClassifier model.
        uk_finance: UK Finance type.
    """

    f3: tuple[str, ...] = ()
    visa: str = ""
    mastercard: str = ""
    eba: str = ""
    fraud_classifier: str = ""
    uk_finance: str = ""
