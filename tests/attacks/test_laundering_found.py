"""Laundering motifs are in the data: an independent search finds them in the output tables.

The graph has an edge for every approved transfer from an account to an account of this bank, as
``transactions`` and ``payees`` tell. First the edges of one campaign at a time (``labels``) are
named by their shape alone; then all edges are searched without any label, and an honest world of
the same size is searched in the same way.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import polars as pl
import pytest

from fraudsim.engine import simulate
from fraudsim.scenario import Scenario

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
LEAST_KEPT, MOST_KEPT, DELAY_HOURS = 0.03, 0.08, 8.0
CAMPAIGNS = 5
MOTIFS = {
    "fan_out": {"width": 7},
    "fan_in": {"width": 7},
    "gather_scatter": {"payers": 5, "receivers": 5},
    "scatter_gather": {"width": 6},
    "simple_cycle": {"length": 6},
    "random_walk": {"hops": 6, "accounts": 9},
    "bipartite": {"width": 4},
    "stack": {"width": 3, "layers": 3},
}
ROUNDING_MINOR = 1_000
"""What is lost at most where an amount is typed in tens."""


def scenario(attacks):
    return Scenario.model_validate(
        {
            "name": "laundering",
            "calendar": {"days": 45},
            "population": {"customers": 700, "block_size": 350, "cities": 4},
            # no transfer is held, no mule reported: what is looked for is whole
            "issuer": {"hold_new_payee_share": 0.0},
            "victims": {"mule_account": {"median_days": 14.0, "log_sd": 1.1, "never": 1.0}},
            "attacks": attacks,
        }
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    terms = {"least_kept": LEAST_KEPT, "most_kept": MOST_KEPT, "delay_hours": DELAY_HOURS}
    attacks = [
        {
            "pattern": motif,
            "campaigns": CAMPAIGNS,
            "last_day": 15,
            "parameters": terms | sizes,
        }
        for motif, sizes in MOTIFS.items()
    ]
    return simulate(scenario(attacks), 5, tmp_path_factory.mktemp("laundering") / "fraud")


@pytest.fixture(scope="module")
def honest_world(tmp_path_factory):
    return simulate(scenario([]), 5, tmp_path_factory.mktemp("laundering") / "honest")


# ---- from tables to edges -------------------------------------------------------------------


def edges_of(dataset):
    """Approved transfers between accounts of this bank, with the truth beside them."""
    here = dataset.payees.select("payee_id", receiver="account_id").drop_nulls()
    return (
        dataset.transactions.filter(
            pl.col("approved")
            & (pl.col("tx_type") == "transfer")
            & (pl.col("direction") == "debit")
        )
        .join(here, on="payee_id")
        .join(dataset.labels.select("tx_id", "campaign_id", "attack"), on="tx_id", how="left")
        .select(
            "campaign_id",
            "attack",
            "amount_minor",
            payer="account_id",
            receiver="receiver",
            time_us=pl.col("event_time").dt.epoch("us"),
        )
        .sort("time_us")
        .collect()
    )


def graph_of(edges):
    """Join the transfers of each pair: what went in all, when it began and when it ended."""
    graph = nx.DiGraph()
    for payer, receiver, amount, time in edges.select(
        "payer", "receiver", "amount_minor", "time_us"
    ).iter_rows():
        if not graph.has_edge(payer, receiver):
            graph.add_edge(payer, receiver, amount=0, first=time)
        edge = graph.edges[payer, receiver]
        edge["amount"] += amount
        edge["last"] = time
    return graph


# ---- naming the shape of one campaign -------------------------------------------------------


def shape_of(edges):
    """Name a motif and its size from who paid whom, in which order."""
    graph = graph_of(edges)
    if is_ring(graph):
        return "simple_cycle", {"length": len(graph)}
    hops = walk_of(edges)
    if hops > 2:
        return "random_walk", {"hops": hops}
    if not nx.is_directed_acyclic_graph(graph):
        return "none", {}
    layers = [set(layer) for layer in nx.topological_generations(graph)]
    if not all(
        set(graph.successors(node)) == below for above, below in pairwise(layers) for node in above
    ):
        return "none", {}
    return layered(tuple(len(layer) for layer in layers))


def is_ring(graph):
    degrees = {
        degree for node in graph for degree in (graph.in_degree(node), graph.out_degree(node))
    }
    return degrees == {1} and nx.is_weakly_connected(graph) and len(graph) > 2


def walk_of(edges):
    """Return the hops where each transfer sets out from where the one before arrived, else 0."""
    steps = [(step[0], step[1]) for step in edges.select("payer", "receiver").iter_rows()]
    stops = [steps[0], *(step for before, step in pairwise(steps) if step != before)]
    joined = all(before[1] == step[0] for before, step in pairwise(stops))
    return len(stops) if joined else 0


def layered(sizes):
    """Name layers of which each pays the whole of the next by their sizes."""
    match sizes:
        case (1, width):
            return "fan_out", {"width": width}
        case (width, 1):
            return "fan_in", {"width": width}
        case (payers, 1, receivers):
            return "gather_scatter", {"payers": payers, "receivers": receivers}
        case (1, width, 1):
            return "scatter_gather", {"width": width}
        case (width, *_) if min(sizes) > 1:
            return ("bipartite" if len(sizes) == 2 else "stack"), {"width": width}
    return "none", {}


@pytest.fixture(scope="module")
def campaigns(world):
    """Name, edges and drawn facts of every campaign all of whose transfers were approved."""
    refused = set(
        world.transactions.filter(~pl.col("approved"))
        .join(world.labels.filter(pl.col("stage") == "layering"), on="tx_id")
        .select("campaign_id")
        .collect()["campaign_id"]
    )
    told = world.campaigns.collect()
    edges = edges_of(world)
    return [
        (row["attack"], edges.filter(campaign_id=row["campaign_id"]), json.loads(row["drawn"]))
        for row in told.iter_rows(named=True)
        if row["campaign_id"] not in refused and row["end"] == "finished"
    ]


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_campaign_has_the_shape_and_the_size_that_it_drew(campaigns, motif):
    mine = [(edges, drawn) for attack, edges, drawn in campaigns if attack == motif]
    assert len(mine) >= 3
    for edges, drawn in mine:
        name, size = shape_of(edges)
        assert name == motif
        assert size == {key: drawn[key] for key in size}


def test_sizes_are_about_what_was_asked_for(campaigns):
    ratio = [
        shape_of(edges)[1][key] / asked
        for attack, edges, _ in campaigns
        for key, asked in MOTIFS[attack].items()
        if key in shape_of(edges)[1]
    ]
    assert len(ratio) > 30
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.25)  # .5 / sqrt(40) is the standard error


# ---- amounts and times ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def passages(world):
    """What came on an account, and what it paid on inside the bank: sums, times, payments."""
    labels = world.labels.select("tx_id", "campaign_id", "attack", "stage")
    rows = (
        world.transactions.filter(pl.col("approved"))
        .join(labels, on="tx_id")
        .with_columns(time_us=pl.col("event_time").dt.epoch("us"))
        .collect()
    )
    came = pl.col("direction") == "credit"
    amount, time = pl.col("amount_minor"), pl.col("time_us")
    told = world.campaigns.select("campaign_id", "drawn").collect()
    return (
        rows.filter(~pl.col("attack").is_in(["random_walk", "simple_cycle"]))
        .group_by("attack", "campaign_id", "account_id")
        .agg(
            came_minor=amount.filter(came).sum(),
            paid_minor=amount.filter(~came).sum(),
            payments=(~came).sum(),
            receivers=pl.col("payee_id").drop_nulls().n_unique(),
            leaves=(pl.col("stage") == "integration").any(),
            last_came=time.filter(came).max(),
            first_paid=time.filter(~came).min(),
        )
        .filter((pl.col("paid_minor") > 0) & ~pl.col("leaves"))
        .join(told, on="campaign_id")
        .sort("campaign_id", "account_id")
    )


def test_each_account_keeps_the_share_that_was_asked_for(passages, campaigns):
    whole = {edges["campaign_id"][0] for _, edges, _ in campaigns}
    passed = passages.filter(pl.col("campaign_id").is_in(list(whole)))
    assert passed.height > 80
    kept = 1 - passed["paid_minor"] / passed["came_minor"]
    rounding = ROUNDING_MINOR * passed["payments"] / passed["came_minor"]
    assert (kept > LEAST_KEPT - 1e-3).all()
    assert (kept < MOST_KEPT + rounding + 1e-3).all()
    assert kept.median() == pytest.approx((LEAST_KEPT + MOST_KEPT) / 2, abs=0.015)


def test_each_account_waits_for_all_that_comes_and_then_for_the_delay(passages):
    delay_hours = (passages["first_paid"] - passages["last_came"]) / HOUR_US
    assert (delay_hours > 0).all()
    alone = passages.with_columns(delay_hours=delay_hours).filter(pl.col("receivers") == 1)
    patience = np.array([json.loads(drawn)["patience"] for drawn in alone["drawn"]])
    median = np.median(alone["delay_hours"] / patience)
    # nights are slept through, so that the hours are a little longer than those drawn
    assert DELAY_HOURS * 0.8 < median < DELAY_HOURS * 1.8


def test_a_cycle_loses_a_share_with_each_hop(campaigns):
    kept = []
    for attack, edges, _ in campaigns:
        if attack == "simple_cycle":
            graph = graph_of(edges)
            first = edges["payer"][0]
            stops = [first, *(step[1] for step in nx.dfs_edges(graph, first)), first]
            sums = [graph.edges[step]["amount"] for step in pairwise(stops)]
            kept += [1 - after / before for before, after in pairwise(sums)]
    assert len(kept) > 8
    assert min(kept) > LEAST_KEPT - 1e-3
    assert max(kept) < MOST_KEPT + 0.02


# ---- searching all transfers, without labels ------------------------------------------------


def search(edges, days=14.0, least_passed=0.80):
    """Find motifs among all transfers; returns sets of accounts by motif.

    An account passes money on if it pays, within days of what it was paid and not before, between
    four fifths and all of it.
    """
    graph = graph_of(edges)
    span = days * DAY_US
    fans_out = fans(graph, graph.out_edges, span)
    fans_in = fans(graph, graph.in_edges, span)
    return {
        "fan_out": [{hub, *ends} for hub, ends in fans_out.items() if len(ends) > 2],
        "fan_in": [{hub, *ends} for hub, ends in fans_in.items() if len(ends) > 2],
        "gather_scatter": gather_scatters(graph, fans_in, fans_out, least_passed),
        "scatter_gather": scatter_gathers(graph, fans_out, least_passed),
        "simple_cycle": rounds(graph, least_passed),
        "random_walk": chains(graph, span, least_passed),
        "bipartite": [payers | receivers for payers, receivers in bicliques(fans_out)],
        "stack": stacks(bicliques(fans_out)),
    }


def fans(graph, edges_at, span):
    """Accounts with two partners or more in a span of time, and these."""
    found = {}
    for hub in graph:
        dated = sorted(
            (graph.edges[edge]["first"], edge[1] if edge[0] == hub else edge[0])
            for edge in edges_at(hub)
        )
        groups = [
            {end for time, end in dated if start <= time < start + span} for start, _ in dated
        ]
        widest = max(groups, key=len, default=set())
        if len(widest) > 1:
            found[hub] = widest
    return found


def passes(graph, payers, hub, receivers, least_passed):
    """Whether a hub pays the receivers what the payers paid it, later and a little less."""
    came = [graph.edges[payer, hub] for payer in payers]
    went = [graph.edges[hub, receiver] for receiver in receivers]
    share = sum(edge["amount"] for edge in went) / sum(edge["amount"] for edge in came)
    in_order = min(edge["first"] for edge in went) > max(edge["last"] for edge in came)
    return in_order and least_passed < share < 1


def gather_scatters(graph, fans_in, fans_out, least_passed):
    return [
        {hub, *fans_in[hub], *fans_out[hub]}
        for hub in fans_in.keys() & fans_out.keys()
        if passes(graph, fans_in[hub], hub, fans_out[hub], least_passed)
    ]


def scatter_gathers(graph, fans_out, least_passed):
    found = []
    for first, middle in fans_out.items():
        ends = defaultdict(set)
        for hub in middle:
            for last in graph.successors(hub):
                if last != first and passes(graph, [first], hub, [last], least_passed):
                    ends[last].add(hub)
        found += [{first, last, *hubs} for last, hubs in ends.items() if len(hubs) > 1]
    return found


def rounds(graph, least_passed):
    found = []
    for ring in nx.simple_cycles(graph, length_bound=10):
        for turn in range(len(ring) if len(ring) > 2 else 0):
            stops = [*ring[turn:], *ring[: turn + 1]]
            if all(
                passes(graph, [before], hub, [after], least_passed)
                for before, hub, after in zip(stops, stops[1:], stops[2:], strict=False)
            ):
                found.append(set(ring))
                break
    return found


def chains(graph, span, least_passed):
    """Walks of three hops or more of which each passes on what the one before brought."""
    follows = nx.DiGraph()
    for before in graph.edges:
        for after in graph.out_edges(before[1]):
            soon = graph.edges[after]["first"] < graph.edges[before]["last"] + span
            if soon and passes(graph, [before[0]], before[1], [after[1]], least_passed):
                follows.add_edge(before, after)
    return [
        {stop for edge in group for stop in edge}
        for group in nx.weakly_connected_components(follows)
        if nx.dag_longest_path_length(follows.subgraph(group)) > 1
    ]


def bicliques(fans_out):
    """Pairs of accounts that pay the same two accounts or more: payers and receivers."""
    return [
        ({one, other}, fans_out[one] & fans_out[other])
        for one, other in combinations(fans_out, 2)
        if len(fans_out[one] & fans_out[other]) > 1
    ]


def stacks(pairs):
    """Bicliques whose receivers are the payers of another."""
    return [
        payers | middle | receivers
        for payers, middle in pairs
        for others, receivers in pairs
        if others <= middle
    ]


@pytest.mark.parametrize("motif", MOTIFS)
def test_the_search_finds_campaigns_among_all_transfers(world, campaigns, motif):
    edges = edges_of(world)
    assert edges["campaign_id"].null_count() > 100, "honest transfers are searched as well"
    found = search(edges)[motif]
    mine = [{*part["payer"], *part["receiver"]} for attack, part, _ in campaigns if attack == motif]
    wide = [accounts for accounts in mine if len(accounts) > 3]  # a fan of two is no fan
    seen = [any(len(one & accounts) >= 0.8 * len(one) for one in found) for accounts in wide]
    assert len(wide) >= 3
    assert np.mean(seen) >= 0.75


def test_the_search_finds_hardly_anything_in_honest_transfers(world, honest_world):
    edges = edges_of(honest_world)
    assert edges.height > 100
    assert edges["campaign_id"].null_count() == edges.height
    honest, fraud = search(edges), search(edges_of(world))
    for motif in MOTIFS:
        assert len(honest[motif]) <= 0.2 * len(fraud[motif]), motif
    assert sum(len(honest[motif]) for motif in MOTIFS) <= 3
