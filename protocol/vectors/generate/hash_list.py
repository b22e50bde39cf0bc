"""The vectors of signed hash lists."""

import hashlib

from base import BLOCK_BYTES, KEY_ID, PUBLIC, SECRET, SEGMENT_BYTES_MAX, SIGNER, U32_MAX, pack, refused

DOMAIN = b"shoal-hash-list-1\0"
START_MS = 1_795_273_200_000


def hashes_of(size, segment):
    media = bytes((7 * i + segment % 251) % 251 for i in range(size))
    starts = range(0, size, BLOCK_BYTES)
    return [hashlib.sha256(media[start : start + BLOCK_BYTES]).digest() for start in starts]


def hash_list(name, segment, start_ms, closed, hashes, previous):
    size, duration_ms = closed or (0, 0)
    elements = [1, "main", 0, segment, start_ms, duration_ms, size, b"".join(hashes), previous, KEY_ID]
    unsigned = b"\x9b" + pack(elements)[1:]
    signature = SIGNER.sign(DOMAIN + unsigned)
    return {
        "name": name,
        "hex": (unsigned + pack(signature)).hex(),
        "list": {
            "stream": "main",
            "rendition": 0,
            "segment": str(segment),
            "start_ms": str(start_ms),
            "closed": {"bytes": size, "duration_ms": duration_ms} if closed else None,
            "hashes": [digest.hex() for digest in hashes],
            "previous": previous.hex(),
            "key": KEY_ID,
        },
        "signature": signature.hex(),
        "signed_sha256": hashlib.sha256(DOMAIN + unsigned).hexdigest(),
    }


def valid_lists():
    first, second, zero = hashes_of(208_000, 812), hashes_of(61_441, 813), bytes(32)
    whole = hash_list("the first segment, whole", 812, START_MS, (208_000, 2000), first, zero)
    link = bytes.fromhex(whole["signed_sha256"])
    linked = "the next segment, whole: its previous is the SHA-256 of what the list before signed"
    return [
        hash_list("the first segment, before any block is final", 812, START_MS, None, [], zero),
        hash_list("the first segment, two blocks final", 812, START_MS, None, first[:2], zero),
        whole,
        hash_list(linked, 813, START_MS + 2000, (61_441, 2000), second, link),
    ]


GOOD = {
    "version": 1,
    "stream": "main",
    "rendition": 0,
    "segment": 812,
    "start_ms": START_MS,
    "duration_ms": 2000,
    "bytes": 208_000,
    "hashes": b"".join(hashes_of(208_000, 812)),
    "previous": bytes(32),
    "key": KEY_ID,
    "signature": bytes(64),
}


def encoded(**changes):
    """A closing list with some elements changed, unsigned."""
    return pack(list((GOOD | changes).values()))


def offset(element):
    """Where an element of the unchanged list begins: after the array's header and the elements before it."""
    return 1 + sum(len(pack(GOOD[name])) for name in list(GOOD)[: list(GOOD).index(element)])


def invalid_list(name, element, fault, **changes):
    """A list that is refused at an element: the first that is not as it was."""
    return refused(name, encoded(**changes), offset(element), fault)


def invalid_lists():
    good, hashes = encoded(), GOOD["hashes"]
    not_utf8 = good.replace(b"\xa4main", b"\xa4mai\xff")
    return [
        refused("nothing", b"", 0, "Truncated"),
        refused("cut before the signature", good[:-66], len(good) - 66, "Truncated"),
        refused("a byte too many", good + b"\0", len(good), "Trailing"),
        refused("an element too many", encoded(more=0), 0, "Length"),
        invalid_list("version 2", "version", "Version", version=2),
        invalid_list("a stream without a name", "stream", "Limit", stream=""),
        invalid_list("a stream name of 65 bytes", "stream", "Limit", stream="s" * 65),
        refused("a stream name that is not UTF-8", not_utf8, 2, "NotUtf8"),
        invalid_list("rendition 32", "rendition", "Limit", rendition=32),
        invalid_list("a size without a duration", "duration_ms", "Contradiction", duration_ms=0),
        invalid_list("a duration without a size", "duration_ms", "Contradiction", bytes=0),
        invalid_list("a size past the largest segment", "duration_ms", "Contradiction", bytes=SEGMENT_BYTES_MAX + 1),
        invalid_list("a block too few for the size", "hashes", "Contradiction", hashes=hashes[:-32]),
        invalid_list("a block too many for the size", "hashes", "Contradiction", hashes=hashes + bytes(32)),
        invalid_list("half a hash", "hashes", "Contradiction", hashes=hashes[:-1]),
        invalid_list("a link of 31 bytes", "previous", "Limit", previous=bytes(31)),
        invalid_list("a key of 33 bits", "key", "Limit", key=U32_MAX + 1),
        invalid_list("a signature of 63 bytes", "signature", "Limit", signature=bytes(63)),
    ]


def hash_lists():
    return {
        "about": "Signed hash lists (docs/spec/hash-list.md). Byte i of segment s is (7 i + s mod 251) mod 251. The key "
        "pair is test 1 of RFC 8032, section 7.1.",
        "secret": SECRET.hex(),
        "ed25519": PUBLIC.hex(),
        "key": KEY_ID,
        "valid": valid_lists(),
        "invalid": invalid_lists(),
    }
