//! The whole tracker as its clients see it: a real server on a port that the system chose, real sockets, no view
//! inside.

#[cfg(test)]
mod app;
#[cfg(test)]
mod departures;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod http;
#[cfg(test)]
mod ice;
#[cfg(test)]
mod introduction;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod log;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod nodes_in_numbers;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod peer_ids;
#[cfg(test)]
mod places;
#[cfg(test)]
mod slow_reader;
#[cfg(test)]
mod stun;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod turn;
