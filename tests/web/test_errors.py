"""What a person reads when something cannot be done."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_a_refusal_is_a_plain_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/refused")
    assert answer.status_code == 400
    assert "The shift has begun." in answer.text


def test_a_missing_page_says_where_to_go(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere?phone=07700900123")
    assert answer.status_code == 404
    assert "Go to the home page" in answer.text
    assert "07700900123" not in answer.text


def test_a_form_from_another_visit_says_what_to_do(visitor: FlaskClient) -> None:
    answer = visitor.post("/send")
    assert answer.status_code == 400
    assert "This form has been open too long" in answer.text


def test_a_wrong_method_still_names_the_right_one(visitor: FlaskClient) -> None:
    answer = visitor.get("/send")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_fault_shows_nothing_of_its_cause_and_needs_no_database(
    page_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    page_app.config["TESTING"] = False
    caplog.set_level(logging.CRITICAL)
    answer = page_app.test_client().get("/broken", headers={"As": "volunteer"})
    assert answer.status_code == 500
    assert "07700" not in answer.text
    assert ">Home</a>" not in answer.text


def test_a_live_part_of_a_page_gets_only_the_words(visitor: FlaskClient) -> None:
    answer = visitor.get("/refused", headers={"HX-Request": "true"})
    assert "The shift has begun." in answer.text
    assert "<html" not in answer.text
