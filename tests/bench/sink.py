"""A mail server that says yes and keeps nothing, in a process of its own: python -m tests.bench.sink PORT."""

from __future__ import annotations

import socketserver
import sys


class Conversation(socketserver.StreamRequestHandler):
    """One connection: just enough of SMTP for our client and smtplib."""

    def handle(self) -> None:
        self._say("220 sink")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO":
                self._say("250 sink")
            elif verb == b"DATA":
                self._say("354 go on")
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                self._say("250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Conversation) as server:
        server.serve_forever()
