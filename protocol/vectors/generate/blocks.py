"""The vectors of block arithmetic."""

from base import BLOCK_BYTES, BLOCKS_MAX, SEGMENT_BYTES_MAX


def segment_row(size):
    if size == 0:
        return {"segment_bytes": 0, "blocks": 0, "last_block_bytes": None}
    if size > SEGMENT_BYTES_MAX:
        return {"segment_bytes": size, "blocks": None, "last_block_bytes": None}
    return {
        "segment_bytes": size,
        "blocks": -(-size // BLOCK_BYTES),
        "last_block_bytes": (size - 1) % BLOCK_BYTES + 1,
    }


def range_row(size, block):
    start, end = block * BLOCK_BYTES, min((block + 1) * BLOCK_BYTES, size)
    there = start < end
    return {
        "segment_bytes": size,
        "block": block,
        "start": start if there else None,
        "end": end if there else None,
    }


def blocks():
    full = BLOCK_BYTES
    sizes = [0, 1, full - 1, full, full + 1, 2 * full, 208_000, 500_001, 50_000_000]
    ranges = [(208_000, 0), (208_000, 3), (208_000, 4), (full, 0), (full, 1), (1, 0), (0, 0)]
    ranges += [(SEGMENT_BYTES_MAX, BLOCKS_MAX - 1), (SEGMENT_BYTES_MAX, BLOCKS_MAX)]
    growing = [0, 1, full - 1, full, full + 1, 2 * full - 1, 2 * full, 208_000, SEGMENT_BYTES_MAX]
    return {
        "about": "Block arithmetic (docs/spec/blocks.md): whole segments, byte ranges [start, end), and the blocks "
        "that are final while a segment grows.",
        "block_bytes": BLOCK_BYTES,
        "blocks_per_segment_max": BLOCKS_MAX,
        "segments": [segment_row(size) for size in [*sizes, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MAX + 1]],
        "ranges": [range_row(size, block) for size, block in ranges],
        "growing": [{"bytes": size, "final_blocks": size // full} for size in growing],
    }
