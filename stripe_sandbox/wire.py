"""Break a connection on purpose."""

from __future__ import annotations

import socket
import struct
from typing import NoReturn

from werkzeug.wrappers import Request

LINGER_ZERO = struct.pack("ii", 1, 0)


def reset(request: Request) -> NoReturn:
    """Close the socket with a TCP reset instead of an answer."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    # shutdown() would send a FIN; werkzeug's own files still refer to the socket, so the
    # descriptor itself is closed for the reset to go out now.
    socket.close(connection.detach())
    raise ConnectionResetError("a fault was ordered")
