"""The vectors of stream descriptors."""

import base64
import hashlib

from base import BLOCK_BYTES, KEY_ID, PUBLIC, U64_MAX, compact

STREAM_ID = "main-5f1c2d9e"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def swarm_of(stream_id):
    return hashlib.sha256(b"shoal-swarm-1:" + stream_id.encode()).hexdigest()[:40]


PLAIN = {
    "version": 1,
    "stream": "main",
    "swarm": swarm_of(STREAM_ID),
    "trackers": ["ws://127.0.0.1:8000/"],
    "keys": [{"id": KEY_ID, "ed25519": base64url(PUBLIC)}],
    "renditions": [
        {"name": "360p", "playlist": "360p/index.m3u8"},
        {"name": "720p", "playlist": "720p/index.m3u8"},
    ],
    "block_bytes": BLOCK_BYTES,
    "blocks": "{rendition}/{segment}/blocks/{block}",
    "hashes": "{rendition}/{segment}/hashes",
    "target_duration_ms": 2000,
}

ELSEWHERE = PLAIN | {
    "stream": "a-Z_0.9~",
    "trackers": [],
    "keys": [*PLAIN["keys"], {"id": 0, "ed25519": base64url(bytes(32))}],
    "blocks": "https://cdn.example/{segment}?r={rendition}&b={block}",
    "hashes": "https://cdn.example/h?s={segment}&r={rendition}",
}


def invalid(name, fault, **changes):
    return {"name": name, "json": compact(PLAIN | changes), "fault": fault}


def invalid_names():
    return [
        invalid("version 2", "Version", version=2),
        invalid("a stream name with a slash", "Stream", stream="a/b"),
        invalid("a stream name that is a dot segment", "Stream", stream=".."),
        invalid("an empty stream name", "Stream", stream=""),
        invalid("a stream name of 65 characters", "Stream", stream="s" * 65),
        invalid("a swarm of 39 digits", "Swarm", swarm=PLAIN["swarm"][1:]),
        invalid("a swarm in upper case", "Swarm", swarm="AB" * 20),
        invalid("an http tracker", "Trackers", trackers=["http://127.0.0.1:8000/"]),
        invalid("nine trackers", "Trackers", trackers=[f"ws://t{i}/" for i in range(9)]),
    ]


def invalid_keys():
    public, key = base64url(PUBLIC), PLAIN["keys"][0]
    return [
        invalid("no key", "Keys", keys=[]),
        invalid("three keys", "Keys", keys=[{"id": i, "ed25519": public} for i in range(3)]),
        invalid("two keys with one id", "Keys", keys=[key, key]),
        invalid("a key with padding", "Keys", keys=[{"id": 1, "ed25519": public + "="}]),
        invalid("a key of 31 bytes", "Keys", keys=[{"id": 1, "ed25519": base64url(PUBLIC[:31])}]),
    ]


def invalid_rest():
    rendition, keyless = PLAIN["renditions"][0], {key: PLAIN[key] for key in PLAIN if key != "hashes"}
    many = [{"name": f"r{i}", "playlist": "p"} for i in range(33)]
    return [
        invalid("no rendition", "Renditions", renditions=[]),
        invalid("33 renditions", "Renditions", renditions=many),
        invalid("two renditions with one name", "Renditions", renditions=[rendition, rendition]),
        invalid("a rendition name with a space", "Renditions", renditions=[{"name": "a b", "playlist": "p"}]),
        invalid("a playlist without a URL", "Renditions", renditions=[{"name": "a", "playlist": ""}]),
        invalid("blocks of another size", "BlockBytes", block_bytes=65_536),
        invalid("a block template without a block", "Blocks", blocks="{rendition}/{segment}"),
        invalid("an unknown placeholder", "Blocks", blocks="{rendition}/{segment}/{block}/{x}"),
        invalid("a hash template with a block", "Hashes", hashes="{rendition}/{segment}/{block}"),
        invalid("no target duration", "TargetDuration", target_duration_ms=0),
        invalid("a target duration past a minute", "TargetDuration", target_duration_ms=60_001),
        {"name": "no JSON", "json": "{", "fault": None},
        {"name": "a missing key", "json": compact(keyless), "fault": None},
        invalid("a number where a name belongs", None, stream=7),
    ]


def urls(of, rendition, segment, block, blocks, url, hashes_url):
    return {
        "of": of,
        "rendition": rendition,
        "segment": str(segment),
        "block": block,
        "url": url,
        "hashes_blocks": blocks,
        "hashes_url": hashes_url,
    }


def descriptors():
    plain, elsewhere = "two renditions", "no tracker, two keys, blocks from elsewhere"
    unknown = PLAIN | {"ice_servers": [{"urls": "stun:x"}], "comment": None}
    cdn = "https://cdn.example/"
    return {
        "about": "Stream descriptors (docs/spec/descriptor.md). Of an invalid one, fault names the first part that "
        "breaks its rule; null: it does not have the shape at all.",
        "valid": [{"name": plain, "json": compact(PLAIN)}, {"name": elsewhere, "json": compact(ELSEWHERE)}],
        "taken_as": [{"name": "unknown keys are passed over", "as": plain, "json": compact(unknown)}],
        "urls": [
            urls(plain, 0, 813, 3, 4, "360p/813/blocks/3", "360p/813/hashes?blocks=4"),
            urls(
                elsewhere,
                1,
                U64_MAX,
                1023,
                0,
                f"{cdn}{U64_MAX}?r=720p&b=1023",
                f"{cdn}h?s={U64_MAX}&r=720p&blocks=0",
            ),
            urls(plain, 2, 0, 0, 0, None, None),
        ],
        "swarms": [{"stream_id": text, "swarm": swarm_of(text)} for text in (STREAM_ID, "")],
        "invalid": invalid_names() + invalid_keys() + invalid_rest(),
    }
