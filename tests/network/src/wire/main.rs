//! Wires of a length: each joins two TAP devices, and what goes in at one end comes out at the other so much later.
//!
//! For a network of namespaces on a kernel without netem. A wire keeps order and loses nothing but what is past its
//! bound; rates and losses are the business of what stands at its ends (`tests/browser/harness/lab.mjs`).

mod clock;
mod half;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use measure::failure::{Context, Failure, Outcome};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use half::{Half, Port};

/// The longest wire: to the moon and back is less.
const DELAY_US_MAX: u64 = 2_000_000;

/// Joins pairs of new TAP devices by wires. Prints a line of JSON once they are there, and ends when it is told to.
#[derive(Parser)]
#[command(name = "wire")]
struct Cli {
    /// How long a packet takes from one end to the other, in microseconds
    #[arg(long, value_parser = clap::value_parser!(u64).range(..=DELAY_US_MAX))]
    delay_us: u64,
    /// The names of a wire's two ends, `NEAR=FAR`; other namespaces may take them afterwards
    #[arg(required = true, value_parser = pair)]
    wires: Vec<(String, String)>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "wire: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Returns when a wire is cut: a device was taken away.
fn run(cli: &Cli) -> Outcome {
    let delay = Duration::from_micros(cli.delay_us);
    let mut halves = Vec::new();
    for (near, far) in &cli.wires {
        let (near, far) = (Arc::new(tap(near)?), Arc::new(tap(far)?));
        halves.push(Half::start(&near, &far, delay));
        halves.push(Half::start(&far, &near, delay));
    }
    writeln!(std::io::stdout(), "{{\"wires\":{}}}", cli.wires.len()).context("stdout")?;
    halves.into_iter().try_for_each(|half| half.end().context("a wire"))
}

fn tap(name: &str) -> Outcome<Tap> {
    let device = DeviceBuilder::new().name(name).layer(Layer::L2).enable(false).build_sync();
    device.map(Tap).map_err(|error| Failure(format!("the device {name} (this needs root): {error}")))
}

/// One end.
struct Tap(SyncDevice);

impl Port for Tap {
    fn take(&self, frame: &mut [u8]) -> std::io::Result<usize> {
        self.0.recv(frame)
    }

    fn put(&self, frame: &[u8]) {
        // What a device that is down does not take is lost, as at any other.
        let _ = self.0.send(frame);
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (near, far) = text.split_once('=').ok_or("write NEAR=FAR")?;
    let fits =
        |name: &str| (1..16).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits(near) && fits(far) && near != far {
        Ok((near.to_owned(), far.to_owned()))
    } else {
        Err("a device's name has 1 to 15 letters and digits, and the two differ".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_two_names_of_devices() {
        assert_eq!(pair("near1=far1"), Ok(("near1".to_owned(), "far1".to_owned())));
        for text in ["near1", "near1=", "=far1", "one=one", "near/1=far1", "a-name-that-is-long=far1"] {
            assert!(pair(text).is_err(), "{text}");
        }
    }
}
