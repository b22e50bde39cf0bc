//! Each form of MessagePack at the lengths where it changes: our writer against `rmp`'s, our reader against both, and
//! the longer forms that the reader refuses.

use protocol::pack::{Fault, Form, Reader, Writer};

const LENGTHS: [usize; 10] = [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536];
const NUMBERS: [u64; 12] = [
    0,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0xFFFF,
    0x1_0000,
    0xFFFF_FFFF,
    0x1_0000_0000,
    1 << 53,
    u64::MAX - 1,
    u64::MAX,
];

fn ours(write: impl FnOnce(&mut Writer) -> &mut Writer) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.into_bytes()
}

/// Reads one value and all that is left, which is nothing.
fn whole<'a, T>(bytes: &'a [u8], read: impl FnOnce(&mut Reader<'a>) -> T) -> T {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader);
    assert_eq!(reader.end(), Ok(()));
    value
}

fn skips(bytes: &[u8]) {
    assert_eq!(whole(bytes, Reader::skip), Ok(()));
    let cut = &bytes[..bytes.len() - 1];
    assert_eq!(Reader::new(cut).skip().map_err(|error| error.fault), Err(Fault::Truncated));
}

#[test]
fn integers_change_form_where_rmps_do() {
    for number in NUMBERS {
        let bytes = ours(|writer| writer.uint(number));
        assert_eq!(rmp_serde::to_vec(&number).expect("a number"), bytes);
        assert_eq!(whole(&bytes, Reader::u64), Ok(number));
        let narrower = whole(&bytes, Reader::u8);
        assert_eq!(narrower.ok(), u8::try_from(number).ok(), "{number}");
        assert_eq!(whole(&bytes, Reader::u16).ok(), u16::try_from(number).ok(), "{number}");
        assert_eq!(whole(&bytes, Reader::u32).ok(), u32::try_from(number).ok(), "{number}");
        skips(&bytes);
    }
}

#[test]
fn strings_and_bytes_change_form_where_rmps_do() {
    for length in LENGTHS {
        let text = "x".repeat(length);
        let bytes = ours(|writer| writer.str(&text));
        assert_eq!(rmp_serde::to_vec(&text).expect("a string"), bytes, "{length}");
        assert_eq!(whole(&bytes, |reader| reader.str(length)), Ok(text.as_str()));
        if length > 0 {
            let short = Reader::new(&bytes).str(length - 1).map_err(|error| error.fault);
            assert_eq!(short, Err(Fault::Limit), "{length}");
        }
        skips(&bytes);
        let bytes = ours(|writer| writer.bin(text.as_bytes()));
        let mut theirs = Vec::new();
        rmp::encode::write_bin(&mut theirs, text.as_bytes()).expect("bytes");
        assert_eq!(theirs, bytes, "{length}");
        assert_eq!(whole(&bytes, |reader| reader.bin(length)), Ok(text.as_bytes()));
        skips(&bytes);
    }
}

#[test]
fn arrays_and_maps_change_form_where_rmps_do() {
    for length in LENGTHS {
        let bytes = ours(|writer| writer.array(length));
        let mut theirs = Vec::new();
        rmp::encode::write_array_len(&mut theirs, length.try_into().expect("short")).expect("an array");
        assert_eq!(theirs, bytes);
        assert_eq!(whole(&bytes, |reader| reader.array(length)), Ok(length));
        assert_eq!(whole(&bytes, |reader| reader.array_exactly(length)), Ok(()));
        skips(&[bytes, vec![0xC0; length]].concat());
        let bytes = ours(|writer| writer.map(length));
        let mut theirs = Vec::new();
        rmp::encode::write_map_len(&mut theirs, length.try_into().expect("short")).expect("a map");
        assert_eq!(theirs, bytes);
        assert_eq!(whole(&bytes, |reader| reader.map(length)), Ok(length));
        skips(&[bytes, vec![0xC0; 2 * length]].concat());
    }
}

#[test]
fn longer_forms_of_the_same_value_are_refused() {
    type Read = fn(&mut Reader<'_>) -> Option<Fault>;
    let not_smallest: [(&[u8], Read); 12] = [
        (&[0xCC, 0x7F], |reader| reader.u64().err().map(|error| error.fault)),
        (&[0xCD, 0, 0xFF], |reader| reader.u64().err().map(|error| error.fault)),
        (&[0xCE, 0, 0, 0xFF, 0xFF], |reader| reader.u64().err().map(|error| error.fault)),
        (&[0xCF, 0, 0, 0, 0, 1, 2, 3, 4], |reader| reader.u64().err().map(|error| error.fault)),
        (&[0xD9, 1, b'x'], |reader| reader.str(9).err().map(|error| error.fault)),
        (&[0xDA, 0, 1, b'x'], |reader| reader.str(9).err().map(|error| error.fault)),
        (&[0xDB, 0, 0, 0, 1, b'x'], |reader| reader.str(9).err().map(|error| error.fault)),
        (&[0xC5, 0, 1, b'x'], |reader| reader.bin(9).err().map(|error| error.fault)),
        (&[0xC6, 0, 0, 0, 1, b'x'], |reader| reader.bin(9).err().map(|error| error.fault)),
        (&[0xDC, 0, 1, 0xC0], |reader| reader.array(9).err().map(|error| error.fault)),
        (&[0xDD, 0, 0, 0, 1, 0xC0], |reader| reader.array(9).err().map(|error| error.fault)),
        (&[0xDE, 0, 1, 0xC0, 0xC0], |reader| reader.map(9).err().map(|error| error.fault)),
    ];
    for (bytes, read) in not_smallest {
        assert_eq!(read(&mut Reader::new(bytes)), Some(Fault::NotSmallest), "{bytes:02x?}");
        assert_eq!(whole(bytes, Reader::skip), Ok(()), "what is passed over may have any form");
    }
}

#[test]
fn every_form_can_be_passed_over_but_the_reserved_one() {
    let forms: [&[u8]; 13] = [
        &[0xE0],
        &[0xD0, 0x80],
        &[0xD1, 0x80, 0],
        &[0xD2, 0x80, 0, 0, 0],
        &[0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0],
        &[0xCA, 0, 0, 0, 0],
        &[0xCB, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xD4, 1, 0],
        &[0xD5, 1, 0, 0],
        &[0xD6, 1, 0, 0, 0, 0],
        &[0xC7, 2, 1, 0, 0],
        &[0xC8, 0, 2, 1, 0, 0],
        &[0xC9, 0, 0, 0, 2, 1, 0, 0],
    ];
    forms.into_iter().for_each(skips);
    skips(&[[0xD7, 1].as_slice(), &[0; 8]].concat());
    skips(&[[0xD8, 1].as_slice(), &[0; 16]].concat());
    assert_eq!(Reader::new(&[0xC1]).skip().map_err(|error| error.fault), Err(Fault::Kind));
}

#[test]
fn another_form_is_told_with_what_belongs_there_and_its_offset() {
    let mut reader = Reader::new(&[0xC0, 0xC3]);
    assert!(reader.is_nil() && !reader.is_nil());
    let error = reader.u8().expect_err("a boolean is no number");
    assert_eq!((error.fault, error.at), (Fault::Expected(Form::Uint), 1));
    assert_eq!(error.to_string(), "an unsigned integer belongs here (at byte 1)");
    assert_eq!(Reader::new(&[0xC3]).bool(), Ok(true));
    assert_eq!(Reader::new(&[0xC2]).bool(), Ok(false));
}
