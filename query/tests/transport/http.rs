//! GraphQL over HTTP: media types, status codes, methods, tokens.

use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;

use crate::requests::{Answer, JSON, RESPONSE, ask, ask_as, post};
use crate::server::Server;

#[tokio::test]
async fn an_answer_has_the_media_type_that_was_asked_for() {
    let server = Server::start().await;
    let body = json!({ "query": "{ echo(text: \"hi\") }" }).to_string();
    for (accept, expected) in [(RESPONSE, RESPONSE), (JSON, JSON), ("*/*", JSON)] {
        let answer = post(&server, accept, body.clone()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers[CONTENT_TYPE], format!("{expected}; charset=utf-8"));
        assert_eq!(answer.body, json!({ "data": { "echo": "hi" } }));
    }
    assert_eq!(post(&server, "image/png", body).await.status, 406);
}

#[tokio::test]
async fn an_invalid_document_is_400_or_200_by_media_type_and_has_no_data() {
    let server = Server::start().await;
    let bad_variable = json!({ "query": "query($t: String!) { echo(text: $t) }" });
    let cases = [
        ("GRAPHQL_PARSE_FAILED", json!({ "query": "{ echo(" })),
        ("GRAPHQL_VALIDATION_FAILED", json!({ "query": "{ nothing }" })),
        ("GRAPHQL_VALIDATION_FAILED", json!({ "query": "{ echo(text: 1) }" })),
        ("GRAPHQL_VALIDATION_FAILED", json!({ "query": "{ me { id } }", "operationName": "X" })),
        ("GRAPHQL_VALIDATION_FAILED", json!({ "query": "subscription { ticks(n: 1) }" })),
        ("BAD_USER_INPUT", bad_variable),
    ];
    for (code, body) in cases {
        for (accept, status) in [(RESPONSE, 400), (JSON, 200)] {
            let answer = post(&server, accept, body.to_string()).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{body} {answer:?}");
            assert!(answer.body.get("data").is_none(), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_graphql_request_is_400_in_both() {
    let server = Server::start().await;
    for body in [
        "",
        "nonsense",
        "{\"query\"",
        "[]",
        "null",
        "\"{me}\"",
        "{}",
        "{\"query\":1}",
        "{\"query\":null}",
        "[{\"query\":\"{me{id}}\"}]",
        "[\"{me{id}}\"]",
        "{\"query\":\"{me{id}}\",\"variables\":[]}",
        "{\"query\":\"{me{id}}\",\"operationName\":1}",
        "{\"query\":\"{me{id}}\",\"extensions\":\"x\"}",
        "{\"query\":\"\\ud800\"}",
    ] {
        for accept in [RESPONSE, JSON] {
            let answer = post(&server, accept, body).await;
            assert_eq!(answer.status, 400, "{body} {answer:?}");
            assert!(!answer.code().is_empty(), "{body}");
        }
    }
}

#[tokio::test]
async fn a_field_that_fails_leaves_200_with_code_and_path() {
    let server = Server::start().await;
    let answer = ask(&server, "{ me { id } echo(text: \"a\") }").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    assert_eq!(answer.body["errors"][0]["path"], json!(["me"]));
    assert_eq!(answer.body["data"], json!({ "me": null, "echo": "a" }));
}

#[tokio::test]
async fn a_failed_field_that_may_not_be_null_takes_its_parent_along() {
    let server = Server::start().await;
    for accept in [RESPONSE, JSON] {
        let body = json!({ "query": "{ fails { id } echo(text: \"a\") }" }).to_string();
        let answer = post(&server, accept, body).await;
        assert_eq!((answer.status, answer.code()), (200, "NOT_FOUND"));
        assert_eq!(answer.body.get("data"), Some(&json!(null)));
    }
}

#[tokio::test]
async fn nothing_but_a_query_runs_on_get() {
    let server = Server::start().await;
    let get = |query: &str| {
        let pairs = [("query", query), ("variables", "{\"t\":\"v\"}"), ("operationName", "")];
        let url = reqwest::Url::parse_with_params(&server.url(), pairs).unwrap();
        reqwest::Client::new().get(url).header(ACCEPT, RESPONSE)
    };
    let answer = Answer::of(get("query($t: String!) { echo(text: $t) }")).await;
    assert_eq!((answer.status, &answer.body["data"]["echo"]), (200, &json!("v")));
    let answer = Answer::of(get("mutation { bump }")).await;
    assert_eq!(answer.status, 405, "{answer:?}");
    assert_eq!(answer.headers["allow"], "POST");
    for query in ["", "?query=%7Bme%7Bid%7D%7D&query=x", "?query=%7Bme%7Bid%7D%7D&variables=1"] {
        let request = reqwest::Client::new().get(server.url() + query);
        assert_eq!(Answer::of(request).await.status, 400, "{query}");
    }
    assert_eq!(server.world.bumps.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn nothing_but_json_is_taken_on_post() {
    let server = Server::start().await;
    let body = json!({ "query": "mutation { bump }" }).to_string();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "",
    ] {
        let request = reqwest::Client::new().post(server.url()).body(body.clone());
        let answer = Answer::of(request.header(CONTENT_TYPE, kind)).await;
        assert_eq!(answer.status, 415, "{kind} {answer:?}");
    }
    let form = reqwest::Client::new().post(server.url() + "?query=mutation%7Bbump%7D");
    assert_eq!(Answer::of(form).await.status, 415);
    assert_eq!(server.world.bumps.load(Ordering::SeqCst), 0);
    let request = reqwest::Client::new().post(server.url()).body(body);
    let answer = Answer::of(request.header(CONTENT_TYPE, "Application/JSON;charset=UTF-8")).await;
    assert_eq!(answer.body["data"]["bump"], 1);
}

#[tokio::test]
async fn other_methods_are_405() {
    let server = Server::start().await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = Answer::of(reqwest::Client::new().request(method, server.url())).await;
        assert_eq!(answer.status, 405);
        assert_eq!(answer.headers["allow"], "GET, POST");
    }
}

#[tokio::test]
async fn defaults_of_variables_count_in_include_and_skip() {
    let server = Server::start().await;
    let text = "query($yes: Boolean = true, $no: Boolean = false) {
        a: echo(text: \"a\") @include(if: $yes)
        b: echo(text: \"b\") @include(if: $no)
        c: echo(text: \"c\") @skip(if: $yes)
        ... @skip(if: $no) { d: echo(text: \"d\") } }";
    let answer = ask(&server, text).await;
    assert_eq!(answer.body, json!({ "data": { "a": "a", "d": "d" } }));
}

#[tokio::test]
async fn a_mutation_that_is_selected_twice_runs_once() {
    let server = Server::start().await;
    let answer = ask(&server, "mutation { bump ...M } fragment M on Mutation { bump }").await;
    assert_eq!(answer.body, json!({ "data": { "bump": 1 } }));
}

#[tokio::test]
async fn a_bad_token_refuses_the_request_but_not_signing_in_alone() {
    let server = Server::start().await;
    let good = ask_as(&server, "bearer user-7", "{ me { id } }").await;
    assert_eq!(good.status, 200);
    assert!(good.body["data"]["me"]["id"].as_str().unwrap().ends_with('7'), "{good:?}");
    for token in ["Bearer nonsense", "Bearer ", "Basic dXNlcg==", "user-7"] {
        for query in ["{ echo(text: \"a\") }", "mutation { logIn bump }", "{ broken"] {
            let answer = ask_as(&server, token, query).await;
            assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{token} {query}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
        let answer = ask_as(&server, token, "mutation { x: logIn }").await;
        assert_eq!(answer.body, json!({ "data": { "x": "in" } }), "{token}");
    }
    assert_eq!(server.world.bumps.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_ended_session_is_refused_and_one_that_cant_be_told_is_503() {
    let server = Server::start().await;
    server.end_session(7);
    let answer = ask_as(&server, "Bearer user-7", "{ me { id } }").await;
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(ask_as(&server, "Bearer user-8", "{ me { id } }").await.status, 200);
    server.lose_database();
    let answer = ask_as(&server, "Bearer user-8", "{ me { id } }").await;
    assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"));
    assert_eq!(answer.headers["retry-after"], "2");
}

#[tokio::test]
async fn headers_are_passed_on() {
    let server = Server::start().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let ask = |trace: &str| {
        let request = reqwest::Client::new().post(server.url()).header("x-min-position", "abc");
        let request = request.header("traceparent", trace);
        Answer::of(request.json(&json!({ "query": "{ caller }" })))
    };
    let caller = ask(trace).await.body["data"]["caller"].to_string();
    assert!(caller.contains(trace) && caller.contains("abc"), "{caller}");
    assert!(caller.contains("127.0.0.1"), "{caller}");
    let caller = ask("00-zz-zz-01").await.body["data"]["caller"].to_string();
    assert!(caller.contains("trace_parent: None"), "{caller}");
}

#[tokio::test]
async fn a_mutation_runs_to_its_end_though_the_client_hangs_up() {
    let server = Server::start().await;
    let body = json!({ "query": "mutation { bump(afterMs: 300) }" });
    let request = reqwest::Client::new().post(server.url()).json(&body);
    let hurried = request.timeout(Duration::from_millis(100)).send().await;
    assert!(hurried.is_err());
    tokio::time::timeout(Duration::from_secs(10), async {
        while server.world.bumps.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_panic_is_an_internal_error_with_a_trace_id() {
    let server = Server::start().await;
    let answer = ask(&server, "{ panics }").await;
    assert_eq!((answer.status, answer.code()), (500, "INTERNAL"));
    assert!(answer.body["errors"][0]["extensions"]["traceId"].is_string());
    assert_eq!(ask(&server, "{ echo(text: \"a\") }").await.status, 200);
}

#[tokio::test]
async fn a_browser_is_shown_a_page() {
    let server = Server::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let answer = Answer::of(reqwest::Client::new().get(server.url()).header(ACCEPT, browser)).await;
    assert_eq!(
        (answer.status, &answer.headers[CONTENT_TYPE]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    let page = answer.body.as_str().unwrap();
    assert!(page.contains("graphiql") || page.contains("npm run build"), "{page}");
}

#[tokio::test]
async fn other_origins_need_leave() {
    let origins = "https://app.example".parse().unwrap();
    let config = query::transport::Config { origins, ..Default::default() };
    let server = Server::with(config).await;
    let preflight = |origin: &'static str| {
        let request = reqwest::Client::new().request(Method::OPTIONS, server.url());
        let request = request.header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request
            .header("access-control-request-headers", "authorization,content-type,x-min-position")
    };
    let answer = Answer::of(preflight("https://app.example")).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "https://app.example");
    let allowed = answer.headers["access-control-allow-headers"].to_str().unwrap();
    assert!(allowed.contains("authorization") && allowed.contains("x-min-position"));
    let answer = Answer::of(preflight("https://evil.example")).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn introspection_as_tools_do_it_works() {
    let server = Server::start().await;
    let answer = ask(&server, include_str!("introspection.graphql")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body["errors"].is_null(), "{answer:?}");
    assert_eq!(answer.body["data"]["__schema"]["queryType"]["name"], "Query");
}
