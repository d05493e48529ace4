"""A pipe between the supervisor and the programs it starts. When the supervisor dies, however it
dies, the kernel closes its end, and every child sees that and ends by itself.
"""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "SHIPBOARD_LIFELINE_FD"
PATIENCE = 25.0  # seconds for a child to end in good order


class Lifeline:
    """The supervisor's side: hand `fd` to children, keep this object for as long as you live."""

    def __init__(self) -> None:
        self.fd, self._kept = os.pipe()

    def environment(self) -> dict[str, str]:
        return {VARIABLE: str(self.fd)}

    def cut(self) -> None:
        os.close(self._kept)
        os.close(self.fd)


def watch() -> bool:
    """The child's side: end this process when the supervisor is gone. False: there is none."""
    given = os.environ.pop(VARIABLE, "")
    if not given.isdigit():
        return False
    threading.Thread(target=_wait_and_end, args=(int(given),), name="lifeline", daemon=True).start()
    return True


def _wait_and_end(fd: int) -> None:
    try:
        while os.read(fd, 1):
            pass
    except OSError:
        return  # not a pipe of ours
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    if os.getpgrp() == os.getpid():
        # The supervisor made us the leader of a group: it holds only what we started.
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
