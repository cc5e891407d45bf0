"""What gunicorn serves: gunicorn wsgi:app."""

import logging

from eventnet import create_app

# Who looked at whose page: one JSON object a line on standard error, as it is, beside the server's own lines.
views = logging.getLogger("eventnet.views")
views.setLevel(logging.INFO)
views.propagate = False
if not views.handlers:
    views.addHandler(logging.StreamHandler())

app = create_app()
