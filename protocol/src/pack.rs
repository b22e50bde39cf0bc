//! The lower level of MessagePack that every codec here shares: bounded readers, canonical writers, one error type.
