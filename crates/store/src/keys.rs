//! The master key: where it lives and how data keys are wrapped by it.
//!
//! Invariants: the master key never enters the database; a wrapped key opens
//! only under the same master key and for the same subject. Key files are made
//! with mode 0600 and refused when others may read them.
//!
//! Deliberately absent: rotation of the master key and hardware modules; both
//! fit behind `KeyProvider`.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Bytes of a data key and of the master key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// First line of a key file, so that a wrong file is told at once.
const FILE_HEAD: &str = "teller-master-key-1";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("{path}: others may read the key file; run chmod 600 on it")]
    LaxPermissions { path: String },
    #[error("{path}: not a teller key file")]
    NotAKeyFile { path: String },
    #[error("{path}: the key file is missing, and a database made with it exists; put it back")]
    Missing { path: String },
    #[error("{path}: {why}")]
    Io { path: String, why: String },
    /// The wrapped bytes were not made by this master key for this subject.
    #[error("a data key does not open under this master key")]
    DoesNotOpen,
    #[error("the operating system gave no random bytes")]
    NoRandom,
    /// A remote provider did not answer.
    #[error("key provider unavailable: {why}")]
    Unavailable { why: String },
}

/// Wraps data keys. A key file now; a hardware module or key service later.
#[async_trait::async_trait]
pub trait KeyProvider: Send + Sync {
    /// Wraps a data key for one subject.
    async fn wrap(&self, subject: &str, key: &[u8; KEY_BYTES]) -> Result<Vec<u8>, KeyError>;
    /// Opens what `wrap` made; `DoesNotOpen` when it was another master key or subject.
    async fn unwrap(&self, subject: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyError>;
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|_| KeyError::NoRandom)?;
    Ok(bytes)
}

/// AES-256-GCM; the 96-bit random nonce goes before the ciphertext.
pub(crate) fn seal(cipher: &Aes256Gcm, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    let nonce: [u8; NONCE_BYTES] = random()?;
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
        // Only a message beyond 64 GiB can fail.
        .map_err(|_| KeyError::DoesNotOpen)?;
    let mut out = Vec::with_capacity(NONCE_BYTES + sealed.len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(out)
}

/// Opens what `seal` made; `None` when key, associated data or bytes differ.
pub(crate) fn open(cipher: &Aes256Gcm, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: text, aad }).ok()
}

/// The master key in a file of its own.
pub struct FileKeys {
    cipher: Aes256Gcm,
}

impl FileKeys {
    /// Reads the key file.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let shown = path.display().to_string();
        let io = |error: std::io::Error| KeyError::Io { path: shown.clone(), why: error.to_string() };
        let meta = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyError::Missing { path: shown });
            }
            other => other.map_err(io)?,
        };
        if lax(&meta) {
            return Err(KeyError::LaxPermissions { path: shown });
        }
        let text = Zeroizing::new(std::fs::read(path).map_err(io)?);
        let key = parse(&text).ok_or(KeyError::NotAKeyFile { path: shown })?;
        Ok(Self { cipher: Aes256Gcm::new((&*key).into()) })
    }

    /// Makes a fresh key file; fails when one is there.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Zeroizing::new(random::<KEY_BYTES>()?);
        let text = Zeroizing::new(format!("{FILE_HEAD}\n{}\n", hex::encode(*key)));
        write_private(path, text.as_bytes())
            .map_err(|error| KeyError::Io { path: path.display().to_string(), why: error.to_string() })?;
        Ok(Self { cipher: Aes256Gcm::new((&*key).into()) })
    }

    /// The key file of a database: made on the first start, and only then, so
    /// that a lost key is never silently replaced.
    pub fn for_database(key_path: &Path, database: &Path) -> Result<Self, KeyError> {
        match Self::open(key_path) {
            Err(KeyError::Missing { .. }) if !database.exists() => Self::create(key_path),
            other => other,
        }
    }
}

fn parse(text: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let text = std::str::from_utf8(text).ok()?;
    let (head, digits) = text.trim_end().split_once('\n')?;
    let mut key = Zeroizing::new([0u8; KEY_BYTES]);
    (head == FILE_HEAD && hex::decode_to_slice(digits, &mut *key).is_ok()).then_some(key)
}

#[cfg(unix)]
fn lax(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn lax(_: &std::fs::Metadata) -> bool {
    false
}

/// Writes a file that only its owner may read, all of it or nothing: a crash
/// between leaves no half key behind under the final name.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = PathBuf::from(format!("{}.new", path.display()));
    // What a crashed start left behind; its mode may be anything.
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A hard link fails when the name exists, where a rename would replace it.
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh)?;
    linked?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn wrap_aad(subject: &str) -> Vec<u8> {
    [b"data-key|", subject.as_bytes()].concat()
}

#[async_trait::async_trait]
impl KeyProvider for FileKeys {
    async fn wrap(&self, subject: &str, key: &[u8; KEY_BYTES]) -> Result<Vec<u8>, KeyError> {
        seal(&self.cipher, &wrap_aad(subject), key)
    }

    async fn unwrap(&self, subject: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyError> {
        let plain = Zeroizing::new(open(&self.cipher, &wrap_aad(subject), wrapped).ok_or(KeyError::DoesNotOpen)?);
        let key: [u8; KEY_BYTES] = plain.as_slice().try_into().map_err(|_| KeyError::DoesNotOpen)?;
        Ok(Zeroizing::new(key))
    }
}
