//! Which media type the client would have.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// A media type of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::transport) enum Media {
    /// `application/graphql-response+json`: the status tells what became of the request.
    GraphqlResponse,
    /// `application/json`: any well-formed request is answered with 200.
    Json,
}

impl Media {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// What a GET asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// GraphiQL.
    Page,
    /// An answer.
    Media(Media),
}

const JSON: (&str, &str) = ("application", "json");
const RESPONSE: (&str, &str) = ("application", "graphql-response+json");
const PAGE: (&str, &str) = ("text", "html");
const EVENTS: (&str, &str) = ("text", "event-stream");

/// Whether the client takes server-sent events.
pub(in crate::transport) fn takes_events(headers: &HeaderMap) -> bool {
    Accept::of(headers).weight(EVENTS).0 > 0
}

/// The media type of the answer; `None` if the client takes none that we have.
pub(super) fn media(headers: &HeaderMap) -> Option<Media> {
    let accept = Accept::of(headers);
    // Who would have anything is given what the most clients can read.
    let json = accept.weight(JSON);
    let response = accept.weight(RESPONSE);
    match () {
        () if response.0 == 0 && json.0 == 0 => None,
        () if response > json => Some(Media::GraphqlResponse),
        () if response == json && accept.names(RESPONSE) => Some(Media::GraphqlResponse),
        () => Some(Media::Json),
    }
}

/// The same for a GET: a browser would have a page above all.
pub(super) fn page_or_media(headers: &HeaderMap) -> Option<Wanted> {
    let accept = Accept::of(headers);
    let page = accept.weight(PAGE);
    let other = accept.weight(JSON).max(accept.weight(RESPONSE));
    if accept.names(PAGE) && page.0 > 0 && page >= other {
        return Some(Wanted::Page);
    }
    media(headers).map(Wanted::Media)
}

/// The ranges of an `Accept` header: type, subtype, thousandths.
struct Accept(Vec<(String, String, u16)>);

impl Accept {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut ranges: Vec<_> = values.flat_map(|it| it.split(',')).filter_map(range).collect();
        if ranges.is_empty() {
            ranges.push(("*".to_owned(), "*".to_owned(), 1_000));
        }
        Self(ranges)
    }

    /// Thousandths of the range that fits best, and how exactly it fits.
    fn weight(&self, (kind, subtype): (&str, &str)) -> (u16, u8) {
        let fits =
            self.0.iter().filter_map(|(of, sub, weight)| match (of.as_str(), sub.as_str()) {
                (of, sub) if of == kind && sub == subtype => Some((2, *weight)),
                (of, "*") if of == kind => Some((1, *weight)),
                ("*", "*") => Some((0, *weight)),
                _ => None,
            });
        fits.max().map_or((0, 0), |(exactness, weight)| (weight, exactness))
    }

    fn names(&self, (kind, subtype): (&str, &str)) -> bool {
        self.0.iter().any(|(of, sub, weight)| of == kind && sub == subtype && *weight > 0)
    }
}

fn range(text: &str) -> Option<(String, String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let weight = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map_or(1_000, |(_, weight)| thousandths(weight.trim()));
    Some((kind.to_ascii_lowercase(), subtype.to_ascii_lowercase(), weight))
}

/// Zero for what is no number from 0 to 1.
fn thousandths(text: &str) -> u16 {
    let number: f32 = text.parse().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1,000")]
    let thousandths = (number.clamp(0.0, 1.0) * 1_000.0) as u16;
    thousandths
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))])
    }

    #[test]
    fn the_heaviest_range_wins() {
        use Media::{GraphqlResponse, Json};
        let cases = [
            ("application/json", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json, application/json;q=0.9", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json;q=0.5", Some(Json)),
            ("application/graphql-response+json; charset=utf-8, */*", Some(GraphqlResponse)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("text/html", None),
            ("image/png, application/json;q=0", None),
            ("nonsense", Some(Json)),
        ];
        for (accept, wanted) in cases {
            assert_eq!(media(&headers(accept)), wanted, "{accept}");
        }
        assert_eq!(media(&HeaderMap::new()), Some(Json));
    }

    #[test]
    fn events_are_given_to_who_takes_them() {
        for accept in ["text/event-stream", "*/*", "text/*, application/json"] {
            assert!(takes_events(&headers(accept)), "{accept}");
        }
        for accept in ["application/json", "text/event-stream;q=0", "text/html"] {
            assert!(!takes_events(&headers(accept)), "{accept}");
        }
    }

    #[test]
    fn a_browser_is_given_the_page() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(page_or_media(&headers(browser)), Some(Wanted::Page));
        assert_eq!(page_or_media(&headers("text/html")), Some(Wanted::Page));
        for accept in ["*/*", "application/json", "application/json, text/html;q=0.5"] {
            assert_eq!(
                page_or_media(&headers(accept)),
                Some(Wanted::Media(Media::Json)),
                "{accept}"
            );
        }
    }
}
