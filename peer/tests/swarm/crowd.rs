//! Viewers of one process of ours: started, watched through their reports, stopped.

use std::net::{IpAddr, Ipv4Addr};

use peer::program::Error;
use peer::{Config, Report, program};
use service::testing::Running;
use tokio::sync::watch;

use crate::stage::Stage;

/// Viewers that are there.
pub(crate) struct Crowd {
    running: Running<Result<Report, Error>>,
    reports: watch::Receiver<Report>,
}

/// So many viewers over loopback, who come at once and report every second.
pub(crate) fn config(stage: &Stage, viewers: u32) -> Config {
    Config {
        src: stage.src.clone(),
        viewers,
        join_every_ms: 1,
        link_addresses: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        report_every_s: 1,
        ..Config::default()
    }
}

impl Crowd {
    pub(crate) fn come(config: Config) -> Self {
        let (tell, reports) = watch::channel(Report::default());
        let told = move |report: &Report| {
            tell.send_replace(report.clone());
            Ok(())
        };
        Self { running: Running::start(|shutdown| program::run(config, shutdown, told)), reports }
    }

    /// Resolves when a report says so. A hang is for the runner to end: how fast a machine is is not tested here.
    pub(crate) async fn until(&mut self, what: impl FnMut(&Report) -> bool) -> Report {
        self.reports.wait_for(what).await.expect("the viewers are there").clone()
    }

    pub(crate) async fn leave(self) -> Report {
        self.running.stop().await.expect("they leave in order")
    }
}
