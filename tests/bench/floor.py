"""The floor of a swap: Flask and raw sqlite3, a look-up, an upsert, a durable commit, and nothing else."""

from __future__ import annotations

import os
import sqlite3
import threading

from flask import Flask, jsonify, request

app = Flask(__name__)
_local = threading.local()
_lock = threading.Lock()


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(os.environ["FLOOR_DATABASE"], isolation_level=None, timeout=15)
        _local.connection.execute("PRAGMA journal_mode=WAL")
        _local.connection.execute("PRAGMA synchronous=FULL")
        _local.connection.execute(
            "CREATE TABLE IF NOT EXISTS met (low TEXT, high TEXT, times INTEGER, PRIMARY KEY (low, high))")
    found: sqlite3.Connection = _local.connection
    return found


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/swap")
def swap() -> object:
    scan = request.get_json()
    with _lock:
        connection = _connection()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO met VALUES (?, ?, 1) ON CONFLICT (low, high) DO UPDATE SET times = times + 1",
            (request.headers["Authorization"], scan["badge"]))
        connection.execute("COMMIT")
    return jsonify({"result": "recorded"})
