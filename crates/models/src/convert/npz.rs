//! Reads the arrays of a NumPy `.npz` archive.
//!
//! The formats are NumPy's `.npy` versions 1 and 2 (numpy.lib.format) inside a
//! zip archive. Only C-ordered little-endian `f4`, `f8`, `u1` and `i1` are read.
//! Not here: Python objects, Fortran order, big-endian: they are refused.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::ModelError;

/// No array of a catalogued model is larger; a larger one is refused unread.
const MAX_ARRAY_BYTES: u64 = 512 << 20;

/// An open archive of arrays.
pub(crate) struct Npz {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
}

/// One array: its dimensions, element type and raw little-endian bytes.
#[derive(Debug)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    kind: ElementKind,
    data: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ElementKind {
    F32,
    F64,
    Byte,
}

impl Npz {
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(|source| ModelError::io("open", path, source))?;
        let archive = ZipArchive::new(BufReader::new(file))
            .map_err(|error| ModelError::convert(path, format!("not an archive: {error}")))?;
        Ok(Self { path: path.to_path_buf(), archive })
    }

    /// Reads the array called `name`.
    pub(crate) fn array(&mut self, name: &str) -> Result<Array, ModelError> {
        let refuse = |reason: String| ModelError::convert(&self.path, format!("array `{name}`: {reason}"));
        let entry = self.archive.by_name(&format!("{name}.npy"));
        let entry = entry.map_err(|error| refuse(error.to_string()))?;
        if entry.size() > MAX_ARRAY_BYTES {
            return Err(refuse(format!("{} bytes are too many", entry.size())));
        }
        let mut raw = Vec::with_capacity(entry.size() as usize);
        let mut limited = entry.take(MAX_ARRAY_BYTES);
        limited.read_to_end(&mut raw).map_err(|error| refuse(error.to_string()))?;
        parse(&raw).ok_or_else(|| refuse("not a plain array in a known format".to_owned()))
    }
}

impl Array {
    /// The elements as floats; `None` for bytes.
    pub(crate) fn floats(&self) -> Option<Vec<f32>> {
        match self.kind {
            ElementKind::F32 => {
                let words = self.data.chunks_exact(4);
                Some(words.map(|w| f32::from_le_bytes([w[0], w[1], w[2], w[3]])).collect())
            }
            ElementKind::F64 => {
                let words = self.data.chunks_exact(8);
                Some(words.map(|w| f64::from_le_bytes(std::array::from_fn(|i| w[i])) as f32).collect())
            }
            ElementKind::Byte => None,
        }
    }

    /// The elements as bytes; `None` for floats.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        (self.kind == ElementKind::Byte).then_some(self.data)
    }
}

/// Reads one `.npy` file.
pub(super) fn parse(raw: &[u8]) -> Option<Array> {
    let after_magic = raw.strip_prefix(b"\x93NUMPY")?;
    let (header_bytes, rest) = match after_magic.first()? {
        1 => (usize::from(u16::from_le_bytes([*after_magic.get(2)?, *after_magic.get(3)?])), &after_magic[4..]),
        2 => {
            let length: [u8; 4] = after_magic.get(2..6)?.try_into().ok()?;
            (u32::from_le_bytes(length) as usize, &after_magic[6..])
        }
        _ => return None,
    };
    let header = std::str::from_utf8(rest.get(..header_bytes)?).ok()?;
    if value_of(header, "fortran_order")? != "False" {
        return None;
    }
    let (kind, width) = match value_of(header, "descr")?.trim_matches('\'') {
        "<f4" => (ElementKind::F32, 4),
        "<f8" => (ElementKind::F64, 8),
        "|u1" | "|i1" => (ElementKind::Byte, 1),
        _ => return None,
    };
    let dimensions = value_of(header, "shape")?.strip_prefix('(')?.strip_suffix(')')?;
    let dimensions = dimensions.split(',').map(str::trim).filter(|text| !text.is_empty());
    let shape: Vec<usize> = dimensions.map(|text| text.parse().ok()).collect::<Option<_>>()?;
    let mut size: usize = width;
    for dimension in &shape {
        size = size.checked_mul(*dimension)?;
    }
    let data = rest[header_bytes..].to_vec();
    (data.len() == size).then_some(Array { shape, kind, data })
}

/// The text after `'key':` in the header's dictionary, up to its comma or, for
/// a tuple, its closing bracket.
fn value_of<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = header.split_once(&format!("'{key}':"))?;
    let after = after.trim_start();
    let end = match after.starts_with('(') {
        true => after.find(')')? + 1,
        false => after.find([',', '}'])?,
    };
    Some(after[..end].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let mut raw = b"\x93NUMPY\x01\x00".to_vec();
        raw.extend((header.len() as u16).to_le_bytes());
        raw.extend(header.as_bytes());
        raw.extend(data);
        raw
    }

    #[test]
    fn reads_a_matrix_and_a_scalar() {
        let data: Vec<u8> = [1.0_f32, -2.5].iter().flat_map(|v| v.to_le_bytes()).collect();
        let array = parse(&npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n", &data));
        let array = array.expect("a matrix");
        assert_eq!(array.shape, [1, 2]);
        assert_eq!(array.floats().expect("floats"), [1.0, -2.5]);
        assert!(array.into_bytes().is_none());

        let scalar = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n", &0.25_f64.to_le_bytes());
        let scalar = parse(&scalar).expect("a scalar");
        assert!(scalar.shape.is_empty());
        assert_eq!(scalar.floats().expect("floats"), [0.25]);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let good = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n";
        assert_eq!(parse(&npy(good, &[1, 2, 3])).expect("bytes").into_bytes().expect("bytes"), [1, 2, 3]);
        assert!(parse(&npy(good, &[1, 2])).is_none(), "too short");
        assert!(parse(&npy(&good.replace("False", "True"), &[1, 2, 3])).is_none(), "column order");
        assert!(parse(&npy(&good.replace("|u1", "|O"), &[1, 2, 3])).is_none(), "objects");
        assert!(parse(&npy(&good.replace("(3,)", "(18446744073709551615, 9)"), &[])).is_none(), "overflow");
        assert!(parse(b"\x93NUMPY").is_none(), "cut off");
        assert!(parse(b"PK").is_none(), "not an array");
    }
}
