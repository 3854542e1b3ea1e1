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

/// Codes of money: [`treasury`](crate::treasury) provokes them.
pub(crate) const MONEY: [&str; 29] = [
    "ALREADY_APPROVED",
    "AMOUNT_MALFORMED",
    "AMOUNT_NOT_POSITIVE",
    "AMOUNT_TOO_LARGE",
    "APPROVAL_NOT_NEEDED",
    "CURRENCY_MISMATCH",
    "DUES_ALREADY_PAID",
    "DUES_CLOSED",
    "DUES_EXEMPT",
    "DUES_OVERPAID",
    "INSUFFICIENT_FUNDS",
    "LIMIT_EXCEEDED",
    "PIN_LOCKED",
    "PIN_MALFORMED",
    "REFUND_TOO_LARGE",
    "SAME_WALLET",
    "SCHEDULE_INVALID",
    "SCHEDULE_IN_PAST",
    "SCHEDULE_NOT_ACTIVE",
    "SPEND_TOKEN_INVALID",
    "TRANSFER_DECLINED",
    "TRANSFER_EXPIRED",
    "TRANSFER_NOT_REFUNDABLE",
    "TRANSFER_SETTLED",
    "WALLET_CLOSED",
    "WALLET_EXISTS",
    "WALLET_FROZEN",
    "WALLET_NOT_EMPTY",
    "WRONG_PIN",
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
    let source = include_str!("../../../../command/src/rejection/code.rs");
    let quoted = source.lines().filter(|line| line.ends_with(',') && line.contains(" = \""));
    let codes: Vec<&str> = quoted.filter_map(|line| line.split('"').nth(1)).collect();
    assert!(codes.len() >= 20, "this test looks at the wrong place");
    for code in codes {
        let is_known = CODES.contains(&code) || MONEY.contains(&code);
        assert!(is_known, "{code} is provoked nowhere");
    }
}
