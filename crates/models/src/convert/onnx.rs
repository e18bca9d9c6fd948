//! The constant tensors of an ONNX file: the weights, and nothing of the graph.
//!
//! An ONNX file is one protocol-buffer message (onnx.proto3): field 7 of the
//! model is its graph, field 5 of that repeats the initialisers; of each, field 1
//! holds the dimensions, 2 the element type, 8 the name, 9 the raw bytes. The
//! program that runs the weights is our own, so the graph is not read.
//!
//! Not here: other element types than 32-bit floats, and tensors kept outside
//! of the file: they are skipped.

use std::collections::BTreeMap;

use super::wire::{Value, next_field, varint};

/// Initialisers in one file; more is something else.
const MAX_TENSORS: usize = 4096;
/// Dimensions of one tensor.
const MAX_DIMENSIONS: usize = 8;
/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// A tensor of 32-bit floats.
#[derive(Debug, PartialEq)]
pub(super) struct Tensor<'a> {
    pub(super) shape: Vec<usize>,
    /// Little-endian, four bytes a value.
    pub(super) bytes: &'a [u8],
}

impl Tensor<'_> {
    pub(super) fn floats(&self) -> Vec<f32> {
        self.bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }
}

/// The float tensors of a file by their names. `None` when it is not one.
pub(super) fn initialisers(mut file: &[u8]) -> Option<BTreeMap<String, Tensor<'_>>> {
    let mut graph = None;
    while !file.is_empty() {
        if let (7, Value::Bytes(message)) = next_field(&mut file)? {
            graph = Some(message);
        }
    }
    let mut graph: &[u8] = graph?;
    let mut found = BTreeMap::new();
    while !graph.is_empty() {
        if let (5, Value::Bytes(message)) = next_field(&mut graph)?
            && let Some((name, tensor)) = tensor(message)?
        {
            found.insert(name, tensor);
            if found.len() > MAX_TENSORS {
                return None;
            }
        }
    }
    Some(found)
}

/// One initialiser; inside `None` for one that is not read.
fn tensor(mut message: &[u8]) -> Option<Option<(String, Tensor<'_>)>> {
    let (mut shape, mut kind, mut name, mut raw) = (Vec::new(), 0, None, None);
    while !message.is_empty() {
        match next_field(&mut message)? {
            // Dimensions stand one by one, or packed behind one another.
            (1, Value::Number(size)) => shape.push(usize::try_from(size).ok()?),
            (1, Value::Bytes(mut packed)) => {
                while !packed.is_empty() && shape.len() <= MAX_DIMENSIONS {
                    shape.push(usize::try_from(varint(&mut packed)?).ok()?);
                }
            }
            (2, Value::Number(number)) => kind = number,
            (8, Value::Bytes(text)) => name = Some(String::from_utf8(text.to_vec()).ok()?),
            (9, Value::Bytes(bytes)) => raw = Some(bytes),
            _ => {}
        }
        if shape.len() > MAX_DIMENSIONS {
            return None;
        }
    }
    let (Some(name), Some(bytes), FLOAT) = (name, raw, kind) else { return Some(None) };
    let size = shape.iter().try_fold(4_usize, |size, dimension| size.checked_mul(*dimension))?;
    (bytes.len() == size).then_some(Some((name, Tensor { shape, bytes })))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::wire::field;
    use super::*;

    fn words(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn file(tensors: &[Vec<u8>]) -> Vec<u8> {
        let tensors: Vec<u8> = tensors.iter().flat_map(|tensor| field(5, 2, tensor)).collect();
        let graph = [field(2, 2, b"graph"), tensors].concat();
        [field(1, 0, &[9]), field(7, 2, &graph), field(8, 2, b"\x10\x0d")].concat()
    }

    #[test]
    fn reads_floats_and_skips_the_rest() {
        let data = words(&[1.0, -2.0]);
        let float = [field(1, 0, &[1]), field(1, 0, &[2]), field(2, 0, &[1]), field(8, 2, b"w"), field(9, 2, &data)];
        let packed = [field(1, 2, &[2, 1]), field(2, 0, &[1]), field(8, 2, b"v"), field(9, 2, &data)].concat();
        let integer = [field(1, 0, &[1]), field(2, 0, &[7]), field(8, 2, b"i"), field(9, 2, &[0; 8])].concat();
        let float = float.concat();
        let whole = file(&[float.clone(), packed, integer]);
        let found = initialisers(&whole).expect("a file");
        assert_eq!(found.len(), 2);
        assert_eq!((found["w"].shape.as_slice(), found["w"].floats()), (&[1, 2][..], vec![1.0, -2.0]));
        assert_eq!(found["v"].shape, [2, 1]);
        let short = [field(1, 0, &[3]), field(2, 0, &[1]), field(8, 2, b"w"), field(9, 2, &data)].concat();
        assert!(initialisers(&file(&[short])).is_none(), "fewer values than its shape says");
        assert!(initialisers(&field(1, 0, &[9])).is_none(), "no graph");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = initialisers(&bytes);
            let _ = initialisers(&file(&[bytes]));
        }
    }
}
