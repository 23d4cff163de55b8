//! How a [`Connection`] speaks for one mail: the envelope's commands, the message, and every reply matched by count (S10).

use std::mem;

use super::connection::{Announced, Connection, Delivered, Fate, State};
use super::fault::Fault;
use super::group::{Envelope, Group};
use super::outcome::{after_data, before_dot, passed_over, undeliverable};
use super::wire::Out;
use super::{Step, body};
use crate::domain::delivery::Outcome;

impl Connection {
    /// Announces a mail that no other one goes before.
    pub(super) async fn open(&mut self, envelope: &Envelope<'_>) -> Announced {
        let before = self.state;
        if !matches!(before, State::Idle | State::Dirty) {
            self.state = State::Over;
            return Announced::Lost(self.over());
        }
        let mut group = mem::take(&mut self.group);
        group.clear();
        if before == State::Dirty {
            group.reset();
        }
        let announced = match group.envelope(envelope, &self.offers, &self.relay) {
            Ok(()) => self.ask(&group).await,
            Err(reason) => Announced::Refused(undeliverable(&reason)),
        };
        self.group = group;
        announced
    }

    async fn ask(&mut self, group: &Group) -> Announced {
        self.state = State::Over;
        if let Err(fault) = self.wire.unasked().await {
            return Announced::Lost(passed_over(Step::Mail, &fault));
        }
        self.wire.begin();
        self.verdict(group, [group.text(), b""], false).await
    }

    /// Sends the message with its final dot, and announces the next mail: with PIPELINING in the same piece.
    pub(super) async fn exchange(
        &mut self,
        message: &[u8],
        next: Option<&Envelope<'_>>,
        group: &mut Group,
    ) -> Delivered {
        group.clear();
        group.dot();
        let with_it = next
            .filter(|_| self.pipelines)
            .map(|next| group.envelope(next, &self.offers, &self.relay));
        let out = [message, group.text()];
        let (outcome, goes_on) = self.hand_over(out).await;
        self.fate = Fate::Told(outcome.clone());
        let next = match (next, goes_on, with_it) {
            (None, ..) => None,
            (_, Err(fault), _) => Some(Announced::Lost(passed_over(Step::FinalDot, &fault))),
            (_, Ok(()), Some(Ok(()))) => Some(self.verdict(group, out, true).await),
            (_, Ok(()), Some(Err(reason))) => Some(Announced::Refused(undeliverable(&reason))),
            (Some(next), Ok(()), None) => Some(self.open(next).await),
        };
        Delivered { outcome, next }
    }

    /// Sends `out` and reads the reply to the final dot: what became of the mail, and what ended the session.
    async fn hand_over(&mut self, out: Out<'_>) -> (Outcome, Result<(), Fault>) {
        let end = out[0].len() + body::END.len();
        self.wire.begin();
        self.fate = Fate::Leaving(end);
        let reply = self.wire.reply(out, self.limits.final_dot).await;
        let left = self.wire.taken() >= end;
        let fault = match reply.and_then(|reply| reply.expect(2)) {
            Ok(reply) if left => {
                self.state = State::Idle;
                let reply = reply.text();
                return (Outcome::Sent { reply }, Ok(()));
            }
            Ok(reply) => Fault::Garbage(format!("{} before it had all of it", reply.code)),
            Err(fault) => fault,
        };
        let outcome = after_data(&fault, left);
        // A relay that answers without having heard all may hear the rest as commands.
        if left && fault.goes_on() {
            self.state = State::Idle;
            return (outcome, Ok(()));
        }
        (outcome, Err(fault))
    }

    /// Reads the reply to each command of `group`, which `out` carries; without PIPELINING each command goes out when
    /// its turn comes, and none after a refusal. `answered`: the relay has replied to something in `out` before.
    async fn verdict(&mut self, group: &Group, out: Out<'_>, mut answered: bool) -> Announced {
        self.state = State::Over;
        let mut refusal = None;
        for (step, command) in group.commands() {
            let fault = match self.replied(step, command, out).await {
                Ok(()) if step == Step::Data && refusal.is_some() => self.nothing().await.err(),
                Ok(()) => None,
                Err(Fault::Refused { code, text })
                    if self.out_of_step(step, code, refusal.is_some()) =>
                {
                    Some(Fault::Garbage(format!("{code} {text}")))
                }
                Err(fault) if fault.goes_on() => {
                    refusal.get_or_insert(before_dot(step, &fault));
                    if !self.pipelines {
                        break;
                    }
                    None
                }
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault {
                self.doubt(&fault, answered);
                let lost = || Announced::Lost(passed_over(step, &fault));
                return refusal.map_or_else(lost, Announced::Refused);
            }
            answered = true;
        }
        self.fresh = false;
        let (state, announced) = match refusal {
            None => (State::Ready, Announced::Ready),
            Some(outcome) => (State::Dirty, Announced::Refused(outcome)),
        };
        self.state = state;
        announced
    }

    async fn replied(&mut self, step: Step, command: &[u8], out: Out<'_>) -> Result<(), Fault> {
        let out = if self.pipelines {
            out
        } else {
            self.wire.begin();
            [command, b""]
        };
        let (limit, class) = match step {
            Step::Data => (self.limits.data_init, 3),
            _ => (self.limits.command, 2),
        };
        let reply = self.wire.reply(out, limit).await?;
        reply.expect(class).map(drop)
    }

    /// The relay waits for a message although nobody is to get one (RFC 2920 §3.1): it gets none, and whatever it says
    /// of that is no news of any mail.
    async fn nothing(&mut self) -> Result<(), Fault> {
        let reply = self.wire.command(body::END, self.limits.final_dot).await?;
        match reply.expect(2) {
            Err(fault) if !fault.goes_on() => Err(fault),
            _ => Ok(()),
        }
    }

    /// Whether a refusal is no answer to its command: RSET cannot be refused, and a relay that lost commands of a group
    /// finds the others unknown (500) or out of order (503).
    fn out_of_step(&self, step: Step, code: u16, refused: bool) -> bool {
        match step {
            Step::Reset => code != 421,
            _ => self.pipelines && !refused && matches!(code, 500 | 503),
        }
    }

    /// A relay that offers PIPELINING and loses commands, or closes on the first group of them, gets one command at a time from
    /// the next connection on.
    fn doubt(&self, fault: &Fault, answered: bool) {
        let lost_commands = match fault {
            Fault::Garbage(_) => true,
            Fault::Silent(_) => answered,
            Fault::Lost(_) => self.fresh,
            _ => false,
        };
        if self.pipelines && lost_commands && self.doubt.begin() {
            tracing::warn!(
                relay = self.relay,
                "the relay offers PIPELINING but does not keep up with it; it gets one command at a time for a while"
            );
        }
    }
}
