//! The document's way to a prepared operation, against a small schema of the contract's make.

use std::fmt::Write;

use async_graphql::{Value, Variables};
use serde_json::json;

use super::*;

const SDL: &str = include_str!("tests.graphql");

fn desk() -> Desk {
    Desk { shape: Shape::of_sdl(SDL).unwrap(), limits: Limits::default() }
}

fn prepare(text: &str, variables: serde_json::Value) -> Result<Prepared, Fault> {
    desk().prepare(text, None, Variables::from_json(variables))
}

fn refused(text: &str) -> (&'static str, Option<u64>) {
    let fault = prepare(text, json!({})).expect_err(text);
    (fault.code, fault.limit)
}

fn numbered(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

fn accepted(text: &str) -> Prepared {
    prepare(text, json!({})).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

mod limits {
    use super::*;

    #[test]
    fn fifteen_levels_are_fine_and_sixteen_are_not() {
        let deep = |levels: usize| {
            format!("{{ me {}{{ id }}{} }}", "{ friend ".repeat(levels - 2), "}".repeat(levels - 2))
        };
        accepted(&deep(15));
        assert_eq!(refused(&deep(16)), (TOO_COMPLEX, Some(15)));
        assert_eq!(refused(&deep(40)).0, TOO_COMPLEX);
        assert_eq!(refused(&deep(5_000)).0, TOO_COMPLEX);
    }

    #[test]
    fn depth_is_counted_through_fragments() {
        let mut text = "{ me { ...F0 } }".to_owned();
        for at in 0..14 {
            let _ = write!(text, " fragment F{at} on User {{ friend {{ ...F{} }} }}", at + 1);
        }
        text.push_str(" fragment F14 on User { id }");
        assert_eq!(refused(&text), (TOO_COMPLEX, Some(15)));
    }

    #[test]
    fn complexity_is_the_product_of_nested_page_sizes() {
        let pages = |outer: &str, inner: &str| {
            format!(
                "{{ channels{outer} {{ nodes {{ id messages{inner} {{ nodes {{ id }} }} }} }} }}"
            )
        };
        accepted(&pages("", ""));
        accepted(&pages("(first: 100)", "(last: 100)"));
        let three = "{ channels { nodes { messages { nodes { channel {
            members { nodes { id } } } } } } } }";
        assert_eq!(refused(three), (TOO_COMPLEX, Some(10_000)));
        let beside = "{ channels(first: 100) { nodes { messages(first: 100) { nodes { id } }
            members(first: 1) { nodes { id } } } } }";
        assert_eq!(refused(beside), (TOO_COMPLEX, Some(10_000)));
    }

    #[test]
    fn page_sizes_count_by_variable_and_default_of_variable() {
        let text = "query($n: Int = 100, $m: Int) { channels(first: $n) { nodes {
            messages(first: 50) { nodes { channel {
                members(first: $m) { nodes { id } } } } } } } }";
        assert!(prepare(text, json!({ "n": 1, "m": 100 })).is_ok());
        assert!(prepare(text, json!({ "n": 2, "m": 100 })).is_ok());
        assert_eq!(prepare(text, json!({ "n": 3, "m": 100 })).unwrap_err().code, TOO_COMPLEX);
        assert_eq!(prepare(text, json!({ "m": 3 })).unwrap_err().code, TOO_COMPLEX);
    }

    #[test]
    fn a_page_size_out_of_range_is_left_for_the_field_to_refuse() {
        accepted("{ channels(first: 1000000) { nodes { id } } }");
        accepted("{ channels(first: -1) { nodes { id } } }");
    }

    #[test]
    fn a_thousand_aliases_are_refused() {
        let mut text = "{".to_owned();
        for at in 0..1_000 {
            let _ = write!(text, " a{at}: me {{ id }}");
        }
        text.push('}');
        assert_eq!(refused(&text), (TOO_COMPLEX, Some(100)));
    }

    #[test]
    fn aliases_in_fragments_count_at_each_spread() {
        let aliases = numbered(60, |at| format!(" a{at}: id"));
        let text =
            format!("{{ me {{ ...F friend {{ ...F }} }} }} fragment F on User {{ {aliases} }}");
        assert_eq!(refused(&text), (TOO_COMPLEX, Some(100)));
    }

    #[test]
    fn fragments_that_double_each_other_are_measured_without_being_spread() {
        let mut text = "{ me { ...F0 } }".to_owned();
        for at in 0..26 {
            let _ = write!(text, " fragment F{at} on User {{ ...F{0} ...F{0} }}", at + 1);
        }
        text.push_str(" fragment F26 on User { id }");
        assert_eq!(refused(&text), (TOO_COMPLEX, Some(2_000)));
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused_even_if_nobody_spreads_it() {
        let mut text = "{ me { id } }".to_owned();
        for at in 0..2_000 {
            let _ = write!(text, " fragment F{at} on User {{ ...F{} }}", at + 1);
        }
        assert_eq!(refused(&text).0, TOO_COMPLEX);
    }

    #[test]
    fn directives_are_bounded() {
        let many = "@include(if: true) ".repeat(101);
        assert_eq!(refused(&format!("{{ me {{ id {many} }} }}")), (TOO_COMPLEX, Some(100)));
        assert_eq!(refused(&format!("query {many} {{ me {{ id }} }}")), (TOO_COMPLEX, Some(100)));
    }

    #[test]
    fn fragment_cycles_are_refused() {
        let text =
            "{ me { ...A } } fragment A on User { ...B } fragment B on User { friend { ...A } }";
        assert_eq!(refused(text).0, VALIDATION_FAILED);
        assert_eq!(refused("{ me { id } } fragment A on User { ...A }").0, VALIDATION_FAILED);
    }

    #[test]
    fn the_query_that_tools_introspect_with_is_fine() {
        accepted(include_str!("../../tests/transport/introspection.graphql"));
    }

    #[test]
    fn introspection_can_not_multiply_the_schema_with_itself() {
        let text = "{ __schema { types { fields { type { fields { name } } } } } }";
        assert_eq!(refused(text), (TOO_COMPLEX, Some(1)));
        let many = numbered(20, |at| format!(" a{at}: __schema {{ types {{ name }} }}"));
        assert_eq!(refused(&format!("{{ {many} }}")), (TOO_COMPLEX, Some(10)));
    }
}

mod variables {
    use super::*;

    fn bad(text: &str, variables: serde_json::Value) -> Option<String> {
        let fault = prepare(text, variables).expect_err(text);
        assert_eq!(fault.code, BAD_USER_INPUT);
        fault.field
    }

    #[test]
    fn defaults_are_filled_in_and_the_undeclared_left_out() {
        let text = "query($a: Boolean = true, $b: Int, $c: Int = 1) { me @include(if: $a) { id } }";
        let prepared = prepare(text, json!({ "c": 7, "zzz": 1 })).unwrap();
        let variables = &prepared.request.variables;
        assert_eq!(variables.get("a"), Some(&Value::Boolean(true)));
        assert_eq!(variables.get("c"), Some(&Value::from(7)));
        assert_eq!(variables.len(), 2);
    }

    #[test]
    fn what_does_not_fit_is_named_by_its_path() {
        let text =
            "query($by: FindInput!, $kinds: [Kind!]) { find(by: $by, kinds: $kinds) { id } }";
        assert_eq!(bad(text, json!({})), Some("by".into()));
        assert_eq!(bad(text, json!({ "by": null })), Some("by".into()));
        assert_eq!(bad(text, json!({ "by": 3 })), Some("by".into()));
        assert_eq!(bad(text, json!({ "by": {} })), Some("by.id".into()));
        assert_eq!(bad(text, json!({ "by": { "id": true } })), Some("by.id".into()));
        assert_eq!(bad(text, json!({ "by": { "id": "1", "x": 1 } })), Some("by.x".into()));
        let deep = json!({ "by": { "id": 1, "deep": { "id": "2", "limit": 1e10 } } });
        assert_eq!(bad(text, deep), Some("by.deep.limit".into()));
        let kinds = json!({ "by": { "id": 1 }, "kinds": ["A", "C"] });
        assert_eq!(bad(text, kinds), Some("kinds.1".into()));
    }

    #[test]
    fn what_fits_is_taken() {
        let text =
            "query($by: FindInput!, $kinds: [Kind!]) { find(by: $by, kinds: $kinds) { id } }";
        let sent = json!({ "by": { "id": "1", "at": 5, "deep": null }, "kinds": "A" });
        let prepared = prepare(text, sent).unwrap();
        let kinds = prepared.request.variables.get("kinds").cloned().unwrap();
        assert_eq!(kinds.into_json().unwrap(), json!(["A"]));
    }
}

mod normal_form {
    use super::*;

    fn canonical(text: &str, variables: serde_json::Value) -> String {
        prepare(text, variables).unwrap().canonical.to_string()
    }

    #[test]
    fn a_fragment_at_a_subscriptions_root_is_inlined() {
        let text = "subscription { ...S } fragment S on Subscription { ... { events(channelId: 1) {
            position } } }";
        let mut prepared = accepted(text);
        assert_eq!(root_fields(&mut prepared), ["events"]);
        assert!(prepared.request.parsed_query().unwrap().fragments.is_empty());
        assert_eq!(&*prepared.canonical, "subscription{events{position }}");
    }

    #[test]
    fn a_subscription_has_one_root_field() {
        let two = "subscription { events(channelId: 1) { position }
            b: events(channelId: 2) { position } }";
        assert_eq!(refused(two).0, VALIDATION_FAILED);
        assert_eq!(refused("subscription { __typename }").0, VALIDATION_FAILED);
        let conditional =
            "subscription($a: Boolean = true) { events(channelId: 1) @skip(if: $a) { position } }";
        assert_eq!(refused(conditional).0, VALIDATION_FAILED);
        let same =
            "subscription { events(channelId: 1) { position } events(channelId: 1) { position } }";
        assert_eq!(root_fields(&mut accepted(same)), ["events"]);
    }

    #[test]
    fn a_mutation_that_is_selected_twice_runs_once() {
        let text = r#"mutation { send(text: "a") { id } ...M b: send(text: "a") { id } }
            fragment M on Mutation { send(text: "a") { text } }"#;
        assert_eq!(root_fields(&mut accepted(text)), ["send", "send"]);
    }

    #[test]
    fn an_unused_or_unknown_fragment_is_left_for_the_rules_to_find() {
        let text =
            r#"mutation { send(text: "a") { id } } fragment M on Mutation { send { text } }"#;
        assert_eq!(accepted(text).request.parsed_query().unwrap().fragments.len(), 1);
        assert_eq!(refused("mutation { ...M }").0, VALIDATION_FAILED);
    }

    #[test]
    fn equal_subscriptions_have_equal_texts() {
        let a = canonical(
            "subscription A($c: ID!, $n: Int = 2, $yes: Boolean!) { events(channelId: $c) {
               position ... on Sent { message { id @include(if: $yes) ...M } } } }
             fragment M on Message { channel {
               messages(first: $n, last: null) { nodes { id } } } }",
            json!({ "c": "1", "yes": false }),
        );
        let b = canonical(
            "subscription { events(channelId: 7, after: \"x\") { position ...on Sent { message {
               ...on Message { channel {
                 messages(last: null, first: 2) { nodes { id } } } } } } } }",
            json!({}),
        );
        assert_eq!(a, b);
    }

    #[test]
    fn other_selections_aliases_and_values_have_other_texts() {
        let of = |inner: &str| {
            canonical(&format!("subscription {{ events(channelId: 1) {{ {inner} }} }}"), json!({}))
        };
        let all = [
            of("position"),
            of("p: position"),
            of("position __typename"),
            of("...on Sent { message { channel { messages(first: 1) { nodes { id } } } } }"),
            of("...on Sent { message { channel { messages(last: 1) { nodes { id } } } } }"),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{one}");
        }
    }

    #[test]
    fn the_operation_is_picked_by_name() {
        let text = "query A { me { id } } query B { me { name } }";
        let pick = |text: &str, name| desk().prepare(text, name, Variables::default());
        assert!(pick(text, Some("B")).is_ok());
        assert_eq!(pick(text, Some("C")).unwrap_err().code, VALIDATION_FAILED);
        assert_eq!(pick(text, None).unwrap_err().code, VALIDATION_FAILED);
        assert_eq!(pick("{ me { id } }", Some("A")).unwrap_err().code, VALIDATION_FAILED);
        assert!(pick("query A { me { id } }", None).is_ok());
    }
}
