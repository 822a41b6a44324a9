"""Whether a dataset holds together: its keys, and its money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from fraudsim.errors import FraudsimError
from fraudsim.schema import TABLES, Column, Table

if TYPE_CHECKING:
    from fraudsim.dataset import Dataset


def key_problems(dataset: Dataset) -> list[str]:
    """Return what is wrong with keys, a line each: see ``Dataset.check_keys``."""
    problems = []
    for table in TABLES.values():
        problems += _nulls(dataset, table)
        problems += _duplicates(dataset, table)
        for column in table.columns:
            if column.refers_to:
                problems += _orphans(dataset, table, column)
    return problems


def ledger_problems(dataset: Dataset) -> list[str]:
    """Return where money appeared or was lost, a line each: see ``Dataset.check_ledger``."""
    return [
        *_negative_amounts(dataset),
        *_unbalanced_accounts(dataset),
        *_transfers_that_did_not_arrive(dataset),
        *_repayments_that_do_not_match(dataset),
    ]


def _collect(dataset: Dataset, frame: pl.LazyFrame) -> pl.DataFrame:
    try:
        return frame.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise FraudsimError(
            f"{dataset.path}: a table cannot be read ({reason}); "
            "`fraudsim verify --files-only` names the damaged file"
        ) from error


def _nulls(dataset: Dataset, table: Table) -> list[str]:
    required = [column.name for column in table.columns if not column.nullable]
    counts = _collect(dataset, dataset.table(table.name).select(required).null_count())
    return [
        f"{table.name}.{name}: null in {_rows(count)}"
        for name, count in counts.row(0, named=True).items()
        if count
    ]


def _duplicates(dataset: Dataset, table: Table) -> list[str]:
    key = pl.col(table.key)
    twice = dataset.table(table.name).group_by(key).len().filter(pl.col("len") > 1)
    count, example = _collect(dataset, twice.select(pl.len(), key.min())).row(0)
    if not count:
        return []
    return [f"{table.name}.{table.key}: not unique, {count} values repeat, such as {example}"]


def _orphans(dataset: Dataset, table: Table, column: Column) -> list[str]:
    other, key = column.refers_to.split(".")
    orphans = (
        dataset.table(table.name)
        .select(pl.col(column.name).drop_nulls())
        .join(dataset.table(other).select(key), left_on=column.name, right_on=key, how="anti")
        .select(pl.len(), pl.col(column.name).min())
    )
    count, example = _collect(dataset, orphans).row(0)
    if not count:
        return []
    where = f"{table.name}.{column.name}"
    return [f"{where}: {_rows(count)} refer to nothing in {other}, such as {example}"]


def _approved(dataset: Dataset) -> pl.LazyFrame:
    return dataset.transactions.filter(pl.col("approved"))


def _negative_amounts(dataset: Dataset) -> list[str]:
    negative = dataset.transactions.filter(pl.col("amount_minor") < 0)
    count, example = _collect(dataset, negative.select(pl.len(), pl.col("tx_id").min())).row(0)
    if not count:
        return []
    return [f"transactions.amount_minor: negative in {_rows(count)}, such as tx_id {example}"]


def _unbalanced_accounts(dataset: Dataset) -> list[str]:
    amount = pl.col("amount_minor")
    signed = pl.when(pl.col("direction") == "credit").then(amount).otherwise(-amount)
    moved = _approved(dataset).group_by("account_id").agg(moved=signed.sum())
    accounts = dataset.accounts.select("account_id").join(
        dataset.balances, on="account_id", how="full", coalesce=True
    )
    ledger = _collect(
        dataset,
        accounts.join(moved, on="account_id", how="full", coalesce=True)
        .with_columns(expected=pl.col("opening_minor") + pl.col("moved").fill_null(0))
        .select("account_id", "expected", "closing_minor")
        .sort("account_id"),
    )
    wrong = ledger.filter(pl.col("expected") != pl.col("closing_minor"))
    unknown = ledger.filter(pl.col("closing_minor").is_null())["account_id"]
    lines = []
    if wrong.height:
        account, expected, closing = wrong.row(0)
        lines.append(
            f"balances: {_accounts(wrong.height)} closed at another balance than opening + credits "
            f"- debits, such as {account}: {closing}, expected {expected}"
        )
    if unknown.len():
        lines.append(f"balances: no row for {_accounts(unknown.len())}, such as {unknown[0]}")
    return lines


def _transfers_that_did_not_arrive(dataset: Dataset) -> list[str]:
    receiver = dataset.payees.select("payee_id", receiver="account_id").drop_nulls()
    amount = pl.col("amount_minor")
    sent = (
        _approved(dataset)
        .filter((pl.col("tx_type") == "transfer") & (pl.col("direction") == "debit"))
        .join(receiver, on="payee_id")
        .group_by(pl.col("receiver").alias("account_id"), amount)
        .agg(sent=pl.len().cast(pl.Int64))
    )
    arrived = (
        _approved(dataset)
        .filter((pl.col("tx_type") == "deposit") & (pl.col("direction") == "credit"))
        .group_by("account_id", amount)
        .agg(arrived=pl.len().cast(pl.Int64))
    )
    lost = pl.col("sent") - pl.col("arrived").fill_null(0)
    # Other deposits (a salary) may have the same amount, so more may arrive than was sent.
    missing = _collect(
        dataset,
        sent.join(arrived, on=["account_id", "amount_minor"], how="left")
        .with_columns(lost=lost)
        .filter(pl.col("lost") > 0)
        .sort("account_id", "amount_minor"),
    )
    if not missing.height:
        return []
    first = missing.row(0, named=True)
    count = missing["lost"].sum()
    line = (
        f"transactions: {count} approved transfers to accounts here did not arrive as "
        f"deposits, such as {first['amount_minor']} to account {first['account_id']}"
    )
    return [line]


def _repayments_that_do_not_match(dataset: Dataset) -> list[str]:
    side = pl.when(pl.col("direction") == "debit").then(1).otherwise(-1)
    unmatched = _collect(
        dataset,
        _approved(dataset)
        .filter(pl.col("tx_type") == "repayment")
        .group_by("customer_id", "amount_minor")
        .agg(left_over=side.sum())
        .filter(pl.col("left_over") != 0)
        .sort("customer_id", "amount_minor"),
    )
    if not unmatched.height:
        return []
    first = unmatched.row(0, named=True)
    side_missing = "credit" if first["left_over"] > 0 else "debit"
    alone = unmatched["left_over"].abs().sum()
    line = (
        f"transactions: {alone} repayments stand on one side only, such as {first['amount_minor']} "
        f"of customer {first['customer_id']}: no {side_missing}"
    )
    return [line]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count} accounts"
