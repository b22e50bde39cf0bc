//! Very many connections, held over several processes with heartbeats running, and the proof of it: what the servers say
//! that they hold, what their viewers see answered, and what all of it costs.
//!
//! Servers and crowds are started in pairs, so that a machine whose memory ends first is stopped short of it
//! (`--spare-gib`) and what it holds by then is held and proven.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Serialize;

use crate::cli::{Hold, Million};
use crate::crowd::{Crowd, Dialect};
use crate::target::Server;
use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::report::{self, say};
use measure::server::free_addresses;
use measure::usage::{self, Usage};

/// Crowds that gather at the same time: more only wait for each other's cores.
const GATHERING_AT_ONCE: usize = 2;
/// Files of a server that are no viewers.
const SPARE: usize = 500;
const GIB: f64 = 1_073_741_824.0;
const MIB: f64 = 1_048_576.0;

/// What was held.
#[derive(Debug, Serialize)]
struct Proof {
    connections_wanted: usize,
    servers: usize,
    /// As the servers' metrics say it at the end.
    connections: u64,
    /// As the viewers see it at the end.
    viewers: u64,
    seconds_to_gather: u64,
    seconds_held: u64,
    /// What the servers answered while all were held, and what was due in that time.
    heartbeats_answered: u64,
    heartbeats_due: u64,
    /// Answers since the start that the viewer saw who saw the fewest.
    heartbeats_seen_by_each_at_least: u64,
    /// User space of all servers together; pages that they share count once.
    servers_mib: f64,
    servers_kib_per_connection: f64,
    /// CPU time of all servers together while all were held.
    servers_cores: f64,
    /// User space of all viewers together.
    viewers_mib: f64,
    /// The kernel's own objects, of both ends: what the machine has more of than before the first connection.
    kernel_slab_kib_per_connection: f64,
    kernel_tcp_buffers_mib: f64,
    available_mib: f64,
}

/// One crowd at its server.
struct Pair {
    server: Server,
    child: Child,
    lines: BufReader<ChildStdout>,
    connections: usize,
}

/// Starts servers and crowds, holds, prints the proof.
pub(crate) fn run(options: &Million) -> Outcome {
    let (clock, slab) = (Clock::start(), usage::machine_bytes("Slab:")?);
    let mut pairs = gather(options, clock)?;
    let gathered = clock.now().as_secs();
    say(&format!("all are in after {gathered} s; holding"));
    let proof = Proof { seconds_to_gather: gathered, ..hold_all(options, clock, slab, &mut pairs)? };
    write(options, &proof)?;
    let whole = proof.connections == options.connections as u64 && proof.viewers == proof.connections;
    if whole { Ok(()) } else { Err(Failure("not all connections were held".to_owned())) }
}

/// As many as are wanted, or as the machine has memory for.
fn gather(options: &Million, clock: Clock) -> Outcome<Vec<Pair>> {
    let each = options.connections_per_process.min(options.connections).max(1);
    let crowds = options.connections.div_ceil(each);
    let mut pairs: Vec<Pair> = Vec::new();
    for index in 0..crowds {
        if let Some(before) = index.checked_sub(GATHERING_AT_ONCE).and_then(|before| pairs.get_mut(before)) {
            before.word()?;
        }
        let available = usage::machine_bytes("MemAvailable:")? as f64 / GIB;
        say(&format!(
            "crowd {} of {crowds}, {} s, {available:.1} GiB left",
            index + 1,
            clock.now().as_secs()
        ));
        if available < options.spare_gib {
            say("the machine has no more memory to spare: no more crowds");
            break;
        }
        pairs.push(Pair::start(options, each.min(options.connections - index * each), index, clock)?);
    }
    let late = pairs.len().saturating_sub(GATHERING_AT_ONCE);
    for pair in pairs.iter_mut().skip(late) {
        pair.word()?;
    }
    Ok(pairs)
}

fn hold_all(options: &Million, clock: Clock, slab_before: u64, pairs: &mut [Pair]) -> Outcome<Proof> {
    let sum = |pairs: &[Pair], name: &str| -> Outcome<u64> {
        pairs.iter().map(|pair| pair.server.metric(name, "")).sum()
    };
    let usages =
        |pairs: &[Pair]| pairs.iter().map(|pair| pair.server.usage()).collect::<Outcome<Vec<Usage>>>();
    let (then, start, beats) = (usages(pairs)?, clock.now(), sum(pairs, "heartbeats_total")?);
    clock.rest(Duration::from_secs(u64::from(options.rounds * options.heartbeat_s)));
    let (held, answered) = (clock.now() - start, sum(pairs, "heartbeats_total")? - beats);
    let (now, connections) = (usages(pairs)?, sum(pairs, "connections")?);
    let [slab, available] = ["Slab:", "MemAvailable:"].map(usage::machine_bytes);
    let (slab, available, tcp) = (slab?.saturating_sub(slab_before) as f64, available?, usage::tcp_bytes()?);
    let bytes: u64 = pairs.iter().map(|pair| pair.server.own_bytes()).sum::<Outcome<_>>()?;
    let crowds: u64 = pairs.iter().map(|pair| usage::own_bytes(pair.child.id())).sum::<Outcome<_>>()?;
    let (mut viewers, mut fewest) = (0, u64::MAX);
    for pair in pairs.iter_mut() {
        let [live, beats] = pair.last_word()?;
        (viewers, fewest) = (viewers + live, fewest.min(beats));
    }
    let count = pairs.iter().map(|pair| pair.connections).sum::<usize>().max(1) as f64;
    let cpu_us: f64 = now.iter().zip(&then).map(|(now, then)| now.cpu_us_since(then)).sum();
    Ok(Proof {
        connections_wanted: options.connections,
        servers: pairs.len(),
        connections,
        viewers,
        seconds_to_gather: 0,
        seconds_held: held.as_secs(),
        heartbeats_answered: answered,
        heartbeats_due: (count * held.as_secs_f64() / f64::from(options.heartbeat_s)) as u64,
        heartbeats_seen_by_each_at_least: fewest,
        servers_mib: bytes as f64 / MIB,
        servers_kib_per_connection: bytes as f64 / 1_024.0 / count,
        servers_cores: cpu_us / 1e6 / held.as_secs_f64(),
        viewers_mib: crowds as f64 / MIB,
        kernel_slab_kib_per_connection: slab / 1_024.0 / count,
        kernel_tcp_buffers_mib: tcp as f64 / MIB,
        available_mib: available as f64 / MIB,
    })
}

impl Pair {
    fn start(options: &Million, connections: usize, index: usize, clock: Clock) -> Outcome<Self> {
        let ports = free_addresses()?;
        let [listen, api, web] = ports;
        let mut command = Command::new(&options.chat_edge);
        command.args(["--listen", &listen.to_string(), "--api-listen", &api.to_string()]);
        command.args(["--web-listen", &web.to_string(), "--store", "memory"]);
        command.args(["--connections-max", &(connections + SPARE).to_string()]).env("RUST_LOG", "warn");
        // One thread beside the one that holds viewers: there is next to nothing for it to do.
        command.env("TOKIO_WORKER_THREADS", "1");
        let server = Server::spawn(command, ports, clock)?;
        let mut holder = Command::new(std::env::current_exe().context("finding this program")?);
        holder.args(["hold", "--address", &listen.to_string(), "--connections", &connections.to_string()]);
        holder.args(["--process", &index.to_string(), "--heartbeat-s", &options.heartbeat_s.to_string()]);
        let mut child =
            holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting a crowd")?;
        let lines = BufReader::new(child.stdout.take().context("a crowd's words")?);
        Ok(Self { server, child, lines, connections })
    }

    /// What the crowd says next: first that it is in, at the end how it was.
    fn word(&mut self) -> Outcome<[u64; 2]> {
        let mut line = String::new();
        self.lines.read_line(&mut line).context("a crowd's words")?;
        let (live, beats) = line.trim().split_once(' ').context("a crowd ended early")?;
        Ok([live.parse().context("a crowd's words")?, beats.parse().context("a crowd's words")?])
    }

    /// Asks the crowd how many are left, and how many answers each of them saw at least.
    fn last_word(&mut self) -> Outcome<[u64; 2]> {
        drop(self.child.stdin.take());
        self.word()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One crowd: says how many are in, keeps them alive until its input ends, says how many are left.
pub(crate) fn hold(options: &Hold) -> Outcome {
    let clock = Clock::start();
    let network = u8::try_from(options.process + 2).context("too many crowds for loopback")?;
    let mut crowd = Crowd::new(Dialect::Goim, options.address, clock, network)?;
    crowd.gather(options.connections, 1)?;
    tell(&crowd)?;
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
    tell(&crowd)
}

fn tell(crowd: &Crowd) -> Outcome {
    let mut out = std::io::stdout();
    let said = writeln!(out, "{} {}", crowd.tally.live, crowd.beats_min());
    said.and_then(|()| out.flush()).context("saying how many")
}

fn write(options: &Million, proof: &Proof) -> Outcome {
    let value = serde_json::to_value(proof).context("the proof as JSON")?;
    let mut table = String::from("| | |\n|---|---:|\n");
    for (name, value) in value.as_object().into_iter().flatten() {
        let text = value.as_f64().filter(|_| value.is_f64()).map(report::digits);
        // Writing to a String cannot fail.
        let _ =
            writeln!(table, "| {} | {} |", name.replace('_', " "), text.unwrap_or_else(|| value.to_string()));
    }
    report::write(&options.out, "chat-million", proof, &table)?;
    std::io::stdout().write_all(table.as_bytes()).context("writing the proof")
}
