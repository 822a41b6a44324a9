"""What cannot be resumed is refused in one line, and what lies there is left as it was."""

import fcntl
import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fraudsim.engine import checkpoint, simulate
from fraudsim.errors import FraudsimError, UsageError
from fraudsim.scenario_files import load_scenario
from fraudsim.sinks.staging import UNFINISHED_NAME

BLOCK = "checkpoint/day-00024/block-00002.npz"
JOURNAL = "checkpoint/journal-00007.npz"
MARK = "checkpoint/checkpoint.json"
PART = "transactions/month=2025-01/part-00001.parquet"


def contents(folder):
    return {path.relative_to(folder): path.stat().st_size for path in folder.rglob("*")}


def refused(run, out, message, kind=UsageError):
    aside = out.with_name("world.partial")
    before = contents(aside) if aside.exists() else None
    with pytest.raises(kind, match=message) as caught:
        run(out, resume=True)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert (contents(aside) if aside.exists() else None) == before


def test_nothing_to_resume(crowded, tmp_path):
    refused(crowded, tmp_path / "world", r"world\.partial does not exist: there is no killed run")


def test_a_folder_of_somebody_else(crowded, tmp_path):
    (tmp_path / "world.partial").mkdir()
    (tmp_path / "world.partial" / "thesis.tex").write_text("x")
    refused(crowded, tmp_path / "world", "was not left by a run of fraudsim")


def test_a_run_that_is_still_going(crowded, left):
    with (left.with_name("world.partial") / UNFINISHED_NAME).open("rb") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        refused(crowded, left, r"world\.partial: the run that writes it is still going")


def test_a_dataset_in_the_way(crowded, left):
    left.mkdir()
    refused(crowded, left, r"world exists; add --overwrite")


def test_another_seed(crowded, left):
    def run(out, **how):
        return crowded(out, seed=12, **how)

    refused(run, left, "left by another run: its seed is 11, not 12;")


def test_another_scenario(crowded_file, left):
    scenario = load_scenario(str(crowded_file), overrides=["calendar.days=40"])

    def run(out, **how):
        return simulate(scenario, 11, out, **how)

    refused(run, left, "left by another run: its scenario 'crowded' is not this 'crowded'")


def test_another_version(crowded, left, monkeypatch):
    versions = checkpoint.installed_versions()
    monkeypatch.setattr(checkpoint, "installed_versions", lambda: versions | {"fraudsim": "9.0"})
    refused(crowded, left, f"it had fraudsim {versions['fraudsim']}, this is fraudsim 9.0")


def rewrite(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def test_another_attack_file(crowded, left):
    def change(value):
        value["run"]["attacks_from"] = [{"name": "mine", "file_sha256": "0" * 64}]

    rewrite(left.with_name("world.partial") / MARK, change)
    refused(crowded, left, "the file of the attack 'mine' is another")


class Evil:
    def __reduce__(self):
        return print, ("code from a checkpoint was run",)


def npz(path, **changes):
    """Rewrite an npz file with other arrays, or bytes in the place of an array."""
    arrays = dict(np.load(path)) | changes
    path.unlink()
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            if isinstance(array, bytes):
                data = array
            else:
                buffer = io.BytesIO()
                np.save(buffer, array)
                data = buffer.getvalue()
            archive.writestr(f"{name}.npy", data)


def changed(path, name, field, value):
    array = np.load(path)[name]
    array[field][:1] = value
    npz(path, **{name: array})


def compressed(path):
    np.savez_compressed(path, **dict(np.load(path)))


def claimed_huge(path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<i8", "fortran_order": False, "shape": (1 << 50,)}
    )
    npz(path, devices=header.getvalue())


def object_array(path):
    buffer = io.BytesIO()
    np.save(buffer, np.array([Evil()], dtype=object), allow_pickle=True)
    npz(path, devices=buffer.getvalue())


def turned(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


HARM = {
    "cut off": (BLOCK, lambda p: p.write_bytes(p.read_bytes()[:-900]), "damaged"),
    "a bit turned": (
        BLOCK,
        lambda p: p.write_bytes(turned(p.read_bytes(), 3000)),
        "damaged: Bad CRC-32",
    ),
    "gone": (BLOCK, lambda p: p.unlink(), "damaged: it is missing"),
    "a folder": (BLOCK, lambda p: (p.unlink(), p.mkdir()), "damaged: it is missing"),
    "a pickle": (BLOCK, lambda p: p.write_bytes(pickle.dumps(Evil())), "damaged"),
    "a pickled array": (BLOCK, object_array, "devices: its type or shape is another"),
    "a bomb": (BLOCK, compressed, "it should not be compressed"),
    "a huge claim": (BLOCK, claimed_huge, "devices: its length is another"),
    "another type": (BLOCK, lambda p: npz(p, devices=np.zeros(3)), "devices: its type or shape"),
    "an array more": (BLOCK, lambda p: npz(p, more=np.zeros(3)), "and nothing else"),
    "fewer people": (BLOCK, lambda p: npz(p, states=np.load(p)["states"][:-1]), "30 customers"),
    "a shop nowhere": (
        BLOCK,
        lambda p: changed(p, "rows", "merchant", 1 << 30),
        "merchant 1073741824",
    ),
    "a customer elsewhere": (
        BLOCK,
        lambda p: changed(p, "rows", "customer", 5),
        "customer 5 cannot",
    ),
    "a city nowhere": (BLOCK, lambda p: changed(p, "states", "city", -7), "city -7 cannot be"),
    "no answers": (JOURNAL, lambda p: npz(p, verbs=np.zeros(0, np.int8)), "its verbs are others"),
    "negative lengths": (
        JOURNAL,
        lambda p: npz(p, lengths=-np.load(p)["lengths"] - 1),
        "its lengths cannot be",
    ),
    "other answers": (
        JOURNAL,
        lambda p: npz(p, verbs=np.load(p)["verbs"][::-1], lengths=np.load(p)["lengths"][::-1]),
        "not what they asked before|its lengths are others",
    ),
    "column by column": (
        JOURNAL,
        lambda p: npz(p, lengths=np.asfortranarray(np.load(p)["lengths"])),
        "lengths: it should be written row by row",
    ),
    "a journal gone": (JOURNAL, lambda p: p.unlink(), "damaged: it is missing"),
    "a mark gone": (MARK, lambda p: p.unlink(), "there is nothing to resume in it"),
    "not JSON": (MARK, lambda p: p.write_text("{"), "it is not JSON"),
    "deep JSON": (MARK, lambda p: p.write_text("[" * 100_000), "it is not JSON"),
    "another format": (
        MARK,
        lambda p: rewrite(p, lambda v: v.update(format="x")),
        "damaged: format",
    ),
    "a key more": (MARK, lambda p: rewrite(p, lambda v: v.update(code="x")), "damaged: code"),
    "a day that never was": (
        MARK,
        lambda p: rewrite(p, lambda v: v.update(day=99, journal=[99])),
        "the run has no day 99",
    ),
    "a path that leads out": (
        MARK,
        lambda p: rewrite(p, lambda v: v["parts"][0].update(path="../../x")),
        r"damaged: parts",
    ),
    "another part file": (
        PART,
        lambda p: p.write_bytes(p.read_bytes()[:-1] + b"x"),
        "it is not what was written",
    ),
    "a part file gone": (PART, lambda p: p.unlink(), "it is not what was written"),
}


@pytest.mark.parametrize(("file", "harm", "message"), HARM.values(), ids=HARM)
def test_a_checkpoint_that_is_damaged_or_means_harm(crowded, left, capfd, file, harm, message):
    harm(left.with_name("world.partial") / file)
    with pytest.raises(UsageError, match=message) as caught:
        crowded(left, resume=True)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert "code from a checkpoint" not in capfd.readouterr().out
    assert left.with_name("world.partial").is_dir()
    assert not left.exists()


def test_a_disk_that_is_full_at_a_checkpoint(crowded, tmp_path, monkeypatch, every_day):
    write_bytes = Path.write_bytes

    def full(path, data):
        if path.suffixes[-2:] == [".npz", ".tmp"]:
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    message = r"cannot write .*world\.partial/checkpoint/day-00001/block-00000\.npz: No space left"
    with pytest.raises(FraudsimError, match=message):
        crowded(tmp_path / "world")
    assert list(tmp_path.iterdir()) == []


def test_overwrite_begins_anew(crowded, undisturbed, left):
    assert crowded(left, overwrite=True).digest == undisturbed.digest


def test_resume_can_replace_an_earlier_dataset(crowded, undisturbed, left, tmp_path):
    crowded(tmp_path / "other", seed=12).path.rename(left)
    assert crowded(left, resume=True, overwrite=True).digest == undisturbed.digest
    assert [path.name for path in tmp_path.iterdir()] == ["world"]
