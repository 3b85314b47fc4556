"""Assets are joined, named by their content, small, and answered without Flask."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from config import ROOT
from intake.web import assets

STATIC = ROOT / "static"
SHEETS = sorted((STATIC / "css").glob("*.css"))
LENGTH = re.compile(r"(?<![\w.-])\d*\.?\d+(?:px|rem|pt|mm)\b")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(")


@pytest.fixture
def app() -> Flask:
    """A bare app: the real one is not needed to answer files."""
    app = Flask("bare", static_folder=str(STATIC), static_url_path="/static")
    app.secret_key = "x"
    app.before_request(lambda: session.__setitem__("seen", True))
    assets.init_app(app)
    return app


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def url_of(app: Flask, name: str) -> str:
    with app.app_context():
        return assets.asset_url(name)


def a_folder(root: Path, **files: str) -> Path:
    """A static folder with scripts by name, and every sheet that must be there, empty."""
    for folder in ("css", "js", "img"):
        (root / folder).mkdir(parents=True)
    for parts in assets.SHEETS.values():
        for part in parts:
            (root / "css" / f"{part}.css").write_text("")
    for name, text in files.items():
        (root / "js" / f"{name}.js").write_text(text)
    return root


def test_an_address_changes_with_the_content_and_only_then():
    one, same, other = (assets.make_asset("js/a.js", content) for content in (b"one", b"one", b"two"))
    assert one.url == same.url != other.url
    assert re.fullmatch(r"/static/js/a\.[0-9a-f]{12}\.js", one.url)


def test_an_unknown_name_is_refused_when_the_page_is_made(app):
    with app.app_context(), pytest.raises(KeyError):
        assets.asset_url("js/nothing.js")


def test_a_script_is_joined_behind_what_it_imports_each_once(tmp_path):
    folder = a_folder(
        tmp_path,
        base="export const BASE = 1;\n",
        left='import { BASE } from "./base.js";\n\nexport function left() {\n  return BASE;\n}\n',
        right='// why\nimport {\n  BASE,\n} from "./base.js";\n\nexport async function right() {}\n',
        page='import { left } from "./left.js";\nimport { right } from "./right.js";\n\nleft(right);\n',
    )
    joined = assets.joined_module(folder / "js" / "page.js")
    assert joined.count("const BASE") == 1
    assert joined.index("const BASE") < joined.index("function left") < joined.index("left(right);")
    assert "import" not in joined
    assert "export" not in joined
    assert "why" not in joined


def test_sheets_are_joined_in_order_without_comments(tmp_path):
    folder = a_folder(tmp_path)
    (folder / "css" / "tokens.css").write_text("/* why\n so */\n:root {\n  --a: 1px;\n}\n")
    (folder / "css" / "base.css").write_text("a > b:hover, i { margin: calc(1px + 2px) 0; }\n")
    sheet = assets.build(folder)["app.css"].plain.decode()
    assert sheet == ":root{--a:1px}a>b:hover,i{margin:calc(1px + 2px) 0}"


def test_every_sheet_has_its_place_in_the_order():
    listed = [part for parts in assets.SHEETS.values() for part in parts]
    assert sorted(listed) == [sheet.stem for sheet in SHEETS]


@pytest.mark.parametrize("script", sorted((STATIC / "js").glob("*.js")), ids=lambda script: script.stem)
def test_names_at_the_top_of_joined_scripts_are_unique(script):
    joined = assets.joined_module(script)
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", assets._COMMENT_OR_INDENT.sub("", joined))
    declared = [
        name
        for module in assets._in_order(script, [])
        for name in re.findall(
            r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", module.read_text(), re.MULTILINE
        )
    ]
    assert len(declared) == len(set(declared)), names


def test_no_script_turns_text_into_html_but_the_fragments():
    risky = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createPolicy|DOMParser|\beval\b")
    assert [script.stem for script in (STATIC / "js").glob("*.js") if risky.search(script.read_text())] == ["fragments"]


def test_sheets_and_scripts_stay_small():
    made = assets.build(STATIC)
    assert len(made["app.css"].plain) + len(made["staff.css"].plain) < 45_000
    assert len(made["app.css"].plain) < 30_000
    assert max(len(asset.plain) for name, asset in made.items() if name.startswith("js/")) < 16_000
    assert max(len(asset.plain) for name, asset in made.items() if name.startswith("img/")) < 2_000


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet.stem != "tokens"], ids=lambda sheet: sheet.stem)
def test_only_the_tokens_name_a_colour_or_a_size(sheet):
    text = re.sub(r"/\*.*?\*/|@media [^{]*|@page [^}]*\}", "", sheet.read_text(), flags=re.DOTALL)
    assert COLOUR.findall(text) == []
    assert LENGTH.findall(text) == []


def test_every_token_in_use_is_there():
    text = "".join(sheet.read_text() for sheet in SHEETS)
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) - set(re.findall(r"(--[\w-]+):", text)) == set()


def test_a_file_is_kept_for_a_year_and_carries_no_cookie(app, visitor):
    answer = visitor.get(url_of(app, "app.css"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]


def test_a_file_is_packed_only_for_those_who_take_it(app, visitor):
    url = url_of(app, "js/board.js")
    plain = visitor.get(url)
    packed = visitor.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert visitor.get(url, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data


def test_a_file_that_the_browser_has_is_not_sent_again(app, visitor):
    url = url_of(app, "img/favicon.svg")
    first = visitor.get(url)
    again = visitor.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_head_brings_no_body(app, visitor):
    answer = visitor.head(url_of(app, "app.css"))
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize("path", ["/static/app.000000000000.css", "/static/../config.py", "/static/"])
def test_any_other_address_is_not_ours(visitor, path):
    assert visitor.get(path).status_code == 404


def test_nothing_can_be_posted_to_a_file(app, visitor):
    assert visitor.post(url_of(app, "app.css")).status_code == 405
