//! The stream descriptor: the JSON by which a player finds trackers, keys and blocks (`docs/spec/descriptor.md`).
