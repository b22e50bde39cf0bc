//! The whole chat edge as its clients see it: a real server on ports that the system chose, real sockets, no view
//! inside.

#[cfg(test)]
mod app;
#[cfg(test)]
mod bilibili;
#[cfg(test)]
mod client;
#[cfg(test)]
mod crowded;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod goim;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod history;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod http;
#[cfg(test)]
mod lane;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod log;
#[cfg(test)]
mod moderation;
#[cfg(test)]
mod own_lines;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod past;
#[cfg(test)]
mod people;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod routed;
#[cfg(test)]
mod several;
#[cfg(test)]
mod slow_reader;
#[cfg(test)]
mod store;
#[cfg(test)]
mod takeover;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod upstream;
