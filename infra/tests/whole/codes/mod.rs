//! Every code of the API, provoked over HTTP.

mod faults;
mod refusals;
mod requests;

use std::collections::BTreeSet;

use crate::server::Server;

/// All codes of people, channels and messages, and of the API itself.
const CODES: [&str; 28] = [
    "ALREADY_CONTACT",
    "ALREADY_MEMBER",
    "BAD_USER_INPUT",
    "CONFLICT",
    "CURSOR_UNKNOWN",
    "EMAIL_TAKEN",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "IDEMPOTENCY_CONFLICT",
    "ID_TAKEN",
    "INTERNAL",
    "INVALID_CURSOR",
    "INVALID_INPUT",
    "IN_PROGRESS",
    "LAST_ADMIN",
    "MESSAGE_DELETED",
    "NOT_FOUND",
    "NOT_YET",
    "OVERLOADED",
    "PAYLOAD_TOO_LARGE",
    "QUERY_TOO_COMPLEX",
    "RATE_LIMITED",
    "SELF_CONTACT",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "WRONG_CHANNEL_PASSWORD",
    "WRONG_CREDENTIALS",
];

/// Needs more at once than a node takes: see the API's own tests.
const ELSEWHERE: &str = "OVERLOADED";

/// Each provokes some and checks what else they carry; together, all of them.
#[tokio::test]
async fn every_code_is_given_where_it_belongs() {
    let server = Server::start().await;
    let mut seen = BTreeSet::new();
    seen.extend(refusals::provoke(&server).await);
    seen.extend(requests::provoke(&server).await);
    seen.extend(faults::provoke(&server).await);
    assert!(seen.insert(ELSEWHERE), "it is provoked here");
    assert_eq!(seen, BTreeSet::from(CODES));
}

#[test]
fn commands_are_refused_with_these_codes_alone() {
    let source = include_str!("../../../../command/src/rejection.rs");
    let quoted = source.lines().filter(|line| line.ends_with(',') && line.contains(" = \""));
    let codes: Vec<&str> = quoted.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(codes.len() >= 20, "this test looks at the wrong place");
    for code in codes {
        assert!(CODES.contains(&code), "{code} is provoked nowhere");
    }
}
