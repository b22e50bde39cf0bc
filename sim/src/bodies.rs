//! The bodies that a shell holds: of a crowd most memory would be theirs, so each is packed into 16 bytes.

use protocol::id::{Block, BlockKey, Rendition, Segment, SegmentKey};
use swarm::Handle;

use crate::mesh::{Body, EndId};
use crate::row::Shelf;

/// Bodies under handles, each with the end that it came from, where a viewer sent it.
#[derive(Debug, Default)]
pub struct Bodies(Shelf<Packed>);

#[derive(Clone, Copy, Debug)]
struct Packed {
    segment: u32,
    bytes: u32,
    /// [`NOBODY`] where the origin sent it.
    from: u32,
    block: u16,
    rendition: u8,
    corrupt: bool,
}

/// No end has this number.
const NOBODY: u32 = u32::MAX;

impl Bodies {
    /// Keeps a body under the next handle.
    pub fn put(&mut self, body: Body, from: Option<EndId>) -> Handle {
        let SegmentKey { segment, rendition } = body.block.segment;
        self.0.put(Packed {
            segment: u32::try_from(segment.0).unwrap_or(u32::MAX),
            bytes: body.bytes,
            from: from.map_or(NOBODY, |end| end.0),
            block: body.block.block.0,
            rendition: rendition.0,
            corrupt: body.corrupt,
        })
    }

    /// The body, and whence it came.
    #[must_use]
    pub fn get(&self, handle: Handle) -> Option<(Body, Option<EndId>)> {
        let packed = self.0.get(handle)?;
        Some((packed.body(), Some(EndId(packed.from)).filter(|end| end.0 != NOBODY)))
    }

    /// Forgets a body.
    pub fn take(&mut self, handle: Handle) -> Option<Body> {
        self.0.take(handle).map(Packed::body)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Packed {
    fn body(self) -> Body {
        let segment = SegmentKey::new(Rendition(self.rendition), Segment(u64::from(self.segment)));
        Body { block: BlockKey::new(segment, Block(self.block)), bytes: self.bytes, corrupt: self.corrupt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_out_as_it_went_in() {
        let segment = SegmentKey::new(Rendition(3), Segment(1_234));
        let body = Body { block: BlockKey::new(segment, Block(1_023)), bytes: 61_440, corrupt: true };
        let mut bodies = Bodies::default();
        let (one, other) = (bodies.put(body, Some(EndId(7))), bodies.put(body, None));
        assert_eq!((bodies.get(one), bodies.get(other)), (Some((body, Some(EndId(7)))), Some((body, None))));
        assert_eq!((bodies.take(one), bodies.take(one), bodies.len()), (Some(body), None, 1));
        assert!(size_of::<Option<Packed>>() == 16);
    }
}
