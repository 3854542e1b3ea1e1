//! The mailboxes under simulation: one thread, a clock of its own, and a seed from which all that
//! happens is drawn. `MOIM_SIM_SEEDS` says how many seeds are run, `MOIM_SIM_FIRST` from which on;
//! a failure names its seed, and `MOIM_SIM_FIRST=<seed> MOIM_SIM_SEEDS=1` runs it again.

mod boards;
mod book;
mod channels;
mod checks;
mod dice;
mod drive;
mod history;
mod stores;
mod subject;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::boards::Boards;
use self::channels::Channels;
use self::subject::Subject;
use self::world::{Refusals, Telling, World};

const SEEDS: u64 = 300;
const STEPS: usize = 600;

fn play<S: Subject>(seed: u64, telling: Telling) -> World<S> {
    let mut world = World::<S>::new(seed, telling);
    for _ in 0..STEPS {
        world.happen();
    }
    world.finish();
    world
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap())
}

fn play_all<S: Subject>() {
    let (first, seeds) = (setting("MOIM_SIM_FIRST", 0), setting("MOIM_SIM_SEEDS", SEEDS));
    let mut refusals = Refusals::new();
    for seed in first..first + seeds {
        let Ok(world) = catch_unwind(AssertUnwindSafe(|| play::<S>(seed, Telling::Nothing))) else {
            eprintln!("seed {seed} fails, after {} others passed. It goes:", seed - first);
            play::<S>(seed, Telling::All);
            panic!("seed {seed} failed, and didn't fail again");
        };
        refusals.extend(world.refusals);
    }
    let never = S::REFUSALS.iter().filter(|code| !refusals.contains(code));
    assert!(seeds < SEEDS || never.clone().count() == 0, "never: {:?}", never.collect::<Vec<_>>());
}

#[test]
fn every_command_takes_effect_once_and_repeats_get_the_first_answer() {
    play_all::<Boards>();
}

#[test]
fn a_channel_keeps_what_it_promised_to_its_members() {
    play_all::<Channels>();
}

#[test]
fn a_seed_reproduces_its_run() {
    for seed in 0..5 {
        let [once, again] = [(); 2].map(|()| play::<Boards>(seed, Telling::All).digest);
        assert_eq!(once, again);
        let [once, again] = [(); 2].map(|()| play::<Channels>(seed, Telling::All).digest);
        assert_eq!(once, again);
    }
}
