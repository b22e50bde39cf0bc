"""The vectors of messages between two viewers."""

from base import BLOCK_BYTES, PEER, U32_MAX, U64_MAX, block_name, pack, refused, sized


def status(rendition, segment, have):
    return {"rendition": rendition, "segment": str(segment), "have": have.hex()}


def message(name, elements, kind, **meaning):
    return {"name": name, "hex": pack(elements).hex(), "message": {"kind": kind, **meaning}}


def hello(name, peer, serves, super_peer, weight, version=1, more=()):
    elements = [0, version, peer, serves, super_peer, weight, *more]
    meaning = {"version": version, "peer": peer.hex(), "serves": serves, "super_peer": super_peer, "weight": weight}
    return message(name, elements, "hello", **meaning)


def window(name, *statuses):
    elements = [1, *([rendition, segment, have] for rendition, segment, have in statuses)]
    return message(name, elements, "window", segments=[status(*entry) for entry in statuses])


def have(name, *names):
    return message(name, [2, *map(list, names)], "have", blocks=[block_name(*entry) for entry in names])


def valid_announcements():
    last = bytes(127) + b"\x80"
    return [
        hello("a greeting", PEER, True, False, 4),
        hello("a greeting of the operator's super-peer", b"\xff" * 20, True, True, 8),
        hello("a greeting of one that only downloads", PEER, False, False, 0),
        window("a window that holds nothing"),
        window("a window of three segments", (0, 812, b"\x0f"), (0, 813, b"\x05"), (1, 813, b"")),
        window("a window with the last block of the largest segment", (31, U64_MAX, last)),
        have("one new block", (0, 813, 1)),
        have("sixteen new blocks", *((0, 70_000, block) for block in range(16))),
        message("a promise", [3, 0, 813, 2, 500], "fetching", **block_name(0, 813, 2), wait_ms=500),
        message("a rumour of a promise", [4, 0, 813, 2, 1200], "rumour", **block_name(0, 813, 2), wait_ms=1200),
    ]


def valid_requests():
    asked, longest = block_name(0, 813, 3), block_name(31, U64_MAX, 1023)
    reasons = [("no_upload", 0), ("absent", 0), ("budget", 2000), ("busy", 150), ("unfair", 1000)]
    return [
        message("a request", [5, 7, 0, 813, 3, 1800], "request", id=7, **asked, due_ms=1800),
        message(
            "a request with every number at its longest",
            [5, U32_MAX, 31, U64_MAX, 1023, 65_535],
            "request",
            id=U32_MAX,
            **longest,
            due_ms=65_535,
        ),
        *(
            message(f"a refusal: {reason}", [7, 7, code, retry], "refuse", id=7, reason=reason, retry_ms=retry)
            for code, (reason, retry) in enumerate(reasons)
        ),
        message("a request taken back", [8, 7], "cancel", id=7),
    ]


def valid_rest():
    lists, budget = {"rendition": 0, "segment": "814"}, "a budget with every number at its longest"
    relayed = "a relayed list (any bytes: it is judged as a list, not as a message)"
    return [
        message(relayed, [9, b"\x9b\x01"], "list", list="9b01"),
        message("a wish for whatever list there is", [10, 0, 814, 0], "list_wanted", **lists, blocks=0),
        message("a wish for a list of 1024 blocks", [10, 0, 814, 1024], "list_wanted", **lists, blocks=1024),
        message(
            "a budget", [11, 1_843_200, 5200, 1], "budget", spare_bytes="1843200", uplink_kbit=5200, queued=1
        ),
        message(
            budget,
            [11, U64_MAX, U32_MAX, 255],
            "budget",
            spare_bytes=str(U64_MAX),
            uplink_kbit=U32_MAX,
            queued=255,
        ),
        message("a probe", [12], "probe"),
        message("a farewell", [13], "bye"),
    ]


def invalid_forms():
    cut = pack([5, 7, 0, 813, 3, 1800])[:-1]
    return [
        refused("nothing", b"", 0, "Truncated"),
        refused("no array", pack(12), 0, "Expected(Array)"),
        refused("an empty array", pack([]), 0, "Length"),
        refused("a kind that is no number", pack([True]), 1, "Expected(Uint)"),
        refused("an unknown kind", pack([14]), 1, "Kind"),
        refused("data, which is not among these messages", pack([6, 7, b"x"]), 1, "Kind"),
        refused("a probe with a byte after it", pack([12]) + b"\0", 2, "Trailing"),
        refused("a probe with an element too many", pack([12, 0]), 0, "Length"),
        refused("a request with an element too few", pack([5, 7, 0, 813, 3]), 0, "Length"),
        refused("a request cut in its last number", cut, 8, "Truncated"),
        refused("a kind in a longer form", b"\x91\xcc\x0c", 1, "NotSmallest"),
        refused("an array in a longer form", b"\xdc\x00\x01\x0c", 0, "NotSmallest"),
        refused(
            "a segment in a longer form", b"\x95\x03\x00\xce\x00\x00\x03\x2d\x02\x00", 3, "NotSmallest"
        ),
        refused("a negative segment", b"\x95\x03\x00\xff\x02\x00", 3, "Expected(Uint)"),
        refused("the reserved form", b"\x91\xc1", 1, "Expected(Uint)"),
        refused("an array that promises four billion elements", b"\xdd\xff\xff\xff\xff", 0, "Limit"),
        refused("a bin that promises four billion bytes", b"\x92\x09\xc6\xff\xff\xff\xff", 2, "Limit"),
    ]


def invalid_values():
    many = [[0, segment, b""] for segment in range(33)]
    return [
        refused("rendition 32", pack([3, 32, 813, 2, 500]), 2, "Limit"),
        refused("block 1024", pack([3, 0, 813, 1024, 500]), 6, "Limit"),
        refused("a promise of 65536 ms", pack([3, 0, 813, 2, 65_536]), 7, "Limit"),
        refused("a request id of 33 bits", pack([5, U32_MAX + 1, 0, 813, 3, 1800]), 2, "Limit"),
        refused("an unknown reason", pack([7, 7, 5, 0]), 3, "Kind"),
        refused("a peer id of 19 bytes", pack([0, 1, PEER[:19], True, False, 4]), 3, "Limit"),
        refused("a peer id of 21 bytes", pack([0, 1, PEER + b"x", True, False, 4]), 3, "Limit"),
        refused("a peer id as a string", pack([0, 1, "a" * 20, True, False, 4]), 3, "Expected(Bin)"),
        refused("a weight of 9", pack([0, 1, PEER, True, False, 9]), 27, "Limit"),
        refused("a flag that is a number", pack([0, 1, PEER, 1, False, 4]), 25, "Expected(Bool)"),
        refused(
            "a greeting of version 1 with an element too many",
            pack([0, 1, PEER, True, False, 4, 0]),
            0,
            "Length",
        ),
        refused("a window of 33 segments", pack([1, *many]), 0, "Limit"),
        refused("a bitmap that ends in a zero byte", pack([1, [0, 813, b"\1\0"]]), 7, "NotSmallest"),
        refused("a bitmap of 129 bytes", pack([1, [0, 813, b"\1" * 129]]), 7, "Limit"),
        refused("a status with an element too many", pack([1, [0, 813, b"", 0]]), 2, "Length"),
        refused("257 new blocks", pack([2, *([0, 0, block] for block in range(257))]), 0, "Limit"),
        refused("a wish for 1025 blocks", pack([10, 0, 814, 1025]), 6, "Limit"),
    ]


def data(name, request, body_bytes):
    header = b"\x93\x06" + pack(request) + sized(body_bytes, 0, 0, (0xC4, 0xC5, 0xC6))
    return {"name": name, "id": request, "body_bytes": body_bytes, "header": header.hex()}


def not_data(name, header, body_bytes):
    return {"name": name, "hex": header, "message_bytes": len(header) // 2 + body_bytes}


def peer():
    later = hello("a greeting of a later version", PEER, True, False, 4, 2, [{"new": [1, 2]}, "x"])
    return {
        "about": "Messages between two viewers (docs/spec/peer.md). Numbers of 64 bits are decimal strings, bytes are "
        "hexadecimal.",
        "valid": valid_announcements() + valid_requests() + valid_rest(),
        "later_hello": later,
        "data": [
            data("one byte", 0, 1),
            data("the longest body of 8 bits", 7, 255),
            data("the shortest body of 16 bits", 128, 256),
            data("a full block", 65_536, BLOCK_BYTES),
            data("the longest header", U32_MAX, BLOCK_BYTES),
        ],
        "not_data": [
            not_data("an empty body", "930607c400", 0),
            not_data("a body of 61441 bytes", "930607c5f001", 61_441),
            not_data("a body shorter than it says", "930607c410", 15),
            not_data("a body longer than it says", "930607c410", 17),
            not_data("a body's length in a longer form", "930607c50010", 16),
            not_data("another kind", "930507c410", 16),
            not_data("an element too many", "940607c410", 16),
            not_data("a cut header", "930607c5", 0),
        ],
        "invalid": invalid_forms() + invalid_values(),
    }
