"""Segments are counted as the carrier bills them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messaging.rules.clusters import cluster_units
from app.messaging.rules.segments import (
    SegmentCount,
    cost_pence,
    count,
    fits_plainly,
    plain,
    seconds_to_send,
)

# Letters, extension characters, typographic characters, other scripts and emoji, so that
# the lengths at which segments break are met often.
_PIECES = st.sampled_from(
    [*"aZ 9\r\n€{]|~é", *"’“–…½→•\u00a0\u200b\u200d\ufe0f", *"łŵહાñ", "👍", "🙋🏽"]
)
texts = st.one_of(
    st.text(max_size=400),
    st.lists(st.tuples(_PIECES, st.integers(1, 160)), max_size=5).map(
        lambda runs: "".join(piece * times for piece, times in runs)
    ),
)


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "units", "room"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("a", "GSM-7", 1, 1, 159),
        ("a" * 159, "GSM-7", 1, 159, 1),
        ("a" * 160, "GSM-7", 1, 160, 0),
        ("a" * 161, "GSM-7", 2, 161, 145),
        ("a" * 306, "GSM-7", 2, 306, 0),
        ("a" * 307, "GSM-7", 3, 307, 152),
        ("a" * 459, "GSM-7", 3, 459, 0),
        ("a" * 460, "GSM-7", 4, 460, 152),
        ("a" * 1530, "GSM-7", 10, 1530, 0),
        ("|", "GSM-7", 1, 2, 158),
        ("€" * 80, "GSM-7", 1, 160, 0),
        ("€" * 81, "GSM-7", 2, 162, 143),
        ("{" + "a" * 158, "GSM-7", 1, 160, 0),
        ("{" + "a" * 159, "GSM-7", 2, 161, 145),
        # Twilio bills 153 of these as three: an escape is never parted from its character.
        ("]" * 152, "GSM-7", 2, 304, 1),
        ("]" * 153, "GSM-7", 3, 306, 151),
        ("a" * 152 + "€" + "a" * 20, "GSM-7", 2, 174, 131),
        ("a" * 151 + "€" + "a" * 20, "GSM-7", 2, 173, 133),
        # As measured against the live carrier: a line break of two characters is billed as two.
        ("a" * 80 + "\r\n" + "a" * 79, "GSM-7", 2, 161, 145),
        ("a" * 80 + "\n" + "a" * 79, "GSM-7", 1, 160, 0),
        ("a" * 200 + "\r\n" + "a" * 105, "GSM-7", 3, 307, 152),
        ("é" * 70, "GSM-7", 1, 70, 90),
        ("e\u0301" * 70, "UCS-2", 3, 140, 59),
        ("e\u0301", "UCS-2", 1, 2, 68),
        ("中" * 70, "UCS-2", 1, 70, 0),
        ("中" * 71, "UCS-2", 2, 71, 63),
        ("中" * 134, "UCS-2", 2, 134, 0),
        ("中" * 135, "UCS-2", 3, 135, 66),
        ("👍", "UCS-2", 1, 2, 68),
        ("👍" * 35, "UCS-2", 1, 70, 0),
        ("👍" * 36, "UCS-2", 2, 72, 61),
        ("👍" * 66, "UCS-2", 2, 132, 1),
        ("👍" * 67, "UCS-2", 3, 134, 65),
        ("中" * 66 + "👍" + "中" * 10, "UCS-2", 2, 78, 55),
        # In UCS-2 an extension character is one unit like any other.
        ("]" * 69 + "ŵ", "UCS-2", 1, 70, 0),
        ("this is a " + "]" * 74 + "😘", "UCS-2", 2, 86, 48),
        ("Reply 27 YES", "GSM-7", 1, 12, 148),
        ("Can you drive tonight’s parcels?", "UCS-2", 1, 32, 38),
        ("\f", "GSM-7", 1, 2, 158),
        ("\t", "UCS-2", 1, 1, 69),
        ("ç", "UCS-2", 1, 1, 69),
        ("Ç", "GSM-7", 1, 1, 159),
        ("á", "UCS-2", 1, 1, 69),
        ("`", "UCS-2", 1, 1, 69),
        ("\x1b", "UCS-2", 1, 1, 69),
        ("\ud83d", "UCS-2", 1, 1, 69),
    ],
)
def test_a_text_is_counted_as_the_carrier_counts_it(text, encoding, segments, units, room):
    found = count(text)
    assert (found.encoding, found.segments, found.units, found.room) == (
        encoding,
        segments,
        units,
        room,
    )


@pytest.mark.parametrize(
    "char",
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà0189AZaz",
)
def test_each_character_of_the_default_alphabet_is_one_septet(char):
    assert count(char) == SegmentCount("GSM-7", 1, 1, 1, 159, ())


@pytest.mark.parametrize("char", "\f^{}\\[~]|€")
def test_each_character_of_the_extension_table_is_two_septets(char):
    assert count(char) == SegmentCount("GSM-7", 1, 1, 2, 158, ())


def test_the_characters_that_force_ucs_2_are_named_once_each_in_order():
    assert count("Don’t forget – it’s “on” ☺ – £5").forcing == ("’", "–", "“", "”", "☺")


def test_characters_are_counted_as_code_points():
    assert count("Iawn 👍").characters == 6


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ""),
        ("Plain as it is", "Plain as it is"),
        ("Don’t", "Don't"),
        ("‘single’", "'single'"),
        ("“double”", '"double"'),
        ("„low“", '"low"'),
        ("«Bonjour»", '"Bonjour"'),
        ("it`s", "it's"),
        ("it´s", "it's"),
        ("5′ 6″", "5' 6\""),
        ("6–8pm", "6-8pm"),
        ("tonight — please", "tonight - please"),
        ("non‑breaking", "non-breaking"),
        ("−5", "-5"),
        ("wait…", "wait..."),
        ("6\u00a0pm", "6 pm"),
        ("6\u202fpm", "6 pm"),
        ("a\u2003b\u2009c\u3000d", "a b c d"),
        ("a\tb", "a b"),
        ("• one\n• two", "- one\n- two"),
        ("zero\u200bwidth", "zerowidth"),
        ("\ufeffHello", "Hello"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a\r\nb", "a\nb"),
        ("a\u2028b", "a\nb"),
        ("1½ hours", "1 1/2 hours"),
        ("½ hour", "1/2 hour"),
        ("2 × 3", "2 x 3"),
        ("A → B", "A -> B"),
        ("№ 7", "No. 7"),
        ("ＨＥＬＰ！", "HELP!"),
        ("cafe\u0301", "café"),
        ("w\u0302", "ŵ"),
        # Letters of other languages and emoji stay as typed.
        ("ગુજરાતી", "ગુજરાતી"),
        ("ਪੰਜਾਬੀ", "ਪੰਜਾਬੀ"),
        ("اردو", "اردو"),
        ("Wrocław, księgarnia", "Wrocław, księgarnia"),
        ("Dŵr, tŷ", "Dŵr, tŷ"),
        ("Thanks 👍", "Thanks 👍"),
        ("naïve façade", "naïve façade"),
        ("20°", "20°"),
        # A family is one picture: the joiners inside stay.
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("❤\ufe0f", "❤\ufe0f"),
        # Where a letter keeps the text in UCS-2, quotes are made plain, nothing gets longer.
        ("“Tŷ”…", '"Tŷ"…'),
    ],
)
def test_plain_keeps_the_meaning(typed, expected):
    assert plain(typed) == expected


def test_plain_leaves_dots_alone_where_they_would_cost_a_segment():
    assert plain("…" * 70) == "…" * 70


@pytest.mark.parametrize(
    ("text", "fits"),
    [("", True), ("Reply 27 YES £5 €6", True), ("Don’t", False), ("ŵ", False), ("👍", False)],
)
def test_a_text_fits_plainly_when_every_character_is_in_gsm_7(text, fits):
    assert fits_plainly(text) is fits


@given(texts, texts)
def test_adding_to_a_text_never_takes_fewer_segments(before, after):
    assert count(before + after).segments >= count(before).segments


@given(texts)
def test_plain_twice_is_plain_once(text):
    assert plain(plain(text)) == plain(text)


@given(texts)
def test_plain_never_takes_more_segments(text):
    assert count(plain(text)).segments <= count(text).segments


@given(texts)
def test_what_fits_plainly_has_nothing_that_forces_ucs_2(text):
    assert fits_plainly(text) is (count(text).forcing == ())


@given(texts)
def test_the_segments_hold_the_units_and_less_than_one_character_each_is_wasted(text):
    found = count(text)
    single, joined = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    if found.segments <= 1:
        assert found.units + found.room == single
    else:
        wasted = found.segments * joined - found.room - found.units
        longest = 2 if found.encoding == "GSM-7" else max(cluster_units(text))
        assert 0 <= wasted < found.segments * longest
        assert 0 <= found.room < joined


def test_the_cost_is_segments_by_people_by_price():
    assert cost_pence(2, 150, 4.2) == pytest.approx(1260.0)


def test_nothing_costs_nothing():
    assert cost_pence(0, 150, 4.2) == 0


def test_a_negative_price_is_refused():
    with pytest.raises(ValueError, match="nothing upwards"):
        cost_pence(1, 1, -4.0)


def test_the_time_to_send_is_segments_by_rate():
    assert seconds_to_send(300, 10) == pytest.approx(30.0)


def test_a_sender_without_a_rate_is_refused():
    with pytest.raises(ValueError, match="rate"):
        seconds_to_send(1, 0)
