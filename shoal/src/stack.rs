//! The servers of one process, and the one place that knows their order.
//!
//! Start: 1. the tracker is loaded, because the origin names its address to viewers, and with port 0 that is known only
//! once it is bound; 2. the chat edge is loaded, which needs nobody, and the origin: it reads its state, then binds;
//! 3. only when all are bound are the addresses told ([`Stack::ready`]): what connects from then on waits in the
//! system's queue at worst; 4. all accept. A failure in 1 or 2 ends everything before anything is served.
//!
//! End: all drain at the same time. They do not need each other for that: a viewer without a tracker keeps its links,
//! one without an origin is told so by its player, and one without a chat edge only misses comments.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use chat_edge::serve::{self as chat_server, ChatEdge};
use hls_origin::serve::{self as origin, Origin};
use tracker::serve::{self as tracker_server, Tracker};

use crate::config::Config;
use crate::ready::{Chat, Ready};
pub use crate::supervise::Died;
use crate::supervise::Servers;

/// The rendition that is told as the one to publish; encoders may publish others beside it.
const RENDITION: &str = "360p";

/// Everything bound, nothing accepted yet.
#[derive(Debug)]
pub struct Stack {
    tracker: Tracker,
    chat: ChatEdge,
    origin: Origin,
    ready: Ready,
}

/// Why a stack could not start; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tracker could not.
    #[error("tracker: {0}")]
    Tracker(#[from] tracker_server::Error),
    /// The chat edge could not.
    #[error("chat edge: {0}")]
    Chat(#[from] chat_server::Error),
    /// The origin could not.
    #[error("origin: {0}")]
    Origin(#[from] origin::Error),
    /// The origin does not know the stream that it was told of.
    #[error("the origin has no stream named {0:?}")]
    NoSuchStream(String),
}

impl Stack {
    /// Steps 1 to 3.
    ///
    /// # Errors
    /// Where a port is taken or the state directory cannot be used.
    pub async fn load(config: Config) -> Result<Self, Error> {
        let Config { origin: mut origin_config, tracker, chat, tracker_url, chat_url, chat_web_url, stream } =
            config;
        let tracker = Tracker::load(tracker).await?;
        let tracker_url = tracker_url.unwrap_or_else(|| format!("ws://{}/", reachable(tracker.local_addr())));
        if origin_config.trackers.is_empty() {
            origin_config.trackers.push(tracker_url.clone());
        }
        let chat = ChatEdge::load(chat).await?;
        let mut addresses = addresses_of(&chat);
        addresses.ws = chat_url.unwrap_or(addresses.ws);
        addresses.web = chat_web_url.unwrap_or(addresses.web);
        let has_page = origin_config.page_dir.is_some();
        origin_config.page_facts = Some(addresses.for_the_page(&stream));
        let origin = Origin::load(origin_config).await?;
        let url = origin.public_url();
        let publish =
            origin.publish_url(&stream, RENDITION).ok_or_else(|| Error::NoSuchStream(stream.clone()))?;
        let ready = Ready {
            playlist: format!("{url}/live/{stream}/master.m3u8"),
            publish,
            page: has_page.then(|| format!("{url}/")),
            ops: origin.ops_addr().map(|address| format!("http://{address}")),
            chat: addresses,
            tracker: tracker_url,
            origin: url,
        };
        Ok(Self { tracker, chat, origin, ready })
    }

    /// Where everything is.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Step 4: serves until `shutdown` resolves, then drains.
    ///
    /// # Errors
    /// Where a server ends by itself, or drains badly.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), Died> {
        let Self { tracker, chat, origin, .. } = self;
        let mut servers = Servers::new();
        servers.start("tracker", |stopped| async move {
            tracker.run(stopped).await;
            Ok::<(), std::convert::Infallible>(())
        });
        servers.start("chat edge", |stopped| async move {
            chat.run(stopped).await;
            Ok::<(), std::convert::Infallible>(())
        });
        servers.start("origin", |stopped| origin.run(stopped));
        servers.run(shutdown).await
    }
}

fn addresses_of(chat: &ChatEdge) -> Chat {
    let viewers = chat.addresses().first().map_or_else(String::new, |address| local(*address).to_string());
    Chat {
        ws: format!("ws://{viewers}/sub"),
        tcp: viewers,
        push: format!("http://{}/goim/push", local(chat.api_address())),
        web: format!("http://{}", local(chat.web_address())),
    }
}

/// A bound address as one to connect to: "every address of this machine" is none, so loopback stands in.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let found = local(bound);
    if found != bound {
        let ip = found.ip();
        tracing::warn!("viewers on other machines cannot find the tracker at {ip}: set --tracker-url");
    }
    found
}

fn local(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, bound.port())
}
