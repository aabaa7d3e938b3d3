//! What never changes about a person: habits, roles, and counts that only have to look real.
//!
//! What it is: one number per person, from which every trait is computed. May assume: the number is random.
//! Must not: know about days.

/// Something about a person that never changes. The traits are independent of each other.
#[derive(Clone, Copy, Debug)]
pub enum Trait {
    /// Whether a rename, if there is one, is on Cloud or on Server.
    RenamesCloud,
    /// Which of NameID and verified addresses the Cloud account has.
    CloudAddresses,
    /// Belongs to a partner company.
    FromPartner,
    /// Signs in to Server with the personnel number.
    DirectoryLogin,
    /// Has an address at the acquired company too.
    PlantAddress,
    /// Has entered no name on Cloud.
    NamelessProfile,
    /// Uses two-factor authentication.
    TwoFactor,
    /// A second organization.
    SecondOrganization,
    /// Owns the first organization.
    OrganizationOwner,
    /// Is a member of the second organization.
    InSecondOrganization,
    /// Owns the enterprise, if the person also owns an organization.
    EnterpriseOwner,
    /// The NameID has capital letters.
    CapitalizedNameId,
    /// Has never signed in to Server.
    NeverSignedIn,
    /// Second of the day of the last visit.
    LastActiveSecond,
    /// Second of the day of the Server account's creation.
    CreatedSecond,
    /// Number of repositories on Server.
    Repositories,
    /// Number of SSH keys on Server.
    SshKeys,
    /// Number of organizations on Server.
    ServerOrganizations,
    /// The Server address has capital letters.
    CapitalizedEmail,
    /// Second number of the network address.
    Subnet,
    /// Third number of the network address.
    Network,
    /// Last number of the network address.
    NetworkHost,
    /// Signs in to Server without the directory.
    LocalSignIn,
    /// Administers the instance.
    SiteAdmin,
    /// How soon after the hire the Server account is opened.
    DaysUntilServerAccount,
    /// Is invited to a second organization when hired.
    FreshInvitation,
    /// Leaves invitations to a second organization open until each expires.
    StandingInvitation,
}

/// All traits of one person.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    seed: u64,
}

impl Traits {
    /// The traits that follow from a random number.
    pub fn of(seed: u64) -> Self {
        Traits { seed }
    }

    /// The value of a trait: a number below `limit`.
    pub fn number(self, which: Trait, limit: u64) -> u64 {
        mixed(self.seed, which as u64) % limit.max(1)
    }
}

/// SplitMix64's output function: neighboring inputs give unrelated numbers.
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
