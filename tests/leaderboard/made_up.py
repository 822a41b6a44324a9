"""Results of a benchmark that nobody ran: made-up trials of every track, summed up as real ones."""

import json

import numpy as np

from fraudsim import __version__
from fraudsim.tracks.plan import Spec, TrialPlan
from fraudsim.tracks.run import FORMAT
from fraudsim.tracks.summary import summarised
from fraudsim.tracks.track import load_track, track_names

HOSTILE = """</script><img src=x onerror="alert(1)">=HYPERLINK("x")&'"""
DETECTORS = ("random", "amount", "oracle", "rules", "logistic", "lightgbm", "shallow_tree")
ATTACKS = ("card_testing", "fan_in", "sim_swap")
GROUPS = {
    "age": ("under 30", "30 to 59", "60 and over"),
    "region": ("north", "south"),
    "income": ("low", "high"),
    "new_customers": ("known", "new"),
}


def results(tracks=None, *, detectors=DETECTORS, attacks=ATTACKS, worlds=2, failed=None):
    """What ``TracksResult.as_dict`` would say, as JSON values."""
    chosen = [load_track(name) for name in tracks or track_names()]
    trials = [
        (plan, came_of(plan, len(track_arm_rounds(track)), attacks, track.newcomers))
        for track in chosen
        for plan in plans(track, detectors, attacks, worlds)
    ]
    value = {
        "format": FORMAT,
        "fraudsim": __version__,
        "command": " ".join(
            ["fraudsim benchmark", *(f"--track {one.name}" for one in chosen), f"--worlds {worlds}"]
        ),
        "trials": len(trials),
        "failed": failed or {},
        **summarised(chosen, trials).as_dict(),
    }
    return json.loads(json.dumps(value, allow_nan=False))


def track_arm_rounds(track):
    return range(track.schedule.rounds)


def plans(track, detectors, attacks, worlds):
    """The trials of a track: as planned, but of any detectors and attacks."""
    for seed in track.world_seeds[:worlds]:
        for arm in track.arms:
            for left_out in attacks if arm.leave_out else (None,):
                for name in detectors:
                    spec = Spec(name, "none", name)
                    yield TrialPlan(track.name, arm.name, left_out, spec, "w", seed, 1, "k")


def came_of(plan, rounds, attacks, newcomers):
    """What a trial gives; better the later a detector stands in the alphabet, by chance."""
    key = f"{plan.track} {plan.arm} {plan.spec.name} {plan.world_seed} {plan.left_out}"
    rng = np.random.default_rng(list(key.encode()))
    name = plan.spec.name
    quality = {"random": 0.003, "amount": 0.02, "oracle": 1.0, "lightgbm": 0.15}.get(name)
    if quality is None:
        quality = 0.3 + 0.5 * (sum(name.encode()) % 97) / 97
    if name != "oracle":
        quality = float(np.clip(quality * rng.normal(1, 0.05), 0.001, 0.99))
    shares = {metric: round(quality ** rng.uniform(0.5, 1.5), 6) for metric in metrics_of(name)}
    metrics = {**shares, "average_precision": quality, "median_hours_to_alert": None}
    return {
        "metrics": metrics,
        "replicates": {
            metric: [float(x) for x in np.clip(rng.normal(metrics[metric], 0.03, 100), 0, 1)]
            for metric in ("average_precision", "recall_in_budget_100")
        },
        "by_round": [
            {"frauds": 40.0, "average_precision": quality * (1 - 0.1 * number)}
            for number in range(rounds)
        ],
        "by_attack": {
            attack: of_attack(rng, quality, unseen=attack == plan.left_out)
            for attack in (*attacks, *newcomers)
        },
        "curve": {
            "recall": [n / 20 for n in range(1, 21)],
            "precision": [round(quality ** (n / 20), 6) for n in range(1, 21)],
        },
        "unnoticed": [round((1 - quality) ** n, 6) for n in range(21)],
        "uneven": {
            attribute: {group: round(float(rng.uniform(0.005, 0.02)), 6) for group in groups}
            for attribute, groups in GROUPS.items()
        },
        "costs": costs_of(plan, rng),
        "floor": name in ("random", "amount"),
        "ceiling": name == "oracle",
    }


def metrics_of(name):
    yield from (f"recall_at_{at}pct_fpr" for at in ("0.1", "1", "5"))
    for budget in (50, 100, 500):
        yield f"precision_in_budget_{budget}"
        yield f"recall_in_budget_{budget}"
        yield f"money_saved_share_{budget}"
    yield from ("victims_alerted", "lost_before_alert_share")
    yield from (f"false_positive_ratio_{group}" for group in GROUPS)
    if name not in ("rules", "amount"):
        yield from ("expected_calibration_error", "brier", "log_loss")


def of_attack(rng, quality, *, unseen):
    recall = round(float(quality * rng.uniform(0.2, 0.6 if unseen else 1)), 6)
    found = recall > 0.1
    return {
        "frauds": float(rng.integers(5, 60)),
        "recall": recall,
        "victims": float(rng.integers(2, 20)),
        "victims_alerted": recall,
        "days_until_found": round(float(rng.uniform(0, 12)), 3) if found else None,
        "never_found": 0.0 if found else 1.0,
    }


def costs_of(plan, rng):
    found = {"seconds_fit": float(rng.uniform(0.01, 9)), "us_per_row": float(rng.uniform(1, 90))}
    if plan.track.startswith("scale") and plan.spec.name != "oracle":
        alone = float(rng.uniform(0.5, 20))
        found |= {"peak_memory_mb": float(rng.uniform(1, 300)), "batch_us_per_row": alone * 3}
        for way in ("latency", "latency_under_load"):
            for times, percentile in ((1, "p50"), (3, "p99"), (8, "p99.9")):
                found[f"{way}_{percentile}_ms"] = alone * times
    return found


def written(path, value):
    """The value as a file of results."""
    path.write_text(json.dumps(value))
    return path


def renamed_arm(value, old, new):
    """The same results with an arm of another name."""
    for track in value["tracks"]:
        track["arms"] = [new if arm == old else arm for arm in track["arms"]]
    for part in (*value["lines"], *value["standings"]):
        part["arm"] = new if part["arm"] == old else part["arm"]
    return value
