//! A program under measure: a port that is free, its start, its costs, its end.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::clock::{Clock, us};
use crate::failure::{Context, Failure, Outcome};
use crate::usage::{Threads, Usage};

/// A server that has not let itself be connected to by then will not.
const STARTED: Duration = Duration::from_secs(15);
/// Between two looks at whether it listens.
const LOOK: Duration = Duration::from_millis(20);

/// An address of this machine that is free now.
///
/// # Errors
/// Where the system has none.
pub fn free_address() -> Outcome<SocketAddr> {
    free_addresses().map(|[address]| address)
}

/// Several that are free now, each another.
///
/// # Errors
/// Where the system has none.
pub fn free_addresses<const COUNT: usize>() -> Outcome<[SocketAddr; COUNT]> {
    let mut addresses = [SocketAddr::from((Ipv4Addr::LOCALHOST, 0)); COUNT];
    let held = addresses.iter().map(TcpListener::bind).collect::<Result<Vec<_>, _>>();
    for (address, listener) in addresses.iter_mut().zip(&held.context("finding a free port")?) {
        *address = listener.local_addr().context("finding a free port")?;
    }
    Ok(addresses)
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it, and waits until it listens at the address that it was told.
    ///
    /// # Errors
    /// Where it ends before, or does not listen in time.
    pub async fn start(mut command: Command, address: SocketAddr, clock: Clock) -> Outcome<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let name = command.as_std().get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().context(&name)?;
        let end = clock.now_us() + us(STARTED);
        let mut look = tokio::time::interval(LOOK);
        while TcpStream::connect(address).await.is_err() {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(Failure(format!("{name} ended before it listened: {status}")));
            }
            if clock.now_us() > end {
                return Err(Failure(format!("{name} does not listen on {address}")));
            }
            look.tick().await;
        }
        Ok(Self { child, address })
    }

    /// What it has cost so far.
    ///
    /// # Errors
    /// Where it has ended.
    pub fn usage(&self) -> Outcome<Usage> {
        Usage::of(self.child.id().context("the server has ended")?)
    }

    /// What each of its threads has cost so far.
    ///
    /// # Errors
    /// Where it has ended.
    pub fn threads(&self) -> Outcome<Threads> {
        Threads::of(self.child.id().context("the server has ended")?)
    }

    /// Kills it, as a crash would.
    ///
    /// # Errors
    /// Where it does not end.
    pub async fn kill(mut self) -> Outcome {
        self.child.kill().await.context("ending the server")
    }
}
