//! The checks that the engine asks for: digests of blocks, signatures of lists.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, VerifyingKey};
use protocol::descriptor::Key;
use protocol::id::{Digest, KeyId};
use sha2::{Digest as _, Sha256};

/// The stream's keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys(BTreeMap<KeyId, VerifyingKey>);

impl Keys {
    /// Those that a descriptor names; `None` where one is no key, or is not named after itself.
    pub(crate) fn of(named: &[Key]) -> Option<Self> {
        let key = |key: &Key| {
            let Digest(own) = sha256(&key.ed25519);
            let [a, b, c, d, ..] = own;
            let fits = KeyId(u32::from_be_bytes([a, b, c, d])) == key.id;
            fits.then(|| VerifyingKey::from_bytes(&key.ed25519).ok()).flatten().map(|found| (key.id, found))
        };
        named.iter().map(key).collect::<Option<_>>().map(Self)
    }

    /// Whether the signature is this key's; a key that is not known signs nothing.
    pub(crate) fn verify(&self, key: KeyId, signed: &[u8], signature: &[u8; 64]) -> bool {
        let Some(key) = self.0.get(&key) else { return false };
        key.verify_strict(signed, &Signature::from_bytes(signature)).is_ok()
    }
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}
