//! A room's comments as a file: for replays, and for whoever keeps them.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use protocol::chat::RoomKey;
use serde::Deserialize;

use super::access::{Caller, Room};
use super::problem::Problem;
use crate::comment::export::{Format, Writer};
use crate::moderation::Moment;
use crate::moderation::duty::Duty;
use crate::serve::hub::Hub;
use crate::store::{MessageQuery, Numbering};

/// Messages that are read at once.
const PAGE: usize = 2_000;

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    format: Option<String>,
    from: Option<u64>,
    until: Option<u64>,
}

/// Where an export is.
struct Progress {
    hub: Arc<Hub>,
    query: MessageQuery,
    writer: Writer,
    over: bool,
}

pub(super) async fn export(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Room(room): Room,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    caller.may(&hub, &room, Duty::Export)?;
    let wrong = Problem::Query("format is xml or json; from and until are milliseconds since 1970");
    let Query(Asked { format, from, until }) = asked.map_err(|_| wrong.clone())?;
    let format = Format::parse(format.as_deref().unwrap_or("json")).ok_or(wrong)?;
    let (from, until) = (Moment(from.unwrap_or(0)), Moment(until.unwrap_or(u64::MAX >> 1)));
    let query = query(room, from, until);
    // The first page before the answer's head, so that a store that is not there is a refusal and no broken file.
    let writer = Writer::new(format, query.room.clone(), from);
    let mut progress = Progress { hub, query, writer, over: false };
    let first = progress.page().await?;
    let rest = stream::try_unfold(progress, async |mut progress| {
        if progress.over {
            return Ok(None);
        }
        let page = progress.page().await.map_err(|_| std::io::Error::other("the store is not there"))?;
        Ok::<_, std::io::Error>(Some((page, progress)))
    });
    let whole = futures_util::StreamExt::chain(stream::iter([Ok(first)]), rest);
    Ok(([(header::CONTENT_TYPE, format.content_type())], Body::from_stream(whole)).into_response())
}

const fn query(room: RoomKey, from: Moment, until: Moment) -> MessageQuery {
    MessageQuery { room, after: Numbering { epoch: 0, last: 0 }, from, until, limit: PAGE }
}

impl Progress {
    /// The next part of the file.
    async fn page(&mut self) -> Result<Bytes, Problem> {
        let query = self.query.clone();
        let page = self.hub.desk.ask(move |store| store.messages(&query)).await?;
        self.over = page.len() < PAGE;
        if let Some(last) = page.last() {
            self.query.after = Numbering { epoch: last.event.epoch, last: last.event.sequence };
        }
        page.iter().for_each(|kept| self.writer.add(kept));
        if self.over {
            self.writer.end();
        }
        Ok(self.writer.take().into())
    }
}
