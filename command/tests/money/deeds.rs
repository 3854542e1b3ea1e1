//! What happens in a run, drawn up front, so that a failing history can be shrunk.

use events::CommandId;

use crate::dice::Dice;
use crate::faults::Odds;

/// People of the town; their own wallets are the first ones.
pub(crate) const USERS: usize = 5;
/// Wallets: the personal ones, one of three admins that asks for two, one of a single admin.
pub(crate) const WALLETS: usize = USERS + 2;

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sum {
    Of(i64),
    /// All that may be spent at that moment, as the model has it.
    All,
    /// So much more than that.
    Beyond(i64),
}

/// Something that somebody asks for. Transfers and wallets are named by number, round about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Deposit {
        who: usize,
        wallet: usize,
        sum: i64,
        reference: usize,
    },
    Withdraw {
        who: usize,
        wallet: usize,
        sum: Sum,
        reference: usize,
    },
    Transfer {
        who: usize,
        from: usize,
        to: usize,
        sum: Sum,
    },
    Approve {
        who: usize,
        nth: usize,
    },
    Decline {
        who: usize,
        nth: usize,
    },
    Refund {
        who: usize,
        nth: usize,
        sum: Option<i64>,
    },
    Close {
        who: usize,
        wallet: usize,
    },
    Limits {
        who: usize,
        wallet: usize,
        once: i64,
        day: i64,
    },
    /// A command that was sent before, whatever became of it.
    Again {
        nth: usize,
    },
}

/// A step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// One or two deeds at the same time, on one node or on both, under faults.
    Do {
        deeds: [Option<(usize, Deed, CommandId)>; 2],
        odds: Odds,
        fate: u64,
        gives_up: bool,
    },
    /// Process managers look at the log and the list.
    Work {
        twice: bool,
        odds: Odds,
        fate: u64,
    },
    Pass {
        seconds: u64,
    },
    Freeze {
        wallet: usize,
    },
    Unfreeze {
        wallet: usize,
    },
    /// A node starts anew.
    Restart {
        node: usize,
    },
}

const HOUR: u64 = 3_600;

pub(crate) fn draw(dice: &mut Dice, len: usize) -> Vec<Step> {
    (0..len).map(|at| if at < WALLETS { filling(dice, at) } else { step(dice) }).collect()
}

/// Money to begin with.
fn filling(dice: &mut Dice, wallet: usize) -> Step {
    let who = admin_of(wallet, dice.below(USERS));
    let sum = 1 + i64::try_from(dice.below(500)).unwrap();
    let deed = Deed::Deposit { who, wallet, sum, reference: 1_000 };
    let deeds = [Some((dice.below(2), deed, dice.id())), None];
    Step::Do { deeds, odds: Odds::NONE, fate: 0, gives_up: false }
}

fn step(dice: &mut Dice) -> Step {
    match dice.below(100) {
        0..=77 => {
            let first = (dice.below(2), deed(dice), dice.id());
            let is_pair = dice.percent(30);
            let second = is_pair.then(|| (dice.below(2), deed(dice), dice.id()));
            let (odds, fate, gives_up) = (odds(dice), dice.next(), dice.percent(30));
            Step::Do { deeds: [Some(first), second], odds, fate, gives_up }
        }
        78..=87 => Step::Work { twice: dice.percent(30), odds: odds(dice), fate: dice.next() },
        88..=93 => {
            Step::Pass { seconds: dice.pick(&[1, 60, HOUR, 9 * HOUR, 24 * HOUR, 73 * HOUR]) }
        }
        94 => Step::Freeze { wallet: dice.below(WALLETS) },
        95..=97 => Step::Unfreeze { wallet: dice.below(WALLETS) },
        _ => Step::Restart { node: dice.below(2) },
    }
}

fn odds(dice: &mut Dice) -> Odds {
    if dice.percent(60) {
        return Odds::NONE;
    }
    Odds {
        refused: dice.pick(&[0, 10, 30]),
        lost: dice.pick(&[0, 10, 40]),
        fatal: dice.pick(&[0, 5, 15]),
    }
}

/// Mostly somebody who may, sometimes anybody.
fn somebody(dice: &mut Dice, wallet: usize) -> usize {
    if dice.percent(10) {
        return dice.below(USERS);
    }
    match wallet {
        USERS => dice.below(3),
        wallet if wallet > USERS => 3,
        own => own,
    }
}

fn sum(dice: &mut Dice) -> Sum {
    match dice.below(10) {
        0 => Sum::All,
        1 => Sum::Beyond(1 + i64::try_from(dice.below(50)).unwrap()),
        _ => Sum::Of(1 + i64::try_from(dice.below(60)).unwrap()),
    }
}

fn wallet(dice: &mut Dice) -> usize {
    if dice.percent(35) { USERS } else { dice.below(WALLETS) }
}

/// Rarely the same one.
fn another(dice: &mut Dice, wallet: usize) -> usize {
    if dice.percent(3) { wallet } else { (wallet + 1 + dice.below(WALLETS - 1)) % WALLETS }
}

fn deed(dice: &mut Dice) -> Deed {
    let wallet = wallet(dice);
    let who = somebody(dice, wallet);
    match dice.below(100) {
        0..=14 => {
            let sum = i64::try_from(1 + dice.below(2_000)).unwrap();
            Deed::Deposit { who, wallet, sum, reference: dice.below(1_000) }
        }
        15..=21 => Deed::Withdraw { who, wallet, sum: sum(dice), reference: dice.below(300) },
        22..=56 => Deed::Transfer { who, from: wallet, to: another(dice, wallet), sum: sum(dice) },
        57..=72 => Deed::Approve { who: dice.below(USERS), nth: dice.below(12) },
        73..=77 => Deed::Decline { who: dice.below(USERS), nth: dice.below(12) },
        78..=87 => {
            let part = i64::try_from(1 + dice.below(40)).unwrap();
            let sum = dice.percent(60).then_some(part);
            Deed::Refund { who: dice.below(USERS), nth: dice.below(20), sum }
        }
        88..=89 => Deed::Close { who, wallet },
        90..=92 => {
            let (once, day) = dice.pick(&[(50, 120), (40, 40), (100, 300), (1_000, 1_000)]);
            Deed::Limits { who, wallet, once, day }
        }
        _ => Deed::Again { nth: dice.below(15) },
    }
}

/// Somebody who may spend from a wallet.
pub(crate) fn admin_of(wallet: usize, who: usize) -> usize {
    match wallet {
        USERS => who % 3,
        wallet if wallet > USERS => 3,
        own => own,
    }
}
