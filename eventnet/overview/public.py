"""The start page: what this is, and where this browser takes part."""

from __future__ import annotations

from flask import Blueprint, render_template

from eventnet.accounts import access
from eventnet.overview import home

bp = Blueprint("home", __name__)


@bp.get("/")
def start() -> str:
    browser = access.current_browser()
    places = home.places_of(browser.id) if browser is not None else []
    return render_template("overview/home.html", places=places, organizer=access.current_organizer())
