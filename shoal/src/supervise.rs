//! Servers that live and die together.
//!
//! A signal asks all of them to drain. A server that ends by itself, in whatever way, takes the others with it: half a
//! stack that looks alive is worse than none, and whoever started the process starts it again.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// How a server ended.
type Ended = (&'static str, Result<(), String>);

/// A server that ended though nobody asked it to, or badly though somebody did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {name} ended: {cause}")]
pub struct Died {
    /// Which one.
    pub name: String,
    /// What is known of the reason.
    pub cause: String,
}

/// Servers under way.
pub(crate) struct Servers {
    tasks: JoinSet<Ended>,
    stop: watch::Sender<bool>,
}

impl Servers {
    pub(crate) fn new() -> Self {
        Self { tasks: JoinSet::new(), stop: watch::Sender::new(false) }
    }

    /// Starts a server; it gets the future that resolves when it is to drain.
    pub(crate) fn start<F, E>(&mut self, name: &'static str, serve: impl FnOnce(Stopped) -> F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display,
    {
        let mut stop = self.stop.subscribe();
        let serving = serve(Box::pin(async move {
            // An error means that the supervisor is gone: as good a reason to stop.
            let _ = stop.wait_for(|stop| *stop).await;
        }));
        self.tasks.spawn(async move { (name, serving.await.map_err(|error| error.to_string())) });
    }

    /// Runs until `shutdown` resolves or a server ends; then drains them all.
    pub(crate) async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), Died> {
        let mut outcome = tokio::select! {
            () = shutdown => Ok(()),
            Some(ended) = self.tasks.join_next() => Err(untimely(ended)),
        };
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            outcome = outcome.and_then(|()| drained(ended));
        }
        outcome
    }
}

/// Resolves when a server is to drain.
pub(crate) type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

fn untimely(ended: Result<Ended, JoinError>) -> Died {
    match ended {
        Ok((name, Ok(()))) => died(name, "nobody asked it to"),
        Ok((name, Err(cause))) => died(name, &cause),
        Err(panic) => died("server", &panic.to_string()),
    }
}

fn drained(ended: Result<Ended, JoinError>) -> Result<(), Died> {
    match ended {
        Ok((_, Ok(()))) => Ok(()),
        Ok((name, Err(cause))) => Err(died(name, &cause)),
        Err(panic) => Err(died("server", &panic.to_string())),
    }
}

fn died(name: &str, cause: &str) -> Died {
    Died { name: name.to_owned(), cause: cause.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    type Outcome = Result<(), String>;

    async fn well(stopped: Stopped) -> Outcome {
        stopped.await;
        Ok(())
    }

    #[tokio::test]
    async fn a_signal_drains_all_and_is_a_good_end() {
        let mut servers = Servers::new();
        servers.start("a", well);
        servers.start("b", well);
        assert_eq!(servers.run(ready(())).await, Ok(()));
    }

    #[tokio::test]
    async fn a_server_that_ends_by_itself_takes_the_others_with_it_and_is_named() {
        let rows = [(Err("disk full".to_owned()), "disk full"), (Ok(()), "nobody asked it to")];
        for (end, cause) in rows {
            let mut servers = Servers::new();
            servers.start("good", well);
            servers.start("bad", move |_| ready(end));
            assert_eq!(servers.run(pending()).await, Err(died("bad", cause)));
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_end_too() {
        let mut servers = Servers::new();
        servers.start("good", well);
        servers.start("bad", |_| async { if true { panic!("bug") } else { Outcome::Ok(()) } });
        let died = servers.run(pending()).await.unwrap_err();
        assert!(died.to_string().contains("bug"), "{died}");
    }

    #[tokio::test]
    async fn a_server_that_drains_badly_is_told() {
        let mut servers = Servers::new();
        servers.start("bad", |stopped| async {
            stopped.await;
            Outcome::Err("state not written".to_owned())
        });
        assert_eq!(servers.run(ready(())).await, Err(died("bad", "state not written")));
    }
}
