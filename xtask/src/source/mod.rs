//! The test source: a painted picture and a tone, encoded by ffmpeg and published like any encoder's stream, for ever.
//!
//! Frames are painted at the moments that they show, so the clock in the picture is the wall clock of this machine: what
//! a viewer sees, subtracted from now, is how far it is behind live.

mod code;
mod font;
mod frame;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;

use crate::child::Running;
use crate::failure::{Context, Failure, Outcome};
use crate::{clock, install, run, say};
use frame::{Painter, Size};

/// How long the source waits before it publishes again after its encoder ended.
const AGAIN: Duration = Duration::from_secs(1);
/// How late a frame may be before the source starts afresh: a machine that slept must not send what it missed.
const LAG_MAX: Duration = Duration::from_secs(5);
/// Kilobits a second of the tone.
const AUDIO_KBIT: u32 = 64;
/// Seconds between keyframes, and so the length of a segment.
const GROUP_SECONDS: u32 = 2;

/// What is published, and where.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// URL to publish to, with its key: `up` prints it
    #[arg(long)]
    publish: String,
    #[command(flatten)]
    picture: Picture,
}

/// The picture's size and rates.
#[derive(Args, Clone)]
pub(crate) struct Picture {
    /// Width and height in pixels
    #[arg(long, default_value = "640x360", value_parser = size)]
    size: Size,
    /// Frames a second
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=120))]
    fps: u32,
    /// Kilobits a second, sound included, kept constant
    #[arg(long, default_value_t = 832, value_parser = clap::value_parser!(u32).range(128..=20_000))]
    kbit: u32,
}

impl Picture {
    /// The same, as arguments of `cargo xtask source`.
    pub(crate) fn arguments(&self) -> [String; 6] {
        let Size { width, height } = self.size;
        let (size, fps, kbit) = (format!("{width}x{height}"), self.fps.to_string(), self.kbit.to_string());
        ["--size".into(), size, "--fps".into(), fps, "--kbit".into(), kbit]
    }
}

/// Publishes until the process is ended; an encoder that ends is started again.
pub(crate) fn run(options: &Options) -> Outcome {
    install::programs(&[install::FFMPEG])?;
    loop {
        let stopped = publish(options);
        say::note(format!(
            "test source: {}; publishing again",
            stopped.err().unwrap_or(Failure::new("it ended"))
        ));
        clock::wait(AGAIN);
    }
}

/// Publishes until the encoder ends.
fn publish(options: &Options) -> Outcome {
    let mut encoder = Running::start("ffmpeg", &encoder(options), Stdio::piped(), Stdio::null())?;
    let mut pipe = encoder.child.stdin.take().context("the encoder has no stdin")?;
    let mut painter = Painter::new(options.picture.size);
    let (start, start_ms) = (clock::now(), clock::unix_ms());
    for frame in 0_u64.. {
        // Late frames are written at once, with the time they should have been taken: the rate stays constant.
        let due_ms = frame * 1_000 / u64::from(options.picture.fps);
        let due = start + Duration::from_millis(due_ms);
        clock::wait(due.saturating_duration_since(clock::now()));
        if clock::now().duration_since(due) > LAG_MAX {
            return Err(Failure::new("the picture fell behind the clock"));
        }
        pipe.write_all(painter.paint(start_ms + due_ms)).context("the encoder ended")?;
    }
    Ok(())
}

/// ffmpeg with painted frames on stdin: constant bit rate, a keyframe every [`GROUP_SECONDS`], five fragments a second.
fn encoder(options: &Options) -> Command {
    let Picture { size, fps, kbit } = &options.picture;
    let group = (fps * GROUP_SECONDS).to_string();
    let video = format!("{}k", kbit - AUDIO_KBIT);
    let input = format!("-f rawvideo -pix_fmt yuv420p -s {}x{} -r {fps} -i pipe:0", size.width, size.height);
    let tone = "sine=frequency=220:beep_factor=4:sample_rate=48000,volume=0.25";
    let mut command =
        run::command(Path::new("."), "ffmpeg", ["-hide_banner", "-loglevel", "error", "-nostats"]);
    command.args(input.split(' ')).args(["-f", "lavfi", "-i", tone, "-map", "0:v", "-map", "1:a"]);
    command.args("-c:v libx264 -preset veryfast -tune zerolatency -profile:v main -threads 1".split(' '));
    command.args(["-g", &group, "-keyint_min", &group, "-sc_threshold", "0"]);
    command.args(["-b:v", &video, "-minrate", &video, "-maxrate", &video, "-bufsize", &video]);
    command.args(["-x264-params", "nal-hrd=cbr:force-cfr=1", "-c:a", "aac", "-ac", "2", "-b:a"]);
    command.arg(format!("{AUDIO_KBIT}k"));
    command.args("-f mp4 -movflags frag_keyframe+empty_moov+default_base_moof".split(' '));
    command.args("-frag_duration 200000 -flush_packets 1 -method PUT".split(' ')).arg(&options.publish);
    command
}

/// `WIDTHxHEIGHT`; the squares of the clock need a width that 32 divides, and 4:2:0 an even height.
fn size(text: &str) -> Result<Size, String> {
    let parse = || {
        let (width, height) = text.split_once('x')?;
        Some(Size { width: width.parse().ok()?, height: height.parse().ok()? })
    };
    match parse() {
        Some(size) if fits(size) => Ok(size),
        _ => Err("WIDTHxHEIGHT, at most 1920x1080, the width a multiple of 32, the height even".to_owned()),
    }
}

fn fits(Size { width, height }: Size) -> bool {
    let divides = width.is_multiple_of(code::COLUMNS) && height.is_multiple_of(2);
    divides && (64..=1_920).contains(&width) && (36..=1_080).contains(&height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_must_fit_the_clock_and_the_encoder() {
        let rows = [
            ("640x360", true),
            ("320x180", true),
            ("1920x1080", true),
            ("1952x1080", false),
            ("330x180", false),
            ("320x181", false),
            ("320", false),
            ("x", false),
            ("-320x180", false),
        ];
        for (text, fits) in rows {
            assert_eq!(size(text).is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn sound_is_part_of_the_rate_that_was_asked_for() {
        let picture = Picture { size: Size { width: 640, height: 360 }, fps: 25, kbit: 832 };
        let command = encoder(&Options { publish: "http://127.0.0.1/publish/a/b".into(), picture });
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let after =
            |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
        assert_eq!((after("-b:v"), after("-b:a")), (Some("768k".into()), Some("64k".into())));
        assert_eq!(after("-g"), Some("50".into()));
        assert_eq!(args.last().map(String::as_str), Some("http://127.0.0.1/publish/a/b"));
    }
}
