//! Faults: what goes wrong on purpose.
//!
//! Owns how chance is decided. Must not know: HTTP, the world.

use sha2::{Digest, Sha256};

/// Whether a chance of `percent` comes true, decided by what it is about alone, so that the same
/// seed gives the same answer whatever else happens.
pub(super) fn chance(percent: f64, about: &[String]) -> bool {
    draw(about) * 100.0 < percent
}

/// A number from 0 up to 1, made of texts.
fn draw(about: &[String]) -> f64 {
    let mut hash = Sha256::new();
    for text in about {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    let digest = hash.finalize();
    let mut head = [0_u8; 4];
    head.copy_from_slice(&digest[..4]);
    f64::from(u32::from_le_bytes(head)) / (f64::from(u32::MAX) + 1.0)
}
