//! Who may do what with money: every mutation of wallets, transfers, schedules and dues, by
//! everybody. Who is refused is refused over GraphQL and as a plain command.

mod codes;
pub(crate) mod people;
mod rights;

use serde_json::{Value, json};

use self::people::{PIN, People, spend_token};

const OK: &str = "OK";
const WHO: &str = "UNAUTHENTICATED";
const NO: &str = "FORBIDDEN";
const NONE: &str = "NOT_FOUND";
const IN: &str = "ALREADY_MEMBER";

/// A mutation with its input or, without one, its arguments.
fn document(mutation: &str, data: &Value) -> (String, Value) {
    /// What has arguments instead of an input.
    const ARGUMENTS: [(&str, &str); 13] = [
        ("joinWallet", "walletId"),
        ("leaveWallet", "walletId"),
        ("closeWallet", "walletId"),
        ("authorizeSpending", "walletId pin"),
        ("approveTransfer", "transferId"),
        ("declineTransfer", "transferId"),
        ("pauseScheduledPayment", "id"),
        ("resumeScheduledPayment", "id"),
        ("skipNextOccurrence", "id"),
        ("cancelScheduledPayment", "id"),
        ("endDuesPlan", "id"),
        ("closeDuesCycle", "cycleId"),
        ("removeWalletMember", ""),
    ];
    let arguments = ARGUMENTS.iter().find(|(name, _)| *name == mutation);
    let names: Vec<&str> =
        arguments.map(|(_, names)| names.split(' ').collect()).unwrap_or_default();
    if names.iter().all(|name| name.is_empty()) {
        let (first, rest) = mutation.split_at(1);
        let input = match mutation {
            "removeWalletMember" => "WalletMemberInput".to_owned(),
            _ => format!("{}{rest}Input", first.to_uppercase()),
        };
        let text =
            format!("mutation($input: {input}!) {{ {mutation}(input: $input) {{ __typename }} }}");
        return (text, json!({ "input": data }));
    }
    let kind = |name: &&str| if *name == "pin" { "String!" } else { "ID!" };
    let variables: Vec<_> = names.iter().map(|name| format!("${name}: {}", kind(name))).collect();
    let passed: Vec<_> = names.iter().map(|name| format!("{name}: ${name}")).collect();
    let (variables, passed) = (variables.join(", "), passed.join(", "));
    let text = format!("mutation({variables}) {{ {mutation}({passed}) {{ __typename }} }}");
    (text, data.clone())
}
