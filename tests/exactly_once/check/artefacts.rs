//! The key in what was left behind: as it is, its secret part, and as base64 writes it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::desk::KEY;

/// Keys of every practice registry begin so; the rest is this one's own.
const PUBLIC: &str = "API-0000-0000-";

/// The snapshot of the inner practice registry: it holds the keys it was started with, as a
/// registry must.
const OWN_WORLD: &str = "plan.csv.swip-practice.json";

/// The texts that would give the key away: whole, its own part, and base64 at each alignment.
fn forms() -> Vec<Vec<u8>> {
    let own = &KEY[PUBLIC.len()..];
    let mut forms = vec![own.as_bytes().to_vec(), own.to_lowercase().into_bytes()];
    for before in 0..3 {
        let text = STANDARD.encode(format!("{}{KEY}", &"   "[..before]));
        // What depends on the bytes around the key is left out.
        forms.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    forms
}

/// Bytes of the key in some bytes.
pub(crate) fn key_bytes(bytes: &[u8]) -> usize {
    let found = |form: &Vec<u8>| memchr::memmem::find_iter(bytes, form).count() * form.len();
    forms().iter().map(found).sum()
}

/// What was searched, and how many bytes of the key were in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Searched {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) key_bytes: u64,
}

impl Searched {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.files += 1;
        self.bytes += bytes.len() as u64;
        self.key_bytes += key_bytes(bytes) as u64;
    }

    /// Every file below a directory: inputs, journal with its WAL, reports, worlds, ledgers.
    pub(crate) fn below(&mut self, directory: &Path) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.below(&path);
            } else if !path.ends_with(OWN_WORLD) {
                self.add(&std::fs::read(path).unwrap());
            }
        }
    }
}
