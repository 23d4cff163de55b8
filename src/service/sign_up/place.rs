//! The place of one request in the limits (D5): told by earlier requests alone, never by the state of its address. Otherwise whoever
//! posts an address, and then one of their own where the limits leave one last place, would see by the second whether the first is
//! mailed.

use std::collections::{HashMap, HashSet};

use super::budget::{Budget, Names};
use super::{Context, gate};
use crate::domain::sign_up::{HoldReason, Mark};

/// The place of a request.
#[derive(Debug)]
pub(super) struct Place {
    /// When a mail to its address may go; `None`: it had enough of them lately.
    pub(super) due_ms: Option<i64>,
    /// The lists that count in the common limits: there is room, and the address was not asked for lately. One that was has its place
    /// already, or a single reader could use up a domain's by posting again and again.
    pub(super) counted: Vec<i64>,
    against: HashMap<i64, Vec<HoldReason>>,
}

impl Place {
    /// What speaks against mailing about a list now.
    pub(super) fn against(&self, list_id: i64) -> &[HoldReason] {
        self.against.get(&list_id).map_or(&[], Vec::as_slice)
    }
}

impl Budget {
    /// The place of a request for these lists.
    pub(super) fn place(
        &mut self,
        names: &Names,
        lists: impl Iterator<Item = i64>,
        doubts: &[HoldReason],
    ) -> Place {
        let due_ms = self.due(names);
        let (mut counted, mut against) = (Vec::new(), HashMap::new());
        for list_id in lists {
            // What needs its mail may get one where another was sent lately, within the limits as well.
            let may_go = due_ms.is_some() && !self.repeats(names, list_id, true);
            let is_new = may_go && !self.repeats(names, list_id, false);
            let reasons = if doubts.is_empty() && may_go {
                self.full(names, list_id)
            } else {
                doubts.to_vec()
            };
            if reasons.is_empty() && is_new {
                counted.push(list_id);
            }
            against.insert(list_id, reasons);
        }
        Place {
            due_ms,
            counted,
            against,
        }
    }

    /// Counts a request, which is mailed about these lists or about none: the limits of the address are told the same of either.
    pub(super) fn take(&mut self, names: &Names, place: &Place, mailed: &[i64]) {
        let mut about = place.counted.clone();
        about.extend(
            mailed
                .iter()
                .filter(|list_id| !place.counted.contains(list_id)),
        );
        let (Some(due), Some((&list, also))) = (place.due_ms, about.split_first()) else {
            return;
        };
        let mark = Mark {
            list,
            also: also.to_vec(),
            due,
        };
        self.mark(names, mark);
        self.spend_common(names, &about);
    }

    /// The same for an address that was erased: of it nothing is kept, and the process alone remembers what was `asked_for`.
    pub(super) fn take_gone(
        &mut self,
        context: &Context,
        names: &Names,
        mut place: Place,
        asked_for: &mut HashSet<String>,
    ) {
        place.counted.retain(|list_id| {
            let of = names.of_list(*list_id);
            !gate::asked_lately(context, &of) && asked_for.insert(of)
        });
        if !place.counted.is_empty() {
            self.spend_common(names, &place.counted);
        }
    }
}
