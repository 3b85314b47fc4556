"""Reads the forms of a page and fills them in, as somebody does who answers every question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = frozenset(
    {"text", "email", "tel", "search", "number", "date", "time", "datetime-local", "password", "textarea"}
)


@dataclass
class Control:
    """One field of a form: what kind, what stands in it, what may be chosen."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    checked: bool = False


@dataclass
class WebForm:
    """One form: where it goes, how, and its controls in order; radios of one name are one control."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def typed(self) -> list[str]:
        """The names of the fields into which something can be typed."""
        return [name for name, one in self.controls.items() if one.kind in TYPED]

    def as_it_stands(self) -> dict[str, str | list[str]]:
        """What a browser would send if nothing was touched."""
        found: dict[str, str | list[str]] = {}
        for name, one in self.controls.items():
            if one.kind not in ("checkbox", "radio") or one.checked:
                found[name] = one.value
        return found

    def filled(self, text_for: Callable[[Control], str]) -> dict[str, str | list[str]]:
        """Everything answered: text where it is asked for, the first choice that is one, every box ticked."""
        found: dict[str, str | list[str]] = {}
        for name, one in self.controls.items():
            chosen = [option for option in one.options if option]
            if one.kind in TYPED:
                found[name] = text_for(one)
            elif one.kind == "hidden":
                found[name] = one.value
            elif chosen:
                found[name] = chosen if one.kind == "checkbox" else chosen[0]
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[WebForm] = []
        self.by_id: dict[str, WebForm] = {}
        self.inside: WebForm | None = None
        self.select: Control | None = None
        self.area: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = WebForm(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self.inside)
            self.by_id[given.get("id", "")] = self.inside
            return
        form = self.by_id.get(given.get("form", "")) if given.get("form") else self.inside
        if tag == "option" and self.select is not None:
            self._note_option(given)
        elif form is not None and "disabled" not in given:
            self._note_control(form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data

    def _note_option(self, given: dict[str, str]) -> None:
        assert self.select is not None
        value = given.get("value", "")
        if "selected" in given or not self.select.options:
            self.select.value = value
        self.select.options.append(value)

    def _note_control(self, form: WebForm, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        name = given.get("name", "")
        if kind in ("submit", "button") and tag in ("input", "button"):
            form.buttons.append((name, given.get("value", "")))
        elif name and tag in ("input", "select", "textarea"):
            control = form.controls.setdefault(name, Control(name, kind))
            self._note_value(control, tag, kind, given)

    def _note_value(self, control: Control, tag: str, kind: str, given: dict[str, str]) -> None:
        if kind in ("radio", "checkbox"):
            control.options.append(given.get("value", "on"))
            if "checked" in given:
                control.value, control.checked = given.get("value", "on"), True
        elif tag == "select":
            self.select = control
        elif tag == "textarea":
            self.area = control
        else:
            control.value = given.get("value", "")


def forms_of(html: str) -> list[WebForm]:
    """The forms of a page, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
