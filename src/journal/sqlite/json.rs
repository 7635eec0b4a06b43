//! Stored values as JSON text, with damage told apart from failure.
//!
//! Must not know: tables.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal::store::StoreError;

pub(super) fn write<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|fault| StoreError::Failed(fault.to_string()))
}

pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|fault| StoreError::Damaged(fault.to_string()))
}
