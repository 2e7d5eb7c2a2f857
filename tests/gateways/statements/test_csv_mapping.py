"""Mappings as they are saved and come back."""

import json
from pathlib import Path
from typing import Any

import pytest

from ashar.gateways.statements.base import (
    Unreadable,
)
from ashar.gateways.statements.csv_lines import Mapping
from tests.gateways.statements.test_csv_lines import FILES, PLAIN, mapping_of


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mapping_comes_back_as_it_was_saved(file: Path) -> None:
    mapping = mapping_of(file)
    assert Mapping.from_json(mapping.to_json()) == mapping


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "XXX"}, {"currency": None}, {"account": 5}, {"account": "x" * 300},
        {"encoding": "rot13"}, {"delimiter": ""}, {"delimiter": "ab"}, {"delimiter": "\n"},
        {"quote": "abc"}, {"skip": -1}, {"skip": 10**9}, {"skip": True}, {"skip": 1.5},
        {"heading": "yes"}, {"heading": False}, {"dates": "%d"}, {"decimal": "x"},
        {"thousands": "."}, {"thousands": "x"}, {"thousands": [","]}, {"thousands": 5},
        {"booked": None}, {"booked": 0}, {"booked": True}, {"booked": ""}, {"booked": {}},
        {"booked": "x" * 300}, {"name": [1]}, {"text": "Text"}, {"text": [None]}, {"text": [0]},
        {"amount": None}, {"debit": "D"}, {"credit": "C"}, {"direction": "W"},
        {"debit": "D", "credit": "C"}, {"debits": "both"}, {"order": "random"},
        {"direction": "W", "into": ["C"]}, {"into": ["C"]}, {"stop": "Total"}, {"stop": [5]},
        {"direction": "W", "into": ["C"], "out": [" c "]}, {"state": "S"}, {"done": ["x"]},
        {"state": "S", "done": ["x"], "undone": ["X"]}, {"strange": 1}, {"decimal": {}},
    ],
)  # fmt: skip
def test_a_mapping_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    told = json.loads(PLAIN.to_json()) | change
    with pytest.raises(Unreadable) as caught:
        Mapping.from_json(json.dumps(told))
    assert caught.value.words % caught.value.values


@pytest.mark.parametrize("text", ["", "[]", "5", "null", "{", '{"account": "X"}', "[" * 100_000])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        Mapping.from_json(text)
