//! What the tests speak of.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use bus::testing::Server;
use protocol::chat::{Class, Direct, Event, Operation, RoomEvent, RoomKey, To};

/// Longer than anything takes here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Two ends of one bus: the same in memory, two processes over NATS.
pub(crate) struct Ends {
    pub(crate) here: Bus,
    pub(crate) there: Bus,
    pub(crate) name: &'static str,
    _server: Option<Server>,
}

impl Ends {
    /// Each carrier in turn.
    pub(crate) async fn both() -> [Self; 2] {
        let bus = Bus::memory();
        let memory = Self { here: bus.clone(), there: bus, name: "memory", _server: None };
        [memory, Self::nats().await]
    }

    /// Over NATS.
    pub(crate) async fn nats() -> Self {
        let server = Server::start().await;
        let (here, there) = tokio::join!(server.bus("here"), server.bus("there"));
        Self { here, there, name: "nats", _server: Some(server) }
    }

    /// What either end has said so far has arrived.
    pub(crate) async fn settle(&self) {
        for bus in [&self.here, &self.there] {
            bus.settle(PATIENCE).await.unwrap();
        }
    }
}

pub(crate) fn room(name: &str) -> RoomKey {
    RoomKey::parse(name).unwrap()
}

pub(crate) fn event(name: &str, sequence: u64) -> Event {
    Event::Room(RoomEvent {
        room: room(name),
        epoch: 1,
        sequence,
        class: Class::Chat,
        operation: Operation::MESSAGE,
        body: Arc::from(&b"{}"[..]),
    })
}

pub(crate) fn direct() -> Event {
    Event::Direct(Direct { to: To::Everybody, operation: Operation(1_000), body: Arc::from(&b"{}"[..]) })
}

/// What `future` gives; it gives it in time.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("in time")
}
