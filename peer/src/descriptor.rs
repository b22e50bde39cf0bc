//! What is to be watched: from a playlist's URL to the descriptor, its keys, and one rendition.

use m3u8_rs::{MasterPlaylist, Playlist, SessionDataField};
use protocol::descriptor::Descriptor;
use protocol::id::{BlockKey, Rendition, SegmentKey};
use protocol::limits::DESCRIPTOR_BYTES_MAX;
use url::Url;

use crate::Config;
use crate::check::Keys;
use crate::http::{Answer, Failure, Http};
use crate::limits::{GET_TIME, PLAYLIST_BYTES_MAX};

/// The DATA-ID of EXT-X-SESSION-DATA whose URI is the descriptor's.
const DATA_ID: &str = "live.shoal.descriptor";

/// A stream and the rendition of it that is watched.
#[derive(Clone, Debug)]
pub struct Stream {
    /// What the descriptor says.
    pub descriptor: Descriptor,
    /// Which rendition.
    pub rendition: Rendition,
    /// Its media playlist.
    pub playlist: Url,
    /// The trackers, by their places in the engine.
    pub trackers: Vec<Url>,
    pub(crate) keys: Keys,
    base: Url,
}

/// Why nothing can be watched; the text says what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StreamError {
    /// No URL.
    #[error("{0} is no URL")]
    Url(String),
    /// It cannot be had.
    #[error("{url}: {why}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What came of it.
        why: String,
    },
    /// The playlist names no descriptor.
    #[error(
        "{0} names no descriptor: is it the multivariant playlist of a Shoal origin? `descriptor` names one"
    )]
    Nameless(String),
    /// The descriptor breaks a rule.
    #[error("{url} is no descriptor: {why}")]
    Malformed {
        /// It.
        url: String,
        /// Its fault.
        why: String,
    },
    /// The rendition is not there.
    #[error("there is no rendition {wanted:?}; there are {there}")]
    Rendition {
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: String,
    },
}

impl Stream {
    /// Loads what `config` names.
    pub(crate) async fn load(config: &Config, http: &Http) -> Result<Self, StreamError> {
        let url = match config.descriptor.as_str() {
            "" => named(&get(http, &url(&config.src)?, PLAYLIST_BYTES_MAX).await?)?,
            told => url(told)?,
        };
        let Answer { url: base, body, .. } = get(http, &url, DESCRIPTOR_BYTES_MAX).await?;
        let malformed = |why: String| StreamError::Malformed { url: base.to_string(), why };
        let text = std::str::from_utf8(&body).map_err(|error| malformed(error.to_string()))?;
        let descriptor = Descriptor::parse(text).map_err(|error| malformed(error.to_string()))?;
        Self::of(descriptor, base, config)
    }

    fn of(descriptor: Descriptor, base: Url, config: &Config) -> Result<Self, StreamError> {
        let parts = descriptor.parts();
        let malformed = |why: &str| StreamError::Malformed { url: base.to_string(), why: why.to_owned() };
        let keys = Keys::of(&parts.keys).ok_or_else(|| malformed("a key is not named after itself"))?;
        let wanted = |name: &str| config.rendition.is_empty() || name == config.rendition;
        let found = parts.renditions.iter().zip(0_u8..).find(|(rendition, _)| wanted(&rendition.name));
        let (rendition, place) = found.ok_or_else(|| StreamError::Rendition {
            wanted: config.rendition.clone(),
            there: parts.renditions.iter().map(|known| known.name.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        let playlist = base.join(&rendition.playlist).map_err(|_| malformed("a playlist's URL is none"))?;
        let named = if config.trackers.is_empty() { &parts.trackers } else { &config.trackers };
        let trackers = named.iter().map(|tracker| url(tracker)).collect::<Result<_, _>>()?;
        Ok(Self { rendition: Rendition(place), playlist, trackers, keys, base, descriptor })
    }

    /// Where a block is.
    pub(crate) fn block(&self, block: BlockKey) -> Option<Url> {
        self.base.join(&self.descriptor.block_url(block)?).ok()
    }

    /// Where a list that covers so many blocks is.
    pub(crate) fn list(&self, segment: SegmentKey, blocks: u16) -> Option<Url> {
        self.base.join(&self.descriptor.hashes_url(segment, blocks)?).ok()
    }
}

async fn get(http: &Http, url: &Url, bytes_max: usize) -> Result<Answer, StreamError> {
    let answer = tokio::time::timeout(GET_TIME, http.get(url, bytes_max)).await;
    answer
        .unwrap_or_else(|_| Err(Failure::Transport("no answer in time".to_owned())))
        .map_err(|why| StreamError::Unreachable { url: url.to_string(), why: why.to_string() })
}

fn url(text: &str) -> Result<Url, StreamError> {
    Url::parse(text).map_err(|_| StreamError::Url(text.to_owned()))
}

/// The descriptor that a playlist names, itself or by its `Link` header.
fn named(playlist: &Answer) -> Result<Url, StreamError> {
    let nameless = || StreamError::Nameless(playlist.url.to_string());
    let said = match m3u8_rs::parse_playlist_res(&playlist.body) {
        Ok(Playlist::MasterPlaylist(master)) => session_data(&master),
        Ok(Playlist::MediaPlaylist(_)) | Err(_) => None,
    };
    let reference = said.or_else(|| linked(playlist.link.as_deref()?)).ok_or_else(nameless)?;
    playlist.url.join(&reference).map_err(|_| nameless())
}

fn session_data(master: &MasterPlaylist) -> Option<String> {
    let mut data = master.session_data.iter().filter(|data| data.data_id == DATA_ID);
    data.find_map(|data| match &data.field {
        SessionDataField::Uri(uri) => Some(uri.clone()),
        SessionDataField::Value(_) => None,
    })
}

/// The first link of a `Link` header that describes the playlist (RFC 8288).
fn linked(header: &str) -> Option<String> {
    let described = |link: &&str| link.contains("describedby") && link.contains("application/json");
    let (_, rest) = header.split(',').find(described)?.split_once('<')?;
    rest.split_once('>').map(|(reference, _)| reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str, link: Option<&str>) -> Answer {
        let url = Url::parse("http://origin/live/main/master.m3u8").unwrap();
        Answer { url, link: link.map(str::to_owned), body: body.to_owned().into() }
    }

    #[test]
    fn a_playlist_names_its_descriptor_in_either_way() {
        let data = "#EXTM3U\n#EXT-X-SESSION-DATA:DATA-ID=\"live.shoal.descriptor\",URI=\"shoal.json\"\n\
                    #EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n";
        let plain = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n";
        let link = "<other>; rel=next, <shoal.json>; rel=\"describedby\"; type=\"application/json\"";
        let wanted = Some("http://origin/live/main/shoal.json".to_owned());
        let rows = [
            (data, None, wanted.clone()),
            (plain, Some(link), wanted),
            (plain, None, None),
            ("", None, None),
        ];
        for (body, link, descriptor) in rows {
            assert_eq!(named(&answer(body, link)).ok().map(String::from), descriptor, "{body} {link:?}");
        }
    }
}
