//! Several processes that are one chat edge: one that numbers, edges, and NATS between them.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{Server, on_server_core};
use measure::clock::Clock;
use measure::failure::{Context, Failure, Outcome};
use measure::server::free_addresses;

/// Processes that have not found each other by then will not.
const FOUND: Duration = Duration::from_secs(15);
/// Between two looks at whether they have.
const LOOK: Duration = Duration::from_millis(100);

/// What runs; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Deployment {
    edges: Vec<Server>,
    logic: Server,
    _nats: Server,
}

impl Deployment {
    /// Starts so many edges, and waits until the process that numbers knows them all.
    pub(crate) fn start(program: &Path, edges: usize, clock: Clock) -> Outcome<Self> {
        let [at, ..] = free_addresses::<1>()?;
        let mut nats = on_server_core(Path::new("nats-server"));
        nats.args(["--addr", &at.ip().to_string(), "--port", &at.port().to_string()]);
        let nats = Server::spawn(nats, [at; 3], clock).context("nats-server (a package of Debian's)")?;
        let node = |name: &str, role: &str| -> Outcome<(Command, [SocketAddr; 3])> {
            let ports: [SocketAddr; 3] = free_addresses()?;
            let [listen, api, web] = ports.map(|port| port.to_string());
            let mut command = on_server_core(program);
            command.args(["--listen", &listen, "--api-listen", &api, "--web-listen", &web]);
            command.args(["--nats", &format!("nats://{at}"), "--node", name, "--role", role]);
            command.args(["--store", "memory"]);
            Ok((command, ports))
        };
        let (command, [_, api, web]) = node("logic", "logic")?;
        // It has no port for viewers.
        let logic = Server::spawn(command, [api, api, web], clock)?;
        let start = |index| {
            let (command, ports) = node(&format!("edge-{index}"), "edge")?;
            Server::spawn(command, ports, clock)
        };
        let edges: Vec<Server> = (0..edges).map(start).collect::<Outcome<_>>()?;
        let end = clock.now() + FOUND;
        // What any of them does not know yet, its viewers' messages would not reach.
        for server in edges.iter().chain([&logic]) {
            while server.get("/goim/nodes/instances")?.matches("\"appid\"").count() != edges.len() {
                if clock.now() > end {
                    return Err(Failure("the edges do not find each other".to_owned()));
                }
                clock.rest(LOOK);
            }
        }
        Ok(Self { edges, logic, _nats: nats })
    }

    /// Where viewers connect, the edge that will be killed first.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.edges.iter().map(|edge| edge.address).collect()
    }

    /// Where messages come in.
    pub(crate) const fn publish(&self) -> SocketAddr {
        self.logic.publish
    }

    /// The first edge is no more, without a word.
    pub(crate) fn kill_an_edge(&mut self) -> Outcome {
        self.edges.first_mut().context("no edge is left")?.kill();
        Ok(())
    }
}
