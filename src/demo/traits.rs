//! The traits of the demo's people, which never change: habits, roles, and numbers that only have to look real.
//!
//! Every trait of a person is computed from a single random number that the person has. This file must not know
//! about days.

/// A property of a person that never changes. No trait depends on another one.
#[derive(Clone, Copy, Debug)]
pub enum Trait {
    /// Whether the person's login changes on Cloud or on Server, if it changes at all.
    RenamesCloud,
    /// Whether the Cloud account has a NameID, verified addresses, or both.
    CloudAddresses,
    /// Whether a person with accounts on Server only is a contractor of a partner company.
    FromPartner,
    /// Whether the person signs in to Server with the personnel number.
    DirectoryLogin,
    /// Whether the person also has an address at the acquired company.
    PlantAddress,
    /// Whether the person has entered no name on Cloud.
    NamelessProfile,
    /// Whether the person uses two-factor authentication.
    TwoFactor,
    /// Which organization is the person's second one.
    SecondOrganization,
    /// Whether the person owns their first organization.
    OrganizationOwner,
    /// Whether the person is a member of their second organization.
    InSecondOrganization,
    /// Whether the person owns the enterprise, if they also own an organization.
    EnterpriseOwner,
    /// Whether the NameID has capital letters.
    CapitalizedNameId,
    /// Whether the person has never signed in to Server.
    NeverSignedIn,
    /// The time of the last visit to Server, as a second of the day.
    LastActiveSecond,
    /// The time of the Server account's creation, as a second of the day.
    CreatedSecond,
    /// The number of the person's repositories on Server.
    Repositories,
    /// The number of the person's SSH keys on Server.
    SshKeys,
    /// The number of the person's organizations on Server.
    ServerOrganizations,
    /// Whether the address on Server has capital letters.
    CapitalizedEmail,
    /// The second of the four numbers in the person's network address.
    Subnet,
    /// The third of the four numbers in the person's network address.
    Network,
    /// The last of the four numbers in the person's network address.
    NetworkHost,
    /// Whether the person signs in to Server without the directory.
    LocalSignIn,
    /// Whether the person administers the instance.
    SiteAdmin,
    /// The number of days from the hire to the opening of the Server account.
    DaysUntilServerAccount,
    /// Whether the person is invited to a second organization when hired.
    FreshInvitation,
    /// Whether the person never answers an invitation to a second organization.
    StandingInvitation,
    /// Whether the person moves to the second enterprise.
    Migrates,
    /// On which day of the year of moves the person moves to the second enterprise.
    MigrationDay,
    /// How many days after the move the account in the first enterprise is removed.
    MigrationOverlap,
    /// Whether the account in the first enterprise is forgotten after the move.
    MigrationForgotten,
    /// Whether the NameID in the second enterprise is the work address or the personnel number.
    ManagedNameId,
    /// Whether the directory lists other addresses of the person too.
    ListsAliases,
    /// Whether the directory lists the address `last.first` of a person who has used it nowhere.
    ListsLastFirst,
    /// Whether a contractor is listed in the directory as a guest.
    Guest,
    /// How many days after a person has left the directory still has their account enabled.
    LateDisabling,
    /// Whether the HR system has the login on Cloud.
    LoginInHr,
    /// Whether the person is on leave.
    OnLeave,
}

/// All traits of one person, computed from one random number when they are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    seed: u64,
}

impl Traits {
    /// The traits that follow from the random number `seed`.
    pub fn of(seed: u64) -> Self {
        Traits { seed }
    }

    /// The trait `which` of this person, as a number below `limit`.
    pub fn number(self, which: Trait, limit: u64) -> u64 {
        mixed(self.seed, which as u64) % limit.max(1)
    }
}

/// A number that looks random, computed from two others: the output function of the generator SplitMix64.
/// Neighboring inputs give unrelated results.
fn mixed(seed: u64, which: u64) -> u64 {
    let mut bits = seed.wrapping_add(which.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trait_has_every_value_about_equally_often_and_independently_of_the_next() {
        let mut counts = [[0_u32; 4]; 4];
        for seed in 0..16_000 {
            let traits = Traits::of(seed);
            let one = traits.number(Trait::Repositories, 4) as usize;
            let other = traits.number(Trait::SshKeys, 4) as usize;
            counts[one][other] += 1;
        }
        assert!(counts.iter().flatten().all(|count| (850..1_150).contains(count)), "{counts:?}");
    }
}
