//! How one element is read and written: absent when empty, typed where the schema has a type.
//!
//! Owns the rules that hold for every payload, and the macros its structs are declared with.
//! Must not know: any element's name.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that may stand in an element or attribute.
///
/// On reading, an empty element is an absent one; on writing, an absent value is left out, since
/// Reg-RWS does not take an empty element for an absent one (an empty `firstName` is an error).
pub(crate) trait Element: Sized {
    /// Whether nothing is left to write.
    fn is_absent(&self) -> bool;

    /// Reads it; `None` when there is nothing in it.
    ///
    /// # Errors
    /// A text that is no value of the type.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
}

/// Reads an element or attribute that may be empty or absent.
pub(super) fn element<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Element,
{
    T::read(deserializer)
}

/// Whether a field is left out on writing.
pub(super) fn blank<T: Element>(value: &Option<T>) -> bool {
    value.as_ref().is_none_or(T::is_absent)
}

/// Reads the members of a list; empty ones are left out.
pub(super) fn members<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Element + DeserializeOwned,
{
    let mut all = Vec::<T>::deserialize(deserializer)?;
    all.retain(|member| !member.is_absent());
    Ok(all)
}

/// Writes the members of a list; empty ones are left out.
pub(super) fn filled<T, S>(members: &[T], serializer: S) -> Result<S::Ok, S::Error>
where
    T: Element + Serialize,
    S: Serializer,
{
    serializer.collect_seq(members.iter().filter(|member| !member.is_absent()))
}

impl Element for String {
    fn is_absent(&self) -> bool {
        self.trim().is_empty()
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let text: Option<Self> = Option::deserialize(deserializer)?;
        Ok(text.filter(|text| !text.is_absent()))
    }
}

/// Reads a typed value from text; blanks around it do not count, as in XML Schema.
pub(super) fn typed<'de, D, T>(
    deserializer: D,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
{
    let Some(text) = String::read(deserializer)? else { return Ok(None) };
    let shown = || text.chars().take(SHOWN_MAX).collect::<String>();
    parse(text.trim()).map(Some).ok_or_else(|| {
        D::Error::custom(format!("`{}` is no {}", shown(), std::any::type_name::<T>()))
    })
}

/// Characters of a wrong value that are shown.
const SHOWN_MAX: usize = 40;

macro_rules! typed_elements {
    ($($type:ty = $parse:expr;)+) => {$(
        impl Element for $type {
            fn is_absent(&self) -> bool {
                false
            }

            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                typed(deserializer, $parse)
            }
        }
    )+};
}

typed_elements! {
    u8 = |text| text.parse().ok();
    u32 = |text| text.parse().ok();
    i64 = |text| text.parse().ok();
    bool = |text| match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    };
}

/// Declares a payload: each field an optional element, an attribute (`"@name"`) or the text
/// (`"$text"`). A field of another namespace has two names: the prefixed one it is written with,
/// and the one the canonical document has.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident $(as $root:literal)? { $($(#[$fdoc:meta])* $field:ident : $type:ty = $element:literal $(/ $read:literal)?,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$fdoc])*
                #[serde(
                    rename = $element,
                    $(alias = $read,)?
                    skip_serializing_if = "crate::regrws::payload::element::blank",
                    deserialize_with = "crate::regrws::payload::element::element"
                )]
                pub $field: Option<$type>,
            )+
        }

        impl $crate::regrws::payload::element::Element for $name {
            fn is_absent(&self) -> bool {
                $(crate::regrws::payload::element::blank(&self.$field))&&+
            }

            fn read<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                let read: Option<Self> = serde::Deserialize::deserialize(deserializer)?;
                Ok(read.filter(|read| !read.is_absent()))
            }
        }

        $(impl $crate::regrws::payload::Payload for $name {
            const ROOT: &'static str = $root;
        })?
    };
}

/// Declares an element that holds nothing but members of one kind.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident { $field:ident : $type:ty = $element:literal }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            /// Its members.
            #[serde(
                rename = $element,
                serialize_with = "crate::regrws::payload::element::filled",
                deserialize_with = "crate::regrws::payload::element::members"
            )]
            pub $field: Vec<$type>,
        }

        impl From<Vec<$type>> for $name {
            fn from($field: Vec<$type>) -> Self {
                Self { $field }
            }
        }

        impl $crate::regrws::payload::element::Element for $name {
            fn is_absent(&self) -> bool {
                self.$field.iter().all(crate::regrws::payload::element::Element::is_absent)
            }

            fn read<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                let read: Option<Self> = serde::Deserialize::deserialize(deserializer)?;
                Ok(read.filter(|read| !read.is_absent()))
            }
        }
    };
}

/// Declares the codes of an element; a code that is newer than this list is kept as it came.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A code that is not in this list.
            Other(String),
        }

        impl $name {
            /// The registry's code.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    _ => Self::Other(code.to_owned()),
                }
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                match code {
                    $name::Other(code) => code,
                    code => code.code().to_owned(),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl $crate::regrws::payload::element::Element for $name {
            fn is_absent(&self) -> bool {
                self.code().is_empty()
            }

            fn read<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                let code = <String as crate::regrws::payload::element::Element>::read(deserializer)?;
                Ok(code.map(|code| Self::from(code.trim())))
            }
        }
    };
}

pub(super) use {codes, list, payload};
