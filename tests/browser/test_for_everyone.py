"""Other eyes and hands: dark, forced colours, less motion, big text, right to left, keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.axe import faults_of
from tests.browser.conftest import NewContext, sign_in

VOLUNTEER, MANAGER = "volunteer@example.org", "foodbank@example.org"
COORDINATOR, ADMINISTRATOR = "coordinator@example.org", "administrator@example.org"
# Who opens it, and its address; "rota" is the manager's own.
MAIN = [
    ("", "/"),
    ("", "/opportunities"),
    (VOLUNTEER, "/"),
    (MANAGER, "rota"),
    (COORDINATOR, "/"),
]
MAIN_AND_STYLE = [*MAIN, (ADMINISTRATOR, "/style")]

# Elements that a Tab reaches, in the order in which they stand in the document.
REACHABLE = """
() => [...document.querySelectorAll(
  "a[href], button, input, select, textarea, summary, [tabindex]")].filter(one =>
  one.tabIndex >= 0 && !one.disabled && one.type !== "hidden" && one.checkVisibility({
    visibilityProperty: true, contentVisibilityAuto: false }) && !one.closest("[inert]"))
"""
FOCUSED = f"""
() => {{
  const all = ({REACHABLE})();
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const label = one.labels?.[0] && getComputedStyle(one.labels[0], "::before");
  const drawn = (s) => s && ((s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1)
    || s.boxShadow !== "none");
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {{
    place: all.indexOf(one),
    radio: one.type === "radio",
    what: one === document.body ? "the page" : one.outerHTML.slice(0, 120),
    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    drawn: Boolean(drawn(style) || drawn(label)),
    covered: Boolean(at) && !one.contains(at) && !at.contains(one)
      && ![...(one.labels ?? [])].some(label => label.contains(at)),
  }};
}}
"""


def _open(new_context: NewContext, who: str, path: str, **options: object) -> Page:
    page = new_context(**options).new_page()
    if who:
        sign_in(page, who)
    if path == "rota":
        page.goto("/my/opportunities")
        path = re.sub(r".*(/groups/\d+).*", r"\1/rota", page.url)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    return page


@pytest.mark.parametrize(("who", "path"), MAIN_AND_STYLE)
def test_dark_colours_have_their_contrast(who: str, path: str, new_context: NewContext) -> None:
    page = _open(new_context, who, path, color_scheme="dark")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    shades = [int(shade) for shade in re.findall(r"\d+", ground)[:3]]
    assert max(shades) < 80, f"the page is not dark: {ground}"
    assert not faults_of(page, ["color-contrast"])


@pytest.mark.parametrize(("who", "path"), MAIN_AND_STYLE)
def test_own_colours_hide_nothing(who: str, path: str, new_context: NewContext) -> None:
    """With the system's few colours, each button keeps an edge and each picture its lines."""
    page = _open(new_context, who, path, forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    bare = page.evaluate("""
      () => [...document.querySelectorAll("main button, main .govuk-button")].filter(one =>
        one.checkVisibility() && getComputedStyle(one).borderStyle === "none"
        && !getComputedStyle(one).textDecorationLine.includes("underline")
        && getComputedStyle(one).backgroundColor
          === getComputedStyle(document.body).backgroundColor
      ).map(one => one.outerHTML.slice(0, 120))
    """)
    assert not bare, "\n".join(bare)
    assert not faults_of(page, ["color-contrast"])


@pytest.mark.parametrize(("who", "path"), MAIN_AND_STYLE)
def test_nothing_moves_for_those_who_want_less(
    who: str, path: str, new_context: NewContext
) -> None:
    page = _open(new_context, who, path, reduced_motion="reduce")
    moving = page.evaluate("""
      () => document.getAnimations()
        .filter(one => one.effect.getComputedTiming().activeDuration > 50)
        .map(one => one.animationName ?? one.transitionProperty)
    """)
    assert not moving
    slow = page.evaluate("""
      () => [...document.querySelectorAll("*")].filter(one => {
        const style = getComputedStyle(one);
        const longest = (times) => Math.max(...times.split(",").map(parseFloat));
        return (style.animationName !== "none" && longest(style.animationDuration) > 0.05)
          || longest(style.transitionDuration) > 0.05;
      }).map(one => one.outerHTML.slice(0, 120))
    """)
    assert not slow, "\n".join(slow)


@pytest.mark.parametrize(("who", "path"), MAIN)
def test_text_twice_as_big_loses_nothing(who: str, path: str, new_context: NewContext) -> None:
    page = _open(new_context, who, path)
    size = "parseFloat(getComputedStyle(document.querySelector('main')).fontSize)"
    usual = page.evaluate(size)
    # As somebody sets it in the browser, so that the page's breakpoints follow.
    sizes = {"fontSizes": {"standard": 32, "fixed": 26}}
    page.context.new_cdp_session(page).send("Page.setFontSizes", sizes)
    page.reload()
    assert page.evaluate(size) == 2 * usual
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"sticks out by {wide} px"
    cut = page.evaluate("""
      () => [...document.querySelectorAll("main *")].filter(one => {
        const style = getComputedStyle(one);
        return one.checkVisibility() && one.children.length === 0 && one.textContent.trim()
          && style.overflowX !== "visible" && !/auto|scroll/.test(style.overflowX)
          && style.position !== "absolute" && one.scrollWidth > one.clientWidth + 1;
      }).map(one => one.outerHTML.slice(0, 120))
    """)
    assert not cut, "\n".join(cut)


@pytest.mark.parametrize("path", ["/", "/opportunities", "/sign-up"])
def test_pages_in_urdu_run_from_right_to_left(path: str, new_context: NewContext) -> None:
    page = new_context(viewport={"width": 320, "height": 800}).new_page()
    page.goto("/language/ur")
    page.goto(path)
    assert page.get_attribute("html", "dir") == "rtl"
    assert page.get_attribute("html", "lang") == "ur"
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"sticks out by {wide} px"
    assert not faults_of(page)


@pytest.mark.parametrize(("who", "path"), MAIN)
def test_tab_leads_through_the_page_in_order(who: str, path: str, new_context: NewContext) -> None:
    """Each stop is seen, drawn as the one in focus, after the last; and the end is reached."""
    page = _open(new_context, who, path)
    there = page.evaluate(f"({REACHABLE})().length")
    assert there > 5
    last, faults, stops = -1, [], 0
    for _ in range(there + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["place"] < 0 or stop["place"] == last:
            break
        stops += 1
        if stop["place"] < last:
            faults.append(f"goes back: {stop['what']}")
            break
        faults += [
            f"{fault}: {stop['what']}"
            for fault, is_so in [
                ("is out of sight", not stop["inView"]),
                ("shows no focus", not stop["drawn"]),
                ("is covered", stop["inView"] and stop["covered"]),
            ]
            if is_so
        ]
        last = stop["place"]
    assert not faults, "\n".join(faults)
    assert last >= there - 2, f"stuck at {last} of {there}"
    assert stops > 5


def test_axe_finds_what_is_wrong(new_context: NewContext) -> None:
    """The checks above can fail: grey on grey, and a picture without words, are found."""
    page = new_context().new_page()
    page.goto("/accessibility")
    page.evaluate(
        "document.querySelector('main').innerHTML += "
        '\'<p id="faint">Too faint</p><img src="/icon-192.png">\';'
        "document.querySelector('#faint').style.color = '#eee'"
    )
    found = " ".join(faults_of(page))
    assert "color-contrast" in found
    assert "image-alt" in found
