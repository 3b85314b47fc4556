"""The clinic's protocols: which there are, what each says and from where, taking a shipped one into use, retiring."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from intake.domain.errors import DomainError
from intake.domain.roles import Permission
from intake.domain.scheduling.protocols import default_protocols, warn_span_days
from intake.domain.scheduling.recipes import rule_lines, warnings_of
from intake.manage import bp
from intake.manage.protocol_forms import AdoptForm
from intake.manage.protocol_presenter import present_line, present_orders, present_values, present_version
from intake.queries import protocols as reads
from intake.services import protocols as acts
from intake.web.access import needs, now
from intake.web.sites import current_site


@bp.route("/protocols", methods=["GET", "POST"])
@needs(Permission.MANAGE_CLINIC)
def protocols() -> ResponseReturnValue:
    """Every protocol in its newest version; a press takes a shipped one into use."""
    form, shipped = AdoptForm(), default_protocols()
    if form.is_submitted() and form.key.data not in {one.key for one in shipped}:
        abort(400)  # a page of ours sends the key of a shipped one
    if form.validate_on_submit():
        try:
            made = acts.adopt(form.key.data or "", form.name.data, actor_id=current_user.id, now=now())
        except DomainError as error:
            form.blame(error)
        else:
            flash("The protocol is in use. Providers can order by it from now on.", "success")
            return redirect(url_for("manage.protocol", protocol_id=made))
    found = reads.newest_versions(now().date())
    used = {one.row.name for one in found}
    page = render_template(
        "manage/protocols.html",
        form=form,
        protocols=[present_line(one) for one in found],
        shipped=[{"key": one.key, "name": one.name, "is_used": one.name in used} for one in shipped],
    )
    return page, (422 if form.errors else 200)


@bp.get("/protocols/<uuid:protocol_id>")
@needs(Permission.MANAGE_CLINIC)
def protocol(protocol_id: UUID) -> ResponseReturnValue:
    """One version: each value with its source, who signed it, and the history."""
    row = reads.protocol(protocol_id)
    versions, zone = reads.versions_of(row.name, now().date()), current_site().timezone
    shown = next(one for one in versions if one.row.id == row.id)
    return render_template(
        "manage/protocol.html",
        row=row,
        newest=versions[0].row,
        version=present_version(shown, zone),
        values=present_values(row),
        warnings=warnings_of(row.rules, warn_span_days=warn_span_days()),
        miss_lines=rule_lines(row.rules),
        versions=[present_version(one, zone) for one in versions],
    )


@bp.route("/protocols/<uuid:protocol_id>/retire", methods=["GET", "POST"])
@needs(Permission.MANAGE_CLINIC)
def retire_protocol(protocol_id: UUID) -> ResponseReturnValue:
    """Ask once, with the orders that hold to it, then take it out of use for new orders."""
    row, form = reads.protocol(protocol_id), AdoptForm()
    if form.is_submitted():
        acts.retire(protocol_id, actor_id=current_user.id, now=now())
        flash("The protocol is retired. Orders in force keep theirs.", "success")
        return redirect(url_for("manage.protocols"))
    orders = reads.open_orders_of(row.name, now().date())
    shown = present_orders(orders, current_site().timezone)
    return render_template("manage/protocol_retire.html", row=row, orders=shown)
