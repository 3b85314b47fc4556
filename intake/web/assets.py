"""Style sheets, scripts and images under names with a hash of their content, so that browsers keep them for a year.

At start `static/css` is joined into one sheet (and one more for staff), each script of `static/js` with what it
imports into one module. The answers come before Flask: no session, no log, no cookie.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHEETS = {
    "app.css": ("tokens", "base", "forms", "components", "lists", "patient", "public", "print"),
    "staff.css": ("provider", "desk", "board", "protocols"),
}
"""The joined sheets and their parts in order; a later part may answer an earlier one. Staff pages load both."""
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
A_YEAR = "public, max-age=31536000, immutable"
_IMPORT = re.compile(r'^import\s[^;]*?from\s+"\./([\w-]+)\.js";\n', re.MULTILINE)
_COMMENT_OR_INDENT = re.compile(r"^ *//.*\n|^ +", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:function|const|let|class)\b)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: its address, its kind, its bytes plain and packed."""

    url: str
    kind: str
    plain: bytes
    packed: bytes


def init_app(app: Flask) -> None:
    """Build all assets of the app's static folder, serve them, and give templates `asset_url`."""
    assets = build(Path(app.static_folder or ""))
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset_url"] = asset_url
    app.wsgi_app = serve_first({asset.url: asset for asset in assets.values()}, app.wsgi_app)  # type: ignore[method-assign, assignment]


def asset_url(name: str) -> str:
    """The address of `app.css`, `js/board.js` or `img/favicon.svg`; raises `KeyError` for a name that is none."""
    assets: dict[str, Asset] = current_app.extensions["assets"]
    return assets[name].url


def build(folder: Path) -> dict[str, Asset]:
    """Every asset of a static folder by its plain name."""
    files = {name: joined_sheet(folder / "css", parts).encode() for name, parts in SHEETS.items()}
    for script in sorted((folder / "js").glob("*.js")):
        files[f"js/{script.name}"] = joined_module(script).encode()
    for image in sorted((folder / "img").iterdir()):
        files[f"img/{image.name}"] = image.read_bytes()
    return {name: make_asset(name, content) for name, content in files.items()}


def make_asset(name: str, content: bytes) -> Asset:
    """Name the content by its hash and pack it once."""
    stem, _, ending = name.rpartition(".")
    digest = sha256(content).hexdigest()[:12]
    return Asset(f"/static/{stem}.{digest}.{ending}", KINDS[f".{ending}"], content, gzip.compress(content, 9, mtime=0))


def joined_sheet(folder: Path, parts: Iterable[str]) -> str:
    """The parts in their order, without comments and needless space."""
    text = "\n".join((folder / f"{part}.css").read_text() for part in parts)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(" > ", ">").replace(";}", "}").strip()


def joined_module(entry: Path) -> str:
    """A script after everything it imports, each once: one module without imports.

    Our scripts import by `import { a, b } from "./name.js";` only, names at their top level are unique among them,
    and no text of theirs spans lines.
    """
    parts = [module.read_text() for module in _in_order(entry, [])]
    return "".join(_COMMENT_OR_INDENT.sub("", _EXPORT.sub("", _IMPORT.sub("", part))) for part in parts)


def _in_order(module: Path, seen: list[Path]) -> list[Path]:
    """The module behind its imports, depth first."""
    if module not in seen:
        for name in _IMPORT.findall(module.read_text()):
            _in_order(module.with_name(f"{name}.js"), seen)
        if module not in seen:
            seen.append(module)
    return seen


def serve_first(assets: dict[str, Asset], inner: WSGIApplication) -> WSGIApplication:
    """Answer the assets' addresses; hand everything else on."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asset = assets.get(environ.get("PATH_INFO", ""))
        wanted: Callable[..., Iterable[bytes]] = inner
        if asset is not None and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            wanted = answer(asset, Request(environ))
        return wanted(environ, start_response)

    return application


def answer(asset: Asset, request: Request) -> Response:
    """The asset, packed where the browser takes that; 304 where it has it already."""
    packed = request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if packed else asset.plain, content_type=asset.kind)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = A_YEAR
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(asset.url)
    return response.make_conditional(request)
