//! Stored formats never change: each kind and version has a file in `golden/` that stays as it
//! is. To add a kind or version, add its sample and run with `MOIM_GOLDEN=write`, which makes
//! files that are missing and touches no other.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod samples;

use std::path::PathBuf;
use std::{env, fs};

use events::codec::{CategoryEvent, decode, encode};
use events::personal::{KeyRing, KeyState, UserKey};
use events::{
    ChannelEvent, DuesEvent, EmailEvent, NewEvent, PaymentEvent, ReadersEvent, Recorded,
    StreamName, UserEvent, WalletEvent,
};
use samples::{Sample, user};
use serde_json::{Value, json};

/// The key that the samples' personal texts are sealed under.
fn ring() -> KeyRing {
    KeyRing::from([(user(), KeyState::Live(UserKey::new([7; 32])))])
}

fn file(category: &str, kind: &str, version: u16) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("{category}.{kind}.v{version}.json"))
}

fn stored<E: CategoryEvent>(sample: &Sample<E>) -> NewEvent {
    encode(&mut sample.event.clone(), &sample.stream, samples::metadata(), &ring()).unwrap()
}

fn as_golden(stream: &StreamName, event: &NewEvent) -> String {
    let data: Value = serde_json::from_str(&event.data).unwrap();
    let golden = json!({
        "stream": stream.as_str(), "kind": event.kind, "data": data, "metadata": event.metadata,
    });
    serde_json::to_string_pretty(&golden).unwrap() + "\n"
}

fn read_golden(text: &str) -> Recorded {
    let golden: Value = serde_json::from_str(text).unwrap();
    let event = NewEvent {
        kind: golden["kind"].as_str().unwrap().to_owned(),
        data: golden["data"].to_string(),
        metadata: serde_json::from_value(golden["metadata"].clone()).unwrap(),
    };
    let stream = golden["stream"].as_str().unwrap().parse().unwrap();
    Recorded { position: 1, stream, revision: 0, event }
}

/// Every newest version is written as its file says; every version that ever was can be read,
/// and gives the sample.
fn check<E: CategoryEvent + PartialEq>(samples: &[Sample<E>]) {
    let category = E::CATEGORY.as_str();
    for (kind, newest) in E::KINDS {
        let sample = samples.iter().find(|sample| sample.event.kind().0 == *kind);
        let sample = sample.unwrap_or_else(|| panic!("no sample of {category} {kind}"));
        let written = stored(sample);
        let path = file(category, kind, *newest);
        if env::var("MOIM_GOLDEN").is_ok_and(|value| value == "write") && !path.exists() {
            fs::write(&path, as_golden(&sample.stream, &written)).unwrap();
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(as_golden(&sample.stream, &written), golden, "{}", path.display());
        for version in 1..=*newest {
            let path = file(category, kind, version);
            let golden = fs::read_to_string(&path);
            let golden = golden.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut recorded = read_golden(&golden);
            let read = decode::<E>(&recorded).unwrap().event;
            let again = encode(&mut read.clone(), &sample.stream, samples::metadata(), &ring());
            recorded.event.metadata.version = *newest;
            assert_eq!(again.unwrap(), written, "{} reads as something else", path.display());
        }
    }
}

#[test]
fn formats_of_users_stay() {
    check::<UserEvent>(&samples::users());
}

#[test]
fn formats_of_addresses_stay() {
    check::<EmailEvent>(&samples::emails());
}

#[test]
fn formats_of_channels_stay() {
    check::<ChannelEvent>(&samples::channels());
}

#[test]
fn formats_of_read_markers_stay() {
    check::<ReadersEvent>(&samples::readers());
}

#[test]
fn formats_of_wallets_stay() {
    check::<WalletEvent>(&samples::wallets::wallets());
}

#[test]
fn formats_of_payments_stay() {
    check::<PaymentEvent>(&samples::schedules::payments());
}

#[test]
fn formats_of_dues_stay() {
    check::<DuesEvent>(&samples::schedules::dues());
}

#[test]
fn every_file_is_of_a_kind_that_is_known() {
    let known = events::catalogue::entries();
    for entry in fs::read_dir(file("", "", 1).parent().unwrap()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = known.iter().any(|entry| {
            let prefix = format!("{}.{}.v", entry.category, entry.kind);
            let version = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(".json"));
            version.is_some_and(|text| text.parse().is_ok_and(|v: u16| v <= entry.version))
        });
        assert!(known, "golden/{name} is of no kind that can be read");
    }
}
