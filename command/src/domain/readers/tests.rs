use events::{ChannelId, CommandId, StreamName};
use proptest::prelude::*;

use super::*;
use crate::domain::testing::{Given, accepted, fresh, refusal};
use crate::rejection::Code;

fn nothing() -> Given<Readers> {
    let stream = StreamName::readers(fresh::<ChannelId>());
    Given::nothing(stream, std::iter::empty().collect())
}

fn mark(user: UserId, up_to: u32, standing: Standing) -> MarkRead {
    MarkRead { user, up_to, standing }
}

fn member(read: u32, last: u32) -> Standing {
    Standing::Member { read, last }
}

fn moved(user: UserId, up_to_seq: u32) -> ReadersEvent {
    ReadMarkerMoved { user, up_to_seq }.into()
}

#[test]
fn a_member_reads_on_and_never_back() {
    let minji = fresh::<UserId>();
    let standing = member(0, 9);
    let mut given = nothing();
    let events = accepted(given.run(fresh::<CommandId>(), &mark(minji, 4, standing)));
    assert_eq!(events, [moved(minji, 4)]);
    for backwards in [4, 3, 0] {
        assert_eq!(accepted(given.when(&mark(minji, backwards, standing))), []);
    }
    assert_eq!(accepted(given.when(&mark(minji, 5, standing))), [moved(minji, 5)]);
}

#[test]
fn beyond_the_end_is_the_end() {
    let minji = fresh::<UserId>();
    let events = accepted(nothing().when(&mark(minji, u32::MAX, member(0, 9))));
    assert_eq!(events, [moved(minji, 9)]);
    assert_eq!(accepted(nothing().when(&mark(minji, 1, member(0, 0)))), []);
}

#[test]
fn markers_are_each_ones_own() {
    let [minji, jun] = std::array::from_fn(|_| fresh::<UserId>());
    let given = nothing().after(&mark(minji, 4, member(0, 9)));
    assert_eq!(accepted(given.when(&mark(jun, 2, member(0, 9)))), [moved(jun, 2)]);
}

#[test]
fn what_was_read_by_coming_in_or_by_writing_needs_no_marker() {
    let minji = fresh::<UserId>();
    assert_eq!(accepted(nothing().when(&mark(minji, 7, member(7, 9)))), []);
    assert_eq!(accepted(nothing().when(&mark(minji, 8, member(7, 9)))), [moved(minji, 8)]);
}

#[test]
fn an_earlier_stay_counts_as_little_as_what_came_before_the_latest_join() {
    let minji = fresh::<UserId>();
    let given = nothing().after(&mark(minji, 4, member(0, 4)));
    assert_eq!(accepted(given.when(&mark(minji, 5, member(6, 6)))), []);
    assert_eq!(accepted(given.when(&mark(minji, 7, member(6, 7)))), [moved(minji, 7)]);
}

#[test]
fn only_members_of_a_channel_have_markers() {
    let minji = fresh::<UserId>();
    let stranger = nothing().when(&mark(minji, 1, Standing::Stranger));
    assert_eq!(refusal(stranger).code, Code::Forbidden);
    let nowhere = nothing().when(&mark(minji, 1, Standing::NoChannel));
    assert_eq!(refusal(nowhere).code, Code::NotFound);
}

proptest! {
    #[test]
    fn markers_only_rise_stay_within_the_channel_and_a_repeat_changes_nothing(
        steps in prop::collection::vec((0..3_usize, 0..30_u32, 0..20_u32, 0..20_u32), 1..60),
    ) {
        let users: [UserId; 3] = std::array::from_fn(|_| fresh::<UserId>());
        let (mut given, mut markers) = (nothing(), [0; 3]);
        for (who, up_to, read, last) in steps {
            let (id, read) = (fresh::<CommandId>(), read.min(last));
            let command = mark(users[who], up_to, member(read, last));
            for event in accepted(given.run(id, &command)) {
                let ReadersEvent::ReadMarkerMoved(moved) = event else { panic!("{event:?}") };
                prop_assert_eq!(moved.user, users[who]);
                prop_assert!(moved.up_to_seq > markers[who].max(read));
                prop_assert!(moved.up_to_seq <= last);
                markers[who] = moved.up_to_seq;
            }
            prop_assert_eq!(accepted(given.run(id, &command)), []);
        }
    }
}
