"""A4 pages for paper, and pictures: a typst template and plain data become a PDF or a PNG.

What people wrote reaches the template as JSON, never as its source: nothing
in it is taken for markup. See docs/decisions/0008.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst

log = logging.getLogger(__name__)

# That it can be read aloud, with headings and tables told as such: ISO 14289-1.
READABLE: Final = "ua-1"
# How typst says that no font on this machine has a letter; the standard asks that all be shown.
_NO_FONT: Final = "could not be displayed with font"


# Our own type, unpacked by scripts/build_assets.py; typst's own stands in where it is missing.
FONTS: Final = Path(__file__).parent.parent / "static" / "print"


def pdf(
    template: Path, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF that the template makes of the data, tagged so that it can be read aloud.

    The template finds the data by `json(bytes(sys.inputs.data))`, and each of the pictures
    as a file of its name beside itself; a name must be a plain one, without a folder.
    Letters that no font on the machine has are printed as boxes, which the log tells: a
    name must never be what keeps a person from their paper. Raises what typst
    raises for a template with a fault: that is ours, never the data's.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    with TemporaryDirectory(prefix="many-hands-print-") as folder:
        source = Path(folder) / "main.typ"
        source.write_bytes(template.read_bytes())
        for name, content in (pictures or {}).items():
            if Path(name).name != name:
                raise ValueError("A picture's name may not lead out of its folder.")
            (Path(folder) / name).write_bytes(content)
        made: bytes
        fonts = [FONTS] if FONTS.is_dir() else []
        try:
            made = typst.compile(
                source,
                root=Path(folder),
                font_paths=fonts,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=[READABLE],
            )
        except typst.TypstError as fault:
            if _NO_FONT not in str(fault):
                raise
            log.warning("letters of a PDF have no font here; install fonts-noto-core")
            made = typst.compile(
                source, root=Path(folder), font_paths=fonts, format="pdf", sys_inputs=inputs
            )
    return made


def png(template: Path, data: Mapping[str, Any], pixels_per_inch: float) -> bytes:
    """The template's only page as a PNG; a point of the template is a 72nd of an inch."""
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    made: bytes = typst.compile(
        template.read_bytes(), format="png", ppi=pixels_per_inch, sys_inputs=inputs
    )
    return made
