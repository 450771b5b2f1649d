"""Segments are counted as Twilio's own `sms-segments-calculator` counts them.

The figures are facts about its version 1.3.0 (`new SegmentedMessage(text)`: encoding,
`segmentsCount`, `messageSize` in septets or 16-bit units); nothing of it is in this project.
Two of its answers are left out: it calls an empty text one segment, of which none is ever
sent, and it puts a character longer than a whole segment into one.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messaging.rules.clusters import cluster_units
from app.messaging.rules.segments import count

AS_BILLED = [
    ("Can you help tonight? Reply 27 YES or 27 NO.", "GSM-7", 1, 44),
    ("a" * 153, "GSM-7", 1, 153),
    ("a" * 160, "GSM-7", 1, 160),
    ("a" * 161, "GSM-7", 2, 161),
    ("a" * 307, "GSM-7", 3, 307),
    ("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà" * 4, "GSM-7", 2, 168),
    ("€" * 80, "GSM-7", 1, 160),
    ("€" * 81, "GSM-7", 2, 162),
    ("€" * 76, "GSM-7", 1, 152),
    ("€" * 153, "GSM-7", 3, 306),
    ("a" * 152 + "€" + "a" * 7, "GSM-7", 2, 161),
    ("a" * 152 + "€" + "a" * 6, "GSM-7", 1, 160),
    ("a" * 152 + "^{}\\[~]|€", "GSM-7", 2, 170),
    ("a" * 151 + "[" + "b" * 153, "GSM-7", 2, 306),
    ("a" * 152 + "[" + "b" * 152, "GSM-7", 3, 306),
    ("a" * 152 + "[" + "b" * 151, "GSM-7", 2, 305),
    ("a" * 153 + "|" + "b" * 152, "GSM-7", 3, 307),
    ("a" * 305 + "~", "GSM-7", 3, 307),
    ("a" * 304 + "~", "GSM-7", 2, 306),
    ("a" * 158 + "\f", "GSM-7", 1, 160),
    ("a" * 159 + "\f", "GSM-7", 2, 161),
    ("\f" * 80, "GSM-7", 1, 160),
    ("line\n" * 32, "GSM-7", 1, 160),
    ("line\r\n" * 26, "GSM-7", 1, 156),
    ("line\r\n" * 27, "GSM-7", 2, 162),
    ("\n" * 160, "GSM-7", 1, 160),
    ("\r" * 161, "GSM-7", 2, 161),
    ("tab\tbed", "UCS-2", 1, 7),
    ("6\u00a0pm", "UCS-2", 1, 4),
    ("\u00a0" * 70, "UCS-2", 1, 70),
    ("\u00a0" * 71, "UCS-2", 2, 71),
    ("“Help”", "UCS-2", 1, 6),
    ("don’t" + "a" * 65, "UCS-2", 1, 70),
    ("don’t" + "a" * 66, "UCS-2", 2, 71),
    ("it`s", "UCS-2", 1, 4),
    ("wait…", "UCS-2", 1, 5),
    ("6–8pm", "UCS-2", 1, 5),
    ("•" * 71, "UCS-2", 2, 71),
    ("\u200b", "UCS-2", 1, 1),
    ("a" * 69 + "\u2028", "UCS-2", 1, 70),
    ("\x1b", "UCS-2", 1, 1),
    ("\x00", "UCS-2", 1, 1),
    ("ç" * 71, "UCS-2", 2, 71),
    ("á" * 134, "UCS-2", 2, 134),
    ("á" * 135, "UCS-2", 3, 135),
    ("Wrocław: czy możesz dziś pomóc? Odpisz 27 TAK.", "UCS-2", 1, 46),
    ("ł" * 70, "UCS-2", 1, 70),
    ("ł" * 71, "UCS-2", 2, 71),
    ("Dŵr, tŷ a môr", "UCS-2", 1, 13),
    ("ŵ" * 134, "UCS-2", 2, 134),
    ("ŵ" * 135, "UCS-2", 3, 135),
    ("આજે રાત્રે મદદ કરશો?", "UCS-2", 1, 20),
    ("ક્ષિ" * 18, "UCS-2", 2, 72),
    ("ક્ષિ" * 34, "UCS-2", 3, 136),
    ("પ્રશ્ન" * 23, "UCS-2", 3, 138),
    ("ਪੰਜਾਬੀ" * 12, "UCS-2", 2, 72),
    ("ਪੰ" * 68, "UCS-2", 3, 136),
    ("کیا آپ آج رات مدد کر سکتے ہیں؟", "UCS-2", 1, 30),
    ("ن\u064e" * 68, "UCS-2", 3, 136),
    ("हिन्दी में" * 14, "UCS-2", 3, 140),
    ("বাংলা" * 27, "UCS-2", 3, 135),
    ("e\u0301" * 35, "UCS-2", 1, 70),
    ("e\u0301" * 36, "UCS-2", 2, 72),
    ("w\u0302" * 68, "UCS-2", 3, 136),
    ("👍" * 35, "UCS-2", 1, 70),
    ("👍" * 36, "UCS-2", 2, 72),
    ("👍" * 67, "UCS-2", 3, 134),
    ("a" * 66 + "👍" + "a" * 10, "UCS-2", 2, 78),
    ("a" * 65 + "👍" + "a" * 10, "UCS-2", 2, 77),
    ("👍🏽" * 18, "UCS-2", 2, 72),
    ("👍🏽" * 34, "UCS-2", 3, 136),
    ("🙋🏿" * 17, "UCS-2", 1, 68),
    ("🙋🏿" * 35, "UCS-2", 3, 140),
    ("👨\u200d👩\u200d👧\u200d👦" * 6, "UCS-2", 1, 66),
    ("👨\u200d👩\u200d👧\u200d👦" * 7, "UCS-2", 2, 77),
    ("👨\u200d👩\u200d👧\u200d👦" * 13, "UCS-2", 3, 143),
    ("👩\u200d🚒" * 28, "UCS-2", 3, 140),
    ("🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f" * 5, "UCS-2", 1, 70),
    ("🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f" * 6, "UCS-2", 2, 84),
    ("🇬🇧" * 17, "UCS-2", 1, 68),
    ("🇬🇧" * 18, "UCS-2", 2, 72),
    ("🇬🇧" * 34, "UCS-2", 3, 136),
    ("🇬" * 35, "UCS-2", 1, 70),
    ("❤\ufe0f" * 35, "UCS-2", 1, 70),
    ("❤\ufe0f" * 68, "UCS-2", 3, 136),
    ("1\ufe0f\u20e3" * 24, "UCS-2", 2, 72),
    ("🧑\u200d🦰" * 14, "UCS-2", 1, 70),
    ("🐕\u200d🦺" * 30, "UCS-2", 3, 150),
    ("😀🏽" * 34, "UCS-2", 3, 136),
    ("\ud83d", "UCS-2", 1, 1),
    ("\ud83d" * 71, "UCS-2", 2, 71),
    ("€" * 66 + "👍" + "€" * 66, "UCS-2", 3, 134),
    ("[" * 67 + "ŵ" + "[" * 66, "UCS-2", 2, 134),
    ("Ａ" * 71, "UCS-2", 2, 71),
    ("中" * 134, "UCS-2", 2, 134),
    ("中" * 135, "UCS-2", 3, 135),
    ("½ hour × 2 → 1 hour", "UCS-2", 1, 19),
    ("a" * 1600, "GSM-7", 11, 1600),
    ("ŵ" * 1600, "UCS-2", 24, 1600),
    ("€" * 800, "GSM-7", 11, 1600),
]


@pytest.mark.parametrize(("text", "encoding", "segments", "units"), AS_BILLED)
def test_a_text_is_counted_as_it_is_billed(text, encoding, segments, units):
    found = count(text)
    assert (found.encoding, found.segments, found.units) == (encoding, segments, units)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", []),
        ("ab", [1, 1]),
        ("e\u0301a", [2, 1]),
        ("ક્ષિ", [2, 2]),
        ("👍👍", [2, 2]),
        ("👍🏽👍", [4, 2]),
        ("a🏽", [1, 2]),
        ("👨\u200d👩\u200d👧", [8]),
        ("👨\u200da", [3, 1]),
        ("🇬🇧🇫🇷", [4, 4]),
        ("🇬🇧🇫", [4, 2]),
        ("🇬a🇧", [2, 1, 2]),
        ("❤\ufe0f", [2]),
        ("\n\u0301", [1, 1]),
        ("a\n", [1, 1]),
    ],
)
def test_what_a_reader_sees_as_one_character_is_one(text, units):
    assert list(cluster_units(text)) == units


@given(st.text(max_size=300))
def test_the_clusters_hold_every_unit_of_the_text(text):
    assert sum(cluster_units(text)) == len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_a_letter_buried_under_signs_is_split_as_it_must_be():
    assert count("z" + "\u0336" * 133).segments == 2
    assert count("z" + "\u0336" * 134).segments == 3
