//! Whose address it is, where proxies stand in front.
//!
//! Anybody can write an `X-Forwarded-For`. It is read from its end, where the nearest proxy wrote, and only as far back
//! as each address that speaks is a proxy of ours (`trusted_proxies`).

use std::net::{IpAddr, SocketAddr};

use tokio_tungstenite::tungstenite::http::HeaderMap;

/// Hops that are looked at; no deployment has more, and a header may hold thousands.
const HOPS_MAX: usize = 8;

/// The client's address: `peer` itself, or whom our proxies name.
pub(crate) fn client(peer: IpAddr, headers: &HeaderMap, trusts: impl Fn(IpAddr) -> bool) -> IpAddr {
    let peer = peer.to_canonical();
    let lines = headers.get_all("x-forwarded-for");
    let lines: Vec<&str> = lines.iter().filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(',')).take(HOPS_MAX);
    let mut speaker = peer;
    for hop in hops {
        let Some(address) = trusts(speaker).then(|| parse(hop)).flatten() else { break };
        speaker = address;
    }
    speaker
}

/// Whether somebody stands between the client and us, ours or not.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    ["x-forwarded-for", "forwarded", "via"].iter().any(|name| headers.contains_key(*name))
}

/// An address, as proxies write them: bare, in brackets, with a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = || hop.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    with_port().or_else(bare).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_last_whom_a_trusted_proxy_names() {
        // Ours are 10.x; rows: who connects, what the header says, who the client is.
        let rows = [
            ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
            ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ];
        for (peer, header, wanted) in rows {
            let mut headers = HeaderMap::new();
            if !header.is_empty() {
                headers.insert("x-forwarded-for", header.parse().unwrap());
            }
            let ours = |address: IpAddr| address.to_string().starts_with("10.");
            let client = client(peer.parse().unwrap(), &headers, ours);
            assert_eq!(client.to_string(), wanted, "{peer} {header:?}");
        }
    }

    #[test]
    fn several_header_lines_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9".parse().unwrap());
        headers.append("x-forwarded-for", "10.0.0.2".parse().unwrap());
        let ours = |address: IpAddr| address.to_string().starts_with("10.");
        assert_eq!(client("10.0.0.1".parse().unwrap(), &headers, ours).to_string(), "203.0.113.9");
    }
}
