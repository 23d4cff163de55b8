//! Mails that the limits of the database have granted to this process: spent one by one, asked for by the handful.

use crate::domain::pace::{Limits, WarmUp};
use crate::domain::rate::Rule;
use crate::service::pace::{Ask, Given, Limit};

/// The limits of everything, of each relay and of each provider; told from each other by their place.
#[derive(Default)]
pub(super) struct Budgets(Vec<LimitState>);

struct LimitState {
    limit: Limit,
    /// Granted and not used; negative: used by mails that overtook, and still to be told to the database.
    left: i64,
    /// Nothing is granted before this, epoch milliseconds.
    again_ms: i64,
    /// When the database was asked last, epoch milliseconds.
    asked_ms: i64,
    /// Whether a mail waits for it.
    wanted: bool,
}

impl Budgets {
    /// Adds the limits of something with this name; says where they are.
    pub(super) fn add(
        &mut self,
        of: &str,
        limits: &Limits,
        warm_up: Option<&WarmUp>,
    ) -> Vec<usize> {
        let from = self.0.len();
        let states = Limit::all(of, limits, warm_up).into_iter();
        self.0.extend(states.map(|limit| LimitState {
            limit,
            left: 0,
            again_ms: 0,
            asked_ms: 0,
            wanted: false,
        }));
        (from..self.0.len()).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When these limits let something through again.
    pub(super) fn again_ms(&self, limits: &[usize], now_ms: i64) -> i64 {
        let states = limits.iter().map(|at| &self.0[*at]);
        let spent = states.filter(|state| state.left <= 0);
        let again = spent.map(|state| state.again_ms(now_ms));
        again.max().unwrap_or(now_ms)
    }

    /// Takes one mail from every limit that applies, or from none; one that overtakes is only counted.
    pub(super) fn spend(&mut self, applying: &[usize], overtakes: bool) -> bool {
        let mut enough = true;
        for at in applying {
            let state = &mut self.0[*at];
            if state.left <= 0 {
                // Nobody waits for more where the mail goes all the same.
                state.wanted |= !overtakes;
                enough = false;
            }
        }
        if enough || overtakes {
            for at in applying {
                self.0[*at].left -= 1;
            }
        }
        enough || overtakes
    }

    /// What to ask of the database now, and of which limit.
    pub(super) fn asks(&self, now_ms: i64) -> Vec<(usize, Ask)> {
        let due = self.0.iter().enumerate().filter(|(_, state)| {
            state.left < 0 || (state.wanted && state.left == 0 && state.again_ms(now_ms) <= now_ms)
        });
        due.map(|(at, state)| {
            let wanted = state.wanted.then(|| handful(&state.limit.rule));
            (at, state.ask(wanted.unwrap_or(0), 0))
        })
        .collect()
    }

    /// What to tell the database when nothing goes any more: what overtook, and what was granted in vain.
    pub(super) fn rest(&self) -> Vec<(usize, Ask)> {
        let states = self.0.iter().enumerate();
        let open = states.filter(|(_, state)| state.left != 0);
        open.map(|(at, state)| (at, state.ask(0, state.left.max(0).unsigned_abs())))
            .collect()
    }

    /// What the database gave.
    pub(super) fn given(&mut self, at: usize, asked: &Ask, given: Given, now_ms: i64) {
        let state = &mut self.0[at];
        state.left += (asked.owed + given.mails) as i64 - asked.unused as i64;
        state.again_ms = given.again_ms;
        state.asked_ms = now_ms;
        state.wanted = false;
    }

    /// When a limit that somebody waits for gives something again, epoch milliseconds.
    pub(super) fn next_ms(&self, now_ms: i64) -> Option<i64> {
        let waiting = self
            .0
            .iter()
            .filter(|state| state.wanted && state.left <= 0);
        waiting.map(|state| state.again_ms(now_ms)).min()
    }
}

impl LimitState {
    /// When there is more. What was heard at a later time than now was heard by a clock that was wrong: then it is asked again.
    fn again_ms(&self, now_ms: i64) -> i64 {
        if self.asked_ms > now_ms {
            now_ms
        } else {
            self.again_ms
        }
    }

    fn ask(&self, wanted: u64, unused: u64) -> Ask {
        Ask {
            limit: self.limit.clone(),
            wanted,
            owed: self.left.min(0).unsigned_abs(),
            unused,
            given_ms: self.asked_ms,
        }
    }
}

/// How many mails are asked for at once. What is granted and not used is lost when the process dies: a hundredth of a day's
/// cap, or less.
fn handful(rule: &Rule) -> u64 {
    let of_day = |cap: u64| (cap / 100).clamp(1, 50);
    match rule {
        Rule::Even { .. } => 1_000,
        Rule::Daily(cap) => of_day(*cap),
        Rule::WarmUp(warm_up) => of_day(warm_up.caps.iter().copied().min().unwrap_or(0)),
    }
}
