"""The vectors of chat frames and of authentication."""

import json
import struct

from base import U32_MAX, U64_MAX, compact

CLIENT_MAX = 4_112
SERVER_MAX = 65_536


def header(total, header_length, version, operation, sequence):
    return struct.pack(">IHHII", total, header_length, version, operation, sequence)


def frame(version, operation, sequence, body=b""):
    return header(16 + len(body), 16, version, operation, sequence) + body


def extended(version, operation, sequence, epoch, number, class_, body=b""):
    tail = struct.pack(">IQBxxx", epoch, number, class_)
    return header(32 + len(body), 32, version, operation, sequence) + tail + body


def frame_row(name, version, operation, sequence, body=b""):
    return {
        "name": name,
        "hex": frame(version, operation, sequence, body).hex(),
        "version": version,
        "operation": operation,
        "sequence": sequence,
        "body": body.hex(),
    }


def extended_row(name, operation, epoch, number, class_, body):
    return {
        "name": name,
        "hex": extended(1, operation, 0, epoch, number, class_, body).hex(),
        "version": 1,
        "operation": operation,
        "sequence": 0,
        "epoch": epoch,
        "room_sequence": str(number),
        "class": class_,
        "body": body.hex(),
    }


def refused(name, data, fault, extended_reader=False):
    return {"name": name, "hex": data.hex(), "fault": fault, "extended": extended_reader}


def auth_row(name, body, **expected):
    return {"name": name, "body": body, **expected}


def goim(mid=0, key=None, room=None, accepts=(), extension=None, token=None, follows=()):
    fields = {"mid": str(mid), "key": key, "room": room, "accepts": list(accepts), "extension": extension,
              "token": token, "follows": list(follows)}
    return {"goim": fields}


def bilibili(uid, room, protocol, token=None):
    return {"bilibili": {"uid": str(uid), "room": str(room), "protocol": protocol, "token": token}}


def auths():
    resume = {"history": 20, "epoch": 7, "sequence": "41"}
    return [
        auth_row("the GOIM example", '{"mid":123, "room_id":"live://1000", "platform":"web", "accepts":[1000,1001,1002]}',
                 **goim(123, None, "live://1000", [1000, 1001, 1002])),
        auth_row("GOIM with a key", compact({"mid": 1, "key": "k-1", "room_id": "test://a", "accepts": []}),
                 **goim(1, "k-1", "test://a")),
        auth_row("GOIM with a token", compact({"room_id": "live://1", "token": "a.b.c"}),
                 **goim(room="live://1", token="a.b.c")),
        auth_row("GOIM without anything", "{}", **goim()),
        auth_row("GOIM with empty texts", compact({"mid": -1, "key": "", "room_id": "", "accepts": None}), **goim(-1)),
        auth_row("ours", compact({"room_id": "live://1", "shoal": {"version": 1, **resume, "sequence": 41}}),
                 **goim(room="live://1", extension=resume)),
        auth_row("ours without a past", compact({"room_id": "live://1", "shoal": {"version": 1}}),
                 **goim(room="live://1", extension={"history": 0, "epoch": None, "sequence": None})),
        auth_row("Bilibili on the web", compact({"uid": 0, "roomid": 21452505, "protover": 3, "platform": "web",
                 "type": 2, "key": "token", "buvid": "B"}), **bilibili(0, 21452505, "brotli", "token")),
        auth_row("Bilibili with zlib", compact({"roomid": 1, "protover": 2}), **bilibili(0, 1, "zlib")),
        auth_row("Bilibili with protover 1", compact({"uid": 7, "roomid": 1, "protover": 1}), **bilibili(7, 1, "plain")),
        auth_row("Bilibili without protover", '{ "roomid": 1, "platform": null, "type": 0 }', **bilibili(0, 1, "plain")),
        auth_row("a uid past 64 bits", '{"uid":340282366920938463463374607431768211455,"roomid":5,"protover":2}',
                 **bilibili(0, 5, "zlib")),
        auth_row("no JSON", "hello", fault="auth_not_json"),
        auth_row("no object", "[]", fault="auth_not_json"),
        auth_row("nothing", "", fault="auth_not_json"),
        auth_row("Bilibili without a room", compact({"protover": 2}), fault="auth_field"),
        auth_row("a room that is no text", compact({"room_id": 5}), fault="auth_field"),
        auth_row("a room with a control character", compact({"room_id": "live://\n"}), fault="auth_field"),
        auth_row("a room of 128 bytes", compact({"room_id": "a" * 128}), **goim(room="a" * 128)),
        auth_row("a room of 129 bytes", compact({"room_id": "a" * 129}), fault="auth_field"),
        auth_row("a key of 64 bytes", compact({"key": "k" * 64}), **goim(key="k" * 64)),
        auth_row("a key of 65 bytes", compact({"key": "k" * 65}), fault="auth_field"),
        auth_row("a token of 2,048 bytes", compact({"token": "t" * 2_048}), **goim(token="t" * 2_048)),
        auth_row("a token of 2,049 bytes", compact({"token": "t" * 2_049}), fault="auth_field"),
        auth_row("64 operations", compact({"accepts": list(range(64))}), **goim(accepts=range(64))),
        auth_row("65 operations", compact({"accepts": list(range(65))}), fault="auth_field"),
        auth_row("an operation past 32 bits", compact({"accepts": [U32_MAX + 1]}), fault="auth_field"),
        auth_row("an extension of another version", compact({"shoal": {"version": 2}}), fault="auth_field"),
        auth_row("ours with people to follow",
                 compact({"room_id": "live://1", "shoal": {"version": 1, "follows": [7, -8]}}),
                 **goim(room="live://1", extension={"history": 0, "epoch": None, "sequence": None}, follows=(7, -8))),
        auth_row("65 people to follow", compact({"shoal": {"version": 1, "follows": [1] * 65}}), fault="auth_field"),
        auth_row("people to follow that are none", compact({"shoal": {"version": 1, "follows": ["7"]}}),
                 fault="auth_field"),
        auth_row("half a position", compact({"shoal": {"version": 1, "epoch": 1}}), fault="auth_field"),
    ]


def chat():
    event = json.dumps({"cmd": "DANMU_MSG"}, separators=(",", ":")).encode()
    inner = frame(1, 1000, 0, b'{"test":1}') + frame(1, 1001, 0, b"")
    return {
        "about": "Chat frames (docs/spec/chat.md): each row's bytes and its fields; packed frames; what is refused; bodies of "
        "operation 7 and what they mean.",
        "client_frame_bytes_max": CLIENT_MAX,
        "server_frame_bytes_max": SERVER_MAX,
        "frames": [
            frame_row("heartbeat", 1, 2, 1),
            frame_row("heartbeat with a body", 0, 2, 1, b"[object Object]"),
            frame_row("heartbeat reply", 1, 3, 1, struct.pack(">I", 9_999)),
            frame_row("auth", 1, 7, 1, b'{"roomid":1}'),
            frame_row("auth reply", 1, 8, 1, b'{"code":0}'),
            frame_row("an event for Bilibili", 0, 5, 0, event),
            frame_row("a zlib batch", 2, 5, 0, bytes.fromhex("789c030000000001")),
            frame_row("a brotli batch", 3, 5, 0, bytes.fromhex("3b")),
            frame_row("a GOIM push over TCP", 1, 1000, 0, b'{"test":1}'),
            frame_row("a GOIM push over WebSocket", 1, 9, 0, inner),
            frame_row("the largest numbers", 0xFFFF, U32_MAX, U32_MAX),
            frame_row("the longest body of a client", 1, 4, 0, bytes(CLIENT_MAX - 16)),
        ],
        "extended": [
            extended_row("a comment", 1000, 7, 42, 3, event),
            extended_row("the largest numbers", U32_MAX, U32_MAX, U64_MAX, 4, b""),
        ],
        "packed": [
            {"name": "two", "hex": inner.hex(), "operations": [1000, 1001], "fault": None},
            {"name": "none", "hex": "", "operations": [], "fault": None},
            {"name": "one and a half", "hex": inner[:-1].hex(), "operations": [1000], "fault": "frame_truncated"},
            {"name": "one and noise", "hex": (inner[:26] + b"noise, which is no frame").hex(), "operations": [1000],
             "fault": "header_length"},
        ],
        "partial": [frame(1, 7, 1, b"{}")[:length].hex() for length in (0, 1, 15, 16, 17)],
        "refused": [
            refused("no header", header(16, 0, 1, 2, 0), "header_length"),
            refused("a header of 15", header(16, 15, 1, 2, 0), "header_length"),
            refused("a header of 17", header(17, 17, 1, 2, 0), "header_length"),
            refused("a long header that was not negotiated", extended(1, 5, 0, 1, 1, 3), "header_length"),
            refused("shorter than its header", header(15, 16, 1, 2, 0), "frame_too_short"),
            refused("of no length", header(0, 16, 1, 2, 0), "frame_too_short"),
            refused("shorter than its long header", header(31, 32, 1, 2, 0), "frame_too_short", True),
            refused("one byte too long", header(CLIENT_MAX + 1, 16, 1, 2, 0), "frame_too_long"),
            refused("four gibibytes", header(U32_MAX, 16, 1, 2, 0), "frame_too_long"),
            refused("a class that is none", extended(1, 5, 0, 1, 1, 5), "extension", True),
            refused("reserved bytes", extended(1, 5, 0, 1, 1, 3)[:-1] + b"\x01", "extension", True),
        ],
        "auth": auths(),
    }
