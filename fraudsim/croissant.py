"""The Croissant description of a dataset: files, tables, columns and references for machines.

Croissant 1.0 (https://docs.mlcommons.org/croissant/docs/croissant-spec.html) with fields of its
vocabulary for responsible AI (https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fraudsim.schema import TABLES, Column, Table

if TYPE_CHECKING:
    from fraudsim.manifest import Manifest

CROISSANT_NAME = "croissant.json"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
"""Licence of what a run writes. The tables are made by a program and describe nobody."""

PROJECT = "fraudsim"

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_TYPES = {
    "int64": "cr:Int64",
    "int32": "cr:Int32",
    "int16": "cr:Int16",
    "float64": "cr:Float64",
    "bool": "sc:Boolean",
    "date": "sc:Date",
    "time": "sc:DateTime",
    "string": "sc:Text",
    "enum": "sc:Text",
    "country": "sc:Text",
}


def croissant(manifest: Manifest) -> dict[str, Any]:
    """Return the description of a dataset as JSON-LD; a pure function of its manifest.

    ``datePublished`` is the first day of the scenario's calendar: a dataset knows no clock.
    """
    tables = [table for table in TABLES.values() if manifest.tables[table.name].files]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.0",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": dataset_name(manifest),
        "description": description(manifest),
        "license": LICENCE,
        "creator": {"@type": "sc:Organization", "name": PROJECT},
        "version": f"{manifest.schema_version}.0.0",
        "datePublished": manifest.scenario["calendar"]["start"],
        "citeAs": _citation(manifest),
        "keywords": ["synthetic", "payments", "fraud detection", "tabular"],
        "isLiveDataset": False,
        **_responsible(),
        "distribution": [part for table in tables for part in _distribution(table, manifest)],
        "recordSet": [_record_set(table, tables) for table in tables],
    }


def croissant_json(manifest: Manifest) -> str:
    """Return ``croissant`` as text, with a newline at the end."""
    return json.dumps(croissant(manifest), indent=2, ensure_ascii=False) + "\n"


def dataset_name(manifest: Manifest) -> str:
    """Return a name for the dataset: the scenario and the seed."""
    return f"{PROJECT}-{manifest.scenario_name}-{manifest.seed}"


def description(manifest: Manifest) -> str:
    """Return one paragraph that says what the dataset is."""
    rows = {name: entry.rows for name, entry in manifest.tables.items()}
    return (
        f"Synthetic payments of an invented bank: {rows['transactions']:,} transactions of "
        f"{rows['customers']:,} customers, {rows['labels']:,} of them fraudulent, simulated by "
        f"{PROJECT} {manifest.versions['fraudsim']} (scenario {manifest.scenario_name}, seed "
        f"{manifest.seed}). No row describes a real person, account or payment."
    )


def _citation(manifest: Manifest) -> str:
    return (
        f"{PROJECT} {manifest.versions['fraudsim']}, scenario {manifest.scenario_name}, "
        f"seed {manifest.seed}, digest {manifest.digest}"
    )


def _responsible() -> dict[str, Any]:
    return {
        "rai:dataCollection": "Simulated: agents live through days; nothing was collected.",
        "rai:dataCollectionType": ["Software Collection"],
        "rai:personalSensitiveInformation": [
            "None: names, addresses and numbers are invented and from reserved ranges."
        ],
        "rai:dataLimitations": [
            "Results say how methods compare on these patterns, not how well they do at a bank.",
            "Many defaults are assumptions: `fraudsim scenarios explain` prints their sources.",
        ],
        "rai:dataUseCases": ["Testing", "Training", "Validation"],
        "rai:dataBiases": ["Behaviour follows the scenario, not any population."],
    }


def _distribution(table: Table, manifest: Manifest) -> list[dict[str, Any]]:
    files = manifest.tables[table.name].files
    objects = [
        {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "contentUrl": path,
            "contentSize": f"{manifest.files[path].bytes} B",
            "encodingFormat": "application/x-parquet",
            "sha256": manifest.files[path].sha256,
        }
        for path in files
    ]
    if not table.partitioned:
        return objects
    whole = {
        "@type": "cr:FileSet",
        "@id": f"{table.name}-files",
        "name": f"{table.name}-files",
        "description": f"All files of {table.name}.",
        "encodingFormat": "application/x-parquet",
        "includes": f"{table.name}/month=*/part-*.parquet",
    }
    return [*objects, whole]


def _record_set(table: Table, tables: list[Table]) -> dict[str, Any]:
    there = {other.name for other in tables}
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.meaning,
        "key": {"@id": f"{table.name}/{table.key}"},
        "field": [_field(table, column, there) for column in table.columns],
    }


def _field(table: Table, column: Column, there: set[str]) -> dict[str, Any]:
    values = f"; one of {', '.join(column.values)}" if column.values else ""
    origin = (
        {"fileSet": {"@id": f"{table.name}-files"}}
        if table.partitioned
        else {"fileObject": {"@id": f"{table.name}.parquet"}}
    )
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.meaning + values,
        "dataType": _TYPES[column.type],
        "source": {**origin, "extract": {"column": column.name}},
    }
    other, _, key = column.refers_to.partition(".")
    if other in there:
        field["references"] = {"field": {"@id": f"{other}/{key}"}}
    return field
