"""The vectors of what servers tell each other: room events, direct messages, heartbeats."""

from base import U32_MAX, U64_MAX, pack

ROOM_MAX = 128
ADDRESSEES_MAX = 1_000


def room_row(name, room, epoch, sequence, class_, operation, body):
    value = [1, 0, room, epoch, sequence, class_, operation, body]
    fields = {"room": room, "epoch": epoch, "sequence": str(sequence), "class": class_, "operation": operation}
    return {"name": name, "hex": pack(value).hex(), **fields, "body": body.hex()}


def direct_row(name, kind, to, operation, body):
    number = {"keys": 1, "users": 2, "everybody": 3}[kind]
    listed = [user % (1 << 64) for user in to] if kind == "users" else to
    value = [1, number, listed, operation, body]
    shown = [str(one) for one in to]
    return {"name": name, "hex": pack(value).hex(), "kind": kind, "to": shown, "operation": operation, "body": body.hex()}


def beat_row(name, node, epoch, leaving, facts):
    value = [1, node, epoch, leaving, facts]
    return {"name": name, "hex": pack(value).hex(), "node": node, "epoch": str(epoch), "leaving": leaving, "facts": facts.hex()}


def facts_row(name, url, address):
    return {"name": name, "hex": pack([url, address]).hex(), "url": url, "address": address}


def refused(name, data, at, fault):
    return {"name": name, "hex": data.hex(), "at": at, "fault": fault}


def bus():
    whole = [1, 0, "live://1", 7, 1, 3, 5, b"{}"]

    def with_(place, value):
        return pack(whole[:place] + [value] + whole[place + 1 :])

    beat = [1, "a", 1, False, b""]
    return {
        "rooms": [
            room_row("a comment", "live://1", 7, 1, 3, 5, b'{"test":1}'),
            room_row("control, the largest numbers", "x" * ROOM_MAX, U32_MAX, U64_MAX, 0, U32_MAX, b""),
            room_row("likes", "live://2", 0, 1, 4, 1_000, b"x" * 300),
        ],
        "directs": [
            direct_row("by keys", "keys", ["a", "b" * 64], 1_000, b"{}"),
            direct_row("by users, guests among them", "users", [0, 5, -1, 2**63 - 1], 1_001, b"{}"),
            direct_row("to everybody", "everybody", [], 1_002, b""),
        ],
        "beats": [
            beat_row("a node", "tracker-1", 1_700_000_000_000, False, b"\x80"),
            beat_row("one that goes, with the longest name", "n" * 64, U64_MAX, True, b"f" * 1_024),
        ],
        "tracker_facts": [
            facts_row("a tracker", "wss://t1.example.com/", "10.0.0.1:8001"),
            facts_row("the longest", "w" * 123, "a" * 259),
        ],
        "refused_tracker_facts": [
            refused("a URL one byte too long", pack(["w" * 124, ""]), 1, "Limit"),
            refused("an address one byte too long", pack(["", "a" * 260]), 2, "Limit"),
            refused("one element more", pack(["", "", ""]), 0, "Length"),
        ],
        "refused_events": [
            refused("nothing", b"", 0, "Truncated"),
            refused("another version", with_(0, 2), 1, "Version"),
            refused("another kind", pack([1, 4, [], 5, b""]), 2, "Kind"),
            refused("a direct message of eight", pack([1, 1, [], 5, b"", 0, 0, 0]), 0, "Length"),
            refused("a room of five", pack(whole[:5]), 0, "Length"),
            refused("a room without a name", with_(2, ""), 3, "Contradiction"),
            refused("a room with control characters", with_(2, "a\n"), 3, "Contradiction"),
            refused("a room's name one byte too long", with_(2, "x" * (ROOM_MAX + 1)), 3, "Limit"),
            refused("a class that there is not", with_(5, 5), 14, "Kind"),
            refused("an addressee too many", pack([1, 2, [1] * (ADDRESSEES_MAX + 1), 5, b""]), 3, "Limit"),
            refused("everybody by name", pack([1, 3, [1], 5, b""]), 3, "Length"),
            refused("bytes behind", pack(whole) + b"\x00", len(pack(whole)), "Trailing"),
        ],
        "refused_beats": [
            refused("nothing", b"", 0, "Truncated"),
            refused("another version", pack([2, *beat[1:]]), 1, "Version"),
            refused("no name", pack([1, "", 1, False, b""]), 2, "Limit"),
            refused("a name one byte too long", pack([1, "n" * 65, 1, False, b""]), 2, "Limit"),
            refused("facts one byte too long", pack([1, "a", 1, False, b"f" * 1_025]), 6, "Limit"),
            refused("one element less", pack(beat[:4]), 0, "Length"),
        ],
    }
