"""Writes the golden vectors: `python3 protocol/vectors/generate` (needs python3-cryptography).

A second, independent writer of every format, from the text of `docs/spec/`: what it and the Rust codecs agree on is
what the specification says. The output is the same on every run.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import blocks
import bus
import chat
import descriptor
import die
import hash_list
import peer
import replay
import tracker

FOLDER = Path(__file__).parent.parent
VECTORS = {
    "blocks.json": blocks.blocks,
    "bus.json": bus.bus,
    "chat.json": chat.chat,
    "descriptor.json": descriptor.descriptors,
    "die.json": die.die,
    "hash_list.json": hash_list.hash_lists,
    "peer.json": peer.peer,
    "replay.json": replay.replay,
    "tracker.json": tracker.tracker,
}

for file, vectors in VECTORS.items():
    (FOLDER / file).write_text(json.dumps(vectors(), indent=1) + "\n")
