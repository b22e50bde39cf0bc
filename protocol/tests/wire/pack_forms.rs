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
fn whole<'a, T>(bytes: &'a [u8], read: impl FnOnce(&mut Reader<'a>) -> T) -> Result<T, Fault> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader);
    reader.finish(value).map_err(|error| error.fault)
}

fn skips(bytes: &[u8]) {
    assert_eq!(whole(bytes, Reader::skip), Ok(()));
    assert_eq!(whole(&bytes[..bytes.len() - 1], Reader::skip), Err(Fault::Truncated));
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
            assert_eq!(whole(&bytes, |reader| reader.str(length - 1)), Err(Fault::Limit), "{length}");
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
    type Read = fn(&mut Reader<'_>);
    let number: Read = |reader| _ = reader.u64();
    let text: Read = |reader| _ = reader.str(9);
    let not_smallest: [(&[u8], Read); 12] = [
        (&[0xCC, 0x7F], number),
        (&[0xCD, 0, 0xFF], number),
        (&[0xCE, 0, 0, 0xFF, 0xFF], number),
        (&[0xCF, 0, 0, 0, 0, 1, 2, 3, 4], number),
        (&[0xD9, 1, b'x'], text),
        (&[0xDA, 0, 1, b'x'], text),
        (&[0xDB, 0, 0, 0, 1, b'x'], text),
        (&[0xC5, 0, 1, b'x'], |reader| _ = reader.bin(9)),
        (&[0xC6, 0, 0, 0, 1, b'x'], |reader| _ = reader.bin(9)),
        (&[0xDC, 0, 1, 0xC0], |reader| _ = reader.array(9)),
        (&[0xDD, 0, 0, 0, 1, 0xC0], |reader| _ = reader.array(9)),
        (&[0xDE, 0, 1, 0xC0, 0xC0], |reader| _ = reader.map(9)),
    ];
    for (bytes, read) in not_smallest {
        assert_eq!(whole(bytes, read), Err(Fault::NotSmallest), "{bytes:02x?}");
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
    assert_eq!(whole(&[0xC1], Reader::skip), Err(Fault::Kind));
}

#[test]
fn another_form_is_told_with_what_belongs_there_and_its_offset() {
    let mut reader = Reader::new(&[0xC0, 0xC3]);
    assert!(reader.is_nil() && !reader.is_nil());
    let number = reader.u8();
    let error = reader.finish(number).expect_err("a boolean is no number");
    assert_eq!((error.fault, error.at), (Fault::Expected(Form::Uint), 1));
    assert_eq!(error.to_string(), "an unsigned integer belongs here (at byte 1)");
    assert_eq!(whole(&[0xC3], Reader::bool), Ok(true));
    assert_eq!(whole(&[0xC2], Reader::bool), Ok(false));
}

#[test]
fn after_the_first_fault_every_value_is_empty_and_the_first_fault_is_told() {
    let bytes = [0xC0, 0x07, 0xA1, b'x', 0xC4, 1, 9, 0xC3, 0x93, 1, 2, 3];
    let mut reader = Reader::new(&bytes);
    assert!(reader.is_sound());
    assert_eq!((reader.u64(), reader.u64(), reader.str(9), reader.bin(9)), (0, 0, "", [].as_slice()));
    assert!(!reader.is_sound() && !reader.bool() && !reader.is_nil());
    assert_eq!((reader.array(9), reader.array_of_bytes::<2>()), (0, [0, 0]));
    assert_eq!(reader.values(9, Reader::u8), Vec::<u8>::new());
    reader.fail(0, Fault::Contradiction);
    assert_eq!(reader.error(0, Fault::Kind).fault, Fault::Expected(Form::Uint));
    assert_eq!(reader.finish(()).map_err(|error| error.fault), Err(Fault::Expected(Form::Uint)));
}
