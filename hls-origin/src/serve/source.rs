//! A supervised ffmpeg child: files and other sources, through the same splitter as a publisher's body.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{ChildStderr, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::app::App;
use super::config::SourceConfig;
use super::live::Live;
use super::publish::Session;

/// What turns any input into the body that the splitter likes: a fragment every 200 ms and at each keyframe.
const OUTPUT: [&str; 9] = [
    "-f",
    "mp4",
    "-movflags",
    "frag_keyframe+empty_moov+default_base_moof",
    "-frag_duration",
    "200000",
    "-flush_packets",
    "1",
    "pipe:1",
];
/// The pause before the first restart, and the longest one.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Segments after which a child counts as healthy, and the next pause is short again.
const HEALTHY_SEGMENTS: u64 = 10;
/// Lines of its stderr that are kept for the log.
const LINES: usize = 20;
const READ_BYTES: usize = 65_536;

/// Runs a source until the origin stops, restarting it with growing pauses.
pub(super) async fn supervise(app: Arc<App>, live: Arc<Live>, source: SourceConfig) {
    let mut pause = PAUSE_MIN;
    while !app.stopping.is_cancelled() {
        let segments = tokio::select! {
            segments = run(&app, &live, &source) => segments,
            () = app.stopping.cancelled() => return,
        };
        pause = if segments >= HEALTHY_SEGMENTS { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
        tokio::select! {
            () = sleep(pause) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

/// One life of the child; returns how many segments it gave. Dropped, it kills the child's whole process group.
async fn run(app: &Arc<App>, live: &Arc<Live>, source: &SourceConfig) -> u64 {
    let (stream, rendition) = (source.stream.as_str(), source.rendition.as_str());
    let mut session = match Session::begin(Arc::clone(app), Arc::clone(live), rendition) {
        Ok(session) => session,
        Err(refused) => {
            tracing::error!(stream, rendition, reason = refused.message(), "source refused");
            return 0;
        }
    };
    let before = session.segments();
    let Some((mut child, output, lines)) = spawn(source) else { return 0 };
    if let Err(reason) = feed(&mut session, output, app.config.limits.ingest_first_ms).await {
        tracing::error!(stream, rendition, reason, "source broke off");
    }
    if let Err(error) = child.start_kill() {
        tracing::debug!(stream, rendition, %error, "the source had ended by itself");
    }
    let status =
        child.wait().await.map(|status| status.to_string()).unwrap_or_else(|error| error.to_string());
    let said = lines.await.unwrap_or_default().join("\n");
    tracing::error!(stream, rendition, status, said, "source ended; it will be restarted");
    session.segments() - before
}

type Running = (Box<dyn ChildWrapper>, ChildStdout, JoinHandle<Vec<String>>);

fn spawn(source: &SourceConfig) -> Option<Running> {
    let mut command = Command::new(&source.program);
    command.args(["-nostdin", "-hide_banner", "-loglevel", "warning"]).args(&source.args).args(OUTPUT);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = CommandWrap::from(command).wrap(KillOnDrop).wrap(ProcessGroup::leader()).spawn();
    let taken = child.as_mut().ok().and_then(|child| Some((child.stdout().take()?, child.stderr().take()?)));
    match (child, taken) {
        (Ok(child), Some((output, errors))) => Some((child, output, tokio::spawn(last_lines(errors)))),
        (Err(error), _) => {
            let program = source.program.display();
            tracing::error!(%program, %error, "the source cannot start; is ffmpeg installed?");
            None
        }
        (Ok(_), None) => None,
    }
}

async fn feed(session: &mut Session, mut output: ChildStdout, silence_ms: u64) -> Result<(), String> {
    let silence = Duration::from_millis(silence_ms);
    let mut buffer = BytesMut::with_capacity(READ_BYTES);
    loop {
        buffer.clear();
        let read = timeout(silence, output.read_buf(&mut buffer)).await;
        match read.map_err(|_| "it was silent for too long".to_owned())?.map_err(|error| error.to_string())? {
            0 => return session.finish().map_err(|refused| refused.message().to_owned()),
            _ => session.push(&buffer).await.map_err(|refused| refused.message().to_owned())?,
        }
    }
}

async fn last_lines(errors: ChildStderr) -> Vec<String> {
    let mut lines = BufReader::new(errors).lines();
    let mut last = VecDeque::with_capacity(LINES);
    while let Ok(Some(line)) = lines.next_line().await {
        if last.len() == LINES {
            last.pop_front();
        }
        last.push_back(line);
    }
    last.into()
}
