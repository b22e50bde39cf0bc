//! Many viewers in one process, against a chat edge that runs already: memory a viewer, CPU a delivery, delay, order, loss.
//!
//! `cargo run --release -p chat-edge --example load -- --help` says how. The publisher is open-loop: it pushes on a fixed
//! schedule and the delay counts from when a message was due, not from when it was sent. Every viewer checks that the
//! numbers in its room rise one by one. CPU and memory are the server's, from `/proc`; where the machine is shared, only
//! its CPU seconds mean something.

mod clock;
mod figures;
mod publisher;
mod server;
mod viewers;

use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use clock::Clock;
use figures::Figures;
use server::Server;
use viewers::{Kind, Viewers};

/// What to do.
#[derive(Debug, Parser)]
#[command(about = "Many viewers against a chat edge that runs already")]
struct Options {
    /// Where viewers connect; several addresses of one server may be given with commas between.
    #[arg(long, default_value = "127.0.0.1:3101", value_delimiter = ',')]
    address: Vec<SocketAddr>,
    /// Where the push API is.
    #[arg(long, default_value = "127.0.0.1:3111")]
    api: SocketAddr,
    /// The server's process, for its CPU and memory.
    #[arg(long)]
    pid: u32,
    /// Viewers.
    #[arg(long, default_value_t = 1_000)]
    viewers: usize,
    /// Rooms that they are spread over.
    #[arg(long, default_value_t = 1)]
    rooms: usize,
    /// What they speak.
    #[arg(long, value_enum, default_value_t = Kind::GoimWebSocket)]
    kind: Kind,
    /// Messages per second in each room.
    #[arg(long, default_value_t = 5)]
    rate: u32,
    /// Seconds of pushing.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Bytes of each message's body.
    #[arg(long, default_value_t = 100)]
    body: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(figures) => {
            let text = if options.json { figures.json() } else { figures.table() };
            // Where nobody reads any more there is nobody to tell.
            let _ = writeln!(std::io::stdout(), "{text}");
            if figures.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> std::io::Result<Figures> {
    service::open_files::raise_limit();
    let clock = Clock::start();
    let server = Server::of(options.pid);
    let mut viewers = Viewers::new(options.kind, clock)?;
    // Warm first: what the allocator keeps is not what a viewer costs.
    let warm = options.viewers.min(1_000) / 4;
    viewers.connect(&options.address, warm, options.rooms)?;
    viewers.leave_all()?;
    viewers.rest(Duration::from_secs(2))?;
    let before = server.look()?;
    viewers.connect(&options.address, options.viewers, options.rooms)?;
    let joined = server.look()?;
    viewers.rest(Duration::from_secs(2))?;
    let idle = server.look()?;
    let schedule = publisher::Schedule {
        rooms: options.rooms,
        rate: options.rate,
        seconds: options.seconds,
        body: options.body,
    };
    let publisher = publisher::start(options.api, schedule, clock)?;
    let expected = schedule.messages() * options.viewers as u64 / options.rooms as u64;
    viewers.listen(expected, Duration::from_secs(u64::from(options.seconds) + 10))?;
    let after = server.look()?;
    let pushed = publisher.join().map_err(|_| std::io::Error::other("the publisher ended early"))??;
    Ok(Figures {
        viewers: options.viewers as u64,
        new: (options.viewers - warm) as u64,
        rooms: options.rooms as u64,
        expected,
        pushed,
        received: viewers.received,
        disordered: viewers.disordered,
        frames: viewers.frames,
        idle_bytes: idle.resident_bytes.saturating_sub(before.resident_bytes),
        after_bytes: after.resident_bytes.saturating_sub(before.resident_bytes),
        join_cpu: joined.cpu.saturating_sub(before.cpu),
        push_cpu: after.cpu.saturating_sub(idle.cpu),
        delay: viewers.delay.clone(),
    })
}
