"""What the writers of the vectors share: MessagePack in its smallest forms, the key, the shape of a row."""

import hashlib
import json
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BLOCK_BYTES = 61_440
BLOCKS_MAX = 1_024
SEGMENT_BYTES_MAX = BLOCK_BYTES * BLOCKS_MAX
U32_MAX = 2**32 - 1
U64_MAX = 2**64 - 1
PEER = bytes(range(20))

# Test 1 of RFC 8032, section 7.1.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SIGNER = Ed25519PrivateKey.from_private_bytes(SECRET)
PUBLIC = SIGNER.public_key().public_bytes_raw()
KEY_ID = int.from_bytes(hashlib.sha256(PUBLIC).digest()[:4], "big")


def sized(length, fixed, fixed_max, forms):
    """The smallest header for `length`: a fixed one below `fixed_max`, else one of `forms` (8, 16, 32 bits)."""
    if length < fixed_max:
        return bytes([fixed | length])
    for code, layout, bits in zip(forms, (">B", ">H", ">I"), (8, 16, 32)):
        if code and length < 1 << bits:
            return bytes([code]) + struct.pack(layout, length)
    raise ValueError(length)


def pack_uint(value):
    if value < 0x80:
        return bytes([value])
    for code, layout, bits in ((0xCC, ">B", 8), (0xCD, ">H", 16), (0xCE, ">I", 32), (0xCF, ">Q", 64)):
        if value < 1 << bits:
            return bytes([code]) + struct.pack(layout, value)
    raise ValueError(value)


def pack(value):
    """MessagePack in the smallest forms."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return pack_uint(value)
    if isinstance(value, bytes):
        return sized(len(value), 0, 0, (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, str):
        text = value.encode()
        return sized(len(text), 0xA0, 32, (0xD9, 0xDA, 0xDB)) + text
    if isinstance(value, list):
        return sized(len(value), 0x90, 16, (None, 0xDC, 0xDD)) + b"".join(map(pack, value))
    entries = b"".join(pack(key) + pack(entry) for key, entry in value.items())
    return sized(len(value), 0x80, 16, (None, 0xDE, 0xDF)) + entries


def refused(name, data, at, fault):
    return {"name": name, "hex": data.hex(), "at": at, "fault": fault}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def block_name(rendition, segment, block):
    return {"rendition": rendition, "segment": str(segment), "block": block}
