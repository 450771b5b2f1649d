"""The catalogues of the other languages: `update` from the source, `compile` for the app.

A catalogue is app/translations/<language>/LC_MESSAGES/messages.po. `update` finds every
marked sentence (babel.cfg says where), adds the new ones empty, and takes away those that
nobody says any more; it never guesses a translation from a similar sentence. `compile`
makes the .mo files that the app reads, which are not committed.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "app" / "translations"
LANGUAGES = ("pl", "gu", "pa", "ur")
# The functions whose sentences are found, and which of their arguments are sentences.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "N_": None,
    "NN_": (1, 2),
}
HEADER = """\
# Many Hands in another language.
# Not yet checked by a native reader: see the page /languages for how to help.
#"""


def path_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """The catalogue of a language; an empty one where there is none yet."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def extracted() -> Catalog:
    """Every marked sentence of the source, with the files that say it."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog(charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(
        ROOT, methods, options, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        # Without its line, so that a catalogue changes only when a sentence does.
        found.add(message, None, [(name, None)], auto_comments=comments, context=context)
    return found


def update() -> None:
    """Bring each catalogue to what the source says; prints how much is translated."""
    template = extracted()
    for language in LANGUAGES:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        write(language, catalogue)
        done = sum(1 for message in catalogue if message.id and is_translated(message.string))
        print(f"{language}: {done} of {len(catalogue)} sentences are translated")


def is_translated(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def write(language: str, catalogue: Catalog) -> None:
    """Keep a catalogue in its usual form, sorted by the file that says each sentence."""
    catalogue.fuzzy = False
    catalogue.header_comment = HEADER
    catalogue.project, catalogue.version = "Many Hands", ""
    for message in catalogue:
        message.locations.sort()  # the same order, whether they were found or read
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with io.BytesIO() as text:
        write_po(text, catalogue, width=100, sort_by_file=True, include_lineno=False)
        path.write_bytes(_without_dates(text.getvalue()))


def _without_dates(text: bytes) -> bytes:
    """The header's moments say nothing that the history does not, and collide in merges."""
    dated = (b'"POT-Creation-Date:', b'"PO-Revision-Date:', b'"Generated-By:')
    return b"".join(line for line in text.splitlines(True) if not line.startswith(dated))


def compile_all() -> None:
    """Make the .mo of each catalogue, unless it is there and newer."""
    for language in LANGUAGES:
        source = path_of(language)
        target = source.with_suffix(".mo")
        if not source.exists():
            continue
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with io.BytesIO() as binary:
            write_mo(binary, read(language))
            # Whole or not at all: several test processes may do this at once.
            half = target.with_suffix(f".{os.getpid()}.tmp")
            half.write_bytes(binary.getvalue())
            half.replace(target)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["update"]:
            update()
            compile_all()
        case ["compile"]:
            compile_all()
        case _:
            print("Say `update` or `compile`.", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
