//! The block API: one block, the status of all, the signed hash list; what is due is waited for, within bounds.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use protocol::id::Digest;
use protocol::limits::BLOCK_BYTES;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use super::app::App;
use super::listen::Caller;
use super::live::Live;
use super::media::{account, object};
use super::object::{Cache, Object};
use super::refusal::Refused;
use super::spend::Class;
use crate::stream::{Answer, Phase, RenditionView};

/// The type of a signed hash list (`docs/spec/hash-list.md`).
const LIST_TYPE: &str = "application/vnd.shoal.hash-list";

/// `GET /live/{stream}/{rendition}/{msn}/blocks/{block}`.
pub(super) async fn block(
    State(app): State<Arc<App>>,
    Path((stream, rendition, msn, block)): Path<(String, String, String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (msn, block): (u64, usize) = (number(&msn)?, number(&block)?);
    let live = app.stream(&stream)?;
    let (index, (mut bytes, hash)) =
        wait(&app, live, &rendition, caller, |view| view.block(msn, block)).await?;
    if app.config.faults && app.faults.load().corrupt_block == Some(block) {
        bytes = corrupted(&bytes);
    }
    let account = account(live, index, msn, Some(block));
    let object = Object { slices: vec![bytes], digest: hash, ..object(&app, Class::Block, account) };
    Ok(object.respond(&headers))
}

/// The query of a hash list.
#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    blocks: Option<String>,
}

/// `GET /live/{stream}/{rendition}/{msn}/hashes?blocks=K`.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Path((stream, rendition, msn)): Path<(String, String, String)>,
    Query(query): Query<ListQuery>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let msn: u64 = number(&msn)?;
    let live = app.stream(&stream)?;
    let blocks = query.blocks.as_deref().map_or(Ok(1), number::<usize>)?.max(1);
    let ask = |view: &RenditionView| view.list(msn, blocks).map(|list| (list, view.segment(msn).is_some()));
    let (_, (list, whole)) = wait(&app, live, &rendition, caller, ask).await?;
    let mut object = object(&app, Class::List, None);
    if !whole {
        object.cache = Cache::Seconds(1);
    }
    let digest = Digest(Sha256::digest(&list).into());
    Ok(Object { slices: vec![list], digest, media_type: LIST_TYPE, ..object }.respond(&headers))
}

/// `GET /live/{stream}/{rendition}/{msn}/blocks`: the status of each block.
pub(super) async fn status(
    State(app): State<Arc<App>>,
    Path((stream, rendition, msn)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let msn: u64 = number(&msn)?;
    let picture = app.stream(&stream)?.picture();
    let (_, view, _) = picture.rendition(&rendition).ok_or_else(Refused::not_live)?;
    let (closed, bytes, available, arriving) = if let Some(segment) = view.segment(msn) {
        let body = segment.body.as_ref().ok_or_else(Refused::gone)?;
        (true, u64::from(body.whole.bytes), body.whole.blocks.len(), false)
    } else if let Some(growing) = view.growing.as_ref().filter(|growing| growing.msn == msn) {
        let partly = growing.arrived > growing.blocks.len() as u64 * u64::from(BLOCK_BYTES);
        (false, growing.arrived, growing.blocks.len(), partly)
    } else {
        match view.absent::<()>(msn) {
            Answer::Gone => return Err(Refused::gone()),
            Answer::Never => return Err(never()),
            Answer::NotYet => return Err(Refused::not_due()),
            Answer::Ready(()) | Answer::Due => (false, 0, 0, false),
        }
    };
    let mut blocks = vec!["available"; available];
    if arriving {
        blocks.push("arriving");
    } else if !closed {
        // How many will follow is not known; that one will, is.
        blocks.push("absent");
    }
    let live = view.phase == Phase::Live;
    let body = serde_json::json!({ "segment": msn, "closed": closed, "bytes": bytes, "live": live, "blocks": blocks });
    let mut response = Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Waits until a view has the answer, at most one target duration; returns it with the rendition's index.
async fn wait<T>(
    app: &App,
    live: &Live,
    rendition: &str,
    caller: Caller,
    ask: impl Fn(&RenditionView) -> Answer<T>,
) -> Result<(usize, T), Refused> {
    let mut changed = live.changed.subscribe();
    let first = now(live, rendition, &ask)?;
    if let Some(ready) = first {
        return Ok(ready);
    }
    let Ok(_permit) = app.waiters.try_acquire() else {
        return Err(Refused::later("too many requests are waiting; ask again"));
    };
    let Some(_place) = app.door.waiting.enter(caller.address, app.config.limits.waiters_per_address) else {
        return Err(Refused::later("too many requests of this address are waiting; ask again"));
    };
    let deadline = sleep(Duration::from_millis(u64::from(live.picture().target_ms)));
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            woken = changed.changed() => {
                if woken.is_err() {
                    return Err(Refused::later("the stream is being closed"));
                }
            }
            () = &mut deadline => return Err(Refused::later("not final within one target duration; ask again")),
            () = app.stopping.cancelled() => return Err(Refused::later("the origin is stopping")),
        }
        if let Some(ready) = now(live, rendition, &ask)? {
            return Ok(ready);
        }
    }
}

/// The answer now; `None` where it is due.
fn now<T>(
    live: &Live,
    rendition: &str,
    ask: impl Fn(&RenditionView) -> Answer<T>,
) -> Result<Option<(usize, T)>, Refused> {
    let picture = live.picture();
    let (index, view, _) = picture.rendition(rendition).ok_or_else(Refused::not_live)?;
    match ask(view) {
        Answer::Ready(value) => Ok(Some((index, value))),
        Answer::Due => Ok(None),
        Answer::Gone => Err(Refused::gone()),
        Answer::Never => Err(never()),
        Answer::NotYet => Err(Refused::not_due()),
    }
}

fn number<T: core::str::FromStr>(text: &str) -> Result<T, Refused> {
    text.parse().map_err(|_| Refused::bad_number())
}

fn never() -> Refused {
    Refused::not_found("there is no such block or segment, and there will not be")
}

/// The bytes with one bit flipped: what a cache or a liar on the way might do.
fn corrupted(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    if let Some(first) = bytes.first_mut() {
        *first ^= 1;
    }
    Bytes::from(bytes)
}
