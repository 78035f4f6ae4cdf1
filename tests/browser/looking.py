"""What a page must never show, at whatever width: what shuts somebody out, what is cut off, what was left untranslated."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from dashboard.language import catalogue
from ocop.phrase import CONTEXT

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
GRAVE = frozenset({"serious", "critical"})
ENGLISH = re.compile(
    r"\b(the|and|with|from|please|error|errors|submit|save|cancel|delete|search|password|username|sign in|sign out|loading|page|"
    r"dossier|dossiers|deadline|stage|letter|letters|council|cycle|district|commune|province|producer|certificate|reminder|"
    r"breach|overdue|open|closed|none|null|true|false|undefined|nan|unknown|required|optional|upload|download|file|next|previous|"
    r"today|days|hours|status|failed|success|warning|draft|pending|running|completed|settings|user|users|admin|email|online|offline)\b",
    re.IGNORECASE,
)
KEY = re.compile(r"\b[a-z]+_[a-z_]+\b")
ALLOWED = re.compile(r'\bPrefect\b|\[\[\w+\]\]|\w+ = "[^"]*"|\b\w+\.toml\b')
"""Names, those of files too, and settings as they are written in a plan's file, which the reader of a finding is to write."""

WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= window.innerWidth) return [];
  const held = (found) => {
    for (let up = found.parentElement; up && up !== document.body; up = up.parentElement)
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((found) => found.getBoundingClientRect().right > wide + 1 && !held(found))
    .slice(0, 3).map((found) => found.outerHTML.slice(0, 160)).concat(`${document.documentElement.scrollWidth} > ${wide}`);
}"""
"""What reaches beyond the screen and is in no box that scrolls by itself."""

CUT = """() => {
  const found = [];
  for (const box of document.querySelectorAll("button, .btn, th, td, dt, dd, h1, h2, h3, label, summary, .badge, a, p")) {
    const style = getComputedStyle(box);
    if (!box.offsetParent || box.matches(".visually-hidden, .skip") || style.overflowX === "visible" || style.display === "inline") continue;
    if (["auto", "scroll"].includes(style.overflowX) || (style.textOverflow === "ellipsis" && box.title)) continue;
    if (box.scrollWidth > box.clientWidth + 1) found.push(box.outerHTML.slice(0, 160));
  }
  for (const box of document.querySelectorAll(".btn"))
    if (box.offsetParent && box.scrollWidth > box.clientWidth + 1) found.push(`over its edge: ${box.outerHTML.slice(0, 160)}`);
  return found.slice(0, 5);
}"""
"""Words that are cut off by their own box, and those of a button that stand over its edge."""

SEEN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const words = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (node.textContent.trim() && !holder.closest("code, pre, kbd, samp, script, style, [lang=en]:not(html), [translate=no]"))
      words.push(node.textContent.trim());
  }
  for (const box of document.querySelectorAll("[placeholder], [title], [aria-label], option"))
    words.push(box.getAttribute("placeholder") || box.getAttribute("title") || box.getAttribute("aria-label") || box.text || "");
  words.push(document.title);
  return words;
}"""
"""All words of a page, also those that only a screen reader says, but what is typed in code."""


@lru_cache(maxsize=1)
def axe() -> str:
    """Return the program that looks at accessibility."""
    return AXE.read_text(encoding="utf-8")


def shut_out(page: Page) -> list[str]:
    """Return axe's serious and critical findings, each with the first places.

    It does not read the sheets: only its rule on turned screens would, which is not among those that are looked at, and for a
    sheet within another it writes style into the page.
    """
    page.evaluate(axe())
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations'], iframes: false, preload: {assets: ['media']}}))"
        ".violations"
    )
    return [
        f"axe {one['id']} ({one['impact']}): {one['help']}: "
        + " | ".join(
            f"{node['target'][0]} {node['html'][:120]} {node['failureSummary'][:260]}" for node in one["nodes"][:2]
        )
        for one in found
        if one["impact"] in GRAVE
    ]


def cut_off(page: Page) -> list[str]:
    """Return what is wider than the screen, and words that their own box cuts."""
    return [f"too wide: {said}" for said in page.evaluate(WIDER)] + [f"cut: {said}" for said in page.evaluate(CUT)]


@lru_cache(maxsize=1)
def own_words() -> re.Pattern[str]:
    """Return what finds a message of ours in Vietnamese: the whole of a short one with its numbers, the longest piece of a sentence."""
    whole, pieces = set(), set()
    for message in catalogue():
        plain = re.sub(r"<[^>]*>", "\n", message.rpartition(CONTEXT)[2].replace("%%", "%")).strip()
        parts = re.split(r"%\([^)]*\)s|\n", plain)
        piece = max(parts, key=len).strip(" .,:;“”()")
        if len(piece.split()) >= 7:
            pieces.add(re.escape(piece))
        elif re.search(r"[^\x00-\x7f]", plain):
            whole.add(r"\d{1,4}".join(map(re.escape, parts)))
    return re.compile(
        f"^(?:{'|'.join(sorted(whole, key=len, reverse=True))})$|{'|'.join(sorted(pieces, key=len, reverse=True))}"
    )


def left_in_vietnamese(page: Page, names: Iterable[str]) -> list[str]:
    """Return words of ours that an English page says in Vietnamese; names, what people wrote and the words of a law stay."""
    named = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    return [
        f"Vietnamese '{found[0]}' in: {said[:160]}"
        for said in page.evaluate(SEEN)
        if (found := own_words().search(named.sub("", said).strip()))
    ]


def untranslated(page: Page) -> list[str]:
    """Return English words and keys of the code among the page's words."""
    found = []
    for said in page.evaluate(SEEN):
        words = ALLOWED.sub("", re.sub(r"\S+@\S+|https?://\S+|/\S*", "", said))
        if wrong := ENGLISH.search(words) or KEY.search(words):
            found.append(f"English '{wrong[0]}' in: {said[:120]}")
    return found
