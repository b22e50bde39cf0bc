//! What the program says where nothing can be watched, and what operators read.

use peer::{Config, program};
use service::testing::{exchange, soon, sum_of_samples};
use tokio::net::TcpListener;

use crate::crowd::{Crowd, config};
use crate::stage::Stage;

async fn refusal(config: Config) -> String {
    soon(program::run(config, std::future::pending(), |_| Ok(()))).await.unwrap_err().to_string()
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_with_a_reason() {
    let stage = Stage::set().await;
    // Whatever belongs to a stream names its descriptor by a header.
    let health = stage.src.replace("live/main/master.m3u8", "health");
    let rows = [
        (Config { src: health, ..config(&stage, 1) }, "names no descriptor"),
        (Config { src: format!("{}x", stage.src), ..config(&stage, 1) }, "HTTP 404"),
        (Config { descriptor: stage.src.clone(), ..config(&stage, 1) }, "is no descriptor"),
        (
            Config { rendition: "b".to_owned(), ..config(&stage, 1) },
            "there is no rendition \"b\"; there are a",
        ),
        (Config { src: "http://127.0.0.1:1/m.m3u8".to_owned(), ..config(&stage, 1) }, "refused"),
    ];
    for (config, reason) in rows {
        let said = refusal(config).await;
        assert!(said.contains(reason), "{said}");
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_read_metrics_and_a_viewer_without_a_tracker_plays() {
    let stage = Stage::set().await;
    // The port is free when this ends, and nobody else's on this machine is asked for it between.
    let ops = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let dead = format!("ws://{}/", TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap());
    let alone = Config { ops_listen: ops.to_string(), trackers: vec![dead], ..config(&stage, 1) };
    let mut crowd = Crowd::come(alone);
    crowd.until(|report| report.segments_ready >= 1).await;
    let page = String::from_utf8(exchange(ops, b"GET /metrics HTTP/1.1\r\nconnection: close\r\n\r\n").await);
    let page = page.unwrap();
    assert_eq!(sum_of_samples(&page, "shoal_peer_viewers", ""), Some(1));
    assert!(sum_of_samples(&page, "shoal_peer_received_bytes_total", "origin") > Some(0));
    crowd.leave().await;
    stage.strike().await;
}
