"""Which answers leave compressed, and which must not."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask.testing import FlaskClient

from tests import factories

PAGE = "/privacy"
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def test_a_visitor_gets_a_page_by_brotli(client: FlaskClient) -> None:
    answer = client.get(PAGE, headers=BROWSER)
    assert answer.headers["Content-Encoding"] == "br"
    assert b"</html>" in brotli.decompress(answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_an_older_browser_gets_a_page_by_gzip(client: FlaskClient) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(answer.data)


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0, gzip;q=0", "zstd"])
def test_who_reads_neither_gets_the_page_as_it_is(client: FlaskClient, accepted: str) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert "</html>" in answer.text


def test_a_short_answer_is_not_worth_it(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers=BROWSER).headers


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_signed_in_person_gets_a_page_compressed(
    sign_in: Callable[..., FlaskClient], site: str
) -> None:
    client = sign_in(factories.user())
    answer = client.get(PAGE, headers=BROWSER | {"Sec-Fetch-Site": site})
    assert answer.headers["Content-Encoding"] == "br"


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_another_site_cannot_have_a_signed_in_page_compressed(
    sign_in: Callable[..., FlaskClient], site: str | None
) -> None:
    client = sign_in(factories.user())
    said = BROWSER | ({"Sec-Fetch-Site": site} if site else {})
    assert "Content-Encoding" not in client.get(PAGE, headers=said).headers
