"""PyPI's blivedm, unmodified: joins a room by its number and prints what it hears, one JSON value a line."""

import asyncio
import json
import sys

import blivedm


class Printer(blivedm.BaseHandler):
    async def _on_heartbeat(self, client, message):
        print(json.dumps({"online": message.popularity}), flush=True)

    async def _on_danmaku(self, client, message):
        print(json.dumps({"text": message.msg, "name": message.uname}), flush=True)


async def main(room):
    client = blivedm.BLiveClient(room)
    client.add_handler(Printer())
    client.start()
    await client.join()


asyncio.run(main(int(sys.argv[1])))
