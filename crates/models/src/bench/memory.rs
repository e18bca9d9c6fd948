//! What Linux says of this process's memory (proc(5), `/proc/self/status`).
//!
//! Not here: other systems; there the figures are absent.

/// Memory that lies in RAM now, mapped files included.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    status("VmRSS:")
}

/// The most that lay in RAM at once since [`forget_peak`], or since the start.
pub(super) fn peak_bytes() -> Option<u64> {
    status("VmHWM:")
}

/// Starts the peak anew. Where that is not allowed the peak is the process's.
pub(super) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A figure that is stated in units of 1024 bytes.
fn status(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
