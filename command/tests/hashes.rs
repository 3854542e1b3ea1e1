//! How many password hashes an answer costs: who asks must not learn from it whether an address
//! has an account. In a program of its own, because what is counted is counted for all of it.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use command::memory::{MemoryClaims, MemorySnapshots, MemoryTodos, MemoryVault};
use command::secrets::HasherConfig;
use command::{
    Code, Command, CommandBus, CommandService, Request, ServiceConfig, ServiceSecrets, Stores,
    Viewer,
};
use events::hashing::HashKey;
use events::memory::MemoryLog;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use zeroize::Zeroizing;

/// Counts password hashes, and nothing else.
struct Hashes(Arc<AtomicU64>);

impl Recorder for Hashes {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match key.name() {
            "moim_password_hashes_total" => Counter::from_arc(self.0.clone()),
            _ => Counter::noop(),
        }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn service() -> CommandService {
    let stores = Stores {
        log: Arc::new(MemoryLog::default()),
        claims: Arc::new(MemoryClaims::default()),
        snapshots: Arc::new(MemorySnapshots::default()),
        keys: Arc::new(MemoryVault::default()),
        todos: Arc::new(MemoryTodos::default()),
    };
    let pepper = Zeroizing::new(b"pepper".to_vec());
    let secrets = ServiceSecrets { hash_key: HashKey::new([8; 32]), pepper };
    let hasher = HasherConfig { memory_kib: 64, passes: 1, running_max: 2, waiting_max: 10 };
    CommandService::new(stores, &secrets, ServiceConfig { hasher, ..ServiceConfig::default() })
        .unwrap()
}

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

#[tokio::test]
async fn a_refused_log_in_costs_the_same_whether_there_is_an_account_or_not() {
    let hashes = Arc::new(AtomicU64::new(0));
    metrics::set_global_recorder(Hashes(hashes.clone())).unwrap();
    let service = service();
    let run = async |viewer: Option<Viewer>, command: Command| {
        let before = hashes.load(Ordering::SeqCst);
        let request = Request { id: None, viewer, command, trace_parent: None, client: None };
        let answer = service.submit(request).await;
        (answer, hashes.load(Ordering::SeqCst) - before)
    };
    let log_in = |name: &str| Command::LogIn {
        email: format!("{name}@example.com"),
        password: secret("wrong"),
    };
    for name in ["here", "gone"] {
        let (email, username) = (format!("{name}@example.com"), name.to_owned());
        let password = secret("correct horse battery");
        let (done, cost) = run(None, Command::SignUp { email, username, password }).await;
        assert_eq!(cost, 1);
        let command::Outcome::Session(grant) = done.unwrap().outcome else { panic!() };
        if name == "gone" {
            let viewer = Some(Viewer { user: grant.user, session: grant.session });
            let password = secret("correct horse battery");
            run(viewer, Command::DeleteAccount { password }).await.0.unwrap();
        }
    }
    let mut answers = Vec::new();
    for name in ["here", "nobody", "gone"] {
        let (answer, cost) = run(None, log_in(name)).await;
        assert_eq!(cost, 1, "{name}");
        answers.push(answer.unwrap_err());
    }
    assert_eq!(answers[0].code, Code::WrongCredentials);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}
