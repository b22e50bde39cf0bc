//! A connection whose reader must get on: who takes next to nothing of what waits for it is closed.
//!
//! Without it a response that is read a byte a minute holds its connection, and its segment's memory, without end.

use std::future::Future as _;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::door::Door;

/// Bytes that a reader must take within its patience once something waits for it: with the default of 30 s that is
/// 4.4 kbit/s, a fraction of what any rendition needs.
const PROGRESS_BYTES: usize = 16_384;

/// A stream of bytes with a bound on how long its reader may dawdle.
#[derive(Debug)]
pub(super) struct Paced<S> {
    io: S,
    patience: Duration,
    door: Arc<Door>,
    /// Taken since the deadline was set.
    taken: usize,
    /// Runs while something waits to be taken.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> Paced<S> {
    pub(super) const fn new(io: S, patience: Duration, door: Arc<Door>) -> Self {
        Self { io, patience, door, taken: 0, deadline: None }
    }

    /// Passes the outcome of a write on, unless it has been waited for too long.
    fn pace(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            self.taken += written.as_ref().map_or(0, |bytes| *bytes);
            if self.taken >= PROGRESS_BYTES {
                self.relax();
            }
            return Poll::Ready(written);
        }
        if self.deadline.is_none() {
            self.taken = 0;
        }
        let patience = self.patience;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(deadline.as_mut().poll(context));
        self.door.slow_readers.add(1);
        Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the reader takes next to nothing")))
    }

    fn relax(&mut self) {
        self.deadline = None;
        self.taken = 0;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.pace(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.pace(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.io).poll_flush(context));
        // hyper flushes once all that waited has been taken: the next response starts with patience of its own.
        self.relax();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_closed_and_counted() {
        let (near, _far) = duplex(64);
        let door = Arc::new(Door::default());
        let mut paced = Paced::new(near, Duration::from_millis(1), Arc::clone(&door));
        let error = paced.write_all(&[0; 65]).await.expect_err("nobody reads");
        assert_eq!((error.kind(), door.slow_readers.value()), (ErrorKind::TimedOut, 1));
    }

    #[tokio::test]
    async fn a_reader_that_gets_on_is_waited_for_anew() {
        let (near, mut far) = duplex(64);
        let door = Arc::new(Door::default());
        let mut paced = Paced::new(near, Duration::from_secs(3_600), Arc::clone(&door));
        let reading = tokio::spawn(async move {
            let mut taken = vec![0; 4 * PROGRESS_BYTES];
            far.read_exact(&mut taken).await.expect("all of it");
        });
        paced.write_all(&vec![0; 4 * PROGRESS_BYTES]).await.expect("it is read");
        paced.flush().await.expect("flushed");
        reading.await.expect("it ends");
        assert!(paced.deadline.is_none());
        assert_eq!((paced.taken, door.slow_readers.value()), (0, 0));
    }
}
