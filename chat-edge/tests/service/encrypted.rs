//! The way to PostgreSQL, by what its URL says of encryption: the real server, which here takes nobody without TLS.

use chat_edge::store::{Place, Store};

use super::postgres::Postgres;

/// Why a store does not open; nothing where it does.
async fn trouble(url: String) -> Option<String> {
    let place = Place::parse(&url).expect("a place");
    let opened =
        tokio::task::spawn_blocking(move || Store::open(&place).err().map(|error| error.to_string()));
    opened.await.unwrap()
}

#[tokio::test]
async fn each_mode_encrypts_and_checks_as_postgresqls_own_clients_do_it() {
    let postgres = Postgres::start_with_tls().await;
    let root = format!("sslrootcert={}", postgres.root());
    let rows = [
        ("localhost", "sslmode=verify-full", true, None),
        ("127.0.0.1", "sslmode=verify-full", true, Some("not valid for name")),
        ("127.0.0.1", "sslmode=verify-ca", true, None),
        ("127.0.0.1", "sslmode=require", true, None),
        ("127.0.0.1", "sslmode=require", false, None),
        ("127.0.0.1", "sslmode=prefer", false, None),
        ("127.0.0.1", "", false, None),
        ("127.0.0.1", "sslmode=disable", false, Some("no encryption")),
        ("localhost", "sslmode=sometimes", false, Some("`sslmode=sometimes` is not known")),
        ("localhost", "sslmode=verify-full&sslrootcert=/absent.pem", false, Some("/absent.pem")),
    ];
    for (host, mode, rooted, wanted) in rows {
        let query = if rooted { format!("{mode}&{root}") } else { mode.to_owned() };
        let found = trouble(postgres.tcp_url(host, &query)).await;
        match wanted {
            None => assert_eq!(found, None, "{host} {mode}"),
            Some(words) => {
                let found = found.unwrap_or_else(|| panic!("{host} {mode} must not do"));
                assert!(found.contains(words), "{host} {mode}: {found}");
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_and_a_server_without_tls_are_refused_in_words() {
    let (encrypted, plain) = (Postgres::start_with_tls().await, Postgres::start().await);
    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.pem");
    std::fs::write(&path, other.cert.pem()).unwrap();
    let query = format!("sslmode=verify-ca&sslrootcert={}", path.display());
    let found = trouble(encrypted.tcp_url("localhost", &query)).await.expect("it must not do");
    assert!(found.contains("certificate"), "{found}");
    let found = trouble(format!("{}?sslmode=require", plain.url())).await.expect("it must not do");
    assert!(found.contains("TLS"), "{found}");
}
