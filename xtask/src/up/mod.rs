//! `cargo xtask up`: the whole stack on this machine, with a live test source, until Ctrl-C.

mod playable;
mod ready;
mod signals;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;

use crate::build::{self, Profile};
use crate::child::{Running, own_binary};
use crate::comments::Mood;
use crate::failure::{Context, Failure, Outcome};
use crate::source::Picture;
use crate::{clock, install, run, say, tree};
use ready::Ready;
use signals::Signals;

/// Guests of one address in ten seconds: everybody here has the same.
const GUESTS_PER_10S: u32 = 20;
/// How often the running programs are looked at.
const POLL: Duration = Duration::from_millis(200);

#[derive(Args)]
pub(crate) struct Options {
    /// Print one line of JSON on stdout when all is ready: page, origin, playlist, tracker, publish, chat
    #[arg(long)]
    json: bool,
    /// Start no test source: publish your own
    #[arg(long)]
    no_source: bool,
    /// Let nobody speak in the test room
    #[arg(long)]
    no_comments: bool,
    /// Port of the origin, its page included; 0 takes any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the tracker; 0 takes any that is free
    #[arg(long, default_value_t = 8000)]
    tracker_port: u16,
    /// Port of the chat edge for viewers; 0 takes any that is free
    #[arg(long, default_value_t = 3101)]
    chat_port: u16,
    /// Port of the chat edge's push API; 0 takes any that is free
    #[arg(long, default_value_t = 3111)]
    chat_api_port: u16,
    /// Port of what chat clients ask before they connect; 0 takes any that is free
    #[arg(long, default_value_t = 3112)]
    chat_web_port: u16,
    /// Compile the servers for speed: minutes more the first time
    #[arg(long)]
    release: bool,
    #[command(flatten)]
    picture: Picture,
    #[command(flatten)]
    mood: Mood,
}

/// Returns when a person, or the end of a program, says so.
pub(crate) fn run(options: &Options) -> Outcome {
    let signals = Signals::listen()?;
    let root = tree::root();
    free(options.port, "--port")?;
    free(options.tracker_port, "--tracker-port")?;
    free(options.chat_port, "--chat-port")?;
    free(options.chat_api_port, "--chat-api-port")?;
    free(options.chat_web_port, "--chat-web-port")?;
    if !options.no_source {
        install::programs(&[install::FFMPEG])?;
    }
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    let shoal = build::stack(&root, profile)?;
    match start(&root, &shoal, options, &signals)? {
        Some(mut stack) => wait(&mut stack, &signals),
        None => {
            say::note("stopping");
            Ok(())
        }
    }
}

/// The programs of the stack, in the order in which they end: the sources first, so that the server sees them leave.
struct Stack {
    comments: Option<Running>,
    source: Option<Running>,
    server: Running,
}

/// Starts them one after the other; `None` where a person ends it before all is ready.
fn start(root: &Path, shoal: &Path, options: &Options, signals: &Signals) -> Outcome<Option<Stack>> {
    say::step("starting the servers");
    let mut server = Running::start("shoal", &server(root, shoal, options), Stdio::null(), Stdio::piped())?;
    let stdout = server.child.stdout.take().context("shoal has no stdout")?;
    let Some(ready) = Ready::wait(stdout, ready::WITHIN, || signals.asked_to_end())? else {
        return Ok(None);
    };
    let mut stack = Stack { comments: None, source: None, server };
    if !options.no_source {
        let source = stack.source.insert(source(&ready, &options.picture)?);
        playable::wait(&ready.playlist, &mut [&mut stack.server, source], || signals.asked_to_end())?;
    }
    if !options.no_comments {
        stack.comments = Some(comments(&ready, &options.mood)?);
    }
    if signals.asked_to_end() {
        return Ok(None);
    }
    announce(&ready, options);
    Ok(Some(stack))
}

fn server(root: &Path, shoal: &Path, options: &Options) -> Command {
    let mut command = run::command(root, &shoal.to_string_lossy(), ["--ready-json"]);
    command.arg("--origin-listen").arg(format!("127.0.0.1:{}", options.port));
    command.arg("--tracker-listen").arg(format!("127.0.0.1:{}", options.tracker_port));
    for (flag, port) in [
        ("--chat-listen", options.chat_port),
        ("--chat-api-listen", options.chat_api_port),
        ("--chat-web-listen", options.chat_web_port),
    ] {
        command.arg(flag).arg(format!("127.0.0.1:{port}"));
    }
    command.arg("--chat-guests-per-10s").arg(GUESTS_PER_10S.to_string());
    command.arg("--page-dir").arg(root.join("web-demo/dist"));
    if std::env::var_os("RUST_LOG").is_none() {
        // Addresses and viewers that come and go are ours to tell, or nobody's.
        command.env("RUST_LOG", "warn");
    }
    command
}

/// The source is this same binary, so that it too ends when `up` is killed.
fn source(ready: &Ready, picture: &Picture) -> Outcome<Running> {
    say::step("starting the test source");
    let mut command = Command::new(own_binary()?);
    command.args(["source", "--publish", &ready.publish]).args(picture.arguments());
    Running::start("the test source", &command, Stdio::null(), Stdio::null())
}

/// People in the test room: this same binary too.
fn comments(ready: &Ready, mood: &Mood) -> Outcome<Running> {
    say::step("letting people into the test room");
    let mut command = Command::new(own_binary()?);
    command.args(["comments", "--push", &ready.chat.push]).args(mood.arguments());
    Running::start("the test room", &command, Stdio::null(), Stdio::null())
}

fn announce(ready: &Ready, options: &Options) {
    if options.json {
        say::data(ready.line());
        return;
    }
    say::done(format!("watch      {}", ready.page));
    say::note(format!("playlist   {}", ready.playlist));
    say::note(format!("tracker    {}", ready.tracker));
    say::note(format!("publish    {}", ready.publish));
    say::note(format!("chat       {}", ready.chat.ws));
    say::note(format!("push       {}", ready.chat.push));
    say::note("Open the page in several tabs: they give each other the video. Ctrl-C stops everything.");
}

fn wait(stack: &mut Stack, signals: &Signals) -> Outcome {
    loop {
        if signals.asked_to_end() {
            say::note("stopping");
            return Ok(());
        }
        let running = [Some(&mut stack.server), stack.source.as_mut(), stack.comments.as_mut()];
        if let Some(ended) = running.into_iter().flatten().find_map(Running::ended) {
            return if signals.asked_to_end() { Ok(()) } else { Err(Failure::new(ended)) };
        }
        clock::wait(POLL);
    }
}

/// Fails where somebody else listens already, before anything is built.
fn free(port: u16, option: &str) -> Outcome {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(format!(
            "port {port} cannot be had ({error}): end what listens there (another `up`?), or choose another with `{option}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_named_with_the_option_that_changes_it() {
        let held = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = held.local_addr().expect("an address").port();
        let message = free(port, "--port").expect_err("it is held").to_string();
        assert!(message.contains(&port.to_string()) && message.contains("--port"), "{message}");
    }

    #[test]
    fn port_zero_is_always_free() {
        assert!(free(0, "--port").is_ok());
    }
}
