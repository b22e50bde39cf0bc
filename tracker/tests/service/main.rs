//! The whole tracker as its clients see it: a real server on a port that the system chose, real sockets, no view
//! inside.

mod app;
mod hostile;
mod http;
mod introduction;
mod lifecycle;
mod slow_reader;
