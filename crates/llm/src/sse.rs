//! Server-sent events, as far as chat completions need them: the data of each
//! event, out of bytes that come in any pieces.
//!
//! Invariants: pure; memory is bounded by `LINE_MAX_BYTES` a line and an event,
//! and by `LINES_MAX` lines; text is UTF-8 or an error.

use crate::limits::{LINE_MAX_BYTES, LINES_MAX};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    #[error("a line, an event or the stream is too long")]
    TooLarge,
    #[error("not UTF-8")]
    NotText,
}

/// Reads a stream as it comes.
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    data: Option<String>,
    lines: usize,
    after_cr: bool,
}

impl Decoder {
    /// Takes some bytes; hands each finished event's data to `each`, which says
    /// whether to go on.
    ///
    /// # Errors
    /// A bound was met, or the bytes are no text.
    pub fn push(&mut self, bytes: &[u8], mut each: impl FnMut(&str) -> bool) -> Result<(), SseError> {
        for &byte in bytes {
            let line_ends = match byte {
                b'\n' if self.after_cr => false,
                b'\n' | b'\r' => true,
                _ => {
                    if self.line.len() == LINE_MAX_BYTES {
                        return Err(SseError::TooLarge);
                    }
                    self.line.push(byte);
                    false
                }
            };
            self.after_cr = byte == b'\r';
            if line_ends
                && let Some(data) = self.end_line()?
                && !each(&data)
            {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Data of an event when this line was the empty one that ends it.
    fn end_line(&mut self) -> Result<Option<String>, SseError> {
        self.lines += 1;
        if self.lines > LINES_MAX {
            return Err(SseError::TooLarge);
        }
        let line = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&line).map_err(|_| SseError::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.is_empty() {
            return Ok(self.data.take());
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            let data = self.data.get_or_insert_default();
            if data.len() + value.len() > LINE_MAX_BYTES {
                return Err(SseError::TooLarge);
            }
            if !data.is_empty() {
                data.push('\n');
            }
            data.push_str(value);
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<String>, SseError> {
        let (mut decoder, mut seen) = (Decoder::default(), Vec::new());
        for piece in pieces {
            decoder.push(piece, |data| {
                seen.push(data.to_owned());
                true
            })?;
        }
        Ok(seen)
    }

    #[test]
    fn events_out_of_any_line_ends() {
        let stream = "\u{feff}data: a\n\n: comment\r\nevent: x\rdata:b\r\ndata: c\r\n\r\nretry: 1\ndata\n\n";
        assert_eq!(read(&[stream.as_bytes()]).unwrap(), ["a", "b\nc", ""]);
        assert_eq!(read(&[b"data: unfinished"]).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn bounds_and_text() {
        assert_eq!(read(&[&vec![b'a'; LINE_MAX_BYTES + 1]]), Err(SseError::TooLarge));
        assert_eq!(read(&["\n".repeat(LINES_MAX + 1).as_bytes()]), Err(SseError::TooLarge));
        let line = format!("data: {}\n", "x".repeat(40_000));
        assert_eq!(read(&[line.repeat(2).as_bytes()]), Err(SseError::TooLarge));
        assert_eq!(read(&[b"data: \xff\n\n"]), Err(SseError::NotText));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(cut in 0usize..60, bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let whole = "data: 柜台\r\ndata: 免费\r\n\r\ndata: [DONE]\n\n".as_bytes();
            let cut = cut.min(whole.len());
            prop_assert_eq!(read(&[&whole[..cut], &whole[cut..]]), read(&[whole]));
            // And nothing panics on anything.
            let cut = cut.min(bytes.len());
            prop_assert_eq!(read(&[&bytes[..cut], &bytes[cut..]]), read(&[&bytes]));
        }
    }
}
