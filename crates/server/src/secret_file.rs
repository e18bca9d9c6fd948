//! The identity room's secret in a file of its own, beside the master key.
//!
//! Invariants: only its owner may read it; it is made on the first start and
//! only then, so that a lost file is never silently replaced: customers' tokens
//! and the hand-over of the bank's app are derived from it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use teller_identity::Secrets;
use teller_kernel::Rng;
use zeroize::Zeroizing;

/// Name of the file in a data folder.
pub const FILE: &str = "identity.key";
const BYTES: usize = 32;
const HEAD: &str = "teller identity key, version 1";

#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    #[error("{path}: {why}")]
    Io { path: String, why: String },
    #[error("{path} is missing while the database beside it exists; put the file back")]
    Missing { path: String },
    #[error("{path} can be read by others; run `chmod 600 {path}`")]
    LaxPermissions { path: String },
    #[error("{path} is not an identity key; put the right file back")]
    NotAKey { path: String },
}

/// Opens the secret; makes it when neither it nor a database is there.
pub fn open(path: &Path, database: &Path, rng: &dyn Rng) -> Result<Secrets, SecretFileError> {
    let shown = path.display().to_string();
    match std::fs::metadata(path) {
        Ok(meta) if lax(&meta) => Err(SecretFileError::LaxPermissions { path: shown }),
        Ok(_) => read(path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if database.exists() {
                return Err(SecretFileError::Missing { path: shown });
            }
            create(path, rng)
        }
        Err(error) => Err(SecretFileError::Io { path: shown, why: error.to_string() }),
    }
}

fn read(path: &Path) -> Result<Secrets, SecretFileError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| SecretFileError::Io { path: shown.clone(), why: error.to_string() })?;
    let not_a_key = || SecretFileError::NotAKey { path: shown.clone() };
    let (head, digits) = text.trim_end().split_once('\n').ok_or_else(not_a_key)?;
    let mut key = Zeroizing::new([0u8; BYTES]);
    if head != HEAD || hex::decode_to_slice(digits, &mut *key).is_err() {
        return Err(not_a_key());
    }
    Ok(Secrets::new(*key))
}

fn create(path: &Path, rng: &dyn Rng) -> Result<Secrets, SecretFileError> {
    let mut key = Zeroizing::new([0u8; BYTES]);
    rng.fill(&mut *key);
    let text = Zeroizing::new(format!("{HEAD}\n{}\n", hex::encode(*key)));
    write_private(path, text.as_bytes())
        .map_err(|error| SecretFileError::Io { path: path.display().to_string(), why: error.to_string() })?;
    Ok(Secrets::new(*key))
}

/// Written under another name and linked into place: a crash leaves a whole
/// file or none, and a file that is there already is never replaced.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("key.new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh)?;
    linked
}

/// May others than the owner read it?
pub fn lax(meta: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0
    }
    #[cfg(not(unix))]
    {
        let _ = meta;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use teller_kernel::ports::fixed::SeededRng;

    #[test]
    fn made_once_and_never_silently_again() {
        let folder = tempfile::tempdir().unwrap();
        let (path, database) = (folder.path().join(FILE), folder.path().join("teller.db"));
        let first = open(&path, &database, &SeededRng::new(1)).unwrap();
        let again = open(&path, &database, &SeededRng::new(2)).unwrap();
        let mac = |secrets: &Secrets| secrets.mac(teller_identity::secret::Purpose::Handover, &[b"x"]);
        assert_eq!(mac(&first), mac(&again));
        std::fs::write(&database, b"x").unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(open(&path, &database, &SeededRng::new(3)), Err(SecretFileError::Missing { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, database) = (folder.path().join(FILE), folder.path().join("teller.db"));
        open(&path, &database, &SeededRng::new(1)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(open(&path, &database, &SeededRng::new(1)), Err(SecretFileError::LaxPermissions { .. })));
    }
}
