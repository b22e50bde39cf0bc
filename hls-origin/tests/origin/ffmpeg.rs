//! A real encoder: ffmpeg as publisher and as supervised child. Without ffmpeg on the path these tests say so and pass.

use std::process::Stdio;

use hls_origin::serve::SourceConfig;
use tokio::process::Command;

use crate::app::{App, KEY};

const INPUT: [&str; 20] = [
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=320x180:rate=25",
    "-f",
    "lavfi",
    "-i",
    "sine",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-tune",
    "zerolatency",
    "-g",
    "50",
    "-c:a",
    "aac",
    "-t",
    "9",
];

fn installed() -> bool {
    let found = std::process::Command::new("ffmpeg").arg("-version").stdout(Stdio::null()).status();
    let installed = found.is_ok_and(|status| status.success());
    if !installed {
        println!("ffmpeg is not installed: nothing was tested");
    }
    installed
}

async fn publish(app: &App, extra: &[&str]) {
    let url = app.at(&format!("/publish/main/a?key={KEY}"));
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error"]).args(INPUT).args(["-f", "mp4"]).args(extra);
    let status = command.args(["-method", "PUT", &url]).status().await.expect("it runs");
    assert!(status.success());
    app.until("/ops/streams", |_, body| body.windows(11).any(|word| word == b"interrupted")).await;
}

#[tokio::test]
async fn ffmpeg_publishes_several_fragments_a_second_and_one_a_keyframe() {
    if !installed() {
        return;
    }
    let flags = "frag_keyframe+empty_moov+default_base_moof";
    let forms: [&[&str]; 2] = [
        &["-movflags", flags, "-frag_duration", "200000", "-flush_packets", "1"],
        &["-movflags", flags, "-flush_packets", "1"],
    ];
    for extra in forms {
        let app = App::start().await;
        publish(&app, extra).await;
        let text = app.text("/live/main/a/index.m3u8").await;
        let playlist = m3u8_rs::parse_media_playlist_res(text.as_bytes()).expect("a playlist");
        let seconds = playlist.segments.iter().map(|segment| segment.duration).sum::<f32>();
        assert_eq!((playlist.segments.len(), playlist.target_duration), (5, 2), "{text}");
        assert!((8.9..9.1).contains(&seconds), "{text}");
        let master = app.text("/live/main/master.m3u8").await;
        assert!(master.contains("mp4a.40.2\",RESOLUTION=320x180,FRAME-RATE=25.000"), "{master}");
        assert!(!app.text("/metrics").await.contains("keyframe_total{stream=\"main\",rendition=\"a\"} 1"));
    }
}

#[tokio::test]
async fn a_supervised_child_goes_through_the_same_splitter() {
    if !installed() {
        return;
    }
    let args = INPUT.iter().map(|word| (*word).to_owned()).collect();
    let source =
        SourceConfig { stream: "file".into(), rendition: "180p".into(), args, program: "ffmpeg".into() };
    let app = App::start_with(|config| config.sources.push(source)).await;
    app.until("/live/file/180p/index.m3u8", |status, body| {
        status.is_success() && body.windows(4).filter(|word| word == b".m4s").count() >= 4
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn a_program_that_is_not_there_does_not_stop_the_origin() {
    let source = SourceConfig {
        stream: "main".into(),
        rendition: "a".into(),
        args: Vec::new(),
        program: "/nonexistent/ffmpeg".into(),
    };
    let app = App::start_with(|config| config.sources.push(source)).await;
    app.until("/ops/streams", |_, body| body.windows(11).any(|word| word == b"interrupted")).await;
    app.put_seconds("b", 5).await;
    app.stop().await;
}
