//! The words of the tracker's configuration.

/// What each key means, for operators; in the order in which it is printed.
pub const KEYS: [(&str, &str); 42] = [
    ("listen", "Address and port to listen on; port 0 lets the system choose"),
    (
        "stun_listen",
        "UDP addresses and ports for STUN, such as `0.0.0.0:3478`; two ports let viewers find out a symmetric NAT",
    ),
    ("stun_per_s", "STUN requests answered per second, further ones are dropped; 0 is no limit"),
    ("connections_max", "Open connections at most; further clients are told to come back"),
    ("connections_per_address_max", "Open connections of one address (IPv6: one /64) at most"),
    ("peers_max", "Peers of all swarms together at most"),
    ("peers_per_connection_max", "Peers that one connection may speak for, over all its swarms"),
    (
        "messages_per_connection_per_s",
        "Messages per second of one connection, ten seconds' worth at once; 0 is no limit, here and in the next two",
    ),
    ("offers_per_connection_per_s", "Offers per second of one connection, ten seconds' worth at once"),
    ("bytes_per_connection_per_s", "Bytes per second of one connection, ten seconds' worth at once"),
    ("frame_bytes_max", "Bytes of one message at most"),
    (
        "allowed_origins",
        "Pages that may use the tracker (`https://example.com`, `https://*.example.com`); all where none is named",
    ),
    ("trusted_proxies", "Networks of proxies whose X-Forwarded-For is believed, such as `10.0.0.0/8`"),
    ("status_networks", "Networks that may see the page /status"),
    (
        "token_keys",
        "Keys of join tokens, `ed25519:PUBLIC` or `hs256:SECRET` in base64url; without one no token is asked for",
    ),
    ("token_issuer", "What a token's iss must be; not looked at where empty"),
    ("token_audience", "What a token's aud must name; not looked at where empty"),
    (
        "ice_servers",
        "Servers for ICE that pages are lent, such as `stun:tracker.example:3478` and `turn:turn.example:3478`",
    ),
    (
        "turn_secret",
        "Secret shared with those TURN servers (coturn: static-auth-secret); their credentials are made of it",
    ),
    ("turn_ttl_s", "Seconds for which such credentials hold"),
    (
        "tables",
        "CSV files that tell networks (`asn`) and regions (`country`) of address prefixes (`network`); read again at SIGHUP",
    ),
    ("tls_certificate", "File of the TLS certificate chain (PEM); no TLS where empty"),
    ("tls_key", "File of the TLS private key (PEM)"),
    ("node_name", "This node's name where several trackers serve one deployment; empty where it is alone"),
    ("node_url", "Where viewers reach this node, such as `wss://t1.example.com/`"),
    (
        "node_listen",
        "Address and port where other nodes bring viewers, without TLS: inside the operator's network only",
    ),
    ("node_address", "What other nodes reach node_listen by, as HOST:PORT; as it is bound where empty"),
    ("nodes", "All nodes, each `NAME URL HOST:PORT` with its node_address, where no NATS tells of them"),
    ("nats_servers", "Servers of NATS that tell of the other nodes, such as `nats://10.0.0.1:4222`"),
    ("nats_prefix", "The first word of every subject there; deployments with different ones never meet"),
    ("announce_min_s", "Seconds between two announces of a viewer in a small swarm"),
    (
        "announce_max_s",
        "Seconds between two announces in a large swarm; a peer silent for twice as long is forgotten",
    ),
    ("announces_per_s", "Announces per second that one swarm may cost before its interval grows"),
    ("announces_total_per_s", "Announces per second of all swarms together before every interval grows"),
    (
        "joins_per_s",
        "Newcomers per second, one second's worth at once; the others are told their turn; 0 is no limit",
    ),
    ("outgoing_bytes_max", "Bytes waiting for one client at most; a client that lets more gather is closed"),
    ("outgoing_total_bytes_max", "Bytes waiting for all clients together at most"),
    ("handshake_timeout_ms", "Milliseconds for a request to arrive and be answered"),
    ("write_timeout_ms", "Milliseconds for a client to take what is written to it"),
    ("ping_after_ms", "Milliseconds of silence before a ping; after as many more the client counts as gone"),
    (
        "probe_timeout_ms",
        "Milliseconds for a client to answer a ping when another connection claims its peer id; a silent one is closed",
    ),
    ("drain_timeout_ms", "Milliseconds for clients to leave when the tracker stops"),
];
