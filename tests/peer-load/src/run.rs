//! One run: servers, a stream, viewers, and what they saw in the window.

use std::net::SocketAddr;
use std::path::Path;

use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::server::{Server, free_address};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::cli::Options;
use crate::publisher::{self, KEY};
use crate::viewers::{Viewers, number};

/// Name, unit, value.
pub(crate) type Values = Vec<(&'static str, &'static str, f64)>;

/// Segments that begin so shortly before the end are still being taken, in milliseconds.
const UNFINISHED_MS: f64 = 12_000.0;

/// The servers of a run.
struct Stage {
    tracker: Server,
    origin: Server,
    ops: SocketAddr,
}

pub(crate) async fn run(options: &Options, p2p: bool, clock: Clock) -> Outcome<Values> {
    let folder = tempfile::tempdir().context("a folder")?;
    let stage = Stage::set(options, folder.path(), clock).await?;
    let publishing = publisher::publish(stage.origin.address, options.kbit).await?;
    let src = format!("http://{}/live/main/master.m3u8", stage.origin.address);
    stage.playable().await?;
    let supers = match (p2p, options.supers) {
        (true, 1..) => Some(Viewers::come(&options.peer, &arguments(&src, options.supers, 1, &["--super"]))?),
        _ => None,
    };
    let apart_ms = options.join_seconds * 1_000 / options.viewers.max(1);
    let p2p = format!("--p2p={p2p}");
    let mut viewers = Viewers::come(&options.peer, &arguments(&src, options.viewers, apart_ms, &[&p2p]))?;
    let begin = options.join_seconds + options.settle_seconds;
    let before = viewers.report_after(begin).await?;
    let costs = [viewers.usage()?, stage.origin.usage()?, stage.tracker.usage()?];
    let since = stage.newest_ms().await?;
    let after = viewers.report_after(begin + options.seconds).await?;
    let costs_after = [viewers.usage()?, stage.origin.usage()?, stage.tracker.usage()?];
    let copies = stage.copies(since).await?;
    publishing.abort();
    drop(supers);
    let seconds = number(&after, "seconds") - number(&before, "seconds");
    let mut values = seen(&before, &after);
    values.push(("copies of a block from the origin, mean", "", copies));
    let names = ["CPU of a viewer", "CPU of the origin", "CPU of the tracker"];
    for ((name, earlier), later) in names.into_iter().zip(&costs).zip(&costs_after) {
        let share = if name == "CPU of a viewer" { f64::from(options.viewers) } else { 1.0 };
        values.push((name, "ms/s", later.cpu_us_since(earlier) / 1_000.0 / seconds / share));
    }
    let memory = costs_after[0].resident_bytes as f64 / 1e6 / f64::from(options.viewers);
    values.push(("memory of a viewer", "MB", memory));
    Ok(values)
}

fn arguments(src: &str, viewers: u32, apart_ms: u32, more: &[&str]) -> Vec<String> {
    let own =
        ["--src", src, "--viewers", &viewers.to_string(), "--join-every-ms", &apart_ms.max(1).to_string()];
    own.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

/// What viewers say of the window, and of their starts.
fn seen(before: &Value, after: &Value) -> Values {
    let grown = |key| number(after, key) - number(before, key);
    let video =
        grown("peer_bytes") + grown("super_peer_bytes") + grown("origin_bytes") + grown("plain_bytes");
    let wasted = grown("duplicate_bytes") + grown("late_bytes") + grown("bad_bytes");
    vec![
        ("viewers that play", "", number(after, "playing")),
        ("offload", "%", 100.0 * grown("peer_bytes") / video),
        ("from super-peers", "%", 100.0 * grown("super_peer_bytes") / video),
        ("wasted", "%", 100.0 * wasted / video),
        ("upload ÷ download, largest", "", number(after, "upload_ratio_max")),
        ("links of a viewer", "", number(after, "links_mean")),
        ("first frame, p50", "ms", number(after, "start_ms_p50")),
        ("first frame, p95", "ms", number(after, "start_ms_p95")),
        ("viewers that ever stalled", "", number(after, "stalled_viewers")),
        ("stalled, of an hour", "s", number(after, "stalled_s_per_hour")),
        ("behind live, p50", "ms", number(after, "behind_ms_p50")),
        ("behind live, p95", "ms", number(after, "behind_ms_p95")),
        ("segments left to plain HLS", "", grown("segments_given_up")),
        ("neighbours cut", "", grown("peers_banned")),
    ]
}

impl Stage {
    async fn set(options: &Options, folder: &Path, clock: Clock) -> Outcome<Self> {
        let (at_tracker, at_origin, ops) = (free_address()?, free_address()?, free_address()?);
        let mut tracker = Command::new(&options.tracker);
        // Everybody comes from one address here, and announces when the engine wants to.
        tracker
            .arg("--listen")
            .arg(at_tracker.to_string())
            .args(["--joins-per-s", "0"])
            .env("RUST_LOG", "warn");
        let tracker = Server::start(tracker, at_tracker, clock).await?;
        let config = folder.join("origin.toml");
        let text = format!(
            "trackers = [\"ws://{at_tracker}/\"]\n[limits]\nconnections = 100000\nconnections_per_address = 0\n\
             waiters = 100000\nwaiters_per_address = 0\n[streams.main]\nkey = \"{KEY}\"\n"
        );
        std::fs::write(&config, text).context("the origin's configuration")?;
        let mut origin = Command::new(&options.origin);
        origin.arg("--config").arg(config).arg("--listen").arg(at_origin.to_string());
        origin.arg("--state-dir").arg(folder.join("state")).arg("--ops-listen").arg(ops.to_string());
        origin.env("RUST_LOG", "warn");
        let origin = Server::start(origin, at_origin, clock).await?;
        Ok(Self { tracker, origin, ops })
    }

    /// Waits until the stream has segments.
    async fn playable(&self) -> Outcome {
        while self.accounts().await?.len() < 4 {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// When the newest segment began, in Unix ms.
    async fn newest_ms(&self) -> Outcome<f64> {
        let accounts = self.accounts().await?;
        Ok(accounts.iter().map(|account| number(account, "start_ms")).fold(0.0, f64::max))
    }

    /// How often the origin sent the bytes of the segments that began since, and are not being taken any more.
    async fn copies(&self, since_ms: f64) -> Outcome<f64> {
        let until_ms = self.newest_ms().await? - UNFINISHED_MS;
        let accounts = self.accounts().await?;
        let window = accounts.iter().filter(|account| {
            let start = number(account, "start_ms");
            start > since_ms && start <= until_ms && number(account, "bytes") > 0.0
        });
        let (sent, size) = window.fold((0.0, 0.0), |(sent, size), account| {
            (sent + number(account, "sent_bytes"), size + number(account, "bytes"))
        });
        Ok(sent / size)
    }

    async fn accounts(&self) -> Outcome<Vec<Value>> {
        let mut stream = TcpStream::connect(self.ops).await.context("/ops/spend")?;
        let request = "GET /ops/spend HTTP/1.1\r\nhost: ops\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.context("/ops/spend")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.context("/ops/spend")?;
        let json = answer.find('[').zip(answer.rfind(']')).and_then(|(from, to)| answer.get(from..=to));
        serde_json::from_str(json.context("/ops/spend has no accounts")?)
            .map_err(|cause| Failure(format!("/ops/spend: {cause}")))
    }
}
