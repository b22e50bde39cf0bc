//! One direction of a wire: a thread that takes frames and notes when, and one that puts them down when their time has
//! come. All frames take equally long, so that a queue keeps their order and only its front has to be waited for.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::clock;

/// Frames on one wire at once, one way: two seconds of 100 Mbit/s. What comes on top is lost.
const FRAMES_MAX: usize = 16_384;
/// The longest frame: a TAP device has 1,500 bytes of payload, an Ethernet header, and perhaps a VLAN's.
const FRAME_BYTES_MAX: usize = 1_522;

/// An end of a wire.
pub(crate) trait Port: Send + Sync + 'static {
    /// Waits for a frame that goes in here; its length.
    fn take(&self, frame: &mut [u8]) -> io::Result<usize>;
    /// A frame comes out here.
    fn put(&self, frame: &[u8]);
}

struct Travelling {
    due: Instant,
    frame: Vec<u8>,
}

/// One direction.
pub(crate) struct Half {
    reader: JoinHandle<io::Error>,
}

impl Half {
    /// Carries frames from one port to the other from now on.
    pub(crate) fn start<P: Port>(from: &Arc<P>, to: &Arc<P>, delay: Duration) -> Self {
        let (sender, receiver) = sync_channel(FRAMES_MAX);
        let (from, to) = (Arc::clone(from), Arc::clone(to));
        thread::spawn(move || deliver(&*to, &receiver));
        Self { reader: thread::spawn(move || read(&*from, &sender, delay)) }
    }

    /// Returns when nothing can be taken any more, and why.
    pub(crate) fn end(self) -> io::Result<()> {
        match self.reader.join() {
            Ok(error) => Err(error),
            Err(_) => Err(io::Error::other("its reader panicked")),
        }
    }
}

fn read(port: &impl Port, queue: &SyncSender<Travelling>, delay: Duration) -> io::Error {
    let mut frame = [0; FRAME_BYTES_MAX];
    loop {
        match port.take(&mut frame) {
            // A full wire loses what comes on top.
            Ok(length) => drop(
                queue.try_send(Travelling { due: clock::now() + delay, frame: frame[..length].to_vec() }),
            ),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return error,
        }
    }
}

fn deliver(port: &impl Port, queue: &Receiver<Travelling>) {
    for Travelling { due, frame } in queue {
        clock::wait_until(due);
        port.put(&frame);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Frames go in as they are sent here, and come out with the moment.
    struct Bench {
        input: Mutex<Receiver<Vec<u8>>>,
        output: SyncSender<(Instant, Vec<u8>)>,
    }

    impl Port for Bench {
        fn take(&self, frame: &mut [u8]) -> io::Result<usize> {
            let taken = self.input.lock().expect("one reader").recv();
            let taken = taken.map_err(|_| io::Error::other("the bench ended"))?;
            frame[..taken.len()].copy_from_slice(&taken);
            Ok(taken.len())
        }

        fn put(&self, frame: &[u8]) {
            self.output.send((clock::now(), frame.to_vec())).expect("the bench listens");
        }
    }

    type Out = Receiver<(Instant, Vec<u8>)>;

    fn bench() -> (Arc<Bench>, SyncSender<Vec<u8>>, Out) {
        let (input, taken) = sync_channel(8);
        let (output, put) = sync_channel(8);
        (Arc::new(Bench { input: Mutex::new(taken), output }), input, put)
    }

    #[test]
    fn frames_come_out_at_the_other_end_in_order_and_no_sooner_than_the_wire_is_long() {
        const DELAY: Duration = Duration::from_millis(20);
        let ((near, into_near, _), (far, _keep, out_of_far)) = (bench(), bench());
        let half = Half::start(&near, &far, DELAY);
        let start = clock::now();
        for frame in [&b"one"[..], b"two", b"three"] {
            into_near.send(frame.to_vec()).expect("it takes them");
        }
        for expected in [&b"one"[..], b"two", b"three"] {
            let (at, frame) = out_of_far.recv().expect("it comes");
            assert_eq!(frame, expected);
            assert!(at >= start + DELAY);
        }
        drop(into_near);
        assert!(half.end().is_err(), "a wire whose end is gone says so");
    }
}
