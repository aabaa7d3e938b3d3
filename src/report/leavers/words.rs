//! The sentences of `oneseat leavers`: who acts, and what about.

use super::leaver::{LeaverFix, LeaverWhy};
use crate::model::{BillingModel, RowKind};
use crate::report::seat_tables::SeatShown;

/// The number of Server accounts that a sentence names.
const NAMED: usize = 3;

/// A listed seat, as far as the sentence about it needs it.
pub(super) struct ListedSeat<'s> {
    pub shown: &'s SeatShown,
    pub why: LeaverWhy,
    /// Was the entry never seen active?
    pub never_active: bool,
    /// The kind of the Cloud row; `None` for a Server-only seat.
    pub row: Option<RowKind>,
    pub billing: BillingModel,
    /// The enterprise of the seat, if it has a name.
    pub enterprise: Option<&'s str>,
    /// The directory whose entries are ambiguous.
    pub ambiguous_in: Option<&'s str>,
    /// Does a file state an address of the seat?
    pub has_address: bool,
}

impl ListedSeat<'_> {
    /// The holder of the seat as a sentence names them.
    pub(super) fn who(&self) -> String {
        let own = self.shown.login.clone().or_else(|| self.shown.email.clone());
        match (self.row, self.shown.accounts.first()) {
            (None, Some(first)) => {
                let own = first.login.clone().or_else(|| first.id.clone()).or(own);
                format!("{} on {}", own.unwrap_or_else(|| "the account".to_owned()), first.source)
            }
            _ => own.unwrap_or_else(|| self.shown.id.clone()),
        }
    }

    /// Who acts, and how.
    pub(super) fn fix(&self) -> LeaverFix {
        let who = self.who();
        let actor = match (self.row, self.billing) {
            (None, _) => "server-admin",
            (Some(_), BillingModel::Emu) => "identity-admin",
            (Some(_), _) => "owner",
        };
        let (actor, action) = match self.why {
            LeaverWhy::Left if self.never_active => {
                (actor, format!("ask whose {who} is: its entry may be a shared mailbox"))
            }
            LeaverWhy::Left | LeaverWhy::Gone => (actor, self.end(&who)),
            LeaverWhy::Unknown if self.has_address => {
                (actor, format!("ask whose {who} is: no directory has had an address of it"))
            }
            LeaverWhy::Unknown => {
                (actor, format!("ask whose {who} is: no file states an address of it"))
            }
            LeaverWhy::Ambiguous => (
                "identity-admin",
                format!(
                    "find out whose {who} is: several entries of {} have an address of it",
                    self.ambiguous_in.unwrap_or("a directory")
                ),
            ),
        };
        LeaverFix { actor, action }
    }

    /// What ends a seat whose holder has left.
    fn end(&self, who: &str) -> String {
        let server: Vec<String> = self
            .shown
            .accounts
            .iter()
            .filter(|it| it.kind == "server")
            .map(|it| {
                let name = it.login.clone().or_else(|| it.id.clone());
                format!("{} on {}", name.unwrap_or_else(|| "the account".to_owned()), it.source)
            })
            .collect();
        let mut named = server.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if server.len() > NAMED {
            named = format!("{named} and {} more", server.len() - NAMED);
        }
        let cloud = match (self.row, self.billing) {
            (None, _) => return format!("suspend {named}"),
            (Some(RowKind::Invited), _) => format!("cancel the invitation to {who}"),
            (Some(_), BillingModel::Emu) => {
                format!("unassign {who} at the identity provider")
            }
            (Some(_), _) => match self.enterprise {
                Some(name) => format!("remove {who} from the enterprise {name}"),
                None => format!("remove {who} from the enterprise"),
            },
        };
        if named.is_empty() { cloud } else { format!("{cloud}, and suspend {named}") }
    }
}
