"""Intake: the web app of an IV-ketamine clinic. `create_app` puts it together."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import intake.models
from config import Config
from intake.extensions import babel, csrf, db, login_manager, migrate, prepare_engine, ring
from intake.keyring import KeysMissing, write_new_keys


def create_app(config: Config | None = None) -> Flask:
    """Build the application. Never stops for missing keys: see `intake.start`."""
    config = config or Config.from_environment()
    instance = str(config.instance.resolve())
    app = Flask("intake", template_folder="../templates", static_folder="../static", instance_path=instance)
    load_settings(app, config)
    load_keys(app, config)
    bind_extensions(app)
    register_web(app, config)
    register_areas(app, config)
    register_commands(app)
    return app


def load_settings(app: Flask, config: Config) -> None:
    """Turn the configuration into Flask's settings."""
    app.config.update(
        INTAKE=config,
        INTAKE_MODE=config.mode,
        TESTING=config.mode == "testing",
        SQLALCHEMY_DATABASE_URI=config.database,
        SESSION_COOKIE_NAME="__Host-intake" if config.is_secure else "intake",
        SESSION_COOKIE_SECURE=config.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
        TRUSTED_HOSTS=trusted_hosts(config),
        PREFERRED_URL_SCHEME="https" if config.is_secure else "http",
        BABEL_DEFAULT_LOCALE="en",
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def trusted_hosts(config: Config) -> list[str] | None:
    """The host names that the site answers to in production; development and tests answer to any."""
    if config.mode != "production":
        return None
    return [urlsplit(config.base_url).netloc, *config.trusted_hosts]


def load_keys(app: Flask, config: Config) -> None:
    """Load the key ring; development and tests make their own. Cookies get a throw-away key without one."""
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if config.mode != "production" and not config.keys.exists():
        try:
            write_new_keys(config.keys)
        except FileExistsError:  # another process of the same start was first
            app.logger.debug("keys_made_elsewhere")
    try:
        ring.load(config.keys)
    except KeysMissing:
        app.logger.debug("keys_missing")
    app.secret_key = ring.cookie_key or secrets.token_bytes(32)


def bind_extensions(app: Flask) -> None:
    """Bind the database and the rest. Before CSRF stand the nonce of its error page and the limit of what it reads."""
    from intake.web import limits, security_headers

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory="migrations", render_as_batch=True)
    security_headers.init_app(app)
    limits.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    babel.init_app(app)


def register_web(app: Flask, config: Config) -> None:
    """What every page shares: log-in look-up, logs, errors, assets, filters, health."""
    from intake.web import access, assets, errors, filters, forms, health, logs, translations

    if config.proxies:
        n = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    for part in (logs, errors, forms, assets, filters, translations, health, access):
        part.init_app(app)


def register_areas(app: Flask, config: Config) -> None:
    """One blueprint an audience; development pages only in development."""
    from intake import account, desk, manage, patient, provider, public

    for area in (public, account, patient, desk, provider, manage):
        app.register_blueprint(area.bp)
    if config.mode == "development":
        from intake import dev

        app.register_blueprint(dev.bp)


def register_commands(app: Flask) -> None:
    """Add the `flask …` commands."""
    from intake import commands

    commands.init_app(app)


__all__ = ["create_app", "intake"]
