"""Hands and things, from the form to what somebody else has confirmed; never in the book."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PROJECT
from tests.live import read_form

PAGE = f"/projects/{PROJECT}/pledge?kind=labour"


def test_smoke(site: Flask, project: str, client: FlaskClient) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(PAGE)
    assert page.status_code == 200, page.text
    form = read_form(page).fields
    print(form)
    bad = client.post(PAGE, data=form | {"quantity": "x"})
    assert bad.status_code == 422
    print(bad.text)
    answer = client.post(
        PAGE, data=form | {"quantity": "5", "name": "Айбек", "email": "aibek@example.org"}
    )
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location)
    assert page.status_code == 200
    print(page.text)
