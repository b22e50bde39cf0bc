//! The credentials that a page is lent open a real TURN server: coturn (Debian package `coturn`), which shares nothing with
//! the tracker but the secret. A relay is asked for as a browser's ICE agent does (RFC 8656 §7: Allocate).

use std::net::{SocketAddr, UdpSocket as Probe};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use md5::{Digest, Md5};
use protocol::tracker::Event;
use protocol::tracker::page::Ice;
use ring::hmac;
use service::config::Settings;
use tokio::net::UdpSocket;
use tracker::serve::Config;

use super::app::{App, Speaks, soon};

const ALLOCATE: u16 = 0x0003;
const ALLOCATED: u16 = 0x0103;
const REFUSED: u16 = 0x0113;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const REALM: u16 = 0x0014;
const NONCE: u16 = 0x0015;
const XOR_RELAYED_ADDRESS: u16 = 0x0016;
const REQUESTED_TRANSPORT: u16 = 0x0019;
/// RFC 8489 §14.8: the nonce is no longer the one to use.
const STALE_NONCE: u16 = 438;
/// Before a request is sent again: RFC 8489 §6.2.1 says 500 ms for the Internet, this is one machine.
const RETRANSMISSION: Duration = Duration::from_millis(100);

#[tokio::test]
async fn lent_credentials_open_a_relay_at_coturn_and_others_do_not() {
    let turn = Turn::start("north");
    let (user, password) = lent(turn.address, "north").await;
    let (kind, attributes) = turn.allocate(&user, &password).await;
    assert_eq!(kind, ALLOCATED, "{attributes:?}");
    assert!(attributes.iter().any(|(kind, _)| *kind == XOR_RELAYED_ADDRESS));
    // Another's secret, and another's time.
    let (user_of_another, forged) = lent(turn.address, "south").await;
    for (user, password) in [(&user_of_another, &forged), (&"1000000000:0".to_owned(), &password)] {
        let (kind, attributes) = turn.allocate(user, password).await;
        assert_eq!((kind, error(&attributes)), (REFUSED, Some(401)), "{user}");
    }
}

/// What a tracker with this secret lends a page.
async fn lent(turn: SocketAddr, secret: &str) -> (String, String) {
    let text = format!("ice_servers = ['turn:{turn}']\nturn_secret = '{secret}'");
    let app = App::with(Config::from_layers([service::config::file(&text).unwrap()]).unwrap()).await;
    let mut page = app.client(Speaks::MessagePack, 1).await;
    page.announce(Event::Started, Vec::new()).await;
    let mut ice = Ice::decode(&page.hear_text().await).unwrap();
    let server = ice.ice_servers.remove(0);
    assert_eq!(server.urls, [format!("turn:{turn}")]);
    (server.username.unwrap(), server.credential.unwrap())
}

/// A coturn of this test's own; it ends with it.
struct Turn {
    address: SocketAddr,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

type Attributes = Vec<(u16, Vec<u8>)>;

impl Turn {
    fn start(secret: &str) -> Self {
        // coturn takes no port 0: one that was free a moment ago.
        let address = Probe::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let process = Command::new("turnserver")
            .args([
                "-n",
                "--no-cli",
                "--no-tls",
                "--no-dtls",
                "--no-tcp",
                "--log-file=stdout",
                "--realm=shoal",
            ])
            .args(["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--use-auth-secret"])
            .arg(format!("--listening-port={}", address.port()))
            .arg(format!("--static-auth-secret={secret}"))
            .arg(format!("--pidfile={}", file("pid")))
            .arg(format!("--userdb={}", file("users")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect(
                "turnserver starts: the Debian package coturn has it, and `cargo xtask test` installs it",
            );
        Self { address, process, _folder: folder }
    }

    /// Asks for a relay; what comes back, after the challenge.
    async fn allocate(&self, user: &str, password: &str) -> (u16, Attributes) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.connect(self.address).await.unwrap();
        let udp: (u16, &[u8]) = (REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        let (kind, challenge) = soon(exchange(&socket, &message(1, &[udp]))).await;
        assert_eq!((kind, error(&challenge)), (REFUSED, Some(401)));
        let realm = told(&challenge, REALM);
        // RFC 8489 §9.2.2: the key.
        let key = Md5::digest(format!("{user}:{}:{password}", String::from_utf8_lossy(&realm)));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
        let mut nonce = told(&challenge, NONCE);
        for transaction in 2..10 {
            let mut request = message(
                transaction,
                &[udp, (USERNAME, user.as_bytes()), (REALM, realm.as_slice()), (NONCE, nonce.as_slice())],
            );
            // RFC 8489 §14.5: the code, over a header that counts the attribute.
            let length = u16::try_from(request.len() - 20 + 24).unwrap();
            request[2..4].copy_from_slice(&length.to_be_bytes());
            let code = hmac::sign(&key, &request);
            push(&mut request, MESSAGE_INTEGRITY, code.as_ref());
            let (kind, attributes) = soon(exchange(&socket, &request)).await;
            if error(&attributes) != Some(STALE_NONCE) {
                return (kind, attributes);
            }
            // RFC 8489 §9.2.4: each challenge makes the nonce before it stale, also the challenge to a retransmission.
            nonce = told(&attributes, NONCE);
        }
        panic!("the server takes none of its own nonces")
    }
}

/// The value of an attribute that is there.
fn told(attributes: &Attributes, wanted: u16) -> Vec<u8> {
    attributes.iter().find(|(kind, _)| *kind == wanted).unwrap().1.clone()
}

/// The response to a request, which is sent until one comes.
async fn exchange(socket: &UdpSocket, request: &[u8]) -> (u16, Attributes) {
    let mut response = [0; 1_500];
    loop {
        // A refused port is a server that has not started yet.
        let _ = socket.send(request).await;
        match tokio::time::timeout(RETRANSMISSION, socket.recv(&mut response)).await {
            Ok(Ok(length)) if response[4..20] == request[4..20] => return parse(&response[..length]),
            Ok(Ok(_) | Err(_)) => tokio::task::yield_now().await,
            Err(_) => {}
        }
    }
}

fn message(transaction: u8, attributes: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = ALLOCATE.to_be_bytes().to_vec();
    bytes.extend([0, 0, 0x21, 0x12, 0xA4, 0x42]);
    bytes.extend([transaction; 12]);
    attributes.iter().for_each(|(kind, value)| push(&mut bytes, *kind, value));
    bytes
}

fn push(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    let length = u16::try_from(message.len() - 20).unwrap();
    message[2..4].copy_from_slice(&length.to_be_bytes());
}

fn parse(message: &[u8]) -> (u16, Attributes) {
    let number = |bytes: &[u8]| u16::from_be_bytes(bytes[..2].try_into().unwrap());
    let (mut rest, mut attributes) = (&message[20..], Vec::new());
    while !rest.is_empty() {
        let length = usize::from(number(&rest[2..]));
        attributes.push((number(rest), rest[4..4 + length].to_vec()));
        rest = &rest[4 + length.next_multiple_of(4)..];
    }
    (number(message), attributes)
}

/// RFC 8489 §14.8: hundreds in one byte, the rest in the next.
fn error(attributes: &Attributes) -> Option<u16> {
    let (_, value) = attributes.iter().find(|(kind, _)| *kind == ERROR_CODE)?;
    Some(u16::from(value[2]) * 100 + u16::from(value[3]))
}
