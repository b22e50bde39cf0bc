//! A response body of shared slices: nothing is copied, its length is known, what is sent is counted.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::spend::{Account, Class, Totals};

/// Slices that are sent one after the other.
#[derive(Debug)]
pub(super) struct Slices {
    slices: VecDeque<Bytes>,
    left: u64,
    tally: Tally,
}

/// Where sent bytes are written down.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) class: Class,
    pub(super) totals: Arc<Totals>,
    pub(super) account: Option<Arc<Account>>,
}

impl Slices {
    pub(super) fn new(slices: VecDeque<Bytes>, tally: Tally) -> Self {
        let left = slices.iter().map(|slice| slice.len() as u64).sum();
        Self { slices, left, tally }
    }
}

impl Body for Slices {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(slice) = self.slices.pop_front() else { return Poll::Ready(None) };
        let bytes = slice.len() as u64;
        self.left -= bytes;
        self.tally.totals.add_bytes(self.tally.class, bytes);
        if let Some(account) = &self.tally.account {
            account.add_bytes(self.tally.class, bytes);
        }
        Poll::Ready(Some(Ok(Frame::data(slice))))
    }

    fn is_end_stream(&self) -> bool {
        self.slices.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
