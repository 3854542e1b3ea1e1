//! Who is in a wallet.

use async_graphql::{Context, Enum, Object};
use events::WalletId;
use events::wallet::WalletRole as Role;

use crate::cursor::{End, Field, List, PageArgs};
use crate::fault::Fault;
use crate::schema::connection::WalletMemberConnection;
use crate::schema::query::count_if_asked;
use crate::schema::scalars::DateTime;
use crate::schema::sight::{Look, require_wallet_member};
use crate::schema::user::User;
use crate::tables::wallet_members::{WalletMemberCountOf, WalletMemberRow, WalletMembersPage};

/// What a member of a wallet may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Role")]
pub(crate) enum WalletRole {
    /// May spend, approve, and manage members.
    Admin,
    /// May look and pay in.
    Member,
}

/// A member of a wallet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WalletMember(WalletMemberRow);

/// Somebody in a wallet.
#[Object]
impl WalletMember {
    /// Who.
    async fn user(&self, ctx: &Context<'_>) -> Result<User, Fault> {
        User::named(ctx, self.0.user).await
    }

    /// What this member may do.
    async fn role(&self) -> WalletRole {
        self.0.role.into()
    }

    /// When this member came in, the last time.
    async fn joined_at(&self) -> DateTime {
        DateTime(self.0.joined_at)
    }
}

/// A page of a wallet's members.
pub(super) async fn page(
    ctx: &Context<'_>,
    wallet: WalletId,
    args: PageArgs,
) -> Result<WalletMemberConnection, Fault> {
    let list = List { field: Field::WalletMembers, of: wallet.0 };
    let window = args.window(list, End::First)?;
    require_wallet_member(ctx, wallet).await?;
    let loads = ctx.loads();
    let found = loads.one(WalletMembersPage { wallet, window }).await?.unwrap_or_default();
    let count = async { Ok(loads.one(WalletMemberCountOf(wallet)).await?.unwrap_or(0)) };
    let count = count_if_asked(ctx, count).await?;
    let found = found.map(|member| (member.joined_position, WalletMember(member)));
    Ok(WalletMemberConnection::of(list, &window, found, count))
}
