//! The words of the chat edge's configuration.

/// What each key means, for operators; in the order in which it is printed.
pub const KEYS: [(&str, &str); 45] = [
    (
        "listen",
        "Addresses and ports for viewers, with commas between; each speaks WebSocket and TCP, GOIM's dialect and Bilibili's",
    ),
    (
        "api_listen",
        "Address and port of the push API, /health, /ready and /metrics; for your own servers only: it asks for no password",
    ),
    (
        "web_listen",
        "Address and port of the HTTP calls that Bilibili's clients make before they connect; for everybody",
    ),
    ("threads", "Threads that hold viewers"),
    ("connections_max", "Viewers at most; further ones are closed at once"),
    (
        "handshakes_per_address_max",
        "Connections of one address that have not said who they are, at most; further ones are closed at once",
    ),
    (
        "send_buffer_bytes",
        "Bytes that the system keeps for a viewer that reads slowly; Linux keeps twice as much",
    ),
    ("handshake_timeout_ms", "Milliseconds for a viewer to say who it is"),
    ("goim_heartbeat_s", "Seconds between the heartbeats of a GOIM client, as the node list tells it"),
    ("goim_heartbeats_max", "So many intervals without a heartbeat, and a GOIM client is gone"),
    (
        "bilibili_silence_s",
        "Seconds without a heartbeat, and a client of Bilibili's is gone; they send one every 30",
    ),
    (
        "tick_min_ms",
        "Milliseconds between the ticks of a room that has just become busy; a quiet one does not wait",
    ),
    ("tick_max_ms", "Milliseconds between the ticks of the busiest room"),
    (
        "control_per_s",
        "Messages of moderation per second and room; what is over a rate is left out and counted",
    ),
    ("paid_per_s", "Gifts and the host's messages per second and room"),
    ("own_per_s", "Messages of the class `own` per second and room"),
    ("chat_per_s", "Comments per second and room"),
    ("ambient_per_s", "Likes and arrivals per second and room"),
    ("domain", "The name that clients are told"),
    (
        "tls_certificate",
        "File of the certificate chain, PEM; every port of `listen` then takes TLS too. Read again at SIGHUP",
    ),
    ("tls_key", "File of its private key, PEM"),
    ("wss_port", "The port for TLS that clients are told: a proxy's, where tls_certificate is empty"),
    ("region", "The region that the node list gives"),
    ("zone", "The zone that the node list gives"),
    ("weight", "The weight that the node list gives; 0 takes no new viewers"),
    (
        "nats",
        "Servers of NATS, with commas between (nats://host:port), where several processes are one chat edge; empty is alone",
    ),
    ("nats_prefix", "The first word of every subject at NATS; deployments with different ones never meet"),
    ("node", "The name of this process among the others; made up at each start where it is empty"),
    ("role", "all, edge (holds viewers) or logic (numbers rooms, and has no port for viewers)"),
    ("drain_timeout_ms", "Milliseconds for viewers to leave when the chat edge stops"),
    (
        "store",
        "Where messages and decisions are kept: sqlite:PATH, postgres://USER@HOST/DATABASE for several processes, or memory",
    ),
    (
        "history_window_s",
        "Seconds of a room's past that a restart brings back, its last 256 messages at most",
    ),
    ("retention_days", "Days that messages are kept for exports; 0 is for ever"),
    (
        "token_keys",
        "Keys of viewers' tokens, with commas between: hs256:SECRET, ed25519:PUBLIC, or ed25519-pair:SEED to sign as well, \
         in base64url; without one a secret is made, and tokens come from this program alone",
    ),
    ("token_issuer", "What a token's iss must be; not looked at where empty"),
    ("token_audience", "What a token's aud must name; not looked at where empty"),
    (
        "trust_unsigned",
        "Whether GOIM clients speak as the mid that they claim, without a token: only in closed networks",
    ),
    (
        "trusted_proxies",
        "Networks of proxies whose X-Forwarded-For is believed over HTTP, such as 10.0.0.0/8, with commas",
    ),
    ("filter_file", "A file of words and expressions for every room, one rule a line; read again at SIGHUP"),
    ("comment_characters_max", "Characters of a comment"),
    (
        "connection_comments_per_10s",
        "Comments in ten seconds over one connection; moderators may five times as many",
    ),
    ("user_comments_per_10s", "Comments in ten seconds of one user; moderators may five times as many"),
    ("address_comments_per_10s", "Comments in ten seconds from one address, or one /64 of IPv6"),
    ("room_comments_per_10s", "Comments in ten seconds in one room"),
    (
        "guests_per_10s",
        "Tokens for guests that are signed in ten seconds for one address, or one /64 of IPv6, for a name and nothing else; \
         0 signs none",
    ),
];
