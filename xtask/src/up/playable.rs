//! Whether the stream can be watched: asked of the origin as any player asks, so that who reads that all is ready can play.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::child::Running;
use crate::clock;
use crate::failure::{Context, Failure, Outcome};

/// How long an encoder may take until its first segment is listed: its start, one segment, and a busy machine.
const WITHIN: Duration = Duration::from_secs(60);
/// How often the origin is asked.
const AGAIN: Duration = Duration::from_millis(250);
/// How long one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Bytes of a playlist that are read at most.
const PLAYLIST_BYTES_MAX: u64 = 1_048_576;

/// Returns once the stream behind `playlist` lists a segment, or once asked to end; fails if a program of `running`
/// ends before.
pub(super) fn wait(playlist: &str, running: &mut [&mut Running], asked_to_end: impl Fn() -> bool) -> Outcome {
    let deadline = clock::now() + WITHIN;
    while clock::now() < deadline {
        if asked_to_end() {
            return Ok(());
        }
        if let Some(ended) = running.iter_mut().find_map(|program| program.ended()) {
            return Err(Failure::new(ended));
        }
        if lists_a_segment(playlist).unwrap_or(false) {
            return Ok(());
        }
        clock::wait(AGAIN);
    }
    Err(Failure::new(format!("no segment was listed within {} s at {playlist}", WITHIN.as_secs())))
}

fn lists_a_segment(playlist: &str) -> Outcome<bool> {
    let multivariant = get(playlist)?;
    let Some(media) = first_uri(&multivariant) else { return Ok(false) };
    let folder = playlist.rsplit_once('/').map_or(playlist, |(folder, _)| folder);
    Ok(first_uri(&get(&format!("{folder}/{media}"))?).is_some())
}

/// The first line of a playlist that is neither empty nor a tag (RFC 8216 §4.1).
fn first_uri(playlist: &str) -> Option<&str> {
    playlist.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The body of an answer with status 200. HTTP/1.0, so that it ends where the connection does.
fn get(url: &str) -> Outcome<String> {
    let (host, path) =
        url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).context("no plain URL")?;
    let mut stream = TcpStream::connect(host).context(url)?;
    stream.set_read_timeout(Some(ANSWER_MAX)).context(url)?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n").context(url)?;
    let mut answer = String::new();
    stream.take(PLAYLIST_BYTES_MAX).read_to_string(&mut answer).context(url)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    if head.split(' ').nth(1) == Some("200") {
        Ok(body.to_owned())
    } else {
        Err(Failure::new("not there yet"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request after the other, and returns the URL of `master.m3u8` there.
    fn origin(answers: Vec<&'static str>) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().expect("a request");
                let lines = BufReader::new(stream.try_clone().expect("a second handle")).lines();
                let _head = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                stream.write_all(answer.as_bytes()).expect("it is read");
            }
        });
        format!("http://{address}/live/main/master.m3u8")
    }

    #[test]
    fn a_stream_is_playable_once_its_first_rendition_lists_a_segment() {
        let master = "HTTP/1.0 200 OK\r\n\r\n#EXTM3U\n360p/index.m3u8\n";
        let segment = "HTTP/1.0 200 OK\r\n\r\n#EXTM3U\n#EXTINF:2,\n1.m4s\n";
        let empty = "HTTP/1.0 200 OK\r\n\r\n#EXTM3U\n";
        let absent = "HTTP/1.0 404 Not Found\r\n\r\nno such stream\n";
        let rows = [
            (vec![master, segment], Some(true)),
            (vec![master, empty], Some(false)),
            (vec![empty], Some(false)),
            (vec![absent], None),
            (vec![master, absent], None),
        ];
        for (answers, wanted) in rows {
            assert_eq!(lists_a_segment(&origin(answers)).ok(), wanted);
        }
    }

    #[test]
    fn nobody_waits_for_a_stream_once_asked_to_end() {
        assert!(wait("http://127.0.0.1:1/never", &mut [], || true).is_ok());
    }

    #[test]
    fn tags_and_empty_lines_are_no_addresses() {
        assert_eq!(first_uri("#EXTM3U\n\n#EXT-X-VERSION:7\r\n a.m4s\r\n"), Some("a.m4s"));
        assert_eq!(first_uri("#EXTM3U\n"), None);
    }
}
