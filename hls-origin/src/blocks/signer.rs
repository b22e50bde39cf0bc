//! Who vouches for the blocks: an Ed25519 key, and the chain from one closing list to the next.

use ed25519_dalek::{Signer as _, SigningKey};
use protocol::hash_list::HashList;
use protocol::id::{Digest, KeyId};
use sha2::{Digest as _, Sha256};

/// A signing key. It is never printed by `Debug`.
#[derive(Clone)]
pub struct SignerKey(pub [u8; 32]);

impl core::fmt::Debug for SignerKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("SignerKey(…)")
    }
}

/// Signs hash lists.
#[derive(Clone, Debug)]
pub struct Signer {
    key: SigningKey,
    id: KeyId,
}

/// A list as it is served, and the link that the next segment's lists carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedList {
    pub(crate) encoded: Vec<u8>,
    pub(crate) link: Digest,
}

impl Signer {
    /// A signer with that key.
    #[must_use]
    pub fn new(key: &SignerKey) -> Self {
        let key = SigningKey::from_bytes(&key.0);
        let hash: [u8; 32] = Sha256::digest(key.verifying_key().as_bytes()).into();
        let [a, b, c, d, ..] = hash;
        Self { key, id: KeyId(u32::from_be_bytes([a, b, c, d])) }
    }

    /// The key's short name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The public key, for the descriptor.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, list: HashList) -> SignedList {
        let signed = list.signed_bytes();
        let link = Digest(Sha256::digest(&signed).into());
        let signature = self.key.sign(&signed).to_bytes();
        SignedList { encoded: list.attach(signature).encode(), link }
    }
}
