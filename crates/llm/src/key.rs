//! The endpoint's key: read once from the environment or a file, shown nowhere.

use crate::limits::KEY_MAX_BYTES;
use crate::settings::ConfigError;
use std::fmt;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// A secret. `Debug` shows that there is one, and no more.
#[derive(Clone)]
pub struct Key(Zeroizing<String>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

impl Key {
    /// A key of visible ASCII characters, surrounding space taken off.
    ///
    /// # Errors
    /// An empty or overlong key, or one that no header can carry.
    pub fn new(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        let fits = !text.is_empty() && text.len() <= KEY_MAX_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(ConfigError::Key("is not a key")) }
    }

    /// The key in an environment variable.
    ///
    /// # Errors
    /// The variable is not set, or holds no key.
    pub fn from_env(name: &str) -> Result<Self, ConfigError> {
        let text = std::env::var(name).map(Zeroizing::new).map_err(|_| ConfigError::Key("variable is not set"))?;
        Self::new(&text)
    }

    /// The key in a file that only its owner may read.
    ///
    /// # Errors
    /// The file cannot be read, others may read it, or it holds no key.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let file = std::fs::File::open(path).map_err(|_| ConfigError::Key("file cannot be read"))?;
        #[cfg(unix)]
        {
            let meta = file.metadata().map_err(|_| ConfigError::Key("file cannot be read"))?;
            if std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0 {
                return Err(ConfigError::Key("file can be read by others; chmod 600 it"));
            }
        }
        let mut text = Zeroizing::new(String::new());
        let bound = KEY_MAX_BYTES as u64 + 2;
        file.take(bound).read_to_string(&mut text).map_err(|_| ConfigError::Key("file cannot be read"))?;
        Self::new(&text)
    }

    pub(crate) fn bearer(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", *self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_and_never_breaks_a_header() {
        let key = Key::new(" sk-secret \n").unwrap();
        assert_eq!(format!("{key:?}"), "Key(***)");
        assert_eq!(&*key.bearer(), "Bearer sk-secret");
        for bad in ["", " ", "a b", "a\nb", "密", &"x".repeat(KEY_MAX_BYTES + 1)] {
            assert!(Key::new(bad).is_err(), "{bad:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "sk-1\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Key::from_file(&path).is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(Key::from_file(&path).is_ok());
        assert!(Key::from_file(&folder.path().join("none")).is_err());
    }
}
