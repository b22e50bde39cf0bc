//! Everything that can happen in the world. An event is small and owns nothing: what it is about is kept elsewhere.

use swarm::Handle;

use crate::mesh::{EndId, MessageId, ViewerId};
use crate::slab::Key;

/// A GET on its way.
pub type GetId = Key;
/// A frame to or from the tracker on its way.
pub type FrameId = Key;

/// An event.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A viewer comes.
    Join(ViewerId),
    /// A viewer leaves; with `true` it vanishes without a word to anybody.
    Leave(ViewerId, bool),
    /// A viewer's tab goes to the background, or comes back.
    Background(ViewerId, bool),
    /// A viewer changes the rendition.
    Switch(ViewerId),
    /// A viewer's phone falls asleep.
    Sleep(ViewerId),
    /// It wakes.
    Wake(ViewerId),
    /// The moment that an engine asked for.
    Timer(ViewerId),
    /// A player tells where it is.
    Playhead(ViewerId),
    /// A player polls the playlist.
    Poll(ViewerId),
    /// A player that failed to load a segment tries again.
    Retry(ViewerId),
    /// The segment at this place is published.
    Published(usize),

    /// A GET reaches the origin.
    Asked(GetId),
    /// The origin can answer it.
    Answered(GetId),
    /// A body's last byte has left the origin.
    Left(GetId),
    /// A body's last byte is through the line that an office shares.
    Through(GetId),
    /// The answer's last byte reaches the viewer's access.
    Came(GetId),
    /// The answer is there.
    Brought(GetId),
    /// The shell has hashed these bytes.
    Hashed(ViewerId, Handle),

    /// The uplink of a viewer has sent a slice.
    Slice(ViewerId),
    /// A page that stood still hears of an end's send buffer.
    Buffered(EndId),
    /// A message reaches the receiver's access.
    Message(MessageId),
    /// A message is there.
    Delivered(MessageId),
    /// An end has gathered its candidates.
    Gathered(EndId),
    /// An offer and its answer have found each other.
    Connected(EndId),
    /// An end notices that the other is gone.
    Lost(EndId),

    /// A viewer's connection to the tracker opens, or fails to.
    TrackerOpen(ViewerId),
    /// A frame reaches the tracker.
    ToTracker(FrameId),
    /// A frame reaches a viewer.
    FromTracker(FrameId),
    /// The moment that the tracker's registry asked for.
    TrackerTimer,
    /// The tracker goes down: every connection breaks.
    TrackerDown,

    /// A viewer of the rival's announces itself.
    Announce(ViewerId),
    /// A viewer of the rival's looks for what nobody has.
    Random(ViewerId),
}

impl Event {
    /// A page's event loop handles it, when it gets to it; the others happen in the network, at the origin or the
    /// tracker, or to a person.
    #[must_use]
    pub fn is_of_a_page(self) -> bool {
        match self {
            Self::Timer(_)
            | Self::Playhead(_)
            | Self::Poll(_)
            | Self::Retry(_)
            | Self::Brought(_)
            | Self::Hashed(..)
            | Self::Delivered(_)
            | Self::Buffered(_)
            | Self::Gathered(_)
            | Self::Connected(_)
            | Self::Lost(_)
            | Self::TrackerOpen(_)
            | Self::FromTracker(_)
            | Self::Announce(_)
            | Self::Random(_) => true,
            Self::Join(_)
            | Self::Leave(..)
            | Self::Background(..)
            | Self::Switch(_)
            | Self::Sleep(_)
            | Self::Wake(_)
            | Self::Published(_)
            | Self::Asked(_)
            | Self::Answered(_)
            | Self::Left(_)
            | Self::Through(_)
            | Self::Came(_)
            | Self::Slice(_)
            | Self::Message(_)
            | Self::ToTracker(_)
            | Self::TrackerTimer
            | Self::TrackerDown => false,
        }
    }

    /// Whose page or person it happens to, where it is about one viewer and waits for nothing in the network.
    #[must_use]
    pub fn of_viewer(self) -> Option<ViewerId> {
        match self {
            Self::Background(viewer, _)
            | Self::Switch(viewer)
            | Self::Timer(viewer)
            | Self::Playhead(viewer)
            | Self::Poll(viewer)
            | Self::Retry(viewer)
            | Self::Hashed(viewer, _)
            | Self::Announce(viewer)
            | Self::Random(viewer) => Some(viewer),
            // What was on its way to one who sleeps is lost, or is kept for when it wakes, where it is sent.
            Self::Join(_)
            | Self::Leave(..)
            | Self::Sleep(_)
            | Self::Wake(_)
            | Self::Published(_)
            | Self::Asked(_)
            | Self::Answered(_)
            | Self::Left(_)
            | Self::Through(_)
            | Self::Came(_)
            | Self::Brought(_)
            | Self::Slice(_)
            | Self::Buffered(_)
            | Self::Message(_)
            | Self::Delivered(_)
            | Self::Gathered(_)
            | Self::Connected(_)
            | Self::Lost(_)
            | Self::TrackerOpen(_)
            | Self::ToTracker(_)
            | Self::FromTracker(_)
            | Self::TrackerTimer
            | Self::TrackerDown => None,
        }
    }
}
