//! Between typed events and what is stored. A stored format is a pair of kind and version; it
//! never changes. A new format is a new version, and an upcaster lifts the old one when read.

use serde_json::Value;

use crate::envelope::{Fact, Metadata, NewEvent, Recorded};
use crate::personal::{KeyRing, OpenError, Personal};
use crate::stream::{Category, StreamName};

/// A payload's own part of the codec: which of its fields are personal.
pub trait Payload {
    /// The personal texts in it, to be sealed or opened.
    fn personal(&mut self) -> Vec<&mut Personal> {
        Vec::new()
    }
}

/// Lifts one stored format to the next.
#[derive(Debug, Clone, Copy)]
pub struct Upcaster {
    /// The kind that it reads.
    pub kind: &'static str,
    /// The version that it reads; what it gives is of the next.
    pub from: u16,
    /// The change of shape.
    pub lift: fn(Value) -> Value,
}

/// Events of one stream category.
pub trait CategoryEvent: Sized + Clone + Send + Sync + std::fmt::Debug + 'static {
    /// Whose streams they stand in.
    const CATEGORY: Category;
    /// Every kind with its newest version.
    const KINDS: &'static [(&'static str, u16)];
    /// From older versions to the newest.
    const UPCASTERS: &'static [Upcaster] = &[];

    /// The event's name and the version that it is written in.
    fn kind(&self) -> (&'static str, u16);
    /// The payload as it is stored.
    fn to_json(&self) -> serde_json::Result<String>;
    /// The payload of this kind in its newest version; `None` if there is no such kind.
    fn from_json(kind: &str, json: &str) -> Option<serde_json::Result<Self>>;
    /// The personal texts in it.
    fn personal(&mut self) -> Vec<&mut Personal>;
}

/// Defines a category's enum from its payload types; `Kind = version`.
macro_rules! category {
    ($(#[$doc:meta])* $name:ident of $category:ident {
        $($(#[$kind_doc:meta])* $kind:ident = $version:literal),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[allow(clippy::large_enum_variant, reason = "few are held at a time, most of them small")]
        pub enum $name {
            $($(#[$kind_doc])* $kind($kind),)*
        }

        impl $crate::codec::CategoryEvent for $name {
            const CATEGORY: $crate::stream::Category = $crate::stream::Category::$category;
            const KINDS: &'static [(&'static str, u16)] = &[$((stringify!($kind), $version)),*];

            fn kind(&self) -> (&'static str, u16) {
                match self { $(Self::$kind(_) => (stringify!($kind), $version),)* }
            }

            fn to_json(&self) -> serde_json::Result<String> {
                match self { $(Self::$kind(payload) => serde_json::to_string(payload),)* }
            }

            fn from_json(kind: &str, json: &str) -> Option<serde_json::Result<Self>> {
                match kind {
                    $(stringify!($kind) => Some(serde_json::from_str(json).map(Self::$kind)),)*
                    _ => None,
                }
            }

            fn personal(&mut self) -> Vec<&mut $crate::personal::Personal> {
                use $crate::codec::Payload as _;
                match self { $(Self::$kind(payload) => payload.personal(),)* }
            }
        }

        $(impl From<$kind> for $name {
            fn from(payload: $kind) -> Self {
                Self::$kind(payload)
            }
        })*

        /// JSON Schema of every kind's newest version.
        pub(crate) fn schemas() -> Vec<(&'static str, u16, schemars::Schema)> {
            vec![$((stringify!($kind), $version, schemars::schema_for!($kind))),*]
        }
    };
}
pub(crate) use category;

/// Why a stored event can't be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Written by a newer Moim, or no event of ours.
    #[error("unknown event {kind} version {version}")]
    Unknown {
        /// The stored kind.
        kind: String,
        /// The stored version.
        version: u16,
    },
    /// The payload doesn't fit its kind.
    #[error("payload of {kind} can't be read: {source}")]
    Payload {
        /// The stored kind.
        kind: String,
        /// What the parser says.
        source: serde_json::Error,
    },
}

/// Why an event can't be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A personal text can't be sealed: the user's key is gone.
    #[error(transparent)]
    Seal(#[from] OpenError),
    /// The payload has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Seals what is personal in `event`, for that event id, and writes it. `metadata.version` is
/// set to the kind's.
pub fn encode<E: CategoryEvent>(
    event: &mut E,
    stream: &StreamName,
    mut metadata: Metadata,
    ring: &KeyRing,
) -> Result<NewEvent, EncodeError> {
    for text in event.personal() {
        text.seal(ring, stream, metadata.event_id)?;
    }
    let (kind, version) = event.kind();
    metadata.version = version;
    Ok(NewEvent { kind: kind.to_owned(), data: event.to_json()?, metadata })
}

/// Reads a stored event, lifting old versions.
pub fn decode<E: CategoryEvent>(recorded: &Recorded) -> Result<Fact<E>, DecodeError> {
    let NewEvent { kind, data, metadata } = &recorded.event;
    let event = decode_payload(kind, metadata.version, data)?;
    let (id, revision, at) = (metadata.event_id, recorded.revision, metadata.recorded_at);
    Ok(Fact { id, revision, at, event })
}

/// Reads a payload of that kind and version.
pub fn decode_payload<E: CategoryEvent>(
    kind: &str,
    version: u16,
    data: &str,
) -> Result<E, DecodeError> {
    let unknown = || DecodeError::Unknown { kind: kind.to_owned(), version };
    let broken = |source| DecodeError::Payload { kind: kind.to_owned(), source };
    let (_, newest) = E::KINDS.iter().find(|(name, _)| *name == kind).ok_or_else(unknown)?;
    let parsed = if version == *newest {
        E::from_json(kind, data)
    } else {
        let mut value: Value = serde_json::from_str(data).map_err(broken)?;
        for from in version..*newest {
            let step = E::UPCASTERS.iter().find(|step| step.kind == kind && step.from == from);
            value = (step.ok_or_else(unknown)?.lift)(value);
        }
        if version > *newest {
            return Err(unknown());
        }
        E::from_json(kind, &value.to_string())
    };
    parsed.ok_or_else(unknown)?.map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Renamed {
        full_name: String,
    }

    impl CategoryEvent for Renamed {
        const CATEGORY: Category = Category::User;
        const KINDS: &'static [(&'static str, u16)] = &[("Renamed", 3)];
        const UPCASTERS: &'static [Upcaster] = &[
            Upcaster { kind: "Renamed", from: 1, lift: |v| json!({ "name": v["n"] }) },
            Upcaster { kind: "Renamed", from: 2, lift: |v| json!({ "full_name": v["name"] }) },
        ];

        fn kind(&self) -> (&'static str, u16) {
            ("Renamed", 3)
        }
        fn to_json(&self) -> serde_json::Result<String> {
            serde_json::to_string(&json!({ "full_name": self.full_name }))
        }
        fn from_json(kind: &str, json: &str) -> Option<serde_json::Result<Self>> {
            (kind == "Renamed").then(|| {
                let value: Value = serde_json::from_str(json)?;
                Ok(Self { full_name: value["full_name"].as_str().unwrap_or_default().to_owned() })
            })
        }
        fn personal(&mut self) -> Vec<&mut Personal> {
            Vec::new()
        }
    }

    #[test]
    fn old_versions_are_lifted_step_by_step() {
        let name = |version, data| decode_payload::<Renamed>("Renamed", version, data).unwrap();
        let expected = Renamed { full_name: "김민지".into() };
        assert_eq!(name(1, r#"{"n":"김민지"}"#), expected);
        assert_eq!(name(2, r#"{"name":"김민지"}"#), expected);
        assert_eq!(name(3, r#"{"full_name":"김민지"}"#), expected);
    }

    #[test]
    fn what_a_newer_moim_wrote_is_an_error() {
        let newer = decode_payload::<Renamed>("Renamed", 4, "{}");
        assert!(matches!(newer, Err(DecodeError::Unknown { version: 4, .. })));
        let other = decode_payload::<Renamed>("Invented", 1, "{}");
        assert!(matches!(other, Err(DecodeError::Unknown { version: 1, .. })));
    }
}
