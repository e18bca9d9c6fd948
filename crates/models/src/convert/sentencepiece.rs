//! Reads a SentencePiece model file: its pieces and its normaliser.
//!
//! The file is one protocol-buffer message (sentencepiece_model.proto): field 1
//! repeats the pieces, field 3 is the normaliser. Only those are read;
//! everything else is skipped.
//! Not here: tokenising; the trainer's settings.

use super::wire::{Value, next_field};

/// What tokenising needs of a model.
#[derive(Debug)]
pub(crate) struct SentencePieceModel {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) charsmap: Vec<u8>,
    pub(crate) add_dummy_prefix: bool,
    pub(crate) remove_extra_whitespaces: bool,
}

#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) score: f32,
    pub(crate) kind: PieceKind,
}

/// `ModelProto.SentencePiece.Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    /// Unused and byte pieces: this tokenizer has no place for them.
    Other,
}

/// Parses a model file. `None` when it is not one.
pub(crate) fn parse(file: &[u8]) -> Option<SentencePieceModel> {
    let mut model = SentencePieceModel {
        pieces: Vec::new(),
        charsmap: Vec::new(),
        // The defaults of NormalizerSpec.
        add_dummy_prefix: true,
        remove_extra_whitespaces: true,
    };
    let mut rest = file;
    while !rest.is_empty() {
        match next_field(&mut rest)? {
            (1, Value::Bytes(message)) => model.pieces.push(piece(message)?),
            (3, Value::Bytes(message)) => normaliser(message, &mut model)?,
            _ => {}
        }
    }
    (!model.pieces.is_empty()).then_some(model)
}

fn piece(mut message: &[u8]) -> Option<Piece> {
    let mut piece = Piece { text: String::new(), score: 0.0, kind: PieceKind::Normal };
    while !message.is_empty() {
        match next_field(&mut message)? {
            (1, Value::Bytes(text)) => piece.text = String::from_utf8(text.to_vec()).ok()?,
            (2, Value::Fixed32(bits)) => piece.score = f32::from_le_bytes(bits),
            (3, Value::Number(kind)) => {
                piece.kind = match kind {
                    1 => PieceKind::Normal,
                    2 => PieceKind::Unknown,
                    3 => PieceKind::Control,
                    4 => PieceKind::UserDefined,
                    _ => PieceKind::Other,
                }
            }
            _ => {}
        }
    }
    (!piece.text.is_empty() && piece.score.is_finite()).then_some(piece)
}

fn normaliser(mut message: &[u8], model: &mut SentencePieceModel) -> Option<()> {
    while !message.is_empty() {
        match next_field(&mut message)? {
            (2, Value::Bytes(charsmap)) => model.charsmap = charsmap.to_vec(),
            (3, Value::Number(flag)) => model.add_dummy_prefix = flag != 0,
            (4, Value::Number(flag)) => model.remove_extra_whitespaces = flag != 0,
            // Whitespace that is not escaped would need another tokenizer.
            (5, Value::Number(0)) => return None,
            _ => {}
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::wire::field;
    use super::*;

    #[test]
    fn reads_pieces_and_normaliser_and_skips_the_rest() {
        let unknown = [field(1, 2, b"<unk>"), field(3, 0, &[2])].concat();
        let word = [field(1, 2, "卡".as_bytes()), field(2, 5, &(-3.5_f32).to_le_bytes())].concat();
        let spec = [field(1, 2, b"nmt_nfkc"), field(2, 2, b"map"), field(4, 0, &[0])].concat();
        let file = [
            field(1, 2, &unknown),
            field(1, 2, &word),
            field(2, 2, b"\x08\x01"),
            field(3, 2, &spec),
            field(9, 1, &[0; 8]),
        ]
        .concat();
        let model = parse(&file).expect("a model");
        assert_eq!(model.pieces.len(), 2);
        assert_eq!(model.pieces[0].kind, PieceKind::Unknown);
        assert_eq!((model.pieces[1].text.as_str(), model.pieces[1].score), ("卡", -3.5));
        assert_eq!(model.pieces[1].kind, PieceKind::Normal);
        assert_eq!(model.charsmap, b"map");
        assert!(model.add_dummy_prefix && !model.remove_extra_whitespaces);
        for cut in 1..file.len() {
            // A cut between fields is a shorter model; inside one it is refused.
            if let Some(shorter) = parse(&file[..cut]) {
                assert!(shorter.pieces.len() <= 2);
            }
        }
        assert!(parse(b"").is_none());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
