"""The vectors of the public die."""

import struct

from base import PEER, U64_MAX, block_name


def fnv1a(data_bytes):
    value = 0xCBF29CE484222325
    for byte in data_bytes:
        value = (value ^ byte) * 0x100000001B3 & U64_MAX
    return value


def mix(value):
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & U64_MAX
    value = (value ^ value >> 27) * 0x94D049BB133111EB & U64_MAX
    return value ^ value >> 31


def die_row(viewer, rendition, segment, block, weight):
    seed = fnv1a(viewer + bytes([rendition]) + struct.pack(">QH", segment, block))
    draws = [mix(seed + k * 0x9E3779B97F4A7C15 & U64_MAX) for k in range(1, weight + 1)]
    return {
        "peer": viewer.hex(),
        **block_name(rendition, segment, block),
        "weight": weight,
        "seed": f"{seed:016x}",
        "draws": [f"{draw:016x}" for draw in draws],
        "die": f"{min(draws) >> 32:08x}" if draws else None,
    }


def die():
    # SplitMix64 seeded with 0 begins so (its author's reference code).
    assert mix(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF
    return {
        "about": "The public die (docs/spec/peer.md, 'The public die'). Seeds and draws have 64 bits, the die 32; "
        "hexadecimal.",
        "rows": [
            die_row(bytes(20), 0, 0, 0, 1),
            die_row(PEER, 0, 813, 0, 1),
            die_row(PEER, 0, 813, 1, 1),
            die_row(PEER, 1, 813, 0, 1),
            die_row(PEER, 0, 814, 0, 4),
            die_row(b"\xff" * 20, 31, U64_MAX, 1023, 8),
            die_row(PEER, 0, 813, 0, 0),
        ],
    }
