"""Many people at once: simulated sessions that move a slider and think, and how long their reruns take.

    make bench-users          or   python -m tests.bench.bench_users --users 25 --think 10 --seconds 60

Each user is a WebSocket of its own that speaks Streamlit's protocol, opens the dose cost page and sets *Patients per
year* again and again. A rerun lasts from the message sent to the server's word that the script has finished.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from tests.browser.harness import ROOT, AppServer

SLIDER = "Patients per year"
PAGE = "dose_cost"
RANGE = (10, 90)
LIMIT_MS = 500
"""Longest a rerun may take in 95 of 100 cases."""


class User:
    """One session: its connection, the identity of its slider, and what it has seen go wrong."""

    def __init__(self, socket: ClientConnection, seed: int) -> None:
        self.socket = socket
        self.random = random.Random(seed)
        self.slider = ""
        self.errors: list[str] = []

    async def rerun(self, value: float | None = None) -> float:
        """Run the page, with the slider at a value if one is given; milliseconds until the script has finished."""
        message = BackMsg()
        message.rerun_script.page_name = PAGE
        if value is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = self.slider
            state.double_array_value.data.append(value)
        begun = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self.socket.recv(decode=False))
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                element = answer.delta.new_element
                if element.WhichOneof("type") == "slider" and element.slider.label == SLIDER:
                    self.slider = element.slider.id
                if element.WhichOneof("type") == "exception":
                    self.errors.append(element.exception.message)
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.errors.append(ForwardMsg.ScriptFinishedStatus.Name(answer.script_finished))
                return (time.perf_counter() - begun) * 1000


async def use(url: str, seed: int, think: float, until: float) -> tuple[list[float], list[str]]:
    """Open the page, then change and think until the time is over; the times of the changes, and errors."""
    address = f"{url.replace('http', 'ws')}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], origin=url, max_size=None) as socket:  # type: ignore[list-item,arg-type]
        user = User(socket, seed)
        await user.rerun()
        if not user.slider:
            return [], ["the page has no slider of that name"]
        times = []
        await asyncio.sleep(user.random.uniform(0, think))
        while time.monotonic() < until:
            times.append(await user.rerun(float(user.random.randint(*RANGE))))
            await asyncio.sleep(user.random.expovariate(1 / think))
        return times, user.errors


async def run(url: str, users: int, think: float, seconds: float) -> dict[str, Any]:
    """All users together; percentiles of the reruns in milliseconds, and every error."""
    until = time.monotonic() + seconds
    found = await asyncio.gather(*(use(url, seed, think, until) for seed in range(users)))
    times = [value for values, _ in found for value in values]
    return {
        "users": users,
        "think_seconds": think,
        "changes": len(times),
        "p50_ms": round(float(np.percentile(times, 50)), 1),
        "p95_ms": round(float(np.percentile(times, 95)), 1),
        "most_ms": round(max(times), 1),
        "errors": [error for _, errors in found for error in errors],
    }


def main() -> None:
    """Read the options, run, print, and write the JSON if asked."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--users", type=int, default=25)
    options.add_argument("--think", type=float, default=10.0, help="mean seconds between a user's changes")
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--json", type=Path, help="also write the result here")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(ROOT / "app.py", Path(folder) / "app.log").start()
        try:
            result = asyncio.run(run(server.url, chosen.users, chosen.think, chosen.seconds))
        finally:
            server.stop()
    print(json.dumps(result, indent=2))
    within = "within" if result["p95_ms"] <= LIMIT_MS and not result["errors"] else "NOT within"
    print(f"{within} the limit: p95 of a rerun {LIMIT_MS} ms, no errors")
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
