//! W3C trace context, as it travels from a request into events' metadata.
//! <https://www.w3.org/TR/trace-context/#traceparent-header>

use uuid::Uuid;

/// Whether a text is a trace parent: `<version>-<trace id>-<parent id>-<flags>`.
pub fn is_parent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &&str, len: usize| {
        part.len() == len && part.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |part: &str| part.bytes().all(|it| it == b'0');
    match parts.as_slice() {
        [version, trace, parent, flags] => {
            hex(version, 2)
                && hex(trace, 32)
                && hex(parent, 16)
                && hex(flags, 2)
                && *version != "ff"
                && !zero(trace)
                && !zero(parent)
        }
        _ => false,
    }
}

/// The trace id of a trace parent, or else a fresh one.
pub fn id_of(parent: Option<&str>) -> String {
    let given = parent.filter(|parent| is_parent(parent)).and_then(|it| it.split('-').nth(1));
    given.map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_parent_tells_its_trace() {
        assert!(is_parent(PARENT));
        assert_eq!(id_of(Some(PARENT)), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn what_is_no_trace_parent_begins_a_trace_of_its_own() {
        let zero = "00-00000000000000000000000000000000-00f067aa0ba902b7-01";
        for text in ["", "00-4bf9-00f0-01", &PARENT.to_uppercase(), zero] {
            assert!(!is_parent(text), "{text}");
            assert_eq!(id_of(Some(text)).len(), 32);
        }
    }
}
