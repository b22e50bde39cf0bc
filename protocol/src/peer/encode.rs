//! Messages to bytes.

use super::{Budget, Fetching, Hello, ListWanted, Message, Refuse, Request, SegmentStatus, kind};
use crate::id::{BlockKey, SegmentKey};
use crate::pack::Writer;

/// Room for every message without a list or a bitmap.
const SHORT_BYTES: usize = 40;

impl Message {
    /// The message's only encoding. The message must keep the limits that [`Message::decode`] checks.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(SHORT_BYTES);
        match self {
            Self::Hello(hello) => write_hello(&mut writer, hello),
            Self::Window(segments) => write_window(&mut writer, segments),
            Self::Have(blocks) => write_have(&mut writer, blocks),
            Self::Fetching(fetching) => write_fetching(&mut writer, kind::FETCHING, fetching),
            Self::Rumour(fetching) => write_fetching(&mut writer, kind::RUMOUR, fetching),
            Self::Request(request) => write_request(&mut writer, request),
            Self::Refuse(refuse) => write_refuse(&mut writer, refuse),
            Self::Cancel(id) => {
                writer.array(2).uint(kind::CANCEL).uint(id.0);
            }
            Self::List(list) => {
                writer.array(2).uint(kind::LIST).bin(list);
            }
            Self::ListWanted(wanted) => write_list_wanted(&mut writer, wanted),
            Self::Budget(budget) => write_budget(&mut writer, budget),
            Self::Probe => {
                writer.array(1).uint(kind::PROBE);
            }
            Self::Bye => {
                writer.array(1).uint(kind::BYE);
            }
        }
        writer.into_bytes()
    }
}

fn write_hello(writer: &mut Writer, hello: &Hello) {
    writer.array(6).uint(kind::HELLO).uint(hello.version).bin(&hello.peer.0);
    writer.bool(hello.serves).bool(hello.super_peer).uint(hello.weight);
}

fn write_window(writer: &mut Writer, segments: &[SegmentStatus]) {
    writer.array(1 + segments.len()).uint(kind::WINDOW);
    for status in segments {
        writer.array(3);
        write_segment(writer, status.segment).bin(&status.have);
    }
}

fn write_have(writer: &mut Writer, blocks: &[BlockKey]) {
    writer.array(1 + blocks.len()).uint(kind::HAVE);
    for block in blocks {
        writer.array(3);
        write_block(writer, *block);
    }
}

fn write_fetching(writer: &mut Writer, kind: u8, fetching: &Fetching) {
    writer.array(5).uint(kind);
    write_block(writer, fetching.block).uint(fetching.wait_ms);
}

fn write_request(writer: &mut Writer, request: &Request) {
    writer.array(6).uint(kind::REQUEST).uint(request.id.0);
    write_block(writer, request.block).uint(request.due_ms);
}

fn write_refuse(writer: &mut Writer, refuse: &Refuse) {
    writer.array(4).uint(kind::REFUSE).uint(refuse.id.0).uint(refuse.reason.code()).uint(refuse.retry_ms);
}

fn write_list_wanted(writer: &mut Writer, wanted: &ListWanted) {
    writer.array(4).uint(kind::LIST_WANTED);
    write_segment(writer, wanted.segment).uint(wanted.blocks);
}

fn write_budget(writer: &mut Writer, budget: &Budget) {
    writer.array(4).uint(kind::BUDGET);
    writer.uint(budget.spare_bytes).uint(budget.uplink_kbit).uint(budget.queued);
}

fn write_segment(writer: &mut Writer, segment: SegmentKey) -> &mut Writer {
    writer.uint(segment.rendition.0).uint(segment.segment.0)
}

fn write_block(writer: &mut Writer, block: BlockKey) -> &mut Writer {
    write_segment(writer, block.segment).uint(block.block.0)
}
