//! The named maxima and periods of a native peer's hands; the engine's own are `swarm::limits`.

use std::time::Duration;

/// Viewers of one process.
pub const VIEWERS_MAX: u32 = 2_000;
/// What has happened and was not told to one engine yet. Who would add to it waits: that is what slows a sender down.
pub const EVENTS_MAX: usize = 256;
/// Messages that wait to be sent on one link; a link that does not keep up is closed.
pub const LINK_QUEUE_MAX: usize = 256;
/// What a connection's driver tells of its state before it is read.
pub const LINK_NOTICES_MAX: usize = 32;
/// Frames that wait to be sent to the tracker.
pub const TRACKER_QUEUE_MAX: usize = 64;
/// Bytes of a media playlist: a day of segments.
pub const PLAYLIST_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a whole segment, loaded plainly.
pub const SEGMENT_BYTES_MAX: usize = 62_914_560;
/// Redirects that one GET follows.
pub const REDIRECTS_MAX: usize = 3;
/// Segments of a playlist whose addresses are remembered.
pub const SEGMENTS_MAX: usize = 64;
/// Bytes of a channel that SCTP has not released: as many as a browser would queue are more than an engine sends.
pub const SEND_BUFFER_BYTES_MAX: usize = 1024 * 1024;
/// Servers for ICE.
pub const ICE_SERVERS_MAX: usize = 8;

/// How long a GET of a playlist or a descriptor may take.
pub const GET_TIME: Duration = Duration::from_secs(10);
/// A host that swallows packets would hold an attempt for minutes.
pub const CONNECT_TIME: Duration = Duration::from_secs(8);
/// How long candidates are gathered: the offer travels once, and must not wait for a dead STUN server.
pub const ICE_TIME: Duration = Duration::from_millis(1_500);
/// How often a send buffer is looked at while it is not empty.
pub const BUFFERED_PERIOD: Duration = Duration::from_millis(50);
/// How long a link that ends may take to send what it was given.
pub const FLUSH_TIME: Duration = Duration::from_millis(300);
/// How often the engine is told where the player is.
pub const PLAYHEAD_PERIOD: Duration = Duration::from_millis(250);
/// How often the descriptor is looked at again: for keys that it did not name before.
pub const DESCRIPTOR_AGAIN: Duration = Duration::from_secs(30);
/// Between two tries to load a playlist.
pub const RETRY_TIME: Duration = Duration::from_secs(1);
/// Retry-After that is absent or no number of seconds.
pub const RETRY_AFTER_MS: u32 = 500;
/// The longest that is believed.
pub const RETRY_AFTER_MS_MAX: u32 = 10_000;
