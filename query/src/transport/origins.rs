//! Pages of which origins may use the API.

use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Browsers ask again after so long whether they may.
const PREFLIGHT_KEPT: Duration = Duration::from_hours(2);

/// Allowed origins: `https://app.example`, `http://localhost:*` for any port, or `*` for all,
/// separated by commas. What is served from here may always be used from here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<Allowed>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    All,
    One(String),
    /// Scheme and host, with any port or none.
    AnyPort(String),
}

/// Not the origin of a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an origin like `https://app.example` or `http://localhost:*`")]
pub struct BadOrigin(String);

impl FromStr for Origins {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(allowed).collect::<Result<_, _>>().map(Self)
    }
}

fn allowed(text: &str) -> Result<Allowed, BadOrigin> {
    if text == "*" {
        return Ok(Allowed::All);
    }
    let text = text.to_ascii_lowercase();
    let host = text.split_once("://").map(|(_, host)| host);
    if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
        return Err(BadOrigin(text));
    }
    match text.strip_suffix(":*") {
        Some(host) => Ok(Allowed::AnyPort(host.to_owned())),
        None => Ok(Allowed::One(text)),
    }
}

impl Origins {
    fn allow(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        let origin = origin.to_ascii_lowercase();
        self.0.iter().any(|allowed| match allowed {
            Allowed::All => true,
            Allowed::One(one) => *one == origin,
            Allowed::AnyPort(host) => origin.strip_prefix(host.as_str()).is_some_and(|rest| {
                let port = rest.strip_prefix(':');
                rest.is_empty() || port.is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
            }),
        })
    }

    /// Whether a socket may be opened: by what is no page, by a page from here, by one allowed.
    pub(super) fn allow_socket(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return true };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        let own = matches!((host, from), (Some(host), Some((_, from))) if host == from);
        own || self.allow(origin)
    }

    /// The layer for routes that such pages may use.
    pub fn cors(&self) -> CorsLayer {
        let origins = self.clone();
        let allow = AllowOrigin::predicate(move |origin, _| origins.allow(origin));
        let ours = ["x-min-position", "traceparent", "tracestate"].map(HeaderName::from_static);
        let headers: Vec<_> =
            [ACCEPT, AUTHORIZATION, CONTENT_TYPE].into_iter().chain(ours).collect();
        CorsLayer::new()
            .allow_origin(allow)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(headers)
            .expose_headers([RETRY_AFTER])
            .max_age(PREFLIGHT_KEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_what_is_named_and_nothing_that_looks_like_it() {
        let origins: Origins = "https://App.example, http://localhost:*".parse().unwrap();
        let allow = |origin: &'static str| origins.allow(&HeaderValue::from_static(origin));
        for origin in ["https://app.example", "http://localhost", "http://localhost:3000"] {
            assert!(allow(origin), "{origin}");
        }
        for origin in [
            "http://app.example",
            "https://app.example:444",
            "https://app.example.evil.test",
            "http://localhost.evil.test",
            "http://localhost:1.evil.test",
            "null",
        ] {
            assert!(!allow(origin), "{origin}");
        }
    }

    #[test]
    fn refuses_what_is_no_origin() {
        for text in ["app.example", "https://", "https://a/b"] {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
        assert_eq!("".parse(), Ok(Origins::default()));
    }

    #[test]
    fn a_socket_may_be_opened_by_a_page_from_here() {
        let headers = |pairs: &[(HeaderName, &'static str)]| {
            let pairs = pairs.iter().map(|(k, v)| (k.clone(), HeaderValue::from_static(v)));
            Origins::default().allow_socket(&pairs.collect())
        };
        assert!(headers(&[]));
        assert!(headers(&[(HOST, "moim:8080"), (ORIGIN, "http://moim:8080")]));
        assert!(!headers(&[(HOST, "moim:8080"), (ORIGIN, "http://moim")]));
        assert!(!headers(&[(ORIGIN, "null")]));
    }
}
