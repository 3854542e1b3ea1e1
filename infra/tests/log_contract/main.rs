//! What every engine of the event log promises, tested on each of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something fails")]

mod appends;
mod differential;
mod engines;
mod following;
mod outages;
mod reads;
mod sample;
mod writers;

/// A module of tests for an engine: the whole contract.
macro_rules! contract {
    ($engine:ident in $module:ident: $($suite:ident::$test:ident),* $(,)?) => {
        mod $module {
            use super::engines::{$engine as It, Engine};

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$suite::$test(&It::start().await).await;
                }
            )*
        }
    };
    ($engine:ident in $module:ident) => {
        contract!($engine in $module:
            appends::all_or_nothing,
            appends::a_conflict_tells_where_the_stream_is,
            appends::a_repeat_gives_the_first_answer,
            appends::a_repeat_is_known_on_another_node,
            appends::the_largest_events_fit,
            appends::oversize_is_refused_and_leaves_nothing,
            writers::a_thousand_writers_on_one_stream,
            writers::conflicts_spare_their_neighbours,
            writers::two_nodes_at_once,
            reads::streams_are_read_both_ways,
            reads::the_log_is_read_in_pages,
            reads::what_is_read_is_what_was_appended,
            following::a_subscriber_sees_all_once_and_in_order_under_load,
            following::catching_up_hands_over_to_live_without_gap_or_repeat,
            following::events_of_another_node_arrive_soon,
        );
    };
}

contract!(Memory in memory);
contract!(Postgres in postgres);

/// What only an engine with a server can show.
mod postgres_outages {
    use super::engines::PrivatePostgres;
    use super::outages;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_killed_server_loses_and_repeats_nothing() {
        outages::a_killed_server_loses_and_repeats_nothing(&PrivatePostgres::start().await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_frozen_server_is_an_error_in_time() {
        outages::a_frozen_server_is_an_error_in_time(&PrivatePostgres::start().await).await;
    }
}
