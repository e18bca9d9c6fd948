//! Stored words of enums: one table, both directions.

/// Gives an enum its stored words: `as_str`, `TryFrom<String>`.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// The stored word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::error::StoreError;
            fn try_from(word: String) -> Result<Self, Self::Error> {
                match word.as_str() {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(crate::error::StoreError::damaged(concat!("unknown word for ", stringify!($name)))),
                }
            }
        }
    };
}
pub(crate) use words;
