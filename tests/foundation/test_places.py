"""Places: postcodes as people type them, distances, towns and the import."""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places import (
    DISTRICTS,
    Place,
    Postcode,
    area_of,
    cells_within,
    find_place,
    locate_postcode,
    metres_to_miles,
    miles_to_metres,
    normalise_postcode,
    outward_code,
    spoken_distance,
    towns,
)
from app.foundation.places import service as places_service
from app.foundation.places.cli import cli
from app.foundation.places.gazetteer import find_town, outward_codes
from app.foundation.places.position import degrees
from app.foundation.places.postcodes import normalise_outward
from app.foundation.transaction import transaction

# Three postcodes as Code-Point Open writes them; the middle one has no position.
CODE_POINT = (
    '"LE113TU",10,452620,319474,"E92000001","E19000001","E18000003","E10000018","E07000130","E0500"\n'
    '"LE1 1ZZ",90,0,0,"E92000001","E19000001","E18000003","","E06000016","E0500"\n'
    '"DE1 1AA",10,435556,335850,"E92000001","E19000001","E18000003","","E06000015","E0500"\n'
)

in_england = st.tuples(
    st.floats(49.9, 55.8, allow_nan=False), st.floats(-6.4, 1.7, allow_nan=False)
)
in_county = st.tuples(
    st.floats(52.38, 52.98, allow_nan=False), st.floats(-1.65, -0.4, allow_nan=False)
)


def haversine(a: Place, b: Place) -> float:
    """Metres along the great circle, by the textbook."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    up, across = lat_b - lat_a, math.radians(b.longitude - a.longitude)
    chord = math.sin(up / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(across / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(chord))


def flat(a: Place, b: Place) -> float:
    return math.hypot(a.east - b.east, a.north - b.north)


def at(point: tuple[float, float]) -> Place:
    return Place("somewhere", point[0], point[1], "")


# Postcodes


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [
        ("LE11 3TU", "LE11 3TU"),
        ("le11 3tu", "LE11 3TU"),
        ("LE113TU", "LE11 3TU"),
        ("  le 11 3 tu. ", "LE11 3TU"),
        ("LE11-3TU", "LE11 3TU"),
        ("LE11\u00a03TU", "LE11 3TU"),
        ("LEI1 3TU", "LE11 3TU"),
        ("leii 3tu", "LE11 3TU"),
        ("LE1O 1AA", "LE10 1AA"),
        ("LE10 OAA", "LE10 0AA"),
        ("LE1 IAA", "LE1 1AA"),
        ("0X1 2JD", "OX1 2JD"),
        ("M1 1AE", "M1 1AE"),
        ("B33 8TH", "B33 8TH"),
        ("BLO 9AA", "BL0 9AA"),
        ("CR2 6XH", "CR2 6XH"),
        ("DN55 1PT", "DN55 1PT"),
        ("W1A 0AX", "W1A 0AX"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("S014 0AA", "SO14 0AA"),
    ],
)
def test_a_postcode_is_understood_as_people_type_it(typed: str, postcode: str) -> None:
    assert normalise_postcode(typed) == postcode


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "LE11", "3TU", "LE11 3T", "LE11 3TUU", "LE111 3TU", "11 3TU", "Loughborough",
        "LE11 CTU", "LE11 3CU", "L01 1AA", "QE1 1AA", "ZZ1 1AA", "LE11 3TU; DROP", "🏠",
        "LE11_3TU", "12345",
    ],
)  # fmt: skip
def test_what_is_no_postcode_is_refused_beside_its_field(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        normalise_postcode(typed)
    assert caught.value.sentence == "Enter a full postcode, like LE11 3TU."
    assert caught.value.field == "postcode"


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_and_a_good_one_stays_as_it_is(text: str) -> None:
    try:
        postcode = normalise_postcode(text)
    except Refusal:
        return
    assert normalise_postcode(postcode) == postcode


@pytest.mark.parametrize("outward", sorted(outward_codes()))
def test_every_outward_code_that_we_know_is_read_as_itself(outward: str) -> None:
    assert normalise_outward(outward) == outward
    assert normalise_postcode(f"{outward.lower()}1aa") == f"{outward} 1AA"


# The grid


@given(in_county, in_county)
def test_flat_distances_in_the_county_agree_with_the_great_circle(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    true = haversine(at(a), at(b))
    assert abs(flat(at(a), at(b)) - true) <= true * 0.0001 + 1.5


@given(in_england, in_england)
def test_flat_distances_in_england_are_right_to_a_five_hundredth(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    true = haversine(at(a), at(b))
    assert abs(flat(at(a), at(b)) - true) <= true * 0.002 + 1.5


@given(in_england)
def test_everywhere_in_england_is_positive_and_whole(point: tuple[float, float]) -> None:
    place = at(point)
    assert isinstance(place.east, int)
    assert isinstance(place.north, int)
    assert place.east > 0
    assert place.north > 0
    assert place.north // 5000 < 1000


def test_a_cell_is_five_kilometres_of_the_grid() -> None:
    place = at((52.7721, -1.2062))
    assert place.cell == (place.east // 5000) * 1000 + place.north // 5000


def test_a_circle_inside_one_cell_touches_that_cell_only() -> None:
    assert cells_within(502_500, 507_500, 2000) == [100_101]


def test_a_circle_at_a_corner_touches_four_cells() -> None:
    assert cells_within(500_000, 500_000, 100) == [99_099, 99_100, 100_099, 100_100]


def test_a_circle_leaves_out_the_corners_of_its_square() -> None:
    cells = cells_within(502_500, 502_500, 7500)
    assert 100_101 in cells
    assert 98_098 not in cells


def test_no_distance_is_the_cell_one_stands_in() -> None:
    place = at((52.7721, -1.2062))
    assert cells_within(place.east, place.north, 0) == [place.cell]


def test_a_distance_below_nothing_touches_nothing() -> None:
    assert cells_within(500_000, 500_000, -1) == []


@given(in_county, in_county, st.integers(0, 60_000))
def test_what_is_within_a_distance_is_in_one_of_its_cells(
    a: tuple[float, float], b: tuple[float, float], metres: int
) -> None:
    here, there = at(a), at(b)
    near = (here.east - there.east) ** 2 + (here.north - there.north) ** 2 <= metres**2
    if near:
        assert there.cell in cells_within(here.east, here.north, metres)


# Miles


@pytest.mark.parametrize(
    ("miles", "words"),
    [
        (0, "under half a mile"),
        (0.49, "under half a mile"),
        (0.5, "0.5 miles"),
        (0.97, "1 mile"),
        (1.0, "1 mile"),
        (1.1, "1.1 miles"),
        (2.1, "2.1 miles"),
        (3.0, "3 miles"),
        (9.94, "9.9 miles"),
        (9.96, "10 miles"),
        (12.3, "12 miles"),
        (100, "100 miles"),
    ],
)
def test_a_distance_is_said_as_people_say_it(miles: float, words: str) -> None:
    assert spoken_distance(miles * 1609.344) == words


def test_miles_and_metres_go_both_ways() -> None:
    assert miles_to_metres(10) == 16_093
    assert metres_to_miles(1609.344) == 1


# The tables


def test_every_outward_code_of_the_county_is_known() -> None:
    county = [f"LE{number}" for number in [*range(1, 20), 55, 65, 67, 87, 94, 95]]
    assert [outward for outward in county if outward not in outward_codes()] == []
    assert all(outward_codes()[outward].district in DISTRICTS for outward in county)


def test_every_district_has_an_outward_code_and_nothing_else_is_a_district() -> None:
    assert {code.district for code in outward_codes().values()} == {*DISTRICTS, ""}


def test_the_outward_codes_lie_around_the_county() -> None:
    leicester = outward_codes()["LE1"].place
    far = [
        code.outward
        for code in outward_codes().values()
        if haversine(leicester, code.place) > 100_000 or not code.town
    ]
    assert far == []


@pytest.mark.parametrize("town", towns(), ids=lambda town: town.name)
def test_each_town_lies_in_the_county_and_near_its_outward_code(town) -> None:  # type: ignore[no-untyped-def]  # its type is the table's
    code = outward_code(town.outward)
    assert code is not None
    assert 52.3 < town.latitude < 52.95
    assert -1.65 < town.longitude < -0.4
    assert haversine(town.place, code.place) < 12_000
    assert town.district in DISTRICTS
    assert town.kind in {"town", "suburb", "village"}


def test_there_are_towns_enough_for_a_county_and_no_name_twice() -> None:
    names = [town.name for town in towns()]
    assert len(names) >= 120
    assert len(set(names)) == len(names)
    assert {town.district for town in towns()} == set(DISTRICTS)


def test_no_two_towns_stand_on_the_same_spot() -> None:
    assert len({(town.latitude, town.longitude) for town in towns()}) == len(towns())


@pytest.mark.parametrize(
    ("a", "b", "miles"),
    [
        ("Leicester", "Loughborough", 10),
        ("Leicester", "Market Harborough", 14),
        ("Leicester", "Hinckley", 12),
        ("Leicester", "Melton Mowbray", 13.5),
        ("Leicester", "Oakham", 17),
        ("Coalville", "Ashby-de-la-Zouch", 4.5),
        ("Oakham", "Uppingham", 5.7),
        ("Loughborough", "Gorse Covert", 1.6),
    ],
)
def test_known_distances_come_out_as_on_the_map(a: str, b: str, miles: float) -> None:
    first, second = find_town(a), find_town(b)
    assert first is not None
    assert second is not None
    assert metres_to_miles(haversine(first.place, second.place)) == pytest.approx(miles, rel=0.1)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Loughborough", "Loughborough"),
        ("LOUGHBOROUGH", "Loughborough"),
        ("  loughborough ", "Loughborough"),
        ("Loughbrough", "Loughborough"),
        ("lougborough", "Loughborough"),
        ("ashby", "Ashby-de-la-Zouch"),
        ("ashby de la zouch", "Ashby-de-la-Zouch"),
        ("Melton", "Melton Mowbray"),
        ("Melton Mowbry", "Melton Mowbray"),
        ("wood", "Woodhouse"),
        ("Quorn, Leicestershire", "Quorn"),
        ("market h", "Market Harborough"),
        ("Wigston", "Wigston"),
        ("Braunston", "Braunstone Town"),
    ],
)
def test_a_town_is_found_as_people_spell_it(typed: str, name: str) -> None:
    town = find_town(typed)
    assert town is not None
    assert town.name == name


@pytest.mark.parametrize("typed", ["", "  ", "xy", "le", "Timbuktu", "!!!", "a" * 5000, ", "])
def test_what_is_no_town_of_ours_is_not_found(typed: str) -> None:
    assert find_town(typed) is None


# With the database


def test_a_postcode_is_placed_at_its_outward_code_until_one_is_imported(app: Flask) -> None:
    place = locate_postcode("le113tu")
    assert place == Place("LE11 3TU", 52.7703, -1.2215, "Charnwood")


def test_an_imported_postcode_is_placed_exactly(app: Flask) -> None:
    with transaction():
        row = Postcode(postcode="LE11 3TU", latitude=52.77, longitude=-1.2, district="Charnwood")
        db.session.add(row)
    assert locate_postcode("LE11 3TU") == Place("LE11 3TU", 52.77, -1.2, "Charnwood")


def test_a_postcode_far_away_is_refused_beside_its_field(app: Flask) -> None:
    with pytest.raises(Refusal) as caught:
        locate_postcode("EH1 1AA")
    assert caught.value.sentence == ("We do not know that postcode. Check it, or use one nearby.")
    assert caught.value.field == "postcode"


def test_a_search_takes_a_town_an_outward_code_or_a_postcode(app: Flask) -> None:
    labels = [
        place.label for text in ("loughborough", "le11", "LE11 3TU") if (place := find_place(text))
    ]
    assert labels == ["Loughborough", "Loughborough (LE11)", "LE11 3TU"]


@pytest.mark.parametrize("text", ["", "EH1", "EH1 1AA", "Atlantis", "4", "LE", "LE999"])
def test_a_search_for_what_we_do_not_know_finds_nothing(app: Flask, text: str) -> None:
    assert find_place(text) is None


# The postcodes.io API, by a stub that speaks it


@contextmanager
def postcode_service(status: int, body: object) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


FOUND = {
    "status": 200,
    "result": {"latitude": 52.765, "longitude": -1.21, "admin_district": "Charnwood"},
}


def test_the_api_is_asked_when_it_is_configured(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postcode_service(200, FOUND) as (address, asked):
        monkeypatch.setitem(app.config, "POSTCODES_API_URL", address)
        assert locate_postcode("LE11 3TU") == Place("LE11 3TU", 52.765, -1.21, "Charnwood")
    assert asked == ["/postcodes/LE11%203TU"]


def test_an_imported_postcode_needs_no_api(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction():
        row = Postcode(postcode="LE11 3TU", latitude=52.77, longitude=-1.2, district="Charnwood")
        db.session.add(row)
    with postcode_service(200, FOUND) as (address, asked):
        monkeypatch.setitem(app.config, "POSTCODES_API_URL", address)
        assert locate_postcode("LE11 3TU").latitude == 52.77
    assert asked == []


def test_the_api_is_not_waited_for_inside_a_transaction(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postcode_service(200, FOUND) as (address, asked):
        monkeypatch.setitem(app.config, "POSTCODES_API_URL", address)
        with transaction():
            assert locate_postcode("LE11 3TU").latitude == 52.7703
    assert asked == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"status": 404, "error": "Postcode not found"}),
        (500, b"oops"),
        (200, b"not json"),
        (200, []),
        (200, {"status": 200}),
        (200, {"result": None}),
        (200, {"result": {"latitude": None, "longitude": None}}),
        (200, {"result": {"latitude": 0, "longitude": 0}}),
        (302, b""),
    ],
)
def test_a_bad_answer_falls_back_to_the_outward_code_and_logs_no_postcode(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: object,
) -> None:
    with (
        postcode_service(status, body) as (address, _),
        caplog.at_level(logging.INFO),
    ):
        monkeypatch.setitem(app.config, "POSTCODES_API_URL", address)
        assert locate_postcode("LE11 3TU").latitude == 52.7703
    assert "the postcode service" in caplog.text
    assert "3TU" not in caplog.text


def test_an_api_that_nobody_serves_falls_back_to_the_outward_code(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(app.config, "POSTCODES_API_URL", "http://127.0.0.1:9")
    assert locate_postcode("LE11 3TU").latitude == 52.7703
    assert "3TU" not in caplog.text


# The import


def stored() -> dict[str, Postcode]:
    return {row.postcode: row for row in db.session.scalars(select(Postcode))}


def test_code_point_open_is_imported_in_degrees_with_its_district(
    app: Flask, tmp_path: Path
) -> None:
    (tmp_path / "le.csv").write_text(CODE_POINT, encoding="utf-8")
    assert places_service.import_code_point(tmp_path / "le.csv") == 2
    rows = stored()
    assert sorted(rows) == ["DE1 1AA", "LE11 3TU"]
    # Ordnance Survey's own answer for this easting and northing, to some ten metres.
    assert rows["LE11 3TU"].latitude == pytest.approx(52.7703, abs=0.0001)
    assert rows["LE11 3TU"].longitude == pytest.approx(-1.22151, abs=0.00015)
    assert rows["LE11 3TU"].district == "Charnwood"
    assert rows["DE1 1AA"].district == ""


def test_the_same_file_again_moves_the_postcodes_and_doubles_none(
    app: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "le.csv"
    file.write_text(CODE_POINT, encoding="utf-8")
    places_service.import_code_point(file)
    file.write_text(CODE_POINT.replace("452620", "453620"), encoding="utf-8")
    places_service.import_code_point(file)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Postcode)) == 2
    assert stored()["LE11 3TU"].longitude == pytest.approx(-1.2067, abs=0.0002)


def test_a_folder_is_imported_as_ordnance_survey_packs_it(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "Data" / "CSV"
    folder.mkdir(parents=True)
    lines = CODE_POINT.splitlines(keepends=True)
    (folder / "le.csv").write_text(lines[0], encoding="utf-8")
    (folder / "de.csv").write_text(lines[2], encoding="utf-8")
    assert places_service.import_code_point(tmp_path) == 2
    assert sorted(stored()) == ["DE1 1AA", "LE11 3TU"]


def test_more_rows_than_a_chunk_are_all_imported(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_service, "_CHUNK", 1)
    (tmp_path / "le.csv").write_text(CODE_POINT, encoding="utf-8")
    assert places_service.import_code_point(tmp_path) == 2
    assert len(stored()) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"name,email\nAda,ada@example.org\n",
        b"LE11 3TU,10,452620\n",
        b"LE11 3TU,10,x,319474,E,E,E,E,E,E\n",
        b"LE11 3TU,10,9452620,319474,E,E,E,E,E,E\n",
        b"\x89PNG\r\n\x1a\n\x00\xff",
        b"",
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence_and_nothing_is_stored(
    app: Flask, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_bytes(content)
    with pytest.raises(Refusal, match=r"wrong\.csv"):
        places_service.import_code_point(file)
    assert stored() == {}


def test_a_folder_without_files_is_refused(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no CSV file"):
        places_service.import_code_point(tmp_path)


def test_the_command_says_how_many(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "le.csv").write_text(CODE_POINT, encoding="utf-8")
    result = app.test_cli_runner().invoke(cli, ["import", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.output == "2 postcodes imported.\n"


def test_the_command_explains_a_wrong_file(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name\nAda\n", encoding="utf-8")
    result = app.test_cli_runner().invoke(cli, ["import", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: Line 1 of people.csv is not from Code-Point Open.")


@pytest.mark.parametrize("point", [(52.7721, -1.2062), (52.65, -1.13), (50.1, -5.5), (55.0, 1.7)])
def test_a_point_of_the_grid_leads_back_to_where_it_is(point: tuple[float, float]) -> None:
    place = at(point)
    found = degrees(place.east, place.north)
    assert found == pytest.approx(point, abs=0.00002)


def test_an_area_has_the_middle_of_its_square_and_the_town_that_is_nearest() -> None:
    home = at((52.7721, -1.2062))
    area = area_of(home.cell)
    assert at((area.latitude, area.longitude)).cell == home.cell
    assert area.near == "Loughborough"
    assert area_of(at((50.1, -5.5)).cell).near == ""
