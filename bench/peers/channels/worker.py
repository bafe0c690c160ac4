"""worker.py SOCKET READY: one process of the server. SOCKET listens already, READY gets a byte once it is served."""

import os
import socket
import sys

import uvicorn


class Server(uvicorn.Server):
    """Tells when it serves."""

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        os.write(int(sys.argv[2]), b".")


Server(
    uvicorn.Config(
        "chatproject.asgi:application",
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=65_536,
        ws_ping_interval=20,
        ws_ping_timeout=25,
        lifespan="off",
        access_log=False,
        log_level="warning",
        backlog=4_096,
        timeout_graceful_shutdown=2,
    )
).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
