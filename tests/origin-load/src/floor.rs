//! The floor: hyper that answers with files from memory, and does nothing else. What the same stack costs at the least.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use measure::failure::{Context, Outcome};
use tokio::net::TcpListener;

/// As the origin's own (`hls-origin/src/serve/listen.rs`), so that responses leave in pieces of the same size.
const BUFFER_BYTES: usize = 131_072;

/// Serves for ever.
pub(crate) async fn run(folder: &Path, listen: SocketAddr) -> Outcome {
    let mut files = BTreeMap::new();
    read(folder, "", &mut files)?;
    let files = Arc::new(files);
    let listener = TcpListener::bind(listen).await.context("the floor's port")?;
    loop {
        let (stream, _) = listener.accept().await.context("accepting")?;
        let _ = stream.set_nodelay(true);
        let files = Arc::clone(&files);
        tokio::spawn(async move {
            let service = service_fn(|request| std::future::ready(answer(&files, &request)));
            let mut builder = http1::Builder::new();
            // A client that goes away is no fault.
            let _ = builder.max_buf_size(BUFFER_BYTES).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

fn answer(
    files: &BTreeMap<String, Bytes>,
    request: &Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let found = files.get(request.uri().path());
    let mut response = Response::new(Full::new(found.cloned().unwrap_or_default()));
    if found.is_none() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(response)
}

fn read(folder: &Path, path: &str, files: &mut BTreeMap<String, Bytes>) -> Outcome {
    for entry in std::fs::read_dir(folder).context("the floor's files")? {
        let entry = entry.context("the floor's files")?;
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().context("the floor's files")?.is_dir() {
            read(&entry.path(), &path, files)?;
        } else {
            files.insert(path, std::fs::read(entry.path()).context("the floor's files")?.into());
        }
    }
    Ok(())
}
