//! The words of the chat edge's configuration.

/// What each key means, for operators; in the order in which it is printed.
pub const KEYS: [(&str, &str); 26] = [
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
    ("drain_timeout_ms", "Milliseconds for viewers to leave when the chat edge stops"),
];
