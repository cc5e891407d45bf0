"""What programs and the scanner page send and get: the shapes of the scans API, strict, and its OpenAPI document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

MOST_SCANS = 50
LARGEST_BYTES = 512 * 1024


def _plausible(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2200:
        raise ValueError("must be a time between 1900 and 2200")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ScanIn(_Strict):
    """One scan. The same id sent again, with the same badge, is answered `repeated` and counted once."""

    id: UUID = Field(description="made by the sender, new for every scan, the same on every attempt to send it")
    badge: str = Field(min_length=1, max_length=2048, description="what the QR code holds, or its token or code")
    event: str | None = Field(None, max_length=100, description="short name of the event; needed with a typed code")
    scanned_at: Moment | None = Field(None, description="RFC 3339, by the sender's clock")
    elapsed_ms: int | None = Field(None, ge=0, le=10**12, description="from scan to sending, whatever the clock")
    note: str = Field("", max_length=4000, description="added to my note about the person, once")
    promise: str = Field("", max_length=300, description="added to what I promised the person, once")
    tags: list[Annotated[str, Field(max_length=40)]] = Field(
        default=[], max_length=12, description="added to my tags for the person")
    starred: bool = Field(False, description="marks a good talk; false leaves it as it is")


class BatchIn(_Strict):
    """At most 50 scans, the oldest first."""

    sent_at: Moment | None = Field(None, description="the sender's clock when sending; sets a wrong clock right")
    scans: list[ScanIn] = Field(min_length=1, max_length=MOST_SCANS)
    scanners: list[str] | None = Field(None, min_length=1, max_length=20, description=(
        "who of this browser's attendees scanned, as named by /api/v1/phone: scans of somebody who is not signed in "
        "any more are answered 401 as a whole, and stay with the sender"))


class PersonOut(BaseModel):
    """Whom I met, and which fields they got (`gave`) and I got (`got`) that have a value."""

    id: int
    name: str
    title: str
    organization: str
    gave: list[str] = Field(description="of name, title, organization, email, phone, linkedin, website")
    got: list[str] = Field(description="what I got of them")
    url: str = Field(description="path of their page in my address book")


class AnswerOut(BaseModel):
    """What became of one scan. `later`: keep it and send it again. Everything else is final."""

    id: UUID
    result: Literal["recorded", "repeated", "pending", "later", "refused"]
    reason: Literal[
        "unknown", "own_badge", "outside_window", "paused", "invalid", "id_reused", "budget", "busy"] | None = None
    retry_after: int | None = Field(None, description="seconds; only with later")
    sentence: str = Field(description="for the person, in their language")
    person: PersonOut | None = Field(None, description="with recorded; with repeated while the swap stands")


class AnswersOut(BaseModel):
    """One answer for each scan, in order."""

    answers: list[AnswerOut]


class IdentityOut(BaseModel):
    """One attendee this browser is, with the badge to show where there is no network."""

    scanner: str = Field(description="names the attendee on this phone; goes into `scanners`")
    event: str
    event_name: str
    zone: str = Field(description="IANA name of the event's time zone")
    name: str
    title: str
    organization: str
    badge: str = Field(description="token of the badge; empty without one")
    code: str = Field(description="to type, in groups of four")
    modules: int = Field(description="width of the QR symbol without its quiet zone")
    outline: str = Field(description="the QR symbol as an SVG path, one unit a module")
    is_open: bool = Field(description="whether scans of this event are taken now")
    gives: str = Field(description="what a swap gives of them now, in words")


class PhoneOut(BaseModel):
    """Who this browser is now; nobody when signed out. `csrf` goes into the header X-CSRF-Token."""

    csrf: str
    attendees: list[IdentityOut]


class Problem(BaseModel):
    """Concerns the whole request: nothing was recorded, keep everything."""

    status: int
    reason: str
    detail: str


_PROBLEMS = {
    "401": "nobody is signed in here, or the key is not valid any more", "403": "the CSRF token is missing",
    "413": "more than half a megabyte", "415": "not application/json", "422": "not of this shape; nothing was recorded",
    "429": "too many requests", "503": "busy; see Retry-After",
}


def openapi(version: str, base_url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the API."""
    schemas: dict[str, Any] = {}
    for model in (BatchIn, AnswersOut, PhoneOut, Problem):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    return {
        "openapi": "3.1.0",
        "info": {"title": "eventnet", "version": version, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": base_url}],
        "paths": {"/api/v1/encounters": {"post": {
            "operationId": "recordScans",
            "summary": "Send one scan or a batch of at most 50",
            "description": "A well-formed request is answered 200 with one answer per scan, in order.",
            "security": [{"key": []}, {"browser": [], "csrf": []}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/BatchIn"}}}},
            "responses": {
                "200": {"description": "one answer per scan", "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/AnswersOut"}}}},
                **{status: {"description": text, "content": {"application/problem+json": {"schema": {
                    "$ref": "#/components/schemas/Problem"}}}} for status, text in _PROBLEMS.items()},
            },
        }}, "/api/v1/phone": {"get": {
            "operationId": "whoIsThisPhone",
            "summary": "Who this browser is, and the CSRF token for sending scans",
            "security": [{"browser": []}, {}],
            "responses": {"200": {"description": "the attendees of this browser", "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/PhoneOut"}}}}},
        }}},
        "components": {"schemas": schemas, "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "a key the attendee made on their page"},
            "browser": {"type": "apiKey", "in": "cookie",
                        "name": "__Host-eventnet" if base_url.startswith("https://") else "eventnet"},
            "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
        }},
    }
