//! The keys of the configuration in words for operators.

/// Key and meaning, in the order of printing.
pub(crate) const KEYS: [(&str, &str); 23] = [
    ("src", "The stream's multivariant playlist, http:// or https://"),
    ("descriptor", "The stream's descriptor; the playlist names it where empty"),
    ("trackers", "Trackers in order of preference, ws:// or wss://; the descriptor names them where empty"),
    ("token", "The join token of a tracker that asks for one"),
    ("rendition", "The name of the rendition to watch; the first where empty"),
    ("viewers", "How many viewers this process is"),
    ("join_every_ms", "Milliseconds between two viewers' coming"),
    ("duration_s", "Seconds until they leave; 0 is until a signal"),
    (
        "super_peer",
        "A super-peer, the operator's own: exempt from the viewers' cap on upload, its bytes reported apart",
    ),
    ("p2p", "Trade with others at all; without it everything comes from the origin"),
    ("upload", "Upload to others"),
    ("upload_max_kbit", "What this process sends to others at most, in kbit/s; 0 is no limit"),
    ("links_aim", "Links aimed at by one viewer; 0 is 12, and 16 for a super-peer"),
    ("links_max", "Links of one viewer at most; 0 is 16, and 64 for a super-peer"),
    ("cache_bytes_max", "Bytes of verified blocks that one viewer keeps"),
    ("link_addresses", "Addresses that links are made from; 0.0.0.0 and :: are every interface but loopback"),
    ("stun", "STUN servers, such as stun:stun.example:3478"),
    (
        "report_every_s",
        "Seconds between reports, a line of JSON each on standard output; 0 is none but the last",
    ),
    ("ops_listen", "Address and port of /metrics and /health for operators; off where empty"),
    ("record", "A file for a recording of the first viewer's engine; none where empty"),
    ("record_bytes_max", "Bytes of that recording at most"),
    ("seed", "The seed of the engines; drawn where 0"),
    ("drain_timeout_ms", "Milliseconds for viewers to leave when the program stops"),
];
