"""Editing a protocol: the form, then what a change would do, then its next version. The second of two is asked."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.protocols import warn_span_days
from intake.domain.scheduling.recipes import LABELS, check_recipe, warnings_of
from intake.manage import bp
from intake.manage.protocol_forms import ProtocolForm, form_for
from intake.manage.protocol_presenter import (
    present_changes,
    present_effects,
    present_form,
    present_orders,
    present_rival,
)
from intake.queries import protocols as reads
from intake.queries.protocols import Protocol
from intake.services import protocols as acts
from intake.services.protocols import ChangedMeanwhile, ProtocolEdit
from intake.web.access import needs, now
from intake.web.sites import current_site


@bp.route("/protocols/<uuid:protocol_id>/edit", methods=["GET", "POST"])
@needs(Permission.MANAGE_CLINIC)
def edit_protocol(protocol_id: UUID) -> ResponseReturnValue:
    """The newest version as a form. Sending it shows what it would do; only what was shown can be saved."""
    row = reads.protocol(protocol_id)
    newest = reads.newest_of(row.name) or row
    if request.method == "GET":
        form = form_for(newest.rules)
        form.show(newest.id, newest.rules)
        return _page(form, newest)
    base = _version_of(request.form.get("base"), row.name)
    form = form_for(base.rules)
    if not form.validate() or request.form.get("step") == "edit":
        return _page(form, base)
    return _sent(form, base, newest)


def _sent(form: ProtocolForm, base: Protocol, newest: Protocol) -> ResponseReturnValue:
    """Save what was shown before, else show what it would do."""
    seen, rival = _version_of(form.seen.data, base.name), False
    try:
        edit = form.to_edit(base.id, seen.id, base.rules)
        check_recipe(edit.rules)
        for key in acts.missing_sources(edit):
            form.blame(DomainError(f"{LABELS[key]}: enter where the new value comes from.", field=f"source_{key}"))
        if form.errors:
            return _page(form, base)
        if request.form.get("step") == "save" and form.reviewed.data == _digest(edit):
            saved = acts.save(edit, actor_id=current_user.id, now=now())
            flash("Saved. Orders signed from now on use this version.", "success")
            return redirect(url_for("manage.protocol", protocol_id=saved))
    except ChangedMeanwhile as error:
        newest, rival = reads.protocol(error.newest), True
    except DomainError as error:
        form.blame(error)
        return _page(form, base)
    return _review(form, base, newest, rival=rival or newest.id != seen.id)


def _review(form: ProtocolForm, base: Protocol, newest: Protocol, *, rival: bool) -> ResponseReturnValue:
    """What the change would do, before it is saved; with it what somebody else saved meanwhile."""
    form.seen.data = str(newest.id)
    name, base_id, version = newest.name, base.id, newest.version
    zone = current_site().timezone
    try:
        edit = form.to_edit(base_id, newest.id, base.rules)
        changes = present_changes(newest, edit)
        theirs = present_rival(reads.versions_of(name, now().date())[0], base, zone) if rival else None
        orders = present_orders(reads.open_orders_of(name, now().date()), zone)
        effects = present_effects(acts.preview(edit, now=now()))
    except DomainError as error:
        form.blame(error)
        return _page(form, reads.protocol(base_id))
    form.reviewed.data = _digest(edit)
    return render_template(
        "manage/protocol_review.html",
        form=form,
        name=name,
        next_version=version + 1,
        changes=changes,
        warnings=warnings_of(edit.rules, warn_span_days=warn_span_days()),
        effects=effects,
        orders=orders,
        rival=theirs,
        back_url=url_for("manage.protocol", protocol_id=newest.id),
    )


def _page(form: ProtocolForm, row: Protocol) -> ResponseReturnValue:
    page = render_template("manage/protocol_edit.html", form=form, row=row, groups=present_form(form, row))
    return page, (422 if form.errors else 200)


def _version_of(text: str | None, name: str) -> Protocol:
    """The version that a form names; 400 for what no page of ours has made."""
    try:
        row = reads.protocol(UUID(text or ""))
    except ValueError:
        abort(400)
    if row.name != name:
        abort(400)
    return row


def _digest(edit: ProtocolEdit) -> str:
    """What a review has shown, in short: only that can be saved."""
    shown = json.dumps([edit.rules, edit.sources, str(edit.seen)], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
