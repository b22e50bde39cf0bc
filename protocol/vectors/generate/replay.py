"""The vectors of recordings."""

import struct

from base import PEER, U64_MAX, pack, pack_uint
from die import fnv1a

SWARM = bytes([0xE9] * 20)
# The same as its masked self: the vectors' reader is given the swarm and the stream that are masked.
FAILURE = {"action": "announce", "info_hash": SWARM, "failure reason": "not you, 203.0.113.9", "retry in": 7}
FORWARDED = {
    "action": "announce",
    "info_hash": SWARM,
    "peer_id": PEER,
    "offer_id": bytes(range(20, 40)),
    "offer": {"type": "offer", "sdp": "v=0\r\na=candidate:1 1 udp 1 203.0.113.9 9 typ host\r\n"},
}


def row(kind, numbers=(), data=b""):
    return {"kind": kind, "numbers": [str(number) for number in numbers], "bytes": data.hex()}


def eaten(kind, numbers=(), data=b""):
    """What the running hash takes in of one output."""
    numbers = b"".join(struct.pack(">Q", number) for number in numbers)
    return bytes([kind]) + struct.pack(">Q", len(numbers) // 8) + numbers + struct.pack(">Q", len(data)) + data


def masked(message):
    message = {**message, "info_hash": bytes(20)}
    if "failure reason" in message:
        message["failure reason"] = ""
    if "offer" in message:
        message["offer"] = {"type": "offer", "sdp": ""}
    return pack(message)


# For each entry: microseconds since the one before, the input, the same masked, its outputs, the same masked.
STEPS = [
    (1_000, (0,), (0,), [((0, [U64_MAX]),) * 2]),
    (250_000, (16, [], pack(FAILURE)), (16, [], masked(FAILURE)), [((22, [], b"not you, 203.0.113.9"), (22,)), ((0, [8_000_000]),) * 2]),
    (9, (16, [], pack(FORWARDED)), (16, [], masked(FORWARDED)), [((4, [1], FORWARDED["offer"]["sdp"].encode()), (4, [1])), ((0, [15_000_000]),) * 2]),
    (0, (18, [1], b"v=0\r\n"), (18, [1]), [((0, [15_000_000]),) * 2]),
    (5, (2, [1_795_273_200_000, 1_795_273_204_000, 1]), (2, [1_795_273_200_000, 1_795_273_204_000, 1]), [((0, [15_000_000]),) * 2]),
    (70_000, (21, [1], b"\xc1garbage from 203.0.113.9"), (21, [1], b"\xc1"), [((6, [1]),) * 2, ((0, [U64_MAX]),) * 2]),
]


def parts(kind, numbers=(), data=b""):
    return kind, list(numbers), data


def replay():
    head = pack(["shoal-replay", 1, "ENGINE", 5_000_000, 7, PEER, "stream", [570_307_039], 2_000, 1, [True, True, False], 12, 16, 64_000_000, None])
    engine = head.index(pack("ENGINE"))
    before, after = head[:engine], head[engine + len(pack("ENGINE")):]
    body, hashed, entries = b"", b"", []
    for elapsed, seen, kept, outputs in STEPS:
        hashed += b"".join(eaten(*parts(*output)) for _, output in outputs)
        told = fnv1a(hashed) & 0xFFFF_FFFF
        kind, numbers, data = parts(*kept)
        body += pack([kind, elapsed, numbers, data]).replace(b"\x94", b"\x95", 1) + pack_uint(told)
        entries.append({
            "elapsed_us": elapsed,
            "input": row(*parts(*seen)),
            "outputs": [row(*parts(*output)) for output, _ in outputs],
            "told": f"{told:08x}",
        })
    return {
        "about": "A recording (docs/spec/replay.md) as a recorder writes it that is given these inputs and outputs. The "
        "engine's version stands between `before` and `after` as a MessagePack string. Numbers of 64 bits are decimal.",
        "config": {
            "started_us": 5_000_000, "seed": 7, "peer": PEER.hex(), "swarm": SWARM.hex(), "stream": "a name",
            "keys": [570_307_039], "target_duration_ms": 2_000, "trackers": 1, "p2p": True, "upload": True,
            "super_peer": False, "links_aim": 12, "links_max": 16, "cache_bytes_max": 64_000_000,
        },
        "before": before.hex(),
        "after": after.hex(),
        "entries": entries,
        "body": body.hex(),
        "end": pack([len(STEPS), False]).hex(),
    }
