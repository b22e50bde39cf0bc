//! Frames: RFC 6455 section 5.

/// Bytes of the longest header that a server writes.
pub const HEADER_BYTES_MAX: usize = 10;
/// Bytes of a control frame's payload (section 5.5).
const CONTROL_BYTES_MAX: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// More of the message before.
    Continuation,
    /// Text.
    Text,
    /// Binary.
    Binary,
    /// The client ends.
    Close,
    /// The client asks whether we are there.
    Ping,
    /// The client's answer.
    Pong,
}

/// A client's frame, unmasked where it lay.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub opcode: Opcode,
    /// The message ends with it.
    pub last: bool,
    /// Its payload.
    pub payload: &'a mut [u8],
    /// Its bytes on the wire.
    pub length: usize,
}

/// Why bytes are no frame of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Against the protocol.
    Protocol,
    /// Longer than we take.
    TooLong,
}

/// Why the server ends a WebSocket: the codes of section 7.4.1 that we use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// As asked.
    Normal,
    /// The server stops.
    Away,
    /// Against the protocol.
    Protocol,
    /// Against the rules of the chat edge.
    Policy,
    /// Too long.
    TooLong,
}

impl Close {
    const fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Away => 1001,
            Self::Protocol => 1002,
            Self::Policy => 1008,
            Self::TooLong => 1009,
        }
    }
}

/// Reads the frame at the start of `bytes`, unmasking its payload; `None` where it has not wholly arrived. What has not
/// wholly arrived stays as it is.
///
/// # Errors
/// As soon as the header shows a fault.
pub fn decode(bytes: &mut [u8], payload_bytes_max: usize) -> Result<Option<Frame<'_>>, Fault> {
    let &mut [first, second, ref rest @ ..] = bytes else { return Ok(None) };
    let opcode = opcode(first).ok_or(Fault::Protocol)?;
    let last = first & 0x80 != 0;
    // Reserved bits belong to extensions, and a client masks.
    if first & 0x70 != 0 || second & 0x80 == 0 {
        return Err(Fault::Protocol);
    }
    let (extra, length) = match second & 0x7F {
        126 => (2, rest.first_chunk::<2>().map(|length| u64::from(u16::from_be_bytes(*length)))),
        127 => (8, rest.first_chunk::<8>().map(|length| u64::from_be_bytes(*length))),
        short => (0, Some(u64::from(short))),
    };
    let control = matches!(opcode, Opcode::Close | Opcode::Ping | Opcode::Pong);
    if control && (!last || extra > 0) {
        return Err(Fault::Protocol);
    }
    let Some(length) = length else { return Ok(None) };
    let length = usize::try_from(length).ok().filter(|length| *length <= payload_bytes_max);
    let length = length.ok_or(Fault::TooLong)?;
    let start = 2 + extra + 4;
    let Some(frame) = bytes.get_mut(..start + length) else { return Ok(None) };
    let (head, payload) = frame.split_at_mut(start);
    let mask = head.last_chunk::<4>().copied().unwrap_or_default();
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Ok(Some(Frame { opcode, last, payload, length: start + length }))
}

const fn opcode(first: u8) -> Option<Opcode> {
    match first & 0x0F {
        0x0 => Some(Opcode::Continuation),
        0x1 => Some(Opcode::Text),
        0x2 => Some(Opcode::Binary),
        0x8 => Some(Opcode::Close),
        0x9 => Some(Opcode::Ping),
        0xA => Some(Opcode::Pong),
        _ => None,
    }
}

/// Appends the header of a binary message of so many bytes.
pub fn binary_header(length: usize, out: &mut Vec<u8>) {
    header(0x82, length, out);
}

/// Appends the answer to a ping; a payload past what a ping may have is cut.
pub fn pong_frame(payload: &[u8], out: &mut Vec<u8>) {
    let payload = payload.get(..CONTROL_BYTES_MAX).unwrap_or(payload);
    header(0x8A, payload.len(), out);
    out.extend_from_slice(payload);
}

/// Appends a close.
pub fn close_frame(close: Close, out: &mut Vec<u8>) {
    header(0x88, 2, out);
    out.extend_from_slice(&close.code().to_be_bytes());
}

fn header(first: u8, length: usize, out: &mut Vec<u8>) {
    out.push(first);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(short),
        (_, Ok(middle)) => {
            out.push(126);
            out.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        header(first, payload.len(), &mut bytes);
        bytes[1] |= 0x80;
        let mask = [1, 2, 3, 4];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    #[test]
    fn frames_of_every_length_are_read_whole_and_waited_for_otherwise() {
        for length in [0, 1, 125, 126, 4_112] {
            let payload: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let wire = client(0x82, &payload);
            for cut in 0..wire.len() {
                let mut part = wire[..cut].to_vec();
                assert_eq!(decode(&mut part, 4_112), Ok(None), "{length} {cut}");
                assert_eq!(part, wire[..cut], "what has not arrived stays masked");
            }
            let mut whole = wire.clone();
            let frame = decode(&mut whole, 4_112).unwrap().unwrap();
            assert_eq!((frame.opcode, frame.last, frame.length), (Opcode::Binary, true, wire.len()));
            assert_eq!(frame.payload, payload);
        }
    }

    #[test]
    fn faults_show_in_the_header() {
        let rows: [(&[u8], Fault); 8] = [
            (&[0x83, 0x80], Fault::Protocol),
            (&[0xC2, 0x80], Fault::Protocol),
            (&[0x82, 0x00], Fault::Protocol),
            (&[0x09, 0x80], Fault::Protocol),
            (&[0x88, 0xFE], Fault::Protocol),
            (&[0x82, 0xFE, 0x10, 0x11], Fault::TooLong),
            (&[0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0x10, 0x11], Fault::TooLong),
            (&[0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Fault::TooLong),
        ];
        for (wire, fault) in rows {
            assert_eq!(decode(&mut wire.to_vec(), 4_112), Err(fault), "{wire:x?}");
        }
    }

    #[test]
    fn headers_use_the_shortest_length() {
        let rows = [(125, 2), (126, 4), (65_535, 4), (65_536, 10)];
        for (length, bytes) in rows {
            let mut out = Vec::new();
            binary_header(length, &mut out);
            assert_eq!(out.len(), bytes);
        }
    }
}
