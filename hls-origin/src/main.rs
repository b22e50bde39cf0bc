//! `hls-origin`: the origin alone. Parses, loads, runs.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use hls_origin::serve::{Config, Origin};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Takes live fMP4 over HTTP PUT, serves HLS, and blocks with signed hashes.
///
/// Without any argument it serves the stream `main` on 127.0.0.1:8080; its publish address is logged at the start, with its key in a terminal.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Configuration file (see --print-config).
    #[arg(long, env = "HLS_ORIGIN_CONFIG")]
    config: Option<PathBuf>,
    /// The public listener.
    #[arg(long, env = "HLS_ORIGIN_LISTEN")]
    listen: Option<SocketAddr>,
    /// The operator's listener.
    #[arg(long, env = "HLS_ORIGIN_OPS_LISTEN")]
    ops_listen: Option<SocketAddr>,
    /// The origin as others address it.
    #[arg(long, env = "HLS_ORIGIN_PUBLIC_URL")]
    public_url: Option<String>,
    /// Where keys and numbers survive a restart.
    #[arg(long, env = "HLS_ORIGIN_STATE_DIR")]
    state_dir: Option<PathBuf>,
    /// A tracker for the descriptors; may be repeated.
    #[arg(long = "tracker", env = "HLS_ORIGIN_TRACKERS", value_delimiter = ',')]
    trackers: Option<Vec<String>>,
    /// Static files served at /.
    #[arg(long, env = "HLS_ORIGIN_PAGE_DIR")]
    page_dir: Option<PathBuf>,
    /// Log lines as JSON.
    #[arg(long, env = "HLS_ORIGIN_LOG_JSON")]
    log_json: bool,
    /// Print a commented configuration file with the defaults, and stop.
    #[arg(long)]
    print_config: bool,
    /// Read the configuration, say whether it is right, and stop.
    #[arg(long)]
    check_config: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.print_config {
        say(Config::DEFAULT_TOML);
        return ExitCode::SUCCESS;
    }
    log(arguments.log_json);
    let check_only = arguments.check_config;
    let config = match arguments.over_file() {
        Ok(config) => config,
        Err(reason) => return fail(&reason),
    };
    if check_only {
        say("the configuration is right\n");
        return ExitCode::SUCCESS;
    }
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

async fn run(config: Config) -> Result<(), hls_origin::serve::Error> {
    let origin = Origin::load(config).await?;
    for stream in origin.streams() {
        tell(&origin, stream);
    }
    tracing::info!(url = origin.public_url(), listen = %origin.local_addr(), ops = ?origin.ops_addr(), "listening");
    origin.run(stopped()).await
}

/// Says where to publish. Logs travel, so the key is in it only for a person at a terminal, and once, when it is made.
fn tell(origin: &Origin, stream: &str) {
    if origin.has_new_key(stream) || std::io::stderr().is_terminal() {
        let publish = origin.publish_url(stream, "RENDITION").unwrap_or_default();
        tracing::info!(stream, publish, "publish here; keep the key to yourself");
    } else {
        let publish = format!("{}/publish/{stream}/RENDITION?key=…", origin.public_url());
        tracing::info!(
            stream,
            publish,
            "publish here; the key is in the configuration or in state_dir/origin.json"
        );
    }
}

/// SIGTERM or SIGINT; a second one does not wait for the drain.
async fn stopped() {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("no signal handlers; stop the origin by SIGKILL");
        return core::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("draining; a second signal stops at once");
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        std::process::exit(130);
    });
}

impl Arguments {
    /// Flags over environment (both are clap's) over file over defaults.
    fn over_file(self) -> Result<Config, String> {
        let mut config = match &self.config {
            Some(path) => {
                let shown = path.display();
                let text =
                    std::fs::read_to_string(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
                Config::parse(&text).map_err(|error| format!("{shown}: {error}"))?
            }
            None => Config::default(),
        };
        config.listen = self.listen.unwrap_or(config.listen);
        config.ops_listen = self.ops_listen.or(config.ops_listen);
        config.public_url = self.public_url.or(config.public_url);
        config.state_dir = self.state_dir.unwrap_or(config.state_dir);
        config.trackers = self.trackers.unwrap_or(config.trackers);
        config.page_dir = self.page_dir.or(config.page_dir);
        config.check().map_err(|fault| fault.to_string())?;
        Ok(config)
    }
}

fn log(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { lines.json().init() } else { lines.init() }
}

#[expect(clippy::print_stdout, reason = "what was asked for on the command line goes to standard output")]
fn say(text: &str) {
    print!("{text}");
}

fn fail(reason: &str) -> ExitCode {
    tracing::error!("{reason}");
    ExitCode::FAILURE
}
