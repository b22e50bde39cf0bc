//! Several trackers as one: which of them a swarm lives at, and what becomes of a viewer who came to another one. Pure.
//!
//! Every node computes the same [`Map`] from the same list of nodes, so nobody has to be asked: a swarm lives at the node
//! with the highest weight for it ([`rendezvous`]). A [`Placement`] is one connection's: it says for each of its messages
//! whether it is for the registry here, for another node, or whether the viewer is to go there itself; and what moves
//! when nodes come and go. `serve::nodes` carries it out.
//!
//! **Invariant:** a node that leaves moves its own swarms only; one that joins takes only those that are its own.

pub mod placement;
pub mod rendezvous;

pub use placement::{Errand, Placement, Route};
pub use rendezvous::{Map, Node};
