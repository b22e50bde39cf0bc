//! Very many connections, held over several processes with heartbeats running, and the proof of it: what the servers say
//! that they hold, what their viewers see answered, and what all of it costs.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Serialize;

use crate::cli::{Hold, Million};
use crate::clock::Clock;
use crate::crowd::{Crowd, Dialect};
use crate::say;
use crate::target::{Server, free_ports};
use crate::usage;
use measure::failure::{Context, Failure, Outcome};

/// Crowds that gather at the same time: more only wait for each other's cores.
const GATHERING_AT_ONCE: usize = 2;
/// Files of a server that are no viewers.
const SPARE: usize = 500;

/// What was held.
#[derive(Debug, Serialize)]
struct Proof {
    connections_wanted: usize,
    servers: usize,
    /// As the servers' metrics say it at the end.
    connections: u64,
    /// As the viewers see it at the end.
    viewers: u64,
    seconds_held: u64,
    heartbeats_answered: u64,
    heartbeats_due: u64,
    /// User space of all servers together (PSS).
    servers_mib: f64,
    servers_kib_per_connection: f64,
    servers_cores: f64,
    /// The kernel's, of everything on this machine, viewers' ends among it.
    kernel_slab_mib: f64,
    available_mib: f64,
}

struct Holder {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// Starts servers and crowds, holds, prints the proof.
pub(crate) fn run(options: &Million) -> Outcome {
    let clock = Clock::start();
    let each = options.connections_per_process.min(options.connections).max(1);
    let shares: Vec<usize> = (0..options.connections.div_ceil(each))
        .map(|index| each.min(options.connections - index * each))
        .collect();
    let servers: Vec<Server> =
        shares.iter().map(|share| start_server(options, *share, clock)).collect::<Outcome<_>>()?;
    let mut holders = Vec::new();
    for (index, share) in shares.iter().enumerate() {
        if let Some(before) = index.checked_sub(GATHERING_AT_ONCE).and_then(|before| holders.get_mut(before))
        {
            gathered(before)?;
        }
        let server = servers.get(index).context("a server for each crowd")?;
        holders.push(start_holder(options, server, *share, index)?);
        say(&format!("crowd {} of {}, {} s", index + 1, shares.len(), clock.now().as_secs()));
    }
    let late = holders.len().saturating_sub(GATHERING_AT_ONCE);
    holders.iter_mut().skip(late).try_for_each(gathered)?;
    say(&format!("all are in after {} s; holding", clock.now().as_secs()));
    let proof = hold_all(options, clock, &servers, &mut holders)?;
    let whole = proof.connections == options.connections as u64 && proof.viewers == proof.connections;
    write(options, &proof)?;
    for holder in &mut holders {
        let _ = holder.child.kill();
        let _ = holder.child.wait();
    }
    if whole { Ok(()) } else { Err(Failure("not all connections were held".to_owned())) }
}

fn hold_all(options: &Million, clock: Clock, servers: &[Server], holders: &mut [Holder]) -> Outcome<Proof> {
    let sum = |name: &str| -> Outcome<u64> { servers.iter().map(|server| server.metric(name, "")).sum() };
    let usages = || servers.iter().map(Server::usage).collect::<Outcome<Vec<_>>>();
    let (before, start, beats) = (usages()?, clock.now(), sum("heartbeats_total")?);
    let span = Duration::from_secs(u64::from(options.rounds * options.heartbeat_s));
    clock.rest(span);
    let (after, held, answered) = (usages()?, clock.now() - start, sum("heartbeats_total")? - beats);
    let mut viewers = 0;
    for holder in holders.iter_mut() {
        viewers += last_word(holder)?;
    }
    let bytes: u64 = after.iter().map(|usage| usage.bytes).sum();
    let cpu_us: f64 = after.iter().zip(&before).map(|(after, before)| after.cpu_us_since(before)).sum();
    Ok(Proof {
        connections_wanted: options.connections,
        servers: servers.len(),
        connections: sum("connections")?,
        viewers,
        seconds_held: held.as_secs(),
        heartbeats_answered: answered,
        heartbeats_due: options.connections as u64 * held.as_secs() / u64::from(options.heartbeat_s),
        servers_mib: bytes as f64 / 1_048_576.0,
        servers_kib_per_connection: bytes as f64 / 1_024.0 / options.connections as f64,
        servers_cores: cpu_us / 1e6 / held.as_secs_f64(),
        kernel_slab_mib: usage::memory_kib("Slab:")? as f64 / 1_024.0,
        available_mib: usage::memory_kib("MemAvailable:")? as f64 / 1_024.0,
    })
}

fn start_server(options: &Million, share: usize, clock: Clock) -> Outcome<Server> {
    let ports = free_ports()?;
    let [listen, api, web] = ports;
    let mut command = Command::new(&options.chat_edge);
    command.args(["--listen", &listen.to_string(), "--api-listen", &api.to_string()]);
    command.args(["--web-listen", &web.to_string(), "--store", "memory"]);
    command.args(["--connections-max", &(share + SPARE).to_string()]).env("RUST_LOG", "warn");
    // One thread beside the one that holds viewers: there is next to nothing for it to do.
    command.env("TOKIO_WORKER_THREADS", "1");
    Server::spawn(command, ports, clock)
}

fn start_holder(options: &Million, server: &Server, share: usize, index: usize) -> Outcome<Holder> {
    let here = std::env::current_exe().context("finding this program")?;
    let mut command = Command::new(here);
    command.args(["hold", "--address", &server.address.to_string(), "--connections", &share.to_string()]);
    command.args(["--process", &index.to_string(), "--heartbeat-s", &options.heartbeat_s.to_string()]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting a crowd")?;
    let lines = BufReader::new(child.stdout.take().context("a crowd's words")?);
    Ok(Holder { child, lines })
}

/// Waits until a crowd says that it is in.
fn gathered(holder: &mut Holder) -> Outcome {
    word(holder).map(drop)
}

/// Asks a crowd how many are left.
fn last_word(holder: &mut Holder) -> Outcome<u64> {
    drop(holder.child.stdin.take());
    word(holder)
}

fn word(holder: &mut Holder) -> Outcome<u64> {
    let mut line = String::new();
    holder.lines.read_line(&mut line).context("a crowd's words")?;
    line.trim().parse().context("a crowd ended early")
}

/// One crowd: says how many are in, keeps them alive until its input ends, says how many are left.
pub(crate) fn hold(options: &Hold) -> Outcome {
    let clock = Clock::start();
    let network = u8::try_from(options.process + 2).context("too many crowds for loopback")?;
    let mut crowd = Crowd::new(Dialect::Goim, options.address, clock, network)?;
    crowd.gather(options.connections, 1)?;
    tell(crowd.tally.live)?;
    let (done, over) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = done.send(());
    });
    let (start, span) = (clock.now(), f64::from(options.heartbeat_s));
    let mut said = 0;
    while over.try_recv().is_err() {
        let due = ((clock.now() - start).as_secs_f64() / span * crowd.len() as f64) as usize;
        while said < due {
            let (from, most) = (said % crowd.len(), due - said);
            let to = (from + most).min(crowd.len());
            crowd.beat(from..to);
            said += to - from;
        }
        crowd.listen(Duration::from_millis(100), u64::MAX)?;
    }
    tell(crowd.tally.live)
}

fn tell(count: usize) -> Outcome {
    let mut out = std::io::stdout();
    writeln!(out, "{count}").and_then(|()| out.flush()).context("saying how many")
}

fn write(options: &Million, proof: &Proof) -> Outcome {
    let value = serde_json::to_value(proof).context("the proof as JSON")?;
    let mut table = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{name:<28} {value}");
    }
    std::fs::create_dir_all(&options.out).context("a folder for the proof")?;
    let json = serde_json::to_string_pretty(&value).context("the proof as JSON")?;
    std::fs::write(options.out.join("chat-million.json"), json + "\n").context("writing the proof")?;
    std::io::stdout().write_all(table.as_bytes()).context("writing the proof")
}
