//! Pushes on a schedule, over one connection to the push API.

use std::io::{BufRead, BufReader, Error, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::Clock;

/// What is pushed when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) rooms: usize,
    pub(crate) rate: u32,
    pub(crate) seconds: u32,
    pub(crate) body: usize,
}

/// What a body begins with; a message's number in its room and its due time in microseconds follow, digits only.
pub(crate) const BEFORE_NUMBER: &[u8] = b"{\"cmd\":\"LOAD\",\"n\":\"";
/// Digits of the number.
pub(crate) const NUMBER_DIGITS: usize = 10;
/// Between the two.
pub(crate) const BEFORE_TIME: &[u8] = b"\",\"t\":\"";
/// Digits of the time.
pub(crate) const TIME_DIGITS: usize = 16;

impl Schedule {
    /// Messages of all rooms together.
    pub(crate) fn messages(&self) -> u64 {
        u64::from(self.rate) * u64::from(self.seconds) * self.rooms as u64
    }

    /// The body of a room's message.
    fn body(&self, number: u64, due: Duration) -> String {
        let mut body =
            format!("{{\"cmd\":\"LOAD\",\"n\":\"{number:010}\",\"t\":\"{:016}\",\"p\":\"", due.as_micros());
        while body.len() + 2 < self.body {
            body.push('x');
        }
        body + "\"}"
    }
}

/// Starts pushing; the thread ends with how many messages were taken.
pub(crate) fn start(api: SocketAddr, schedule: Schedule, clock: Clock) -> Result<JoinHandle<Result<u64>>> {
    let stream = TcpStream::connect(api)?;
    stream.set_nodelay(true)?;
    Ok(std::thread::spawn(move || publish(stream, schedule, clock)))
}

fn publish(stream: TcpStream, schedule: Schedule, clock: Clock) -> Result<u64> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let (start, count) = (clock.now(), schedule.messages());
    let span = Duration::from_secs(schedule.seconds.into());
    let mut taken = 0;
    for index in 0..count {
        let due = start + span.mul_f64(index as f64 / count as f64);
        // Parked, not asleep: nothing else happens on this thread until the message is due.
        while clock.now() < due {
            std::thread::park_timeout(due.saturating_sub(clock.now()));
        }
        let (number, room) = (index / schedule.rooms as u64 + 1, index % schedule.rooms as u64);
        let body = schedule.body(number, due);
        let request = format!(
            "POST /goim/push/room?operation=1000&type=live&room={room} HTTP/1.1\r\nhost: chat\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        taken += u64::from(response(&mut reader)?.contains("\"code\":0"));
    }
    Ok(taken)
}

fn response(reader: &mut BufReader<TcpStream>) -> Result<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    String::from_utf8(body).map_err(Error::other)
}
