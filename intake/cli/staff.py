"""`flask staff …`: the first people of a clinic, before there is anybody to invite them."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app, url_for
from flask.cli import AppGroup

from intake.cli.errors import with_keys
from intake.domain.errors import DomainError
from intake.domain.roles import STAFF, Role
from intake.services import invitations

ROLES = sorted(role.value for role in STAFF)
group = AppGroup("staff", help="People who work at the clinic.")


@group.command("invite")
@click.argument("email")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--name", default="", help="The person's name; else the part of the address before the @.")
@click.option("--reset-factor", is_flag=True, help="End a lost authenticator, its recovery codes and all sessions.")
@with_keys
def invite(email: str, roles: tuple[str, ...], name: str, reset_factor: bool) -> None:
    """Print a link with which EMAIL sets up an account: once, within seven days.

    --role may be left out for somebody who has one already. Before --reset-factor make sure who is asking: with the
    link and the new authenticator anybody is that person.
    """
    wanted, address = [Role(role) for role in roles], checked_address(email)
    try:
        token = invitations.invite(
            address, name=name, roles=wanted, actor_id=None, now=datetime.now(UTC), resets_factor=reset_factor
        )
    except DomainError as error:
        raise click.ClickException(error.message) from error
    with current_app.test_request_context():
        path = url_for("account.invitation", token=token)
    click.echo(current_app.config["INTAKE"].base_url + path)


def checked_address(text: str) -> str:
    """The address in lower case; raises `ClickException` for what is none."""

    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise click.ClickException(f"{text!r} is not an e-mail address") from error
