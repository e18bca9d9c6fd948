//! The closer look: the adapted semantic encoder, for texts of which the fast
//! tier is not sure.
//!
//! Not here: when a closer look is worth its time; how busy the machine is.

use std::sync::Arc;

use teller_models::{Adapter, Catalogue, ModelError, SEMANTIC_VECTORS, SemanticEncoder};

/// Gives the vector of a text in normal form by the adapted semantic encoder;
/// nothing while that is too busy, and then the fast tier's word stands.
pub type CloserLook = Arc<dyn Fn(&str) -> Option<Vec<f32>> + Send + Sync>;

/// The adapted semantic encoder of `models`, which must be installed and approved.
///
/// # Errors
/// As [`Catalogue::installed`] and [`SemanticEncoder::open`].
pub fn semantic_encoder(models: &Catalogue) -> Result<SemanticEncoder, ModelError> {
    SemanticEncoder::open_with(&models.installed(SEMANTIC_VECTORS)?, Some(Adapter::embedded()))
}

/// The same as a closer look that always has time.
///
/// # Errors
/// As [`semantic_encoder`].
pub fn closer_look(models: &Catalogue) -> Result<CloserLook, ModelError> {
    let encoder = semantic_encoder(models)?;
    Ok(Arc::new(move |normal| Some(encoder.embed(normal))))
}
