//! The wire format of protocol buffers, as far as weights come in it: fields of
//! numbers, byte strings and fixed words.
//!
//! Invariant: any bytes are read without a panic and without more memory than
//! they have. Not here: what a field means; groups, which nothing uses.

/// A field's value on the wire.
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
    Fixed64,
}

/// The next field's number and value; `None` when the bytes are not a message.
pub(super) fn next_field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = varint(rest)?;
    let value = match tag & 7 {
        0 => Value::Number(varint(rest)?),
        1 => {
            rest.split_off(..8)?;
            Value::Fixed64
        }
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            Value::Bytes(rest.split_off(..length)?)
        }
        5 => Value::Fixed32(rest.split_off(..4)?.try_into().ok()?),
        _ => return None,
    };
    Some((tag >> 3, value))
}

pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    // Ten groups of seven bits hold 64 bits; a longer run is not a number.
    for group in 0..10 {
        let byte = *rest.split_off_first()?;
        number |= u64::from(byte & 0x7F).checked_shl(7 * group)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// A field as a writer would put it down, of at most 127 bytes: for the tests of
/// those who read messages.
#[cfg(test)]
pub(super) fn field(number: u8, wire: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | wire];
    if wire == 2 {
        out.push(u8::try_from(body.len()).expect("short"));
    }
    out.extend(body);
    out
}
