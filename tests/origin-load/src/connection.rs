//! A keep-alive connection that costs little: a request is bytes made once, a body is read and forgotten.

use std::net::SocketAddr;

use measure::failure::{Context, Failure, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes read at once.
const BUFFER_BYTES: usize = 65_536;
/// Headers of a response at most.
const HEADERS_MAX: usize = 32;

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The head of a response, whose body was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Bytes of the body.
    pub(crate) bytes: u64,
}

/// A GET of that path.
pub(crate) fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: origin\r\n\r\n").into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true).context("connecting")?;
        Ok(Self { stream, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Asks, and reads the answer.
    pub(crate) async fn get(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.exchange(request, |_| {}).await
    }

    /// Asks, and keeps the body of what must be there.
    pub(crate) async fn body(&mut self, path: &str) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        let answer = self.exchange(&request(path), |piece| body.extend_from_slice(piece)).await?;
        if answer.status == 200 { Ok(body) } else { Err(Failure(format!("{path}: {}", answer.status))) }
    }

    async fn exchange(&mut self, request: &[u8], mut keep: impl FnMut(&[u8])) -> Outcome<Answer> {
        self.stream.write_all(request).await.context("asking")?;
        let mut filled = 0;
        let (status, head, length) = loop {
            if let Some(found) = head(&self.buffer[..filled])? {
                break found;
            }
            let room =
                self.buffer.get_mut(filled..).filter(|room| !room.is_empty()).context("a long head")?;
            filled += match self.stream.read(room).await.context("reading")? {
                0 => return Err(Failure("the server closed a connection".to_owned())),
                count => count,
            };
        };
        keep(&self.buffer[head..filled]);
        let mut left = length.saturating_sub((filled - head) as u64);
        while left > 0 {
            let count = self.stream.read(&mut self.buffer).await.context("reading")?;
            if count == 0 {
                return Err(Failure("the server closed in the middle of a body".to_owned()));
            }
            keep(&self.buffer[..count]);
            left = left.saturating_sub(count as u64);
        }
        Ok(Answer { status, bytes: length })
    }
}

/// Status, bytes of the head, and bytes of the body, once the head is whole.
fn head(bytes: &[u8]) -> Outcome<Option<(u16, usize, u64)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes).context("a response")? else {
        return Ok(None);
    };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok());
    let length = length.context("a response without a length")?;
    Ok(Some((response.code.unwrap_or(0), head, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole_and_must_say_its_length() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab";
        assert_eq!(head(whole).unwrap(), Some((200, whole.len() - 2, 5)));
        assert_eq!(head(&whole[..20]).unwrap(), None);
        assert!(head(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(head(b"\0\0\0\0").is_err());
    }
}
