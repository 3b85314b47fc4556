"""Reads a page as a person would meet it, and what every page must keep. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNLABELLED = frozenset({"hidden", "submit", "button", "image", "reset"})
DATA_SCRIPTS = frozenset({"application/json", "application/ld+json"})  # data, never run
Attributes = dict[str, str]


@dataclass
class Field:
    """An input, select or textarea."""

    tag: str
    attributes: Attributes
    wrapped: bool
    form: int | None

    @property
    def name(self) -> str:
        """Its name, or its id where it has none."""
        return self.attributes.get("name") or self.attributes.get("id") or "without a name"


@dataclass
class Page:
    """What an answer holds. `text` is the visible text on one line; `errors` the links of the error summary."""

    status: int
    body: str
    location: str
    headers: dict[str, str]
    is_html: bool = False
    is_whole: bool = False
    title: str = ""
    language: str = ""
    text: str = ""
    h1: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    fields: list[Field] = field(default_factory=list)
    forms: list[Attributes] = field(default_factory=list)
    refers: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, response: TestResponse) -> Page:
        """Read an answer; one that is not HTML keeps its body only."""
        kind = response.mimetype or ""
        is_html = kind == "text/html"
        body = response.get_data(as_text=True) if kind.startswith("text/") else ""
        page = cls(response.status_code, body, response.headers.get("Location", ""), dict(response.headers), is_html)
        if is_html:
            page.is_whole = "<html" in body.lower()
            _Reader(page).feed(body)
            page.text = " ".join(page.text.split())
        return page

    def value(self, name: str) -> str | None:
        """What stands in a field, as it would be sent; None when there is no such field."""
        for one in self.fields:
            if one.attributes.get("name") == name and (
                one.attributes.get("type") != "radio" or "checked" in one.attributes
            ):
                return one.attributes.get("value", "")
        return None

    def __contains__(self, words: str) -> bool:
        """Whether the words stand in the visible text."""
        return words in self.text


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[tuple[str, Attributes]] = []
        self.form: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self._note(tag, attributes)
        if tag == "form":
            self.form = len(self.page.forms)
            self.page.forms.append(attributes)
        if tag in ("input", "select", "textarea"):
            self.page.fields.append(Field(tag, attributes, self._inside("label"), self.form))
        if tag == "option" and "selected" in attributes and self.page.fields:
            self.page.fields[-1].attributes.setdefault("value", attributes.get("value", ""))
        if tag == "h1":
            self.page.h1.append("")
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if self._inside(tag):
            while self.open.pop()[0] != tag:
                continue

    def handle_data(self, data: str) -> None:
        if self._inside("title") and not self._inside("svg"):
            self.page.title += data.strip()
        elif not (self._inside("script") or self._inside("style")):
            self.page.text += data + " "
        if self._inside("h1"):
            self.page.h1[-1] += data.strip()
        if self._inside("textarea"):
            last = self.page.fields[-1].attributes
            last["value"] = last.get("value", "") + data.removeprefix("\n")
        if data.strip() and self._inside("a") and self._in_error_summary():
            self.page.errors.append(data.strip())

    def _note(self, tag: str, attributes: Attributes) -> None:
        page = self.page
        if tag == "html":
            page.language = attributes.get("lang", "")
        if "id" in attributes:
            page.ids.append(attributes["id"])
        if tag == "label" and "for" in attributes:
            page.labels.add(attributes["for"])
        if tag == "a" and "href" in attributes:
            page.links.append(attributes["href"])
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            page.refers += attributes.get(name, "").split()
        if tag == "style" or (
            tag == "script" and "src" not in attributes and attributes.get("type") not in DATA_SCRIPTS
        ):
            page.inline.append(f"<{tag}>")
        page.inline += [f"{name}= on <{tag}>" for name in attributes if name == "style" or name.startswith("on")]

    def _inside(self, tag: str) -> bool:
        return any(name == tag for name, _ in self.open)

    def _in_error_summary(self) -> bool:
        return any("error-summary" in attributes.get("class", "").split() for _, attributes in self.open)


def faults_of(page: Page) -> list[str]:
    """What a page breaks of the rules that all keep; an answer that is no whole page breaks none of the first four."""
    if not page.is_html or page.location:
        return []
    faults = _faults_of_whole(page) if page.is_whole else []
    faults += [f"field {one.name!r} has no visible label" for one in page.fields if not _is_labelled(page, one)]
    faults += [f"inline {where}: the content policy refuses it" for where in page.inline]
    faults += [f"the id {one!r} stands twice" for one in sorted({one for one in page.ids if page.ids.count(one) > 1})]
    faults += [f"form to {form.get('action', 'itself')!r} has no csrf_token" for form in _forms_without_token(page)]
    return faults


def _faults_of_whole(page: Page) -> list[str]:
    faults = [] if page.title else ["the title is empty"]
    faults += [] if page.language else ["the language is not named"]
    if len(page.h1) != 1 or not page.h1[0]:
        faults.append(f"there must be one h1, found {page.h1}")
    goals = page.refers + [link[1:] for link in page.links if link.startswith("#") and len(link) > 1]
    return faults + [f"something refers to the id {one!r}, which is not there" for one in goals if one not in page.ids]


def _is_labelled(page: Page, one: Field) -> bool:
    if one.tag == "input" and one.attributes.get("type") in UNLABELLED:
        return True
    return one.wrapped or one.attributes.get("id") in page.labels or "aria-labelledby" in one.attributes


def _forms_without_token(page: Page) -> list[Attributes]:
    having = {one.form for one in page.fields if one.attributes.get("name") == "csrf_token"}
    posting = [(number, form) for number, form in enumerate(page.forms) if form.get("method", "").lower() == "post"]
    return [form for number, form in posting if number not in having]
