//! The shell of one engine: hands inputs in, drains outputs, carries them out, and checks each against ground truth.

use protocol::id::{BlockKey, KeyId};
use protocol::peer::parse_data_header;
use protocol::time::{Duration, Instant};
use protocol::{id::Block, limits};
use swarm::io::{CheckId, Offence, WantId};
use swarm::report::Reason;
use swarm::{Event as Told, Handle, Input, Output};

use crate::event::Event;
use crate::fold::fold_output;
use crate::mesh::{Body, ViewerId};
use crate::origin::Resource;
use crate::stream;
use crate::web::Asker;
use crate::world::{Cut, Local, World};

/// How long a shell takes to hash a block: WebCrypto takes about as long.
const HASHING: Duration = Duration::from_millis(1);
/// How late a timer of a tab in the background is: browsers align them to full seconds.
const THROTTLED: Duration = Duration::from_millis(500);
/// Calls of one engine at one moment past which it spins.
const SPINS_MAX: u32 = 64;
/// Answers given at one moment past which an engine and its shell go in circles.
const STEPS_MAX: u32 = 1_000;
/// Outputs of one drain past which it never ends.
const OUTPUTS_MAX: usize = 10_000;

impl World {
    /// Hands an input to a viewer's engine, carries out what it says, and tells it what follows at once.
    pub(crate) fn feed(&mut self, id: ViewerId, input: Input<'_>) {
        self.state.word(self.now().0 ^ u64::from(id.0) << 48);
        if self.step(id, input) {
            self.settle(id);
        }
    }

    /// Drains an engine, and everything that follows from it without delay.
    pub(crate) fn settle(&mut self, id: ViewerId) {
        self.drain(id);
        let mut steps = 0;
        while let Some((viewer, local)) = self.local.pop_front() {
            steps += 1;
            if steps > STEPS_MAX {
                self.local.clear();
                return self.breach(viewer, || format!("goes in circles: {local:?}"));
            }
            let fed = match local {
                Local::ListVerified(check, valid, digest) => {
                    self.step(viewer, Input::ListVerified { check, valid, digest })
                }
                Local::LinkClosed(link) => self.step(viewer, Input::LinkClosed { link }),
                Local::Loaded(bytes) => self.step(viewer, Input::Loaded { bytes }),
                Local::Playhead(playhead) => self.step(viewer, Input::Playhead(playhead)),
                Local::Wanted(want, segment) => self.step(viewer, Input::Want { want, segment }),
                Local::Rendition(rendition) => self.step(viewer, Input::Rendition(rendition)),
                Local::Appended => {
                    self.want(viewer);
                    continue;
                }
                Local::GaveUp(place) => {
                    self.get(viewer, Asker::Player, Resource::Segment(place));
                    continue;
                }
            };
            if fed {
                self.drain(viewer);
            }
        }
    }

    /// How late a page is this time: its event loop has other things to do (and HTML clamps nested timers to 4 ms).
    pub(crate) fn draw_lag(&mut self) -> Duration {
        Duration::from_micros(self.lag.below(self.scenario.network.lag_ms * 1_000))
    }

    /// When a page handles what reaches it at `at`: late, but in order.
    pub(crate) fn turn_of(&mut self, id: ViewerId, at: Instant) -> Instant {
        let late = self.draw_lag();
        let shell = &mut self.viewers[id.0 as usize].shell;
        shell.handled = shell.handled.max(at + late);
        shell.handled
    }

    /// One input; false where there is no engine.
    fn step(&mut self, id: ViewerId, input: Input<'_>) -> bool {
        let now = self.now();
        let Some(engine) = self.viewers[id.0 as usize].engine.as_mut() else { return false };
        engine.lend(&mut self.room);
        self.lent = true;
        engine.handle_input(now, input);
        true
    }

    fn drain(&mut self, id: ViewerId) {
        let now = self.now();
        let mut outputs = std::mem::take(&mut self.outputs);
        let Some(engine) = self.viewers[id.0 as usize].engine.as_mut() else { return };
        let due = loop {
            match engine.poll_output() {
                Output::Timeout(due) => break due,
                output => outputs.push(output),
            }
            if outputs.len() > OUTPUTS_MAX {
                self.violations.note(now, id, || "a drain does not end".into());
                break Instant::NEVER;
            }
        };
        if std::mem::take(&mut self.lent) {
            engine.lend(&mut self.room);
        }
        self.carried += outputs.len() as u64;
        for output in outputs.drain(..) {
            fold_output(&mut self.state, &output);
            self.carry_out(id, output);
        }
        self.outputs = outputs;
        self.pump(id);
        self.plan_timer(id, due);
        if let Some(journal) = self.journal.as_mut()
            && let Some(engine) = self.viewers[id.0 as usize].engine.as_ref()
        {
            journal.look(now, id, engine);
        }
    }

    fn plan_timer(&mut self, id: ViewerId, due: Instant) {
        let timer = &mut self.viewers[id.0 as usize].shell.timer;
        timer.due = due;
        if due < timer.planned {
            timer.planned = due;
            let late = self.draw_lag();
            let throttled =
                if self.viewers[id.0 as usize].shell.background { THROTTLED } else { Duration::ZERO };
            self.timeline.at(due + late + throttled, Event::Timer(id));
        }
    }

    pub(crate) fn on_timer(&mut self, id: ViewerId) {
        let now = self.now();
        let timer = &mut self.viewers[id.0 as usize].shell.timer;
        if now < timer.planned {
            return;
        }
        timer.planned = Instant::NEVER;
        if now < timer.due {
            let due = timer.due;
            return self.plan_timer(id, due);
        }
        let before = self.carried;
        self.feed(id, Input::Timeout);
        let in_vain = self.carried == before;
        self.viewers[id.0 as usize].shell.timer.in_vain += u32::from(in_vain);
        let timer = &mut self.viewers[id.0 as usize].shell.timer;
        timer.spins = if timer.due <= now { timer.spins + 1 } else { 0 };
        if timer.spins == SPINS_MAX {
            timer.due = Instant::NEVER;
            self.violations.note(now, id, || "the engine asks to be called again at once, for ever".into());
        }
    }

    pub(crate) fn on_hashed(&mut self, id: ViewerId, handle: Handle) {
        let Some((body, from)) = self.viewers[id.0 as usize].shell.bodies.get(handle) else {
            return;
        };
        if let (false, Some(from)) = (body.corrupt, from) {
            let sender = self.mesh.end(from).far.map(|far| far.viewer);
            self.count_nearness(id, sender, u64::from(body.bytes));
        }
        let viewer = &mut self.viewers[id.0 as usize];
        match (body.corrupt, from.is_some()) {
            (true, _) => viewer.account.bad_bytes += u64::from(body.bytes),
            (false, true) => viewer.account.peer_bytes += u64::from(body.bytes),
            (false, false) => viewer.account.origin_bytes += u64::from(body.bytes),
        }
        let digest = stream::digest(body.block, body.corrupt);
        self.feed(id, Input::Verified { handle, digest });
    }

    fn count_nearness(&mut self, id: ViewerId, sender: Option<ViewerId>, bytes: u64) {
        let Some(sender) = sender.map(|sender| &self.viewers[sender.0 as usize]) else { return };
        let (home, by_operator) = (sender.home, sender.super_peer);
        let viewer = &mut self.viewers[id.0 as usize];
        let count = |holds: bool| if holds { bytes } else { 0 };
        viewer.account.network_bytes += count(viewer.home.network == home.network);
        viewer.account.region_bytes += count(viewer.home.region == home.region);
        viewer.account.super_peer_bytes += count(by_operator);
    }

    fn carry_out(&mut self, id: ViewerId, output: Output) {
        match output {
            Output::Timeout(_) => {}
            Output::Transmit { link, bytes } => self.transmit(id, link, bytes),
            Output::TransmitBlock { link, header, handle } => {
                let body = self.outgoing(id, &header, handle);
                if let Some(body) = body.and_then(|body| self.tampered(id, link, body)) {
                    self.transmit_block(id, link, header, body);
                }
            }
            Output::Dial { link } => self.dial(id, link),
            Output::Accept { link, sdp } => self.accept(id, link, &sdp),
            Output::Answered { link, sdp } => self.answered(id, link, &sdp),
            Output::Close { link } => self.close(id, link),
            Output::TrackerConnect { .. } => self.tracker_connect(id),
            Output::Tracker(frame) => {
                let frame = self.witnessed(id, frame);
                self.tracker_send(id, frame);
            }
            Output::Fetch { fetch, block } => {
                self.count_reason(id, block);
                self.get(id, Asker::Engine(fetch), Resource::Block(block));
            }
            Output::FetchList { fetch, segment, blocks } => {
                self.get(id, Asker::Engine(fetch), Resource::List(segment, blocks));
            }
            Output::CancelFetch { fetch } => self.cancel(id, fetch),
            Output::Verify { handle } => {
                self.require_handle(id, handle, "verify");
                let at = self.turn_of(id, self.now() + HASHING);
                self.timeline.at(at, Event::Hashed(id, handle));
            }
            Output::VerifyList { check, key, signed, signature } => {
                self.verify_list(id, check, key, &signed, &signature);
            }
            Output::Release { handle } => {
                if !self.viewers[id.0 as usize].release(handle) {
                    self.breach(id, || format!("releases {handle:?}, which it does not hold"));
                }
            }
            Output::Ready { want, blocks } => self.on_ready(id, want, &blocks),
            Output::GiveUp { want } => self.on_give_up(id, want),
            Output::Event(told) => self.on_told(id, &told),
        }
    }

    /// Why an engine buys a block of the window.
    fn count_reason(&mut self, id: ViewerId, block: BlockKey) {
        let viewer = &self.viewers[id.0 as usize];
        let judged =
            self.stream.segment(block.segment).is_some_and(|made| self.books.window().holds(made.closed));
        if judged
            && viewer.is_judged()
            && let Some(engine) = viewer.engine.as_ref()
            && let Some(view) = engine.block(block)
        {
            *self.bought_for.entry(view.reason).or_insert(0) += 1;
        }
    }

    /// The first segment of the window is bought by its player, whole.
    pub(crate) fn count_first(&mut self, id: ViewerId, place: usize) {
        let viewer = &self.viewers[id.0 as usize];
        let made = &self.stream.segments()[place];
        if viewer.engine.is_some() && viewer.is_judged() && self.books.window().holds(made.closed) {
            *self.bought_for.entry(Reason::StartUp).or_insert(0) += u64::from(made.blocks());
        }
    }

    /// What a block that is handed over really carries; checked against the viewer's right to send it.
    fn outgoing(&mut self, id: ViewerId, header: &[u8], handle: Handle) -> Option<Body> {
        self.require_handle(id, handle, "send");
        let viewer = &mut self.viewers[id.0 as usize];
        let (body, _) = viewer.shell.bodies.get(handle)?;
        viewer.account.sent_bytes += u64::from(body.bytes);
        let (sent, got) = (viewer.account.sent_bytes, viewer.account.got_bytes());
        if sent > got && !viewer.super_peer {
            self.breach(id, || format!("has sent {sent} bytes and received {got}"));
        }
        if body.corrupt {
            self.violations.bad_blocks += 1;
            self.breach(id, || format!("passes on a bad block, {:?}", body.block));
        }
        let whole = header.len() + body.bytes as usize;
        if whole > limits::PEER_MESSAGE_BYTES_MAX || parse_data_header(header, whole).is_none() {
            self.breach(id, || {
                format!("sends a data message of {whole} bytes that breaks the specification")
            });
        }
        Some(body)
    }

    fn verify_list(&mut self, id: ViewerId, check: CheckId, key: KeyId, signed: &[u8], signature: &[u8; 64]) {
        let valid = key == stream::KEY && *signature == stream::signature(signed);
        self.local.push_back((id, Local::ListVerified(check, valid, stream::link(signed))));
    }

    /// The segment goes to the player: every byte of it must be the origin's.
    fn on_ready(&mut self, id: ViewerId, want: WantId, blocks: &[Handle]) {
        let Some(place) = self.take_want(id, want) else { return };
        let stream = std::rc::Rc::clone(&self.stream);
        let made = &stream.segments()[place];
        let bodies = &self.viewers[id.0 as usize].shell.bodies;
        let right = blocks.len() == usize::from(made.blocks())
            && blocks.iter().zip(0..).all(|(handle, at)| {
                bodies.get(*handle).is_some_and(|(body, _)| {
                    !body.corrupt && body.block.segment == made.key && body.block.block == Block(at)
                })
            });
        if !right {
            self.violations.bad_blocks += 1;
            self.breach(id, || {
                format!("plays segment {} from {blocks:?}, which are not it", made.key.segment.0)
            });
        }
        self.appended(id, place);
    }

    fn on_give_up(&mut self, id: ViewerId, want: WantId) {
        if let Some(place) = self.take_want(id, want) {
            self.local.push_back((id, Local::GaveUp(place)));
        }
    }

    fn take_want(&mut self, id: ViewerId, want: WantId) -> Option<usize> {
        match self.viewers[id.0 as usize].shell.want.take() {
            Some((wanted, place)) if wanted == want => Some(place),
            other => {
                self.viewers[id.0 as usize].shell.want = other;
                self.breach(id, || format!("answers {want:?}, which nobody waits for"));
                None
            }
        }
    }

    fn on_told(&mut self, id: ViewerId, told: &Told) {
        match told {
            Told::PeerBanned { peer, offence } => {
                let viewer = self.viewer_of(*peer);
                let at = self.now();
                self.banned.push(Cut { at, by: id, peer: *peer, viewer, offence: *offence });
                let guilty = viewer.is_some_and(|viewer| self.viewers[viewer.0 as usize].corrupts());
                if *offence == Offence::BadBlock && !guilty {
                    self.breach(id, || format!("cuts {peer:?} for a bad block that it did not send"));
                }
            }
            Told::OriginBad { block } => self.breach(id, || format!("calls the origin's {block:?} bad")),
            Told::PeerJoined { .. }
            | Told::PeerLeft { .. }
            | Told::BlockArrived { .. }
            | Told::TrackerRefused { .. } => {}
        }
    }

    fn require_handle(&mut self, id: ViewerId, handle: Handle, verb: &str) {
        if self.viewers[id.0 as usize].shell.bodies.get(handle).is_none() {
            self.breach(id, || format!("asks to {verb} {handle:?}, which it has released"));
        }
    }

    /// Notes that an engine broke a rule.
    pub(crate) fn breach(&mut self, id: ViewerId, what: impl FnOnce() -> String) {
        self.violations.note(self.timeline.now(), id, what);
    }
}
