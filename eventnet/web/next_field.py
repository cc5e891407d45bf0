"""The hidden field that says where to go after a form: a page of this site, whatever was sent."""

from __future__ import annotations

from wtforms import HiddenField

from eventnet.web.destinations import safe_next


class NextField(HiddenField):
    """Holds a path of this host or nothing, so that neither a redirect nor a page shown again leads elsewhere."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = safe_next(valuelist[0] if valuelist else None, "")
