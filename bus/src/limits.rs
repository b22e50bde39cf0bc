//! The named maxima of the bus, and where each number comes from.

/// Bytes of one letter: below NATS' own default maximum of 1 MiB (`max_payload`), with room for its headers.
pub const LETTER_BYTES_MAX: usize = 1_000_000;
/// Bytes of a subject: a room's name of 128 bytes takes 171 as one word. NATS' own maximum is a line of 4,096.
pub const SUBJECT_BYTES_MAX: usize = 512;
/// Letters that wait for the network at most: some seconds of a busy site, while NATS is away.
pub const OUTGOING_LETTERS_MAX: usize = 65_536;
/// Their bytes.
pub const OUTGOING_BYTES_MAX: usize = 16 * 1_024 * 1_024;
/// Questions without an answer so far.
pub const QUESTIONS_MAX: usize = 16_384;
/// Letters of one subject between the network and its mailbox. They are moved on at once, so this is only met by a
/// process that gets no processor time; past it NATS' client drops letters and they are counted.
pub const INCOMING_PER_SUBJECT_MAX: usize = 8_192;
/// Commands between us and NATS' client: small, because what is in there is beyond our count of what waits.
pub const CLIENT_COMMANDS_MAX: usize = 256;
/// Servers of NATS that one configuration names.
pub const SERVERS_MAX: usize = 16;
/// Nodes of one presence group.
pub const NODES_MAX: usize = 1_024;
