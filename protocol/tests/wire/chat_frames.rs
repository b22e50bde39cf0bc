//! Chat frames by property: what is written is read, at every cut, and noise becomes frames or faults.

use proptest::prelude::*;
use protocol::chat::{Class, Extension, Fault, Header, Operation, Reader, Version, auth};

const READER: Reader = Reader { frame_bytes_max: 4_096, extended: true };

fn header() -> impl Strategy<Value = Header> {
    (any::<u16>(), any::<u32>(), any::<u32>()).prop_map(|(version, operation, sequence)| Header {
        version: Version(version),
        operation: Operation(operation),
        sequence,
    })
}

fn extension() -> impl Strategy<Value = Option<Extension>> {
    let some = (any::<u32>(), any::<u64>(), prop::sample::select(&Class::ALL[..]));
    prop::option::of(some.prop_map(|(epoch, sequence, class)| Extension { epoch, sequence, class }))
}

type Written = (Header, Option<Extension>, Vec<u8>);

fn written() -> impl Strategy<Value = Written> {
    (header(), extension(), prop::collection::vec(any::<u8>(), 0..64))
}

fn encode(frames: &[Written]) -> Vec<u8> {
    let mut wire = Vec::new();
    for (header, extension, body) in frames {
        match extension {
            Some(extension) => header.encode_extended(*extension, body, &mut wire),
            None => header.encode(body, &mut wire),
        }
    }
    wire
}

proptest! {
    #[test]
    fn frames_end_to_end_are_read_as_they_were_written(frames in prop::collection::vec(written(), 0..8)) {
        let wire = encode(&frames);
        let read: Result<Vec<Written>, Fault> = READER
            .frames(&wire)
            .map(|frame| frame.map(|frame| (frame.header, frame.extension, frame.body.to_vec())))
            .collect();
        prop_assert_eq!(read, Ok(frames));
    }

    #[test]
    fn a_frame_cut_anywhere_is_waited_for(frame in written()) {
        let wire = encode(&[frame]);
        for length in 0..wire.len() {
            prop_assert_eq!(READER.decode(&wire[..length]), Ok(None));
        }
    }

    #[test]
    fn noise_becomes_frames_or_one_fault_and_never_more_bytes_than_came(noise in prop::collection::vec(any::<u8>(), 0..256)) {
        let mut bytes = 0;
        let mut faults = 0;
        for frame in READER.frames(&noise) {
            prop_assert_eq!(faults, 0, "a fault is the last");
            match frame {
                Ok(frame) => bytes += frame.body.len(),
                Err(_) => faults += 1,
            }
        }
        prop_assert!(bytes <= noise.len());
    }

    #[test]
    fn a_changed_byte_never_panics(frame in written(), at: prop::sample::Index, byte: u8) {
        let mut wire = encode(&[frame]);
        let at = at.index(wire.len());
        wire[at] = byte;
        let _ = READER.decode(&wire);
        READER.frames(&wire).for_each(drop);
    }

    #[test]
    fn noise_is_no_authentication_and_no_panic(noise in ".{0,200}") {
        let _ = auth::parse(noise.as_bytes());
    }
}

#[test]
fn a_frame_is_taken_at_the_limit_and_refused_one_past_it() {
    let header = Header { version: Version::CONTROL, operation: Operation::SEND, sequence: 0 };
    for (body, fault) in [(4_080, None), (4_081, Some(Fault::TooLong(4_097)))] {
        let mut wire = Vec::new();
        header.encode(&vec![0; body], &mut wire);
        assert_eq!(READER.decode(&wire).err(), fault);
    }
}
