"""The vectors of messages between a viewer and the tracker."""

import json

from base import compact, pack

SWARM = bytes.fromhex("00ff7f80a1b2c3d4e5f60102030405060708090a")
VIEWER = b"-SH0010-" + bytes.fromhex("00112233445566778899aabb")
OTHER = b"-SH0010-" + bytes.fromhex("ffeeddccbbaa998877665544")
OFFER, OFFER_2 = bytes(range(100, 120)), bytes(range(200, 220))
SDP = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=setup:actpass\r\n"
ANSWER = {"type": "answer", "sdp": SDP.replace("actpass", "active")}
HEAD = {"action": "announce", "info_hash": SWARM}


def as_text(value):
    """Ids as strings of one character per byte."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {as_text(key): as_text(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_text(entry) for entry in value]
    return value


def frame(name, message):
    return {"name": name, "text": compact(as_text(message)), "hex": pack(message).hex()}


def offer(offer_id):
    return {"offer_id": offer_id, "offer": {"type": "offer", "sdp": SDP}}


def announce(**rest):
    return HEAD | {"peer_id": VIEWER} | rest


def answer(**rest):
    return HEAD | {"peer_id": OTHER, "to_peer_id": VIEWER, "offer_id": OFFER, "answer": ANSWER} | rest


FIRST = announce(event="started", uploaded=0, downloaded=0, left=1, numwant=2, offers=[offer(OFFER), offer(OFFER_2)])
REGULAR = announce(uploaded=122_880, downloaded=5_000_000_000, numwant=0, rendition=1, accused=[OTHER])
REPORTING = announce(uploaded=0, downloaded=0, numwant=0, reached=[OTHER], unreached=[OFFER, OFFER_2])
SEEDER = announce(event="completed", uploaded=0, downloaded=0, left=0, numwant=0)
LEAVING = announce(event="stopped", uploaded=122_880, downloaded=245_760, numwant=0)
ONE, TWO = {"action": "scrape", "info_hash": [SWARM]}, {"action": "scrape", "info_hash": [SWARM, OFFER]}
REPLY = HEAD | {"interval": 30, "complete": 1, "incomplete": 41}
HINTS = {"network": 64_496, "region": "DE"}
REFUSAL = {"failure reason": "the frame is too long"}


def client():
    return [
        frame("the first announce, with two offers", FIRST),
        frame("a regular announce with what is ours: the rendition, and an accused peer", REGULAR),
        frame("a regular announce with reports: whom a link was made with, and whom not", REPORTING),
        frame("a seeder's announce", SEEDER),
        frame("leaving", LEAVING),
        frame("an answer", answer()),
        frame("a scrape of one swarm", ONE),
        frame("a scrape of two swarms", TWO),
        frame("a scrape of all", {"action": "scrape"}),
    ]


def server():
    sizes = {SWARM: {"complete": 1, "incomplete": 41, "downloaded": 3}}
    sizes[OFFER] = {"complete": 0, "incomplete": 0, "downloaded": 0}
    limited = {"failure reason": "too many announces from one address", "retry in": 30}
    return [
        frame("the reply to an announce", REPLY),
        frame("a forwarded offer", HEAD | {"peer_id": VIEWER} | offer(OFFER)),
        frame("a forwarded answer", HEAD | {"peer_id": OTHER, "offer_id": OFFER, "answer": ANSWER}),
        frame("sizes of two swarms", {"action": "scrape", "files": sizes}),
        frame("a refusal", REFUSAL),
        frame("a refusal about one swarm, for a while", HEAD | limited),
    ]


def taken(name, same, message):
    return {"name": name, "as": same, "text": compact(as_text(message))}


def client_taken():
    nothing = {"answer": None, "to_peer_id": None, "offer_id": None, "offers": None, "left": None}
    unknown = {"numwant": 50, "trackerid": "t", "token": "x", "ice_servers": [{"urls": "stun:x"}], "key": {"a": [None]}}
    backwards = json.dumps(dict(reversed(as_text(answer()).items())), ensure_ascii=True)
    regular = "a regular announce with what is ours: the rendition, and an accused peer"
    floats = {"uploaded": 122_880.0, "downloaded": 245_760.9}
    return [
        taken("null stands for absent (aquatic's load test)", "leaving", LEAVING | nothing),
        taken("numwant is ignored, and so are trackerid and every unknown key", "leaving", LEAVING | unknown),
        taken("numbers may be floats", "leaving", LEAVING | floats),
        {"name": "keys in another order, ids with escapes", "as": "an answer", "text": backwards},
        taken("an event that nobody knows is a regular announce", regular, REGULAR | {"event": "paused"}),
        taken("a scrape with a bare info hash", "a scrape of one swarm", ONE | {"info_hash": SWARM}),
    ]


def client_refused():
    def row(name, message):
        return {"name": name, "text": compact(as_text(message))}

    headless = {"info_hash": SWARM, "peer_id": VIEWER}
    text = as_text(SWARM)
    return [
        row("no action", headless),
        row("an unknown action", headless | {"action": "leave"}),
        row("no peer id", HEAD),
        row("an info hash of 19 characters", announce(info_hash=text[:19])),
        row("an info hash of 21 characters", announce(info_hash=text + "x")),
        row("a character above U+00FF", announce(info_hash=text[:19] + "\u0100")),
        row("an answer to nobody", answer(to_peer_id=None)),
        row("offers that are no list", announce(offers={})),
        row("an offer without a description", announce(offers=[{"offer_id": OFFER, "offer": {"type": "offer"}}])),
        {"name": "no JSON", "text": "action=announce"},
    ]


def server_taken():
    more = {"min interval": 15, "tracker id": "t", "warning message": "w"}
    named = {"action": "announce"} | REFUSAL
    return [
        taken("a reply of another tracker", "the reply to an announce", REPLY | more),
        taken("a reply with hints: the receiver's network and region", "the reply to an announce", REPLY | HINTS),
        taken("a refusal with an action and without a swarm", "a refusal", named),
    ]


def page():
    """Text frames between the tracker and the page, past the engine."""
    stun = {"urls": ["stun:tracker.example:3478", "stun:tracker.example:3479"]}
    turn = {"urls": ["turn:turn.example:3478"], "username": "1790000000:9f86d081", "credential": "c2VjcmV0IGhhc2ggb2Y="}
    return {
        "token": compact({"action": "token", "token": "eyJh.eyJl.c2ln"}),
        "ice": compact({"action": "ice", "ice_servers": [stun, turn], "ttl": 7_200}),
    }


def tracker():
    return {
        "about": "Messages between a viewer and the tracker (docs/spec/tracker.md): each as a text frame and as a binary "
        "one (hexadecimal).",
        "client": client(),
        "client_taken_as": client_taken(),
        "client_refused": client_refused(),
        "server": server(),
        "server_taken_as": server_taken(),
        "page": page(),
    }
