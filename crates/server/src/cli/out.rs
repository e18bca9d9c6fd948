//! Writing to the terminal. A reader that went away (`| head`) is no error.

use std::io::Write;

/// Text as it is, to standard output.
pub fn text(text: &str) {
    // Nobody is left to tell when the output is closed.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// One line to standard output.
pub fn line(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// One line to standard error.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A number of bytes as a person reads it.
pub fn bytes(bytes: u64) -> String {
    const KIB: u64 = 1024;
    let (unit, name) = match bytes {
        b if b >= KIB * KIB * KIB => (KIB * KIB * KIB, "GiB"),
        b if b >= KIB * KIB => (KIB * KIB, "MiB"),
        b if b >= KIB => (KIB, "KiB"),
        b => return format!("{b} B"),
    };
    // One digit after the point, rounded down, without floating point.
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_read_well() {
        assert_eq!(bytes(1_023), "1023 B");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(118 << 20), "118.0 MiB");
        assert_eq!(bytes(u64::MAX), "17179869183.9 GiB");
    }
}
