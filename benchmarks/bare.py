"""The least that a webhook can do: a Flask route that checks the signature and commits one row.

No extension, no hook, no queue, no unique key of the carrier's id: what
`benchmarks/replies.py` measures ours beside. Served by `gunicorn benchmarks.bare:app`.
"""

from __future__ import annotations

import json
import os

from flask import Flask, Response, abort, request
from sqlalchemy import create_engine, text
from twilio.request_validator import RequestValidator

INSERT = text("INSERT INTO bare_reply (from_address, body, payload) VALUES (:sender, :body, :all)")

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"])
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
public_url = os.environ["PUBLIC_URL"]


@app.post("/bare")
def bare() -> Response:
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(public_url + request.path, request.form, signature):
        abort(403)
    form = request.form
    with engine.begin() as connection:
        connection.execute(
            INSERT,
            {"sender": form["From"], "body": form["Body"], "all": json.dumps(form.to_dict())},
        )
    return Response("<Response></Response>", mimetype="text/xml")
