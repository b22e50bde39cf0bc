//! The program as scripts and people meet it: its one line of JSON, its signals, its refusals.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod process;
